//! The store through its public interface.

#![allow(clippy::unwrap_used)]

mod axioms;
mod documents;
mod formats;
mod graphs;
mod kill;
mod queries;
mod query_bounds;
mod recovery;
mod reload;
mod support;
