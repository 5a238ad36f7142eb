//! API keys: who may do what.

mod caller;
mod key;
mod store;

pub use caller::Caller;
pub(crate) use key::now_ms;
pub use key::{KeyRecord, Role, expiry_from};
pub use store::{KeyError, KeyStore, NewKey};
