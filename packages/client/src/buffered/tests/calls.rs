//! The calls that a buffer makes, and the bytes that they transfer.

use super::*;

#[test]
fn small_writes_are_one_call_for_each_full_buffer() {
    let remote = Fake::default();
    let mut file = buffered(&remote);

    for _ in 0..9 {
        block_on(file.write_all(b"ab")).unwrap();
    }
    block_on(file.flush()).unwrap();

    assert_eq!(remote.calls(), ["write 8 at 0", "write 8 at 8", "write 2 at 16"]);
    assert_eq!(remote.text(), "ab".repeat(9));
}

#[test]
fn small_reads_are_one_call_for_each_empty_buffer() {
    let remote = Fake::holding(b"0123456789");
    let mut file = buffered(&remote);
    let mut pair = [0; 2];

    for expected in [b"01", b"23", b"45", b"67", b"89"] {
        block_on(file.read_exact(&mut pair)).unwrap();
        assert_eq!(&pair, expected);
    }

    assert_eq!(remote.calls(), ["read 8 at 0", "read 8 at 8"]);
}

#[test]
fn large_pieces_bypass_the_buffer() {
    let remote = Fake::default();
    let mut file = buffered(&remote);

    block_on(file.write_all(b"small")).unwrap();
    block_on(file.write_vec(vec![b'x'; 100])).unwrap();
    block_on(file.seek(SeekFrom::Start(5))).unwrap();
    let read = block_on(file.read_vec(100)).unwrap();

    assert_eq!(read, [b'x'; 100]);
    assert_eq!(remote.calls(), ["write 5 at 0", "write 100 at 5", "read 100 at 5"]);
}

#[test]
fn seeking_within_the_buffer_makes_no_call() {
    let remote = Fake::holding(b"0123456789");
    let mut file = buffered(&remote);
    block_on(file.fill_buf()).unwrap();
    remote.calls();

    for (target, position, next) in
        [(SeekFrom::Start(6), 6, b'6'), (SeekFrom::Current(-4), 3, b'3'), (SeekFrom::Start(0), 0, b'0')]
    {
        assert_eq!(block_on(file.seek(target)), Ok(position));
        assert_eq!(block_on(file.read_vec(1)), Ok(vec![next]));
    }

    assert_eq!(remote.calls(), [""; 0]);
}

#[test]
fn a_write_after_a_read_starts_where_the_read_stopped() {
    let remote = Fake::holding(b"0123456789");
    let mut file = buffered(&remote);

    block_on(file.read_exact(&mut [0; 2])).unwrap();
    block_on(file.write_all(b"ab")).unwrap();

    assert_eq!(rest(&mut file), "456789");
    block_on(file.flush()).unwrap();
    assert_eq!(remote.text(), "01ab456789");
}

#[test]
fn an_append_writes_at_the_end_and_leaves_the_position_there() {
    let remote = Fake::holding(b"0123");
    let mut file = appending(&remote);
    block_on(file.read_exact(&mut [0; 2])).unwrap();

    block_on(file.write_all(b"ab")).unwrap();

    assert_eq!(block_on(file.seek(SeekFrom::Current(0))), Ok(6));
    assert_eq!(rest(&mut file), "");
    assert_eq!(block_on(file.seek(SeekFrom::Start(3))), Ok(3));
    assert_eq!(rest(&mut file), "3ab");
}

#[test]
fn unflushed_bytes_are_read_without_a_call() {
    let fake = Fake::default();
    let mut file = TempFile::new(fake.clone(), Access::ReadWrite, 64, false);
    block_on(file.write_all(b"written")).unwrap();

    block_on(file.seek(SeekFrom::Start(2))).unwrap();
    let mut read = [0; 3];
    block_on(file.read_exact(&mut read)).unwrap();

    assert_eq!(&read, b"itt");
    assert_eq!(block_on(file.read_at(4, 0)).unwrap(), b"writ");
    assert!(fake.calls().is_empty());
}

#[test]
fn unflushed_bytes_that_were_read_are_still_written() {
    let remote = Fake::default();
    let mut file = TempFile::new(remote.clone(), Access::ReadWrite, 64, false);
    block_on(file.write_all(b"written")).unwrap();

    block_on(file.seek(SeekFrom::Start(0))).unwrap();
    assert_eq!(block_on(file.read_vec(64)).unwrap(), b"written");
    block_on(file.flush()).unwrap();

    assert_eq!(remote.text(), "written");
}

#[test]
fn a_private_file_is_read_to_its_end_and_measured_without_a_call() {
    let remote = Fake::default();
    let mut file = private(&remote);
    block_on(file.write_all(b"short")).unwrap();

    block_on(file.seek(SeekFrom::Start(1))).unwrap();
    assert_eq!(rest(&mut file), "hort");
    assert_eq!(block_on(file.size()), Ok(5));
    assert_eq!(block_on(file.seek(SeekFrom::End(-2))), Ok(3));
    assert_eq!(block_on(file.read_at(9, 3)).unwrap(), b"rt");
    assert_eq!(block_on(file.read_at(9, 5)).unwrap(), b"");
    assert_eq!(remote.calls(), [""; 0]);

    block_on(file.seek(SeekFrom::End(0))).unwrap();
    block_on(file.write_all(b"er and longer")).unwrap();
    block_on(file.seek(SeekFrom::Start(4))).unwrap();
    assert_eq!(rest(&mut file), "ter and longer");
    assert_eq!(remote.calls(), ["write 5 at 0", "write 13 at 5", "read 14 at 4"]);
}

