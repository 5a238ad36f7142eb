//! Proofs of answers: exported so that anybody can check them, and verified against a knowledge base as it is now.
//!
//! A bundle is a function of the answer alone ([`bundle::seal`]): it holds nothing that the client has not got
//! already, so that no request is needed to make one and no later write can slip into it.

pub mod bundle;
mod claim;
mod digest;
mod terms;
mod verify;

pub use claim::Claim;
pub use verify::verify;

/// Bytes of a proof: enough for the longest list of answers with their labels.
pub const MOST_BYTES: u64 = 8 << 20;
/// Rows of a proof, and of the result that it is compared with.
const MOST_ROWS: usize = 10_000;
/// Facts of a proof.
const MOST_FACTS: usize = 10_000;
