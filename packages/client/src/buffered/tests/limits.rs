//! Calls that fail, and the memory that a buffer holds.

use super::*;

#[test]
fn the_size_of_a_private_file_is_requested_after_a_failed_write() {
    let remote = Fake::default();
    let mut file = private(&remote);
    remote.next(Fate { short: true, ..FULL });
    block_on(file.write_vec(vec![b'x'; 100])).unwrap_err();

    assert_eq!(block_on(file.seek(SeekFrom::Current(0))), Ok(1));
    assert_eq!(rest(&mut file), "");
    assert_eq!(block_on(file.size()), Ok(1));

    assert_eq!(remote.calls(), ["write 100 at 0", "read 1048576 at 1", "size"]);
}

#[test]
fn bytes_of_a_failed_flush_are_written_by_the_next_flush() {
    let remote = Fake::default();
    let mut file = buffered(&remote);
    block_on(file.write_all(b"draft")).unwrap();
    remote.next(FULL);

    let error = block_on(file.flush()).unwrap_err();

    assert_eq!(error.code, ErrorCode::InsufficientSpace);
    assert_eq!(remote.text(), "");
    assert_eq!(block_on(file.flush()), Ok(()));
    assert_eq!(remote.text(), "draft");
}

#[test]
fn a_large_piece_that_fails_leaves_the_position() {
    let remote = Fake::default();
    let mut file = buffered(&remote);
    block_on(file.write_all(b"head")).unwrap();
    remote.next(Fate::default());
    remote.next(FULL);

    block_on(file.write_vec(vec![b'x'; 100])).unwrap_err();

    assert_eq!(block_on(file.seek(SeekFrom::Current(0))), Ok(4));
    assert_eq!(remote.text(), "head");
}

#[test]
fn reading_to_the_end_takes_as_much_memory_as_the_file_has_bytes() {
    let remote = Fake::holding(b"abc");
    let mut file = TempFile::new(remote.clone(), Access::ReadOnly, 64 << 10, true);
    let (mut empty, mut roomy) = (Vec::new(), Vec::with_capacity(100));
    let place = roomy.as_ptr();

    block_on(file.read_to_end(&mut empty)).unwrap();
    block_on(file.rewind()).unwrap();
    block_on(file.read_to_end(&mut roomy)).unwrap();

    assert_eq!((empty.len(), empty.capacity()), (3, 3));
    assert_eq!((roomy.len(), roomy.capacity(), roomy.as_ptr()), (3, 100, place));
    assert_eq!(memory(&mut file), 0);
}

#[test]
fn an_idle_file_holds_no_memory_after_it_was_read() {
    let remote = Fake::holding(&[7; 1 << 10]);
    let mut file = TempFile::new(remote.clone(), Access::ReadOnly, 64 << 10, true);

    block_on(file.read_exact(&mut [0; 1 << 10])).unwrap();
    assert_eq!(memory(&mut file), 1 << 10);
    assert_eq!(block_on(file.read(&mut [0; 1])), Ok(0));
    assert_eq!(memory(&mut file), 0);
}

#[test]
fn an_idle_file_holds_no_memory_after_it_was_flushed() {
    let mut file = TempFile::new(Fake::default(), Access::ReadWrite, 64 << 10, false);
    block_on(file.write_all(&[7; 1 << 10])).unwrap();
    assert_eq!(memory(&mut file), 1 << 10);

    block_on(file.flush()).unwrap();
    block_on(file.rewind()).unwrap();
    block_on(file.read_exact(&mut [0; 1 << 10])).unwrap();

    assert_eq!(memory(&mut file), 0);
}

#[test]
fn a_large_read_leaves_no_memory_in_a_small_buffer() {
    let remote = Fake::holding(&[7; 3 << 20]);
    let mut file = buffered(&remote);

    block_on(file.read(&mut vec![0; 1 << 20])).unwrap();

    assert_eq!(memory(&mut file), 0);
}

#[test]
fn at_a_limit_stored_and_unflushed_bytes_are_read() {
    let remote = Fake::default();
    remote.limit.set(Some(4));
    let mut file = private(&remote);
    block_on(file.write_all(b"0123")).unwrap();
    block_on(file.flush()).unwrap();
    block_on(file.write_all(b"456")).unwrap();
    assert_eq!(block_on(file.flush()).unwrap_err().code, ErrorCode::Quota);

    block_on(file.rewind()).unwrap();

    assert_eq!(rest(&mut file), "0123456");
    assert_eq!(block_on(file.size()), Ok(7));
    assert_eq!(block_on(file.read_at(4, 2)), Ok(b"2345".to_vec()));
}

#[test]
fn at_a_limit_unflushed_bytes_are_cut_in_memory() {
    for access in [Access::ReadWrite, Access::Append] {
        let remote = Fake::default();
        remote.limit.set(Some(4));
        let mut file = TempFile::new(remote.clone(), access, 8, false);
        block_on(file.write_all(b"0123")).unwrap();
        block_on(file.flush()).unwrap();
        block_on(file.write_all(b"456")).unwrap();
        block_on(file.flush()).unwrap_err();

        block_on(file.set_len(4)).unwrap();
        block_on(file.flush()).unwrap();
        block_on(file.set_len(0)).unwrap();
        block_on(file.rewind()).unwrap();
        block_on(file.write_all(b"ab")).unwrap();
        block_on(file.flush()).unwrap();

        assert_eq!(remote.text(), "ab", "{access:?}");
    }
}
