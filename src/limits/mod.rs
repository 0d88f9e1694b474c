//! The limits of an instance, and how much of them is used.
//!
//! - `settings`: the limits, as the environment or the embedder sets them
//! - `budget`: the counters that are checked and charged before the host is called
//! - `ledger`: the charge of every entry in a private tree, by its name

pub(crate) mod budget;
pub(crate) mod ledger;
pub(crate) mod settings;
