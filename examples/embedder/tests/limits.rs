//! Limits, usage, and the sweep of leftovers.

mod crash;
mod running;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, SystemTime};

use crate::crash::leave_files;
use crate::running::{assert_report, embedder, lines, run};

#[test]
fn a_sort_within_its_limits_reports_its_usage() {
    let text = lines(200_000);
    let limits = ["--limit", "1M", "--max-entries", "2", "--confined"];

    let output = run(&[&limits[..], &["sort", "--memory", "64K"]].concat(), &text);

    assert!(output.status.success());
    assert_eq!(output.stdout.len(), text.len());
    assert_report(&output, "embedder: sort took ");
    assert_report(&output, ", 0 entries left; peak: ");
    assert_report(&output, " KiB on disk, 0 B in memory, 1 entry, 1 open; 0 refused\n");
}

/// Each pass over the runs would need twice the size of the input if it freed them at its end.
#[test]
fn a_sort_with_many_runs_fits_into_little_more_than_its_input() {
    let text = lines(6 << 20);

    let output = run(&["--limit", "8800K", "sort", "--memory", "64K"], &text);

    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.stdout.len(), text.len());
    assert!(output.stdout.split_inclusive(|byte| *byte == b'\n').is_sorted());
    assert_report(&output, ", 0 entries left");
    assert_report(&output, "; 0 refused");
}

#[test]
fn a_refusal_at_the_limit_of_bytes_is_reported_and_leaves_nothing() {
    let output = run(&["--limit", "16K", "sort", "--memory", "64K"], &lines(200_000));

    assert!(!output.status.success());
    assert_report(&output, "limit reached: bytes on disk");
    assert_report(&output, ", 0 entries left");
}

#[test]
fn a_refusal_at_the_limit_of_entries_is_reported_and_leaves_nothing() {
    let output = run(&["--max-entries", "0", "sort", "--memory", "64K"], &lines(200_000));

    assert!(!output.status.success());
    assert_report(&output, "limit reached: files and directories on disk");
    assert_report(&output, ", 0 entries left");
}

#[test]
fn invalid_values_are_refused_with_the_name_of_the_option() {
    for (option, value, needed) in [
        ("--limit", "64MB", "expected a number of bytes"),
        ("--max-entries", "many", "invalid digit"),
        ("--sweep-older-than", "24", "expected an age: a number with s, m, h or d"),
    ] {
        let output = embedder().args([option, value, "sort"]).output().unwrap();

        assert_eq!(output.status.code(), Some(2));
        assert_report(&output, &format!("invalid value '{value}' for '{option} <"));
        assert_report(&output, needed);
    }
}

#[test]
fn a_sweep_removes_old_leftovers_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let [old, young] = leave_files(directory.path());
    let mine = directory.path().join("mine");
    fs::write(&mine, "mine").unwrap();
    // Only the time of the modification can be set; an entry is as young as its youngest time says.
    let in_an_hour = SystemTime::now() + Duration::from_secs(3_600);
    File::options().write(true).open(&young).unwrap().set_modified(in_an_hour).unwrap();
    thread::sleep(Duration::from_millis(1_100));

    let mut embedder = embedder();
    let output = embedder
        .arg("--dir")
        .arg(directory.path())
        .args(["--sweep-older-than", "1s", "sort"])
        .output()
        .unwrap();

    assert!(output.status.success());
    assert_report(&output, "embedder: swept 1 leftover\nembedder: sort took ");
    assert_report(&output, ", 0 entries left");
    assert!(!old.exists());
    assert!(young.exists());
    assert!(mine.exists());
}

#[test]
fn with_limits_a_plugin_finds_no_directory_of_the_host() {
    let directory = tempfile::tempdir().unwrap();
    let plugin = build_look(directory.path());

    let free = embedder().args(["--sweep-older-than", "1h"]).arg(&plugin).output().unwrap();
    let limited = embedder().arg("--confined").arg(&plugin).output().unwrap();

    assert_report(&free, "embedder: no sweep, because look does not import scratch:tempfile\n");
    assert_eq!(String::from_utf8_lossy(&free.stdout), "found\n");
    assert_eq!(String::from_utf8_lossy(&limited.stdout), "missing\n");
}

/// Builds a command of WASI 0.2 that looks for the directory.
fn build_look(directory: &Path) -> PathBuf {
    let source = directory.join("look.rs");
    let plugin = directory.join("look.wasm");
    let found = r#"if std::fs::read_dir("/tmp").is_ok() { "found" } else { "missing" }"#;
    fs::write(&source, format!("fn main() {{ println!(\"{{}}\", {found}) }}")).unwrap();
    let mut rustc = Command::new("rustc");
    rustc.args(["--target", "wasm32-wasip2", "-C", "opt-level=s", "-C", "strip=debuginfo", "-o"]);
    let built = rustc.arg(&plugin).arg(source).status().unwrap();
    assert!(built.success());
    plugin
}
