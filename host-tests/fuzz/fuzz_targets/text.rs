//! Text of bytes, in pieces and in files.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scratch_tempfile_provider::testing::fuzzing::text(bytes));
