//! The server and the command line of Almanac: the only crate that knows HTTP, environment variables
//! and credentials.
//!
//! The way of a request: `http::edge` (id, log line, metrics, error bodies) → `auth` → a handler in
//! `routes` → a bounded pool of `pools` → `retriever` and `answer`.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod application;
pub mod auth;
pub mod cli;
pub mod config;
pub mod data_folder;
pub mod eval;
pub mod http;
pub mod jobs;
pub mod models;
pub mod openapi;
pub mod pools;
pub mod problem;
pub mod proofs;
pub mod routes;
pub mod state;
pub mod telemetry;
