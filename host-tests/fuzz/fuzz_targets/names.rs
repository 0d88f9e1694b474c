//! Names that callers choose, and paths that they give.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scratch_tempfile_provider::testing::fuzzing::names(bytes));
