//! Several handles of one file, and files that outlive their handle.

use super::*;

#[test]
fn at_a_limit_a_file_is_persisted_after_a_discard() {
    let remote = Fake::default();
    remote.limit.set(Some(4));
    let mut file = private(&remote);
    block_on(file.write_all(b"0123")).unwrap();
    block_on(file.flush()).unwrap();
    block_on(file.write_all(b"456")).unwrap();
    let mut file = block_on(file.persist("kept")).unwrap_err().file;

    block_on(file.discard()).unwrap();

    assert_eq!(block_on(file.stream_position()), Ok(4));
    block_on(file.persist("kept")).unwrap();
    assert_eq!(remote.text(), "0123");
}

#[test]
fn a_handle_sees_the_flushed_writes_of_another() {
    let remote = Fake::holding(b"0123456789");
    let (mut first, mut second) = (buffered(&remote), buffered(&remote));
    block_on(first.read_exact(&mut [0; 2])).unwrap();

    block_on(second.write_all(b"abcdefgh")).unwrap();
    block_on(second.flush()).unwrap();

    assert_eq!(rest(&mut first), "cdefgh89");
}

#[test]
fn a_read_that_was_dropped_does_not_hide_a_later_write_of_another_handle() {
    let remote = Fake::holding(b"0123");
    let (mut first, mut second) = (buffered(&remote), buffered(&remote));
    remote.next(Fate { delay: 1, ..Fate::default() });
    drop_pending(first.read(&mut [0; 4]));
    // The call ends, but no operation of the first handle has asked for its result.
    assert_eq!(block_on(first.stream_position()), Ok(0));

    block_on(second.write_all(b"abcd")).unwrap();
    block_on(second.flush()).unwrap();

    assert_eq!(rest(&mut first), "abcd");
}

#[test]
fn a_flush_forgets_bytes_of_a_shared_file_that_were_read_ahead() {
    let remote = Fake::holding(b"0123");
    let mut file = buffered(&remote);
    assert_eq!(block_on(file.read_vec(1)), Ok(b"0".to_vec()));
    // Another component writes.
    *remote.content.borrow_mut() = b"abcd".to_vec();

    block_on(file.flush()).unwrap();

    assert_eq!(rest(&mut file), "bcd");
}

#[test]
fn a_shared_file_that_is_dropped_is_written() {
    let remote = Fake::default();
    let mut file = buffered(&remote);
    block_on(file.write_all(b"kept")).unwrap();

    drop(file);

    assert_eq!(remote.text(), "kept");
}

#[test]
fn a_file_that_is_dropped_while_its_calls_are_pending_is_written() {
    let remote = Fake::default();
    let mut file = buffered(&remote);
    block_on(file.write_all(b"draft")).unwrap();
    // The flush fails after it was dropped, and the drop repeats it.
    remote.next(Fate { delay: 1, ..FULL });
    drop_pending(file.flush());
    remote.next(Fate { delay: 2, ..Fate::default() });

    drop(file);

    let mut other = buffered(&remote);
    assert_eq!(rest(&mut other), "draft");
}

#[test]
fn a_persisted_file_that_is_dropped_is_written_and_a_private_one_is_not() {
    let (kept, gone) = (Fake::default(), Fake::default());
    let mut file = block_on(private(&kept).persist("kept")).unwrap();
    block_on(file.write_all(b"kept")).unwrap();
    drop(file);
    let mut file = private(&gone);
    block_on(file.write_all(b"gone")).unwrap();
    drop(file);

    assert_eq!(kept.text(), "kept");
    assert_eq!(gone.calls(), [""; 0]);
}

#[test]
fn a_reopened_file_has_a_position_of_its_own() {
    let remote = Fake::default();
    let mut named = crate::NamedTempFile(buffered(&remote));
    block_on(named.write_all(b"one two")).unwrap();

    let mut reopened = block_on(named.reopen()).unwrap();
    block_on(reopened.write_all(b"two")).unwrap();
    block_on(reopened.flush()).unwrap();

    assert_eq!(block_on(named.stream_position()), Ok(7));
    block_on(named.rewind()).unwrap();
    let mut text = String::new();
    block_on(named.read_to_string(&mut text)).unwrap();
    assert_eq!(text, "two two");
}

#[test]
fn outside_of_any_task_a_file_that_stays_is_written_later_and_another_is_removed_at_once() {
    let (kept, removed) = (Fake::default(), Fake::default());
    let (mut first, mut second) = (buffered(&kept), buffered(&removed));
    second.content().set_removed_on_drop();
    for file in [&mut first, &mut second] {
        block_on(file.write_all(b"bytes")).unwrap();
    }
    kept.no_task.set(true);
    removed.no_task.set(true);

    drop((first, second));

    assert_eq!(kept.text(), "");
    assert_eq!(std::rc::Rc::strong_count(&removed.content), 1);
    assert_eq!(rest(&mut buffered(&kept)), "bytes");
}
