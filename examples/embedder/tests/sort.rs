//! The embedder and the sort example, run as people run them.

mod running;

use std::fs;
#[cfg(target_os = "linux")]
use std::io::Write as _;
use std::path::Path;
#[cfg(target_os = "linux")]
use std::process::{Child, Command, Stdio};

use crate::running::{assert_report, embedder, lines, run};

fn sorted(text: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<_> = text.split_inclusive(|byte| *byte == b'\n').collect();
    lines.sort();
    lines
}

fn entries(directory: &Path) -> usize {
    fs::read_dir(directory).unwrap().count()
}

#[test]
fn a_small_text_comes_out_in_order_and_nothing_is_left() {
    let output = run(&["sort"], b"pear\napple\nfig\n");

    assert_eq!(output.stdout, b"apple\nfig\npear\n");
    assert!(output.status.success());
    assert_report(&output, "embedder: sort took ");
    assert_report(
        &output,
        " s, 0 entries left; peak: 0 B on disk, 0 B in memory, 0 entries, 0 open; 0 refused\n",
    );
}

#[test]
fn what_does_not_fit_into_memory_comes_out_in_order_too() {
    let text = lines(3_000_000);

    let output = run(&["--max-memory", "8M", "sort", "--memory", "256K"], &text);

    assert_eq!(output.stdout, sorted(&text).concat());
    assert_report(&output, ", 0 entries left");
}

#[test]
fn reverse_turns_the_order_around() {
    let text = lines(100_000);

    let output = run(&["sort", "--reverse"], &text);

    let mut expected = sorted(&text);
    expected.reverse();
    assert_eq!(output.stdout, expected.concat());
}

#[test]
fn unique_prints_equal_lines_once() {
    let output = run(&["sort", "--unique"], b"b\na\nb\nc\na\n");

    assert_eq!(output.stdout, b"a\nb\nc\n");
}

#[test]
fn no_input_is_no_output() {
    let output = embedder().arg("sort").output().unwrap();

    assert_eq!(output.stdout, b"");
    assert!(output.status.success());
    assert_report(&output, ", 0 entries left");
}

#[test]
fn the_arguments_and_the_status_are_the_plugins() {
    let output = embedder().args(["sort", "--no-such-option"]).output().unwrap();

    assert!(!output.status.success());
    assert_report(&output, "--no-such-option");
}

#[test]
fn help_after_the_plugin_is_the_plugins() {
    let output = embedder().args(["sort", "--help"]).output().unwrap();

    let help = String::from_utf8_lossy(&output.stdout);
    assert!(help.contains("--reverse"), "{help}");
}

#[test]
fn an_unknown_plugin_is_told_the_known_ones() {
    let output = embedder().arg("no-such-plugin").output().unwrap();

    assert!(!output.status.success());
    assert_report(&output, "unknown plugin \"no-such-plugin\"");
    assert_report(&output, "sort");
}

#[test]
fn a_file_that_is_no_component_is_refused() {
    let output = embedder().arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).output().unwrap();

    assert!(!output.status.success());
    assert_report(&output, "Cargo.toml is not a component: it is not WebAssembly");
}

#[test]
fn a_directory_that_is_missing_is_named() {
    let output = embedder().args(["--dir", "no/such/directory", "sort"]).output().unwrap();

    assert!(!output.status.success());
    assert_report(&output, "--dir no/such/directory: there is no such directory");
}

#[test]
fn too_little_memory_is_told_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let output =
        embedder().arg("--dir").arg(directory.path()).args(["--max-memory", "1M", "sort"]).output().unwrap();

    assert!(!output.status.success());
    assert_report(&output, "it was refused memory beyond the 1048576 bytes of --max-memory");
    assert_report(&output, ", 0 entries left");
    assert_eq!(entries(directory.path()), 0);
}

#[test]
fn all_memories_together_are_limited() {
    let output = run(&["--max-memory", "16M", "sort", "--memory", "15M"], &lines(20_000_000));

    assert!(!output.status.success());
    assert_report(&output, "it was refused memory beyond the 16777216 bytes of --max-memory");
}

#[test]
fn what_the_directory_holds_already_stays_and_is_counted() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("mine"), "mine").unwrap();

    let output = embedder().arg("--dir").arg(directory.path()).arg("sort").output().unwrap();

    assert_report(&output, ", 1 entry left");
    assert_eq!(fs::read(directory.path().join("mine")).unwrap(), b"mine");
}

#[test]
fn the_private_directory_goes_in_the_end() {
    let parent = tempfile::tempdir().unwrap();

    let output = embedder().env("TMPDIR", parent.path()).arg("sort").output().unwrap();

    assert!(output.status.success());
    assert_eq!(entries(parent.path()), 0);
}

/// Starts sorting a text, of which it feeds the first half, until runs are on disk.
#[cfg(target_os = "linux")]
fn sort_until_the_middle(command: &mut Command) -> Child {
    let mut child = command.args(["sort", "--memory", "256K"]).stdin(Stdio::piped()).spawn().unwrap();
    // A pipe holds far less, so that nearly all of it has been read when this returns.
    child.stdin.as_mut().unwrap().write_all(&lines(3_000_000)).unwrap();
    assert!(open_without_name(child.id()) > 0, "no run is on disk: the middle is not reached");
    child
}

/// Counts the open files of a process whose names are gone.
#[cfg(target_os = "linux")]
fn open_without_name(process: u32) -> usize {
    let open = fs::read_dir(format!("/proc/{process}/fd")).unwrap().flatten();
    let targets = open.filter_map(|entry| fs::read_link(entry.path()).ok());
    targets.filter(|target| target.to_string_lossy().ends_with(" (deleted)")).count()
}

#[cfg(target_os = "linux")]
#[test]
fn killed_in_the_middle_it_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = sort_until_the_middle(embedder().arg("--dir").arg(directory.path()));

    child.kill().unwrap();
    child.wait().unwrap();

    assert_eq!(entries(directory.path()), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn asked_to_end_it_removes_its_private_directory() {
    let parent = tempfile::tempdir().unwrap();
    let mut child = sort_until_the_middle(embedder().env("TMPDIR", parent.path()));
    assert_eq!(entries(parent.path()), 1, "the private directory is there while it runs");

    let asked = Command::new("kill").arg(child.id().to_string()).status().unwrap();
    let ended = child.wait().unwrap();

    assert!(asked.success());
    assert_eq!(ended.code(), Some(128 + 15));
    assert_eq!(entries(parent.path()), 0);
}
