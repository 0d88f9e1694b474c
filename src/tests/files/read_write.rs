//! Reading and writing, for all kinds of files and buffer sizes.

use crate::options::Whence::*;
use crate::tests::*;

const LAST: u64 = i64::MAX as u64;

#[test]
fn writes_around_every_edge_of_the_buffer_are_read_back() {
    with_every_kind(|file, kind| {
        let mut expected = Vec::new();
        for length in [0, 1, 2, 5, 6, 7, 8, 13, 14, 15, 21] {
            let piece: Vec<u8> = (0..length).map(|byte| byte + length).collect();
            file.write(&piece).unwrap();
            expected.extend_from_slice(&piece);
            assert_eq!(file.contents(), expected, "{kind}");
            assert_eq!(file.file.tell(), expected.len() as u64, "{kind}");
        }
        for max in [1, 6, 7, 8, 200] {
            file.seek(0, Start).unwrap();
            let read: Vec<u8> =
                std::iter::from_fn(|| Some(file.read(max).unwrap()).filter(|read| !read.is_empty()))
                    .flatten()
                    .collect();
            assert_eq!(read, expected, "{kind}, {max} at a time");
        }
    });
}

#[test]
fn large_pieces_bypass_the_buffer_in_order() {
    with_every_kind(|file, kind| {
        let piece = |byte: u8, length| vec![byte; length];
        file.write(b"begin ").unwrap();
        file.write(&piece(1, 200_000)).unwrap();
        file.write(b" middle ").unwrap();
        file.write(&piece(2, 65_536)).unwrap();
        file.write(&piece(3, 65_535)).unwrap();
        file.write(b" end").unwrap();

        let expected =
            [&b"begin "[..], &piece(1, 200_000), b" middle ", &piece(2, 65_536), &piece(3, 65_535), b" end"];
        assert!(file.contents() == expected.concat(), "{kind}");
    });
}

#[test]
fn overwriting_changes_only_the_bytes_in_its_range() {
    with_every_kind(|file, kind| {
        file.write(b"0123456789abcdef").unwrap();
        file.seek(3, Start).unwrap();
        file.write(b"XYZ").unwrap();
        file.write_at(b"--", 8).unwrap();
        file.write_at(b"==", 1).unwrap();

        assert_eq!(file.contents(), b"0==XYZ67--abcdef", "{kind}");
        assert_eq!(file.file.tell(), 6, "{kind}");
        assert_eq!(file.read(4).unwrap(), b"67--", "{kind}");
    });
}

#[test]
fn a_gap_is_filled_with_zeros() {
    with_every_kind(|file, kind| {
        file.write(b"ab").unwrap();
        file.seek(5, Start).unwrap();
        assert_eq!(file.size().unwrap(), 2, "{kind}");
        file.write(b"cd").unwrap();
        file.write_at(b"e", 9).unwrap();

        assert_eq!(file.contents(), b"ab\0\0\0cd\0\0e", "{kind}");
    });
}

#[test]
fn truncate_shortens_and_extends_the_file_and_keeps_the_position() {
    with_every_kind(|file, kind| {
        file.write(b"0123456789").unwrap();
        file.truncate(Some(4)).unwrap();
        assert_eq!((file.size().unwrap(), file.file.tell()), (4, 10), "{kind}");
        file.truncate(Some(6)).unwrap();
        assert_eq!(file.contents(), b"0123\0\0", "{kind}");
        file.write(b"x").unwrap();
        file.seek(2, Start).unwrap();
        file.truncate(None).unwrap();

        assert_eq!(file.contents(), b"01", "{kind}");
        file.truncate(Some(0)).unwrap();
        assert_eq!(file.contents(), b"", "{kind}");
        file.write(b"z").unwrap();
        assert_eq!(file.contents(), b"\0\0z", "{kind}");
    });
}

#[test]
fn seek_counts_from_start_position_and_end() {
    with_every_kind(|file, kind| {
        file.write(b"0123456789").unwrap();

        assert_eq!(file.seek(4, Start).unwrap(), 4, "{kind}");
        assert_eq!(file.seek(-3, Current).unwrap(), 1, "{kind}");
        assert_eq!(file.seek(-2, End).unwrap(), 8, "{kind}");
        assert_eq!(file.read(10).unwrap(), b"89", "{kind}");
        assert_eq!(file.seek(5, End).unwrap(), 15, "{kind}");
        assert_eq!(file.read(10).unwrap(), b"", "{kind}");
        assert_eq!(file.file.tell(), 15, "{kind}");
    });
}

