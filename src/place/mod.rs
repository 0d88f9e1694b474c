//! The directories in which entries are created, and the names of entries.
//!
//! - `name`: prefix, random part and suffix, and how a sweep recognises them
//! - `live`: the names that this instance is using
//! - `path`: the names that a path consists of
//! - `locations`: preopened directories, and the default directory among them

pub(crate) mod live;
pub(crate) mod locations;
pub(crate) mod name;
pub(crate) mod path;
