//! What the README shows of the example `note`.

use std::process::Command;

#[test]
fn the_readme_shows_the_note_as_it_is() {
    let readme = include_str!("../../../README.md");
    let shown = readme.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();

    let source = include_str!("../../note/src/lib.rs");

    assert_eq!(shown, source.trim_start_matches("#![cfg(target_family = \"wasm\")]\n\n"));
}

#[test]
fn the_note_prints_what_it_wrote_and_leaves_nothing() {
    let output = Command::new(env!("CARGO_BIN_EXE_embedder")).arg("note").output().unwrap();

    assert_eq!(String::from_utf8_lossy(&output.stdout), "in memory until it grows\n");
    assert!(String::from_utf8_lossy(&output.stderr).contains(" s, 0 entries left; peak: "));
}
