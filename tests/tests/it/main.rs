//! Black-box suites over real HTTP and the real command line, in one binary: linking is what costs.

mod auth;
mod bad_input;
mod chat;
mod cli;
mod clients;
mod composed;
mod conditions;
mod conversation;
mod crash;
mod damage;
mod decoding;
mod documents;
mod eval;
mod evidence;
mod graph_store;
mod jobs;
mod knowledge_bases;
mod models;
mod passages;
mod phrasings;
mod proofs;
mod questions;
mod remote;
mod service;
mod sparql;
mod world;
