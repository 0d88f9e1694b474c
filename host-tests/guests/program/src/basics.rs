//! The functions of `std::fs`, as documented.

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::time::{Duration, SystemTime};

/// Content that stays in memory, and content that moves to the host.
const SIZES: [usize; 3] = [10, 100_000, 3_000_000];

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|number| (number * 7 + number / 251) as u8).collect()
}

pub(crate) fn files() {
    for size in SIZES {
        let content = pattern(size);
        fs::write("/tmp/file", &content).unwrap();
        assert_eq!(fs::read("/tmp/file").unwrap(), content);
        assert_eq!(fs::metadata("/tmp/file").unwrap().len(), size as u64);

        let mut file = OpenOptions::new().append(true).open("/tmp/file").unwrap();
        file.write_all(b"appended").unwrap();
        assert_eq!(fs::read("/tmp/file").unwrap(), [&content[..], b"appended"].concat());

        let mut file = OpenOptions::new().read(true).write(true).open("/tmp/file").unwrap();
        file.seek(SeekFrom::Start(5)).unwrap();
        file.write_all(b"!").unwrap();
        let mut next = [0; 2];
        file.read_exact(&mut next).unwrap();
        assert_eq!(next, content[6..8]);
        file.set_len(7).unwrap();
        assert_eq!(fs::read("/tmp/file").unwrap(), [&content[..5], b"!", &content[6..7]].concat());
        file.set_len(9).unwrap();
        assert_eq!(fs::read("/tmp/file").unwrap()[7..], [0, 0]);
        file.seek(SeekFrom::Start(2_000_000)).unwrap();
        file.write_all(b"far").unwrap();
        file.sync_all().unwrap();
        let sparse = fs::read("/tmp/file").unwrap();
        assert_eq!((sparse.len(), &sparse[2_000_000..]), (2_000_003, &b"far"[..]));

        fs::copy("/tmp/file", "/tmp/copy").unwrap();
        assert_eq!(fs::read("/tmp/copy").unwrap(), sparse);
        fs::rename("/tmp/copy", "/tmp/file").unwrap();
        assert!(!fs::exists("/tmp/copy").unwrap());
        fs::remove_file("/tmp/file").unwrap();
        assert_eq!(fs::read("/tmp/file").unwrap_err().kind(), ErrorKind::NotFound);
    }
    File::create_new("/tmp/new").unwrap();
    assert_eq!(File::create_new("/tmp/new").unwrap_err().kind(), ErrorKind::AlreadyExists);
}

pub(crate) fn directories() {
    fs::create_dir_all("/tmp/a/b/c").unwrap();
    for number in 0..100 {
        fs::write(format!("/tmp/a/b/{number}"), b"x").unwrap();
    }
    assert!(fs::remove_dir("/tmp/a/b").is_err());

    let mut listed = BTreeSet::new();
    for entry in fs::read_dir("/tmp/a/b").unwrap() {
        let entry = entry.unwrap();
        assert!(listed.insert(entry.file_name().into_string().unwrap()));
        if entry.file_type().unwrap().is_file() {
            // A removal during the list changes no other result.
            fs::remove_file(entry.path()).unwrap();
        }
    }
    assert_eq!(listed.len(), 101);
    fs::rename("/tmp/a", "/tmp/d").unwrap();
    assert_eq!(fs::canonicalize("/tmp/d/b/../b/c").unwrap().to_str(), Some("/tmp/d/b/c"));
    fs::remove_dir_all("/tmp/d").unwrap();
    assert_eq!(fs::read_dir("/tmp").unwrap().count(), 0);
}

pub(crate) fn links() {
    fs::write("/tmp/file", b"content").unwrap();
    fs::hard_link("/tmp/file", "/tmp/second").unwrap();
    fs::write("/tmp/second", b"changed").unwrap();
    assert_eq!(fs::read("/tmp/file").unwrap(), b"changed");
    fs::remove_file("/tmp/file").unwrap();
    assert_eq!(fs::read("/tmp/second").unwrap(), b"changed");
}

pub(crate) fn times() {
    let file = File::create("/tmp/file").unwrap();
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    file.set_times(fs::FileTimes::new().set_modified(then)).unwrap();
    assert_eq!(fs::metadata("/tmp/file").unwrap().modified().unwrap(), then);
    let before = SystemTime::now();
    fs::write("/tmp/file", b"written").unwrap();
    let modified = fs::metadata("/tmp/file").unwrap().modified().unwrap();
    assert!(modified >= before && modified <= SystemTime::now());
}

pub(crate) fn unlinked() {
    for size in SIZES {
        let mut file = File::options().read(true).write(true).create_new(true).open("/tmp/file").unwrap();
        fs::remove_file("/tmp/file").unwrap();
        file.write_all(&pattern(size)).unwrap();
        file.rewind().unwrap();
        let mut read = Vec::new();
        file.read_to_end(&mut read).unwrap();
        assert_eq!(read, pattern(size));
        assert_eq!(fs::read_dir("/tmp").unwrap().count(), 0);
    }
}

/// Copies standard input to a file and from there to standard output.
pub(crate) fn streams() {
    let mut file = File::options().read(true).write(true).create_new(true).open("/tmp/file").unwrap();
    std::io::copy(&mut std::io::stdin(), &mut file).unwrap();
    file.rewind().unwrap();
    std::io::copy(&mut file, &mut std::io::stdout()).unwrap();
    eprint!("done");
}

/// Prints the environment and the names of directories that can be listed.
pub(crate) fn environment() {
    for (name, value) in env::vars() {
        println!("{name}={value}");
    }
    for directory in ["/tmp", "/data", "/work", "/spill"] {
        if let Ok(entries) = fs::read_dir(directory) {
            let names: Vec<_> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            println!("{directory}: {}", names.join(" "));
        }
    }
}

/// Prints a file, and writes one beside it.
pub(crate) fn read(path: &str) {
    println!("{}", fs::read_to_string(path).unwrap());
    fs::write(format!("{path}.out"), b"written by the program").unwrap();
}
