//! A hostile program. Each attack has to fail with an error, or to have no effect on anything else.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

pub(crate) fn run(attack: &str) {
    match attack {
        "names" => names(),
        "renames" => renames(),
        "tiny-writes" => tiny_writes(),
        "escape" => escape(),
        "churn" => churn(),
        _ => panic!("no such attack: {attack}"),
    }
}

/// Names at and beyond the limits.
fn names() {
    File::create(format!("/tmp/{}", "n".repeat(255))).unwrap();
    for name in [&"n".repeat(256), "a\0b", &"./".repeat(5000)] {
        assert!(File::create(format!("/tmp/{name}")).is_err(), "{name:?}");
    }
    for name in [".", "..", "./", "missing/.", "missing/.."] {
        assert!(File::create(format!("/tmp/{name}")).is_err(), "{name:?}");
        assert!(fs::remove_file(format!("/tmp/{name}")).is_err(), "{name:?}");
    }
    assert_eq!(fs::read_dir("/tmp").unwrap().count(), 1);
}

/// Moves of directories into each other, over each other and into themselves.
fn renames() {
    fs::create_dir_all("/tmp/a/b/c").unwrap();
    fs::create_dir("/tmp/d").unwrap();
    for (old, new) in [("a", "a/b"), ("a", "a/b/c/x"), ("a/b", "a"), ("d", "a"), ("a/b/c", "a")] {
        let moved = fs::rename(Path::new("/tmp").join(old), Path::new("/tmp").join(new));
        assert!(moved.is_err(), "{old} to {new}");
    }
    for number in 0..1000 {
        let (from, to) = if number % 2 == 0 { ("/tmp/a/b", "/tmp/d/b") } else { ("/tmp/d/b", "/tmp/a/b") };
        fs::rename(from, to).unwrap();
        fs::rename("/tmp/a", "/tmp/e").unwrap();
        fs::rename("/tmp/e", "/tmp/a").unwrap();
    }
    fs::remove_dir_all("/tmp/a").unwrap();
    fs::remove_dir_all("/tmp/d").unwrap();
    assert_eq!(fs::read_dir("/tmp").unwrap().count(), 0);
}

/// A hundred thousand writes of one byte.
fn tiny_writes() {
    let mut file = File::create("/tmp/file").unwrap();
    for number in 0..100_000_u32 {
        file.write_all(&[number as u8]).unwrap();
    }
    assert_eq!(fs::metadata("/tmp/file").unwrap().len(), 100_000);
}

/// Paths that lead out of the tree. The host has a file `secret` in the directory above, and in `/tmp`.
fn escape() {
    const PATHS: [&str; 5] =
        ["/tmp/../secret", "/tmp/inner/../../secret", "/secret", "/tmp/secret", "/tmp/inner/../secret"];
    fs::create_dir("/tmp/inner").unwrap();
    for path in PATHS {
        assert!(fs::read(path).is_err(), "{path}");
    }
    for path in PATHS {
        fs::write(path, b"overwritten").ok();
    }
    fs::remove_dir_all("/tmp/inner").unwrap();
}

/// Creates and removes files of all sizes for a while; what is removed has to come back.
fn churn() {
    for round in 0..200 {
        for number in 0..20 {
            fs::write(format!("/tmp/{number}"), vec![7; number * 1000 * (round % 7)]).unwrap();
        }
        for number in 0..20 {
            fs::remove_file(format!("/tmp/{number}")).unwrap();
        }
    }
    assert_eq!(fs::read_dir("/tmp").unwrap().count(), 0);
}
