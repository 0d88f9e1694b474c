//! The README's code for the example `host`.

use std::process::Command;

#[test]
fn the_readme_shows_the_source_of_host() {
    let readme = include_str!("../../../README.md");
    let shown = readme.split("```rust\n").nth(2).and_then(|rest| rest.split("```").next()).unwrap();

    let source = include_str!("../src/main.rs");

    assert_eq!(shown, source.split_once("\n\n").unwrap().1);
}

#[test]
fn the_host_reads_its_own_writes_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();

    let output = Command::new(env!("CARGO_BIN_EXE_host")).env("TMPDIR", directory.path()).output().unwrap();

    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "gone when it is closed\n");
    assert_eq!(directory.path().read_dir().unwrap().count(), 0);
}