#[test]
fn a_line_that_is_not_utf8_can_still_be_read_as_bytes() {
    let remote = Fake::holding(b"\xff\xfe\nnext\n");
    let mut file = buffered(&remote);
    let mut bytes = Vec::new();

    let error = block_on(file.read_line(&mut String::new())).unwrap_err();

    assert_eq!(error.code, ErrorCode::IllegalByteSequence);
    assert_eq!(block_on(file.read_until(b'\n', &mut bytes)), Ok(3));
    assert_eq!(bytes, b"\xff\xfe\n");
}

#[test]
fn read_exact_reports_an_early_end_with_its_own_code() {
    let remote = Fake::holding(b"012");

    let error = block_on(buffered(&remote).read_exact(&mut [0; 4])).unwrap_err();

    assert_eq!(error.code, ErrorCode::UnexpectedEnd);
}

#[test]
fn reading_at_an_offset_includes_unflushed_bytes() {
    let remote = Fake::holding(b"0123456789");
    let mut file = buffered(&remote);
    block_on(file.write_all(b"ab")).unwrap();

    assert_eq!(block_on(file.read_at(4, 0)), Ok(b"ab23".to_vec()));
    assert_eq!(block_on(file.seek(SeekFrom::Current(0))), Ok(2));
}

#[test]
fn a_write_without_the_right_never_enters_the_buffer() {
    let remote = Fake::holding(b"0123");
    let mut file = TempFile::new(remote.clone(), Access::ReadOnly, 8, true);

    for error in [block_on(file.write_all(b"x")), block_on(file.write_vec(vec![b'x'; 100]))] {
        assert_eq!(error.unwrap_err().code, ErrorCode::NotPermitted);
    }
    assert_eq!(rest(&mut file), "0123");
}

#[test]
fn positions_beyond_the_limit_are_refused() {
    let mut file = buffered(&Fake::default());

    for target in [SeekFrom::Start(LAST + 1), SeekFrom::Current(-1), SeekFrom::End(i64::MIN)] {
        assert_eq!(block_on(file.seek(target)).unwrap_err().code, ErrorCode::Invalid, "{target:?}");
    }
    assert_eq!(block_on(file.seek(SeekFrom::Start(LAST))), Ok(LAST));
    assert_eq!(block_on(file.write_all(b"x")).unwrap_err().code, ErrorCode::FileTooLarge);
}

#[test]
fn a_file_that_is_removed_is_closed_without_a_flush() {
    let remote = Fake::default();
    let mut file = private(&remote);
    block_on(file.write_all(b"gone")).unwrap();

    block_on(file.close()).unwrap();

    assert_eq!(remote.calls(), ["close"]);
    assert_eq!(block_on(file.write_all(b"x")).unwrap_err().code, ErrorCode::Closed);
}

#[test]
fn a_file_that_stays_is_flushed_before_it_is_closed() {
    let remote = Fake::default();
    let mut file = TempFile::new(remote.clone(), Access::ReadWrite, 8, true);
    block_on(file.write_all(b"kept")).unwrap();
    remote.next(FULL);

    block_on(file.close()).unwrap_err();
    assert!(!remote.closed.get());
    block_on(file.close()).unwrap();

    assert_eq!(remote.text(), "kept");
    assert!(remote.closed.get());
}

#[test]
fn a_write_waits_for_the_read_before_it() {
    let remote = Fake::holding(b"0123456789");
    let mut file = buffered(&remote);
    remote.next(Fate { delay: 2, ..Fate::default() });
    drop_pending(file.read(&mut [0; 4]));

    let cx = &mut Context::from_waker(Waker::noop());
    assert!(file.content().poll_take(cx, b"ab", false).is_pending());
    assert_eq!(file.content().poll_take(cx, b"ab", false), Poll::Ready(Ok(2)));

    assert_eq!(rest(&mut file), "23456789");
}

#[cfg(feature = "std")]
#[test]
fn the_traits_of_futures_write_lines_and_read_them() {
    use futures::{AsyncBufReadExt, AsyncSeekExt, AsyncWriteExt, TryStreamExt as _};

    let remote = Fake::default();
    let mut file = buffered(&remote);

    let lines: Vec<String> = block_on(async {
        AsyncWriteExt::write_all(&mut file, b"the first\nthe second\n").await?;
        AsyncSeekExt::seek(&mut file, std::io::SeekFrom::Start(0)).await?;
        AsyncBufReadExt::lines(&mut file).try_collect().await
    })
    .unwrap();

    assert_eq!(lines, ["the first", "the second"]);
    assert_eq!(remote.calls()[..3], ["write 8 at 0", "write 8 at 8", "read 8 at 0"]);
}

