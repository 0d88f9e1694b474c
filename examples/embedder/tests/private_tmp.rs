//! A private `/tmp` for a program with the standard library.

mod running;

use std::fs;

use crate::running::{assert_report, embedder, run};

const PROGRAM: &str = env!("RUST_PROGRAM");

#[test]
fn a_program_gets_a_private_tmp_and_its_usage_is_reported() {
    let output = run(&["--private-tmp", "--limit", "3M", PROGRAM, "3000000"], b"");

    let expected = "wrote and read 3000000 bytes in /tmp\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{output:?}");
    assert_report(&output, "0 entries left; peak: 2.86 MiB on disk, ");
    assert_report(&output, ", 1 entry, 1 open; 0 refused\n");
}

#[test]
fn a_program_that_exceeds_its_limit_gets_an_error() {
    let output = run(&["--private-tmp", "--limit", "2999999", PROGRAM, "3000000"], b"");

    assert_eq!(output.status.code(), Some(1));
    assert_report(&output, "I/O error");
    assert_report(&output, "0 entries left");
}

#[test]
fn the_directory_of_the_host_holds_nothing_of_the_program() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("of-the-host"), "kept").unwrap();
    let path = directory.path().to_str().unwrap();

    let output = run(&["--dir", path, "--private-tmp", PROGRAM, "3000000"], b"");

    assert!(output.status.success(), "{output:?}");
    let names: Vec<_> =
        directory.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["of-the-host"]);
}

#[test]
fn a_plugin_that_needs_no_private_tmp_is_refused_with_the_reason() {
    let output = embedder().args(["--private-tmp", "sort"]).output().unwrap();

    assert_eq!(output.status.code(), Some(1));
    assert_report(&output, "sort gets no private /tmp: the program imports no filesystem");
}
