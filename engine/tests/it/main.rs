//! Integration tests of the engine, one binary for all.
