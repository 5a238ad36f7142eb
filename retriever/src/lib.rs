//! Finds what a knowledge base says about a question.
//!
//! The only crate that names tantivy. A [`Library`] holds the knowledge bases of a data folder; each is a
//! [`Shelf`]: a store with the index that follows it. Readers take a [`ReadView`], which shows store and
//! index at one revision. A question goes through the stages [`link`], [`propose`], [`rank`] and
//! [`execute`], in that order, and comes out as [`Retrieval`].

pub mod catalog;
mod conventions;
mod error;
pub mod evidence;
pub mod execute;
mod given;
pub mod graph;
pub mod index;
mod kin;
mod library;
pub mod link;
mod moments;
mod passages;
pub mod propose;
pub mod question;
pub mod rank;
pub mod retrieve;
mod search;
mod sexes;
mod shelf;
mod slips;
pub mod text;
pub mod thesaurus;
pub mod units;
mod vacuous;
mod view;
mod walk;

pub use conventions::{Conventions, Spelt};
pub use error::RetrieverError;
pub use given::{Frame, GivenMention};
pub use library::{Library, LibraryOptions};
pub use link::Linked;
pub use retrieve::{Encoder, Retrieval, RetrieveOptions};
pub use shelf::Shelf;
pub use view::ReadView;
