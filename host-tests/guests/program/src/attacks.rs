//! A hostile program. Each attack has to fail with an error, or to have no effect on anything else.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use rustix::fs::{readlink, symlink};
use rustix::io::Errno;

pub(crate) fn run(attack: &str) {
    match attack {
        "names" => names(),
        "renames" => renames(),
        "tiny-writes" => tiny_writes(),
        "escape" => escape(),
        "links" => links(),
        "chains" => chains(),
        "offsets" => offsets(),
        "stale-bytes" => stale_bytes(),
        "lists" => lists(),
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

/// A million writes of one byte.
fn tiny_writes() {
    let mut file = File::create("/tmp/file").unwrap();
    for number in 0..1_000_000_u32 {
        file.write_all(&[number as u8]).unwrap();
    }
    let content = fs::read("/tmp/file").unwrap();
    assert_eq!(content.len(), 1_000_000);
    assert!((0..).zip(&content).all(|(number, byte): (u32, _)| number as u8 == *byte));
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

/// Symbolic links that lead out of the tree. The host has a file `secret` in the directory above, and in `/tmp`.
fn links() {
    fs::create_dir("/tmp/inner").unwrap();
    for target in ["..", "../secret", "../../secret", "inner/../../secret", "./../secret", "inner/../.."] {
        symlink(target, "/tmp/link").unwrap();
        for path in
            ["/tmp/link", "/tmp/link/", "/tmp/link/secret", "/tmp/link/../secret", "/tmp/inner/../link"]
        {
            assert!(fs::read(path).is_err(), "{target}: {path}");
            assert!(fs::write(path, b"overwritten").is_err(), "{target}: {path}");
            assert!(fs::read_dir(path).is_err(), "{target}: {path}");
            assert!(fs::metadata(path).is_err(), "{target}: {path}");
        }
        fs::remove_file("/tmp/link").unwrap();
    }
    for target in ["/", "/secret", "/tmp/secret", "//secret"] {
        assert_eq!(symlink(target, "/tmp/link"), Err(Errno::PERM), "{target}");
    }
    // A link is removed and moved itself, wherever it leads.
    symlink("../secret", "/tmp/link").unwrap();
    fs::rename("/tmp/link", "/tmp/inner/link").unwrap();
    assert_eq!(readlink("/tmp/inner/link", Vec::new()).unwrap().to_str(), Ok("../secret"));
    fs::remove_dir_all("/tmp/inner").unwrap();
    assert_eq!(fs::read_dir("/tmp").unwrap().count(), 0);
}

/// Symbolic links to each other and to themselves.
fn chains() {
    fs::write("/tmp/file", b"content").unwrap();
    symlink("file", "/tmp/1").unwrap();
    for number in 2..=41 {
        symlink(format!("{}", number - 1), format!("/tmp/{number}")).unwrap();
    }
    assert_eq!(fs::read("/tmp/40").unwrap(), b"content");
    symlink("itself", "/tmp/itself").unwrap();
    symlink("there", "/tmp/here").unwrap();
    symlink("here", "/tmp/there").unwrap();
    // Each link has the one before it forty times.
    fs::create_dir("/tmp/d0").unwrap();
    for number in 1..20 {
        let target = vec![format!("d{}", number - 1); 40].join("/../");
        symlink(target, format!("/tmp/d{number}")).unwrap();
    }
    for path in ["/tmp/41", "/tmp/itself", "/tmp/here", "/tmp/there/below", "/tmp/d19", "/tmp/d19/below"] {
        let error = fs::read(path).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(Errno::LOOP.raw_os_error()), "{path}");
    }
}

/// Offsets and sizes at and beyond the largest ones.
fn offsets() {
    const FAR: [u64; 5] = [1 << 53, (1 << 53) + 1, i64::MAX as u64 - 1, i64::MAX as u64, u64::MAX];
    let mut file =
        File::options().read(true).write(true).create(true).truncate(true).open("/tmp/file").unwrap();
    file.write_all(b"content").unwrap();
    for offset in FAR {
        assert!(file.set_len(offset).is_err(), "{offset}");
        if file.seek(SeekFrom::Start(offset)).is_ok() {
            assert!(file.write_all(b"far").is_err(), "{offset}");
            assert_eq!(file.read(&mut [0; 10]).ok().unwrap_or(0), 0, "{offset}");
        }
    }
    file.seek(SeekFrom::Start(1 << 40)).unwrap();
    file.write_all(b"").unwrap();
    assert_eq!(fs::read("/tmp/file").unwrap(), b"content");
}

/// Reads bytes that were never written: where another file was, behind an end, and in holes.
fn stale_bytes() {
    for size in [5_000, 3_000_000] {
        fs::write("/tmp/file", vec![7; size]).unwrap();
        fs::remove_file("/tmp/file").unwrap();
        let mut file = File::options().read(true).write(true).create_new(true).open("/tmp/file").unwrap();
        file.write_all(&vec![7; size]).unwrap();
        file.set_len(10).unwrap();
        file.set_len(size as u64).unwrap();
        file.seek(SeekFrom::Start(size as u64 + 5_000)).unwrap();
        file.write_all(&[7]).unwrap();
        let content = fs::read("/tmp/file").unwrap();
        assert_eq!(content.len(), size + 5_001);
        assert!(content[10..size + 5_000].iter().all(|byte| *byte == 0));
        fs::remove_file("/tmp/file").unwrap();
    }
}

/// Renames the entries of a directory while it is listed, and removes it.
fn lists() {
    fs::create_dir("/tmp/directory").unwrap();
    for number in 0..1_000 {
        File::create(format!("/tmp/directory/{number}")).unwrap();
    }
    let mut list = fs::read_dir("/tmp/directory").unwrap();
    for number in 0..1_500 {
        // Each entry comes back under a name behind the others.
        let path = list.next().unwrap().unwrap().path();
        fs::rename(&path, format!("/tmp/directory/~{number:04}")).unwrap();
    }
    fs::remove_dir_all("/tmp/directory").unwrap();
    assert_eq!(list.filter(Result::is_ok).count(), 0);
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
