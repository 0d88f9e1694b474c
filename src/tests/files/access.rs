//! Access modes, in memory as on disk.

use crate::options::Access::*;
use crate::options::Whence::*;
use crate::tests::*;

/// Runs a test on a file of each kind with this access.
fn with_kinds(access: Access, test: impl Fn(&TestFile)) {
    for buffer_size in [Some(0), Some(7), None] {
        let instance = Instance::new();
        let options = FileOptions { buffer_size, ..with_access(access) };
        for file in [
            instance.try_unnamed(options.clone()),
            instance.try_named(options.clone()),
            instance.try_spooled(None, options.clone()),
            instance.try_spooled(Some(3), options.clone()),
        ] {
            let file = file.unwrap();
            test(&file);
            file.assert_closes();
        }
        instance.assert_clean();
    }
}

#[test]
fn a_file_for_reading_refuses_every_write() {
    with_kinds(ReadOnly, |file| {
        let refused = Some(ErrorCode::NotPermitted);
        assert_eq!(code(file.write(b"x")), refused);
        assert_eq!(code(file.write(b"")), refused);
        assert_eq!(code(file.write_at(b"x", 0)), refused);
        assert_eq!(code(file.write_lines(&[b"x"])), refused);
        assert_eq!(code(file.truncate(Some(0))), refused);
        assert_eq!(code(file.file.try_write(b"x")), refused);
        assert_eq!(file.read(10).unwrap(), b"");
        assert_eq!(file.size().unwrap(), 0);
    });
}

#[test]
fn a_file_for_writing_refuses_every_read() {
    for access in [WriteOnly, AppendOnly] {
        with_kinds(access, |file| {
            let refused = Some(ErrorCode::NotPermitted);
            file.write(b"0123456789").unwrap();
            assert_eq!(code(file.read(1)), refused);
            assert_eq!(code(file.read(0)), refused);
            assert_eq!(code(file.read_at(1, 0)), refused);
            assert_eq!(code(file.read_line(None)), refused);
            assert_eq!(code(file.read_lines(None)), refused);
            assert_eq!(code(file.file.try_read(1)), refused);
            assert_eq!((file.size().unwrap(), file.file.tell()), (10, 10));
            assert_eq!(file.seek(-4, End).unwrap(), 6);
        });
    }
}

#[test]
fn appending_writes_at_the_end_from_every_position() {
    with_kinds(Append, |file| {
        file.write(b"12").unwrap();
        file.seek(0, Start).unwrap();
        file.write(b"345").unwrap();
        assert_eq!(file.file.tell(), 5);
        file.seek(100, Start).unwrap();
        file.write_lines(&[b"6", b"78"]).unwrap();
        file.seek(1, Start).unwrap();
        file.write(b"").unwrap();
        assert_eq!(file.read(3).unwrap(), b"234");
        file.write(b"9").unwrap();

        assert_eq!(file.contents(), b"123456789");
        assert_eq!(file.file.tell(), 9);
    });
}

#[test]
fn write_at_is_refused_for_appending() {
    with_kinds(Append, |file| assert_eq!(code(file.write_at(b"x", 0)), Some(ErrorCode::NotPermitted)));
}

#[test]
fn appending_after_a_truncation_writes_at_the_new_end() {
    with_kinds(Append, |file| {
        file.write(b"0123456789").unwrap();
        file.truncate(Some(4)).unwrap();
        file.write(b"x").unwrap();

        assert_eq!(file.contents(), b"0123x");
        assert_eq!(file.file.tell(), 5);
    });
}
