//! One instance of the component: creation, removal and sweeps.
//!
//! - `scratch`: the state that all files and directories share
//! - `kept`: entries that outlive their handles
//! - `remove_tree`: removal of a directory with its content
//! - `sweep`: removal of the leftovers of other instances

pub(crate) mod kept;
pub(crate) mod remove_tree;
pub(crate) mod scratch;
pub(crate) mod sweep;
