//! Runs the embedder's binary and returns its output.

#![allow(dead_code, reason = "each test program uses a part")]

use std::fs::{self, File};
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

pub(crate) fn embedder() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_embedder"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the embedder with `arguments` and with `input` in a file as its standard input.
pub(crate) fn run(arguments: &[&str], input: &[u8]) -> Output {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("input");
    fs::write(&path, input).unwrap();
    embedder().args(arguments).stdin(File::open(path).unwrap()).output().unwrap()
}

/// Returns about `size` bytes of pseudo-random lines.
pub(crate) fn lines(size: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut text = Vec::new();
    while text.len() < size {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        writeln!(text, "{:0width$x}", state >> 33, width = (state >> 60) as usize).unwrap();
    }
    text
}

#[track_caller]
pub(crate) fn assert_report(output: &Output, report: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains(report), "{stderr}");
}
