//! The knowledge of a knowledge base: an RDF dataset and a corpus of documents behind one journal.
//!
//! The journal is the truth and the rest follows it. A write becomes a compressed segment of the journal,
//! fsynced and renamed into place; from then on it is committed. Only then is it applied to the RDF store
//! or to the documents. On open, whatever the store or the documents lack is replayed, so that a killed
//! process or a power cut loses nothing that was acknowledged and leaves nothing half done.
//!
//! - [`KnowledgeBase`] owns a folder: it opens, recovers, checks and hands out the two ways in.
//! - [`Writer`] is the one writer: loads, graph replacement, deltas, documents.
//! - [`Snapshot`] is a consistent view at one revision: patterns, names, SPARQL, documents.
//!
//! This is the only crate that names oxigraph; others use [`rdf`].

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod apply;
mod axioms;
mod canonical;
mod change;
mod check;
mod documents;
mod error;
mod input;
mod journal;
mod kb;
mod layout;
mod names;
mod options;
pub mod rdf;
mod reload;
mod snapshot;
mod sparql;
mod watch;
mod writer;

pub use change::{Change, Extent, Touched};
pub use check::note_unreadable;
pub use error::StoreError;
pub use input::{Compression, RdfInput, RdfSyntax};
pub use journal::{Journal, Row, Rows, Segment, SegmentKind};
pub use kb::KnowledgeBase;
pub use names::{Name, NameKind, Naming, best_name, local_name};
pub use options::StoreOptions;
pub use snapshot::Snapshot;
pub use sparql::{
    CheckedQuery, Dataset, ParseLimits, QueryForm, QueryLimits, ResultFormat, Table, stragglers,
};
pub use watch::{Quiet, Watch};
pub use writer::{Delta, LoadOptions, Writer};
