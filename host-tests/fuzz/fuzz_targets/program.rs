//! Steps on several files, some of which fail or are given up.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scratch_tempfile_provider::testing::fuzzing::program(bytes));
