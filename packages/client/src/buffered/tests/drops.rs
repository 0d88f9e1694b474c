//! Futures that are dropped before they are done.

use super::*;

#[test]
fn a_dropped_flush_is_finished_by_the_next_call() {
    let remote = Fake::default();
    let mut file = buffered(&remote);
    block_on(file.write_all(b"ab")).unwrap();
    remote.next(Fate { delay: 1, ..Fate::default() });

    drop_pending(file.flush());
    block_on(file.write_all(b"cd")).unwrap();
    block_on(file.flush()).unwrap();

    assert_eq!(remote.calls(), ["write 2 at 0", "write 2 at 2"]);
    assert_eq!(remote.text(), "abcd");
}

#[test]
fn the_error_of_a_dropped_flush_is_returned_by_the_next_call() {
    let remote = Fake::default();
    let mut file = buffered(&remote);
    block_on(file.write_all(b"ab")).unwrap();
    remote.next(Fate { delay: 1, ..FULL });
    drop_pending(file.flush());

    block_on(file.write_all(b"cd")).unwrap_err();

    block_on(file.write_all(b"ef")).unwrap();
    block_on(file.flush()).unwrap();
    assert_eq!(remote.text(), "abef");
}

#[test]
fn a_large_piece_whose_future_is_dropped_is_written_once() {
    let remote = Fake::default();
    let mut file = buffered(&remote);
    remote.next(Fate { delay: 1, ..Fate::default() });

    drop_pending(file.write_vec(vec![b'x'; 10]));
    block_on(file.write_all(b"after")).unwrap();
    block_on(file.flush()).unwrap();

    assert_eq!(remote.text(), "xxxxxxxxxxafter");
}

#[test]
fn a_dropped_read_loses_nothing() {
    let remote = Fake::holding(b"0123456789");
    let mut file = buffered(&remote);
    remote.next(Fate { delay: 1, ..Fate::default() });

    drop_pending(file.read(&mut [0; 4]));

    assert_eq!(block_on(file.read_vec(4)), Ok(b"0123".to_vec()));
    assert_eq!(remote.calls(), ["read 8 at 0"]);
}

#[test]
fn a_line_whose_read_was_dropped_is_read_again() {
    let remote = Fake::holding(b"a line over buffers\nand another");
    let mut file = buffered(&remote);
    remote.next(Fate::default());
    remote.next(Fate { delay: 1, ..Fate::default() });
    let mut line = String::from("> ");

    drop_pending(file.read_line(&mut line));
    block_on(file.read_line(&mut line)).unwrap();

    assert_eq!(line, "> a line over buffers\n");
    assert_eq!(rest(&mut file), "and another");
}

#[test]
fn a_dropped_or_failed_close_can_be_repeated() {
    let remote = Fake::default();
    let mut file = buffered(&remote);
    remote.next(Fate { delay: 1, ..FULL });

    drop_pending(file.close());
    assert!(block_on(file.close()).is_err());
    assert_eq!(block_on(file.close()), Ok(()));

    assert_eq!(remote.calls(), ["close", "close"]);
}

#[test]
fn a_dropped_write_of_less_than_a_buffer_has_written_nothing() {
    let remote = Fake::default();
    let mut file = buffered(&remote);
    block_on(file.write_all(b"abcde")).unwrap();
    for _ in 0..2 {
        remote.next(Fate { delay: 1, ..Fate::default() });
    }

    drop_pending(file.write_all(b"fghij"));
    assert_eq!(block_on(file.stream_position()), Ok(5));
    block_on(file.write_vec(b"fghij".to_vec())).unwrap();
    drop_pending(file.write_vec(b"klmno".to_vec()));
    assert_eq!(block_on(file.stream_position()), Ok(10));

    block_on(file.flush()).unwrap();
    assert_eq!(remote.text(), "abcdefghij");
}

#[test]
fn a_dropped_read_exact_leaves_the_position() {
    let remote = Fake::holding(b"0123456789");
    let mut file = buffered(&remote);
    block_on(file.fill_buf()).unwrap();
    remote.next(Fate { delay: 1, ..Fate::default() });

    drop_pending(file.read_exact(&mut [0; 10]));

    assert_eq!(block_on(file.stream_position()), Ok(0));
    assert_eq!(rest(&mut file), "0123456789");
}

#[test]
fn a_dropped_set_len_or_write_at_is_finished_by_the_next_call() {
    let remote = Fake::holding(b"0123456789");
    let mut file = buffered(&remote);
    remote.next(Fate { delay: 1, ..Fate::default() });

    drop_pending(file.set_len(4));
    assert_eq!(block_on(file.size()), Ok(4));
    remote.next(Fate { delay: 1, ..Fate::default() });
    drop_pending(file.write_at(b"ab".to_vec(), 1));
    assert_eq!(rest(&mut file), "0ab3");
}
