//! Reading and writing by lines.

use crate::options::Whence::*;
use crate::testing::memory_filesystem::Call;
use crate::tests::*;

const TEXT: &[u8] = b"first\n\nthird line\nlast without an end";

fn filled(file: &TestFile) {
    file.write_at(TEXT, 0).unwrap();
    file.seek(0, Start).unwrap();
}

#[test]
fn a_line_ends_after_its_line_end_or_at_the_end_of_the_file() {
    with_every_kind(|file, kind| {
        filled(file);

        assert_eq!(file.read_line(None).unwrap(), b"first\n", "{kind}");
        assert_eq!(file.read_line(None).unwrap(), b"\n", "{kind}");
        assert_eq!(file.file.tell(), 7, "{kind}");
        assert_eq!(file.read_line(None).unwrap(), b"third line\n", "{kind}");
        assert_eq!(file.read_line(Some(u64::MAX)).unwrap(), b"last without an end", "{kind}");
        assert_eq!(file.read_line(None).unwrap(), b"", "{kind}");
    });
}

#[test]
fn a_limit_ends_a_line_before_its_end() {
    with_every_kind(|file, kind| {
        filled(file);

        assert_eq!(file.read_line(Some(0)).unwrap(), b"", "{kind}");
        assert_eq!(file.read_line(Some(4)).unwrap(), b"firs", "{kind}");
        assert_eq!(file.read_line(Some(2)).unwrap(), b"t\n", "{kind}");
        assert_eq!(file.read_line(Some(1)).unwrap(), b"\n", "{kind}");
        assert_eq!(file.file.tell(), 7, "{kind}");
    });
}

#[test]
fn lines_are_read_until_they_reach_the_hint() {
    let lines: Vec<&[u8]> = TEXT.split_inclusive(|byte| *byte == b'\n').collect();
    with_every_kind(|file, kind| {
        for (hint, count) in [
            (None, 4),
            (Some(0), 4),
            (Some(1), 1),
            (Some(6), 1),
            (Some(7), 2),
            (Some(8), 3),
            (Some(u64::MAX), 4),
        ] {
            filled(file);
            let read = file.read_lines(hint).unwrap();
            assert_eq!(read, lines[..count], "{kind}, {hint:?}");
            assert_eq!(file.file.tell(), read.concat().len() as u64, "{kind}, {hint:?}");
        }
        file.seek(0, End).unwrap();
        assert!(file.read_lines(None).unwrap().is_empty(), "{kind}");
    });
}

#[test]
fn lines_are_written_unchanged() {
    with_every_kind(|file, kind| {
        file.write_lines(&[b"a\n", b"b", b"", b"c\n"]).unwrap();

        assert_eq!(file.contents(), b"a\nbc\n", "{kind}");
        assert_eq!(file.file.tell(), 5, "{kind}");
    });
}

#[test]
fn a_line_longer_than_any_buffer_is_read_whole() {
    with_every_kind(|file, kind| {
        let mut line = vec![b'x'; 200_000];
        line.push(b'\n');
        file.write_lines(&[&line, b"next"]).unwrap();
        file.seek(0, Start).unwrap();

        assert!(file.read_line(None).unwrap() == line, "{kind}");
        assert_eq!(file.read_line(None).unwrap(), b"next", "{kind}");
    });
}

#[test]
fn lines_just_written_are_read_before_they_reach_the_disk() {
    with_every_kind(|file, kind| {
        file.write(b"one\ntwo\n").unwrap();
        file.seek(0, Start).unwrap();
        assert_eq!(file.read_line(None).unwrap(), b"one\n", "{kind}");
        file.write(b"TWO").unwrap();

        assert_eq!(file.read_line(None).unwrap(), b"\n", "{kind}");
        file.seek(0, Start).unwrap();
        assert_eq!(file.read_lines(None).unwrap(), [b"one\n", b"TWO\n"], "{kind}");
    });
}

#[test]
fn reading_lines_that_fails_does_not_change_the_position() {
    let instance = Instance::new();
    let file = instance.try_unnamed(with_buffer(4)).unwrap();
    filled(&file);
    file.flush().unwrap();
    instance.disk.failing_nth(crate::testing::memory_filesystem::Call::Read, 3, ErrorCode::Io);

    assert_eq!(code(file.read_lines(None)), Some(ErrorCode::Io));

    assert_eq!(file.file.tell(), 0);
    assert_eq!(file.read_lines(None).unwrap().concat(), TEXT);
}

#[test]
fn a_block_of_lines_has_the_lines_and_their_ends() {
    with_every_kind(|file, kind| {
        file.write(b"one\ntwo\n\nlast").unwrap();
        for hint in [0, 1, 4, 5, 8, 9, 10, 13, 100] {
            file.seek(0, Start).unwrap();
            loop {
                let before = file.file.tell();
                let lines = file.read_lines(Some(hint)).unwrap();
                let after = file.file.tell();
                file.seek(before as i64, Start).unwrap();

                let block = file.run(file.file.read_block(Some(hint))).unwrap();

                let starts = std::iter::once(0).chain(block.ends.iter().copied());
                let parts = starts.zip(&block.ends);
                let cut: Vec<_> =
                    parts.map(|(start, end)| block.bytes[start as usize..*end as usize].to_vec()).collect();
                assert_eq!((cut, file.file.tell()), (lines, after), "{kind}, hint {hint} at {before}");
                if block.bytes.is_empty() {
                    break;
                }
            }
        }
    });
}

#[test]
fn reading_a_block_of_lines_that_fails_does_not_change_the_position() {
    let instance = Instance::new();
    let file = instance.try_named(with_buffer(4)).unwrap();
    file.write(b"one\ntwo and three\n").unwrap();
    file.seek(1, Start).unwrap();
    instance.disk.failing_nth(Call::Read, 2, ErrorCode::Io);

    assert_eq!(code(file.run(file.file.read_block(None))), Some(ErrorCode::Io));

    assert_eq!(file.file.tell(), 1);
}
