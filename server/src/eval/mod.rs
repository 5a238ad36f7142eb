//! Measures how well a knowledge base answers: question sets, scores, intervals, and baselines.
//!
//! Nothing here shares code with the answer path: the baselines have a retriever of their own.

pub mod ablation;
pub mod baseline;
pub mod bm25;
pub mod bootstrap;
pub mod breakdown;
pub mod calibration;
pub mod density;
pub mod explanation;
pub mod facts;
pub mod fold;
pub mod questions;
pub mod record;
pub mod report;
pub mod score;
