//! The functions that fuzz targets call: each takes any bytes, and panics if a guarantee is broken.
//!
//! `host-tests/fuzz` has a target for each. `corpus` replays the inputs that the fuzzers found as tests.

#[cfg(test)]
mod corpus;
mod names;
mod paths;
mod program;
mod text;

/// Names and paths of callers.
#[cfg(fuzzing)]
pub fn names(bytes: &[u8]) {
    names::check(bytes);
}

/// Text, decoded in pieces and in files.
#[cfg(fuzzing)]
pub fn text(bytes: &[u8]) {
    text::check(bytes);
}

/// Programs on several files, with failed and cancelled steps.
#[cfg(fuzzing)]
pub fn program(bytes: &[u8]) {
    program::check(bytes);
}
