//! The store through its public interface.

mod documents;
mod formats;
mod graphs;
mod queries;
mod recovery;
mod reload;
mod support;
