//! The components that the tests of `scratch-tempfile-host` run.

/// A plugin that sorts the lines of its standard input: `examples/sort`.
pub const SORT: &[u8] = include_bytes!(env!("SORT"));

/// A plugin that creates entries and ends as its argument says: `examples/embedder/tests/guest`.
pub const ENDING: &[u8] = include_bytes!(env!("ENDING"));

/// A plugin that exports checks instead of a command: `host-tests/guests/plugin`.
pub const CHECKS: &[u8] = include_bytes!(env!("CHECKS"));

/// A program that writes a file in `/tmp` and reads it: `examples/private-tmp/programs/rust`.
pub const RUST_PROGRAM: &[u8] = include_bytes!(env!("RUST_PROGRAM"));
