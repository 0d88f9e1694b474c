//! What is fuzzed: each function takes any bytes, and panics where a promise is broken.
//!
//! `host-tests/fuzz` has a target for each. What it has found interesting is its corpus, which
//! `corpus` replays as a test.

#[cfg(test)]
mod corpus;
mod names;
mod paths;
mod program;
mod text;

/// Names that callers choose, and paths that they give.
#[cfg(fuzzing)]
pub fn names(bytes: &[u8]) {
    names::check(bytes);
}

/// Text of bytes, in pieces and in files.
#[cfg(fuzzing)]
pub fn text(bytes: &[u8]) {
    text::check(bytes);
}

/// Steps on several files, some of which fail or are given up.
#[cfg(fuzzing)]
pub fn program(bytes: &[u8]) {
    program::check(bytes);
}
