//! Python's low-level calls. The caller owns the entries that they create.

use crate::filesystem::Filesystem;
use crate::lowlevel::{mkdtemp, mkstemp};
use crate::tests::*;

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

#[test]
fn mkstemp_creates_a_file_that_stays_and_returns_its_descriptor() {
    let instance = Instance::new();

    let made = instance.disk.run(mkstemp(&instance.scratch, text(".txt"), text("report-"), text("/tmp")));

    let (descriptor, path) = made.unwrap();
    assert!(path.starts_with("/tmp/report-") && path.ends_with(".txt"), "{path}");
    let written = instance.disk.run(instance.disk.write_at(&descriptor, 0, b"content".to_vec()));
    assert!(written.is_ok());
    instance.disk.settle();
    assert_eq!(instance.disk.contents(&path).unwrap(), b"content");
    assert_eq!(instance.disk.entries(), [path]);
}

#[test]
fn mkdtemp_creates_a_directory_that_stays() {
    let instance = Instance::new();

    let path = instance.disk.run(mkdtemp(&instance.scratch, None, None, None)).unwrap();

    instance.disk.settle();
    assert_eq!(instance.disk.entries(), [path]);
    instance.disk.assert_balanced();
}

#[test]
fn low_level_calls_check_their_arguments_as_other_creations_do() {
    let instance = Instance::new();
    let scratch = &instance.scratch;

    for hostile in ["../x", "a\0b", "a:b"] {
        assert_eq!(
            code(instance.disk.run(mkstemp(scratch, text(hostile), None, None))),
            Some(ErrorCode::Invalid)
        );
        assert_eq!(
            code(instance.disk.run(mkstemp(scratch, None, text(hostile), None))),
            Some(ErrorCode::Invalid)
        );
        assert_eq!(
            code(instance.disk.run(mkdtemp(scratch, text(hostile), None, None))),
            Some(ErrorCode::Invalid)
        );
    }
    instance.disk.assert_no_calls();
    let missing = instance.disk.run(mkdtemp(scratch, None, None, text("/tmp/missing")));
    assert_eq!(code(missing), Some(ErrorCode::NoEntry));
}

#[test]
fn a_second_descriptor_of_a_directory_reaches_its_entries() {
    let instance = Instance::new();
    let directory = instance.directory();
    directory.create_file("inside").unwrap();

    let descriptor = instance.disk.run(directory.directory.descriptor()).unwrap();

    let mut names = Vec::new();
    instance
        .disk
        .run(instance.disk.read_directory(&descriptor, &mut |entry| names.push(entry.name)))
        .unwrap();
    assert_eq!(names, ["inside"]);
    directory.close().unwrap();
    assert_eq!(code(instance.disk.run(directory.directory.descriptor())), Some(ErrorCode::Closed));
    drop((descriptor, directory));
    instance.assert_clean();
}
