//! The crate from outside: against servers that fail in every way, and against a real one.

#![allow(clippy::unwrap_used)]

mod failures;
mod live;
mod slow;
mod speak;
