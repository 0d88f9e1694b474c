//! Commands of the README and the guides for the embedder.

use std::fs::File;
use std::path::Path;
use std::process::Command;

/// The guide's command for an untrusted plugin works on its input, the README.
#[test]
fn the_guides_command_for_an_untrusted_plugin_works() {
    let readme = include_str!("../../../README.md");
    let guide = include_str!("../../../docs/SANDBOXING.md");
    let shown = guide.lines().find_map(|line| line.trim().strip_prefix("cargo run -p embedder -- --limit"));
    let (arguments, input) = shown.and_then(|shown| shown.split_once(" < ")).unwrap();
    let input = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(input);

    let output = Command::new(env!("CARGO_BIN_EXE_embedder"))
        .arg("--limit")
        .args(arguments.split_whitespace())
        .stdin(File::open(&input).unwrap())
        .output()
        .unwrap();

    let mut lines: Vec<&str> = readme.lines().collect();
    lines.sort_unstable();
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().collect::<Vec<_>>(), lines);
    assert!(String::from_utf8_lossy(&output.stderr).ends_with("; 0 refused\n"));
}

#[test]
fn the_notes_are_printed_unchanged_and_nothing_is_left() {
    let output = Command::new(env!("CARGO_BIN_EXE_embedder")).arg("note").output().unwrap();

    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "in memory until it grows\ngone when it is dropped\n"
    );
    assert!(String::from_utf8_lossy(&output.stderr).contains(" s, 0 entries left; peak: "));
}
