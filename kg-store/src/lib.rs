//! kg-store