#[test]
fn a_file_that_writes_through_has_no_buffer() {
    let remote = Fake::holding(b"0123456789");
    let mut file = TempFile::new(remote.clone(), Access::ReadWrite, 0, true);

    block_on(file.write_all(b"a")).unwrap();
    assert_eq!(block_on(file.write(b"b")), Ok(1));
    assert_eq!(block_on(file.read_vec(2)), Ok(b"23".to_vec()));

    assert_eq!(remote.calls(), ["write 1 at 0", "write 1 at 1", "read 2 at 2"]);
    assert_eq!(memory(&mut file), 0);
}

#[test]
fn lines_have_no_line_ends_and_leave_the_position_between_lines() {
    let remote = Fake::holding(b"one\r\ntwo of them\n\xff\nlast");
    let mut file = buffered(&remote);
    let mut lines = file.lines();

    assert_eq!(block_on(lines.next_line()), Ok(Some("one".into())));
    remote.next(Fate { delay: 1, ..Fate::default() });
    drop_pending(lines.next_line());
    drop(lines);
    assert_eq!(block_on(file.stream_position()), Ok(5));

    let mut lines = file.lines();
    assert_eq!(block_on(lines.next_line()), Ok(Some("two of them".into())));
    assert_eq!(block_on(lines.next_line()).unwrap_err().code, ErrorCode::IllegalByteSequence);
    assert_eq!(block_on(lines.next_line()), Ok(Some("last".into())));
    assert_eq!(block_on(lines.next_line()), Ok(None));
}

#[test]
fn text_that_is_not_utf8_leaves_position_and_string() {
    let remote = Fake::holding(b"ab\xff");
    let (mut file, mut text) = (buffered(&remote), String::from("> "));

    let error = block_on(file.read_to_string(&mut text)).unwrap_err();

    assert_eq!(error.code, ErrorCode::IllegalByteSequence);
    assert_eq!(text, "> ");
    assert_eq!(block_on(file.stream_position()), Ok(0));
}

#[test]
fn a_gap_before_unflushed_bytes_reads_as_zeros() {
    let mut file = private(&Fake::default());
    block_on(file.seek(SeekFrom::Start(3))).unwrap();
    block_on(file.write_all(b"end")).unwrap();

    block_on(file.rewind()).unwrap();

    assert_eq!(rest(&mut file), "\0\0\0end");
    assert_eq!(block_on(file.read_at(2, 0)), Ok(vec![0, 0]));
}

#[test]
fn a_failed_line_is_read_again() {
    let remote = Fake::holding(b"one\ntwo");
    let mut file = buffered(&remote);
    let mut lines = file.lines();
    remote.next(FULL);

    assert_eq!(block_on(lines.next_line()).unwrap_err().code, ErrorCode::InsufficientSpace);

    assert_eq!(block_on(lines.next_line()), Ok(Some("one".into())));
    assert_eq!(block_on(lines.next_line()), Ok(Some("two".into())));
}

#[cfg(feature = "std")]
#[test]
fn functions_of_a_file_take_precedence_over_the_traits_of_futures() {
    #[allow(unused_imports)]
    use futures::{AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

    let mut named = crate::NamedTempFile(buffered(&Fake::default()));
    let mut spooled = crate::SpooledTempFile(private(&Fake::default()));

    // With the functions of the traits, the errors would have another type.
    let outcomes: [Result<(), Error>; 4] = block_on(async {
        [
            named.write_all(b"x").await,
            named.flush().await,
            spooled.write_all(b"x").await,
            spooled.read_to_string(&mut String::new()).await.map(drop),
        ]
    });

    assert_eq!(outcomes, [Ok(()), Ok(()), Ok(()), Ok(())]);
}

#[test]
fn lines_are_lent_without_an_allocation_for_each() {
    let remote = Fake::holding(b"one\r\nlonger than the buffer\n\n\xff\nlast");
    let mut file = buffered(&remote);
    let mut lines = file.lines();

    assert_eq!(block_on(lines.next_str()), Ok(Some("one")));
    assert_eq!(block_on(lines.next_str()), Ok(Some("longer than the buffer")));
    assert_eq!(block_on(lines.next_str()), Ok(Some("")));
    assert_eq!(block_on(lines.next_str()).unwrap_err().code, ErrorCode::IllegalByteSequence);
    assert_eq!(block_on(lines.next_str()), Ok(Some("last")));
    assert_eq!(block_on(lines.next_str()), Ok(None));
}

#[test]
fn a_flush_that_need_not_wait_is_no_call_and_no_copy() {
    let remote = Fake::default();
    remote.quick.set(true);
    let mut file = buffered(&remote);

    for piece in ["0123", "4567", "89"] {
        block_on(file.write_all(piece.as_bytes())).unwrap();
    }
    block_on(file.flush()).unwrap();

    assert_eq!((remote.text(), remote.calls()), ("0123456789".into(), vec![]));
}