#[test]
fn a_position_below_zero_or_beyond_the_last_is_invalid() {
    with_every_kind(|file, kind| {
        file.write(b"0123").unwrap();
        let before = file.file.tell();

        assert_eq!(code(file.seek(-1, Start)), Some(ErrorCode::Invalid), "{kind}");
        assert_eq!(code(file.seek(-5, End)), Some(ErrorCode::Invalid), "{kind}");
        assert_eq!(code(file.seek(i64::MAX, End)), Some(ErrorCode::Invalid), "{kind}");
        assert_eq!(code(file.seek(i64::MIN, Current)), Some(ErrorCode::Invalid), "{kind}");
        assert_eq!(file.file.tell(), before, "{kind}");
        assert_eq!(file.seek(i64::MAX, Start).unwrap(), LAST, "{kind}");
        assert_eq!(code(file.seek(1, Current)), Some(ErrorCode::Invalid), "{kind}");
    });
}

#[test]
fn operations_at_the_largest_positions_do_not_trap_or_write_elsewhere() {
    with_every_kind(|file, kind| {
        file.write(b"0123").unwrap();
        for offset in [1 << 53, (1 << 53) + 1, LAST - 1, LAST] {
            assert_eq!(file.read_at(u64::MAX, offset).unwrap(), b"", "{kind}, {offset}");
            file.seek(offset as i64, Start).unwrap();
            assert_eq!(file.read(u64::MAX).unwrap(), b"", "{kind}, {offset}");
        }
        file.seek(LAST as i64, Start).unwrap();
        assert_eq!(code(file.write(b"x")), Some(ErrorCode::FileTooLarge), "{kind}");
        assert_eq!(code(file.write_at(b"xy", LAST - 1)), Some(ErrorCode::FileTooLarge), "{kind}");
        assert_eq!(file.file.tell(), LAST, "{kind}");
        for offset in [LAST + 1, u64::MAX - 1, u64::MAX] {
            assert_eq!(code(file.read_at(1, offset)), Some(ErrorCode::Invalid), "{kind}, {offset}");
            assert_eq!(code(file.write_at(b"x", offset)), Some(ErrorCode::Invalid), "{kind}, {offset}");
            assert_eq!(code(file.truncate(Some(offset))), Some(ErrorCode::Invalid), "{kind}, {offset}");
        }
        assert_eq!(file.contents(), b"0123", "{kind}");
    });
}

#[test]
fn the_largest_sparse_file_can_be_read_at_both_ends() {
    let instance = Instance::new();
    for file in [instance.unnamed(), instance.named(), instance.spooled(3)] {
        file.write(b"a").unwrap();
        file.write_at(b"z", LAST - 1).unwrap();

        assert_eq!(file.size().unwrap(), LAST);
        assert_eq!(file.seek(-2, End).unwrap(), LAST - 2);
        assert_eq!(file.read(u64::MAX).unwrap(), b"\0z");
        assert_eq!(file.read_at(2, 0).unwrap(), b"a\0");
        assert_eq!(code(file.read_at(u64::MAX, 0)), Some(ErrorCode::InsufficientMemory));
        file.truncate(Some(1)).unwrap();
        assert_eq!(file.contents(), b"a");
        file.assert_closes();
    }
    instance.assert_clean();
}

#[test]
fn a_spool_without_a_limit_reports_insufficient_memory() {
    let instance = Instance::new();
    let file = instance.try_spooled(None, options()).unwrap();
    file.write(b"kept").unwrap();

    assert_eq!(code(file.truncate(Some(1 << 62))), Some(ErrorCode::InsufficientMemory));
    assert_eq!(code(file.write_at(b"x", 1 << 62)), Some(ErrorCode::InsufficientMemory));
    assert_eq!(code(file.truncate(Some(LAST))), Some(ErrorCode::InsufficientMemory));

    assert_eq!(file.contents(), b"kept");
    instance.disk.assert_no_calls();
}

