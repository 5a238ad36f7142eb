//! Language models: their shape, weights, KV memory and forward pass.

mod architecture;
mod attention;
mod config;
mod forward;
mod kv;
mod linear;
mod weights;

pub(crate) use config::Config;
pub(crate) use forward::Batch;
pub(crate) use kv::KvMemory;
#[cfg(test)]
pub(crate) use weights::Choose;
pub(crate) use weights::{Model, Storage};

#[cfg(test)]
mod tests;
