//! A private directory tree, for programs that open `/tmp/x` and know nothing of this project.
//!
//! Names and links are in memory. The content of a file is in memory too, until it grows; then it moves to
//! a file of the host that has no name. The tree and all contents therefore end with the instance.
//!
//! - `settings`: the environment: the limits, the place of the tree, and the variables of the program
//! - `volume`: the state that all files share: the instance of the core, the clock, the inode numbers
//! - `content`: the bytes of one file, in memory or on the host's disk
//! - `inode`: a file, directory or symbolic link, with its names, its times and its charge
//! - `path`: the resolution of a path, from a directory to an entry
//! - `tree`: the calls that change names
//! - `open`: an open file or directory, and the streams of an open file
//!
//! - `wasi`: the edge, which stands between a program and its host
//!
//! No function waits. The edge passes the codes of errors on to the program.

mod content;
mod inode;
mod open;
mod path;
mod settings;
mod tree;
mod volume;
#[cfg(target_family = "wasm")]
pub(crate) mod wasi;

#[cfg(test)]
mod tests;
