//! Names that the host sees: unique, recognisable, and valid.

use std::collections::BTreeSet;

use crate::testing::memory_filesystem::Call;
use crate::tests::*;

/// Prefixes, suffixes and directories that must not reach the host.
const HOSTILE: [&str; 14] = [
    "../x",
    "/",
    "a/b",
    "..\\x",
    "\\",
    "a:b",
    "c:",
    "nul\0byte",
    "\0",
    "line\nend",
    "\x7f",
    "\u{9b}",
    "a*?",
    "\"<>|",
];

fn affixed(prefix: &str, suffix: &str) -> FileOptions {
    FileOptions { prefix: Some(prefix.into()), suffix: Some(suffix.into()), ..in_directory("/tmp") }
}

/// CWE-22, CWE-73; CVE-2026-44705 (npm tmp).
#[test]
fn hostile_affixes_are_refused_before_the_host_is_called() {
    let instance = Instance::new();
    let long = "x".repeat(300);
    for hostile in HOSTILE.into_iter().chain([long.as_str()]) {
        for (argument, options) in [("prefix", affixed(hostile, "")), ("suffix", affixed("", hostile))] {
            let errors = [
                instance.try_unnamed(options.clone()).err().unwrap(),
                instance.try_named(options.clone()).err().unwrap(),
                instance.try_spooled(Some(0), options.clone()).err().unwrap(),
                {
                    let FileOptions { prefix, suffix, directory, .. } = options;
                    let options = DirectoryOptions { prefix, suffix, directory, ..Default::default() };
                    instance.try_directory(options).err().unwrap()
                },
            ];
            for error in errors {
                assert_eq!(error.code, ErrorCode::Invalid, "{hostile:?}");
                assert!(error.message.starts_with(argument), "{}", error.message);
                assert!(
                    error.message.len() < 600 && !error.message.contains(['\0', '\n']),
                    "{:?}",
                    error.message
                );
            }
        }
    }
    instance.disk.assert_no_calls();
    instance.assert_clean();
}

#[test]
fn a_name_is_prefix_random_part_and_suffix() {
    let instance = Instance::new();
    let file = instance.try_named(affixed("report ä-", ".tar.gz")).unwrap();

    let path = file.path();
    let random = path.strip_prefix("/tmp/report ä-").unwrap().strip_suffix(".tar.gz").unwrap();

    assert!(random.len() >= 25, "128 bits in 37 characters");
    assert!(random.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')), "{random}");
    assert_eq!(instance.disk.entries(), [path]);
}

#[test]
fn a_taken_name_is_replaced_by_another_one() {
    let instance = Instance::new().warmed_up();
    instance.disk.with_stuck_random(4);
    let first = instance.named();

    let second = instance.named();
    instance.disk.with_stuck_random(2);
    let directory = instance.directory();

    assert_ne!(first.path(), second.path());
    assert_ne!(first.path(), directory.path());
    assert_eq!(instance.disk.entries().len(), 3);
}

/// CWE-835; tempfile #178 and #314 (Rust): predictable names were taken.
#[test]
fn an_error_ends_a_bounded_number_of_attempts_with_taken_names() {
    let instance = Instance::new().warmed_up();
    instance.disk.with_stuck_random(1_000_000);
    let file = instance.named();
    instance.disk.forget_calls();

    assert_eq!(code(instance.try_named(options())), Some(ErrorCode::Exist));
    assert_eq!(code(instance.try_unnamed(with_buffer(0))), Some(ErrorCode::Exist));
    assert_eq!(code(instance.try_directory(DirectoryOptions::default())), Some(ErrorCode::Exist));

    assert!(instance.disk.calls() < 1000);
    assert_eq!(instance.disk.entries(), [file.path()]);
}

/// CWE-59; CVE-2015-7529 (sosreport), RUSTSEC-2026-0148 (boxlite).
#[test]
fn a_link_planted_under_the_next_name_is_not_followed() {
    let instance = Instance::new().warmed_up();
    instance.disk.with_stuck_random(1_000_000);
    let name = instance.named().path();
    instance.disk.settle();
    instance.disk.plant_symbolic_link(&name, "victim");

    assert_eq!(code(instance.try_named(options())), Some(ErrorCode::Exist));

    assert_eq!(instance.disk.kind("/tmp/victim"), None);
}

#[test]
fn names_do_not_repeat() {
    let instance = Instance::new();
    let files: Vec<_> = (0..1000).map(|_| instance.named()).collect();

    let paths: BTreeSet<_> = files.iter().map(TestFile::path).collect();

    assert_eq!(paths.len(), 1000);
    assert!(instance.disk.count(Call::Create) <= 1001, "no name was taken");
}

#[test]
fn the_longest_name_is_accepted_by_the_host() {
    let instance = Instance::new();
    let file = instance.try_named(affixed(&"p".repeat(100), &"s".repeat(100))).unwrap();

    assert!(file.path().len() <= "/tmp/".len() + 255);
    assert_eq!(
        code(instance.try_named(affixed(&"p".repeat(200), &"s".repeat(100)))),
        Some(ErrorCode::Invalid)
    );
}

#[test]
fn names_of_windows_devices_are_refused() {
    let instance = Instance::new();

    for prefix in ["con.", "NUL.x", "com1.", "LPT9."] {
        assert_eq!(code(instance.try_named(affixed(prefix, ""))), Some(ErrorCode::Invalid), "{prefix}");
    }
    for suffix in ["x.", "x ", "."] {
        assert_eq!(code(instance.try_named(affixed("", suffix))), Some(ErrorCode::Invalid), "{suffix:?}");
    }
    instance.disk.assert_no_calls();
}