#[test]
fn reading_and_writing_no_bytes_changes_nothing() {
    with_every_kind(|file, kind| {
        file.seek(9, Start).unwrap();
        file.write(b"").unwrap();
        file.write_at(b"", 20).unwrap();
        file.write_lines(&[]).unwrap();
        file.write_lines(&[b"", b""]).unwrap();

        assert_eq!((file.size().unwrap(), file.file.tell()), (0, 9), "{kind}");
        file.write(b"x").unwrap();
        assert_eq!(file.read_at(0, 3).unwrap(), b"", "{kind}");
        assert_eq!((file.read(0).unwrap(), file.size().unwrap()), (Vec::new(), 10), "{kind}");
    });
}

#[test]
fn write_at_and_read_at_keep_the_position() {
    with_every_kind(|file, kind| {
        file.write(b"0123456789").unwrap();
        file.seek(5, Start).unwrap();
        file.write_at(b"AB", 20).unwrap();
        file.read_at(3, 1).unwrap();

        assert_eq!(file.file.tell(), 5, "{kind}");
        assert_eq!(file.read(3).unwrap(), b"567", "{kind}");
    });
}

#[test]
fn others_see_flushed_and_synced_content() {
    let instance = Instance::new();
    let file = instance.named();
    file.write(b"written").unwrap();
    assert_eq!(instance.disk.contents(&file.path()).unwrap(), b"", "small writes wait in the buffer");

    file.flush().unwrap();
    assert_eq!(instance.disk.contents(&file.path()).unwrap(), b"written");
    file.write(b" and synced").unwrap();
    file.sync().unwrap();
    assert_eq!(instance.disk.contents(&file.path()).unwrap(), b"written and synced");

    file.assert_closes();
    instance.assert_clean();
}

#[test]
fn small_operations_share_calls_to_the_host() {
    let instance = Instance::new();
    let file = instance.unnamed();
    instance.disk.forget_calls();

    for number in 0..10_000 {
        file.write(format!("{number:05}").as_bytes()).unwrap();
    }
    file.seek(0, Start).unwrap();
    for number in 0..10_000 {
        assert_eq!(file.read(5).unwrap(), format!("{number:05}").as_bytes());
    }

    assert!(instance.disk.calls() <= 4, "{} calls for 50 kB", instance.disk.calls());
}

#[test]
fn without_a_buffer_every_write_reaches_the_host_at_once() {
    let instance = Instance::new();
    let file = instance.try_named(with_buffer(0)).unwrap();

    file.write(b"a").unwrap();

    assert_eq!(instance.disk.contents(&file.path()).unwrap(), b"a");
}

#[test]
fn a_buffer_of_any_size_is_accepted() {
    let instance = Instance::new();
    for size in [16 << 20, (16 << 20) + 1, 1 << 40, u64::MAX] {
        let file = instance.try_unnamed(with_buffer(size)).unwrap();
        file.write(b"x").unwrap();
        file.seek(0, Start).unwrap();
        assert_eq!(file.read(u64::MAX).unwrap(), b"x");
        file.assert_closes();
    }
    instance.assert_clean();
}

#[test]
fn writes_of_others_to_a_named_file_are_read() {
    let instance = Instance::new();
    let file = instance.named();
    file.write(b"ours").unwrap();
    file.flush().unwrap();

    let other = instance.disk.run(file.file.descriptor()).unwrap();
    instance.disk.run(async {
        use crate::filesystem::Filesystem;
        let written = instance.disk.write_at(&other, 4, b" and theirs".to_vec()).await;
        assert!(written.is_ok());
    });

    assert_eq!(file.size().unwrap(), 15);
    assert_eq!(file.contents(), b"ours and theirs");
    assert_eq!(file.read(100).unwrap(), b" and theirs");
}

#[test]
fn reading_far_beyond_the_end_returns_no_bytes() {
    let instance = Instance::new();
    for file in [instance.unnamed(), instance.named()] {
        file.write(b"content").unwrap();
        file.seek(1 << 62, Whence::Start).unwrap();
        instance.disk.forget_calls();

        assert_eq!(file.read(10).unwrap(), b"");
        assert_eq!(file.read_lines(None).unwrap(), Vec::<Vec<u8>>::new());

        assert_eq!(instance.disk.count(crate::testing::memory_filesystem::Call::Read), 0);
        file.assert_closes();
    }
}
