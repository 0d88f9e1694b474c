//! One instance of the component: creation, removal and sweeps.
//!
//! - `scratch`: the state that all files and directories share
//! - `open_files`: the open files that private trees may reach under other names
//! - `open_trees`: the private trees that are open
//! - `kept`: entries that outlive their handles
//! - `listing`: the entries of a directory, as a whole or in bounded pieces
//! - `remove_tree`: removal of a directory with its content
//! - `spelling`: the names by which the ledger of a tree knows entries
//! - `sweep`: removal of the leftovers of other instances
//! - `youngest`: the age of a tree

pub(crate) mod kept;
pub(crate) mod listing;
pub(crate) mod open_files;
pub(crate) mod open_trees;
pub(crate) mod remove_tree;
pub(crate) mod scratch;
pub(crate) mod spelling;
pub(crate) mod sweep;
pub(crate) mod youngest;
