//! Open files and directories: rights, streams, lists and times.

use super::*;
use crate::filesystem::Kind;
use crate::tmp::inode::Times;
use crate::tmp::open::{Rights, set_times};

const READ: OpenHow = OpenHow { write: false, ..OPEN };

#[test]
fn a_descriptor_allows_what_it_was_opened_for() {
    let private = Private::new();
    private.create("file", b"content");
    let reading = private.open("file", READ).unwrap();
    let writing = private.open("file", OpenHow { read: false, ..OPEN }).unwrap();

    assert_eq!(reading.rights(), Rights { read: true, write: false });
    let refused = Err(ErrorCode::NotPermitted);
    assert_eq!(reading.write(0, vec![1]).map(drop), refused);
    assert_eq!(reading.set_size(0), refused);
    assert_eq!(reading.writer(None).map(drop), refused);
    assert_eq!(writing.read(0, 1).map(drop), refused);
    assert_eq!(writing.reader(0).map(drop), refused);
    assert_eq!(contents(&private, &reading), b"content");
}

#[test]
fn two_descriptors_of_a_file_see_the_same_content_also_after_a_rename() {
    let private = Private::new();
    let first = private.create("file", b"content");
    let second = private.open("file", OPEN).unwrap();
    private.create("other", b"other");
    private.rename("file", "other").unwrap();

    private.run(|| first.write(0, b"CON".to_vec())).unwrap();

    assert_eq!(contents(&private, &second), b"CONtent");
    assert_eq!(contents(&private, &private.open("other", OPEN).unwrap()), b"CONtent");
    assert_eq!(private.names("."), ["other"]);
}

#[test]
fn streams_have_a_position_of_their_own_or_append() {
    for length in [8, 80] {
        let private = Private::new();
        let file = private.create("file", &vec![b'.'; length]);
        let (reader, writer) = (file.reader(1).unwrap(), file.writer(Some(2)).unwrap());
        let appender = file.writer(None).unwrap();

        private.run(|| {
            writer.write(b"ab".to_vec()).unwrap();
            appender.write(b"end".to_vec()).unwrap();
            writer.write(b"cd".to_vec()).unwrap();
        });

        assert_eq!(private.run(|| reader.read(5)), Ok(b".abcd".to_vec()));
        assert_eq!(reader.skip(length as u64 - 6), Ok(length as u64 - 6));
        assert_eq!(private.run(|| reader.read(99)), Ok(b"end".to_vec()));
        assert_eq!(private.run(|| reader.read(99)), Ok(Vec::new()));
        assert_eq!(reader.skip(1), Ok(0));
    }
}

#[test]
fn a_list_shows_what_is_there_from_its_beginning_to_its_end_exactly_once() {
    let private = Private::new();
    for name in ["a", "b", "d", "e"] {
        private.create(name, b"");
    }
    let entries = private.root.entries().unwrap();
    let next = || entries.next().unwrap().map(|(name, kind)| (name.into_string(), kind));

    assert_eq!(next(), Some(("a".into(), Kind::File)));
    private.unlink("b").unwrap();
    private.create_directory("c");
    private.rename("e", "A").unwrap();

    assert_eq!(next(), Some(("c".into(), Kind::Directory)));
    assert_eq!(next(), Some(("d".into(), Kind::File)));
    assert_eq!(next(), None);
}

#[test]
fn a_file_cannot_be_listed_and_a_directory_not_read() {
    let private = Private::new();
    let file = private.create("file", b"");

    assert_eq!(file.entries().map(drop), Err(ErrorCode::NotDirectory));
    assert_eq!(private.root.read(0, 1).map(drop), Err(ErrorCode::IsDirectory));
    assert_eq!(private.root.writer(None).map(drop), Err(ErrorCode::IsDirectory));
    assert_eq!(private.root.sync(), Ok(()));
}

#[test]
fn a_content_was_modified_when_its_writer_was_dropped_or_looked_at() {
    let private = Private::new();
    let file = private.create("file", b"");
    let created = private.stat("file").unwrap().times;

    private.host.wait(5);
    drop(file.writer(Some(0)).inspect(|writer| private.run(|| writer.write(vec![7])).unwrap()));
    private.host.wait(5);

    let now = created.modified + 5;
    let expected = Times { accessed: created.accessed, modified: now, changed: now };
    assert_eq!(private.stat("file").unwrap().times, expected);
}

#[test]
fn times_are_set_and_survive_a_rename() {
    let private = Private::new();
    let file = private.create("file", b"content");
    private.host.wait(5);

    set_times(file.inode(), Some(1), None);
    set_times(file.inode(), None, Some(2));
    private.rename("file", "other").unwrap();
    drop(file);

    let Times { accessed, modified, .. } = private.stat("other").unwrap().times;
    assert_eq!((accessed, modified), (1, 2));
}

#[test]
fn a_change_of_names_modifies_the_directory() {
    let private = Private::new();
    private.create_directory("directory");
    let modified = || private.stat("directory").unwrap().times.modified;
    let mut before = modified();

    let changes: [&dyn Fn(); 3] = [
        &|| drop(private.create("directory/file", b"")),
        &|| private.rename("directory/file", "file").unwrap(),
        &|| private.rename("file", "directory/file").unwrap(),
    ];
    for change in changes {
        private.host.wait(5);
        change();
        assert_eq!(modified(), before + 5);
        before = modified();
    }
}
