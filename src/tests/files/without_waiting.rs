//! The functions that never wait: what they do, and when they do nothing.

use crate::tests::limits::{NONE, bytes};
use crate::tests::*;

fn try_unnamed(instance: &Instance, options: FileOptions) -> Option<TestFile> {
    let created = File::try_create(&instance.scratch, options).unwrap()?;
    Some(instance.hold(Ok(created)).unwrap())
}

#[test]
fn a_file_in_memory_is_created_used_and_closed_without_waiting() {
    let instance = Instance::new().warmed_up();

    let test = try_unnamed(&instance, options()).unwrap();
    let file = &test.file;
    assert!(file.try_write(b"one\ntwo\n").unwrap());
    assert_eq!(file.try_seek(0, Whence::Start).unwrap(), Some(0));
    assert_eq!(file.try_read_line(None).unwrap().unwrap(), b"one\n");
    assert!(file.try_write_at(b"TWO", 4).unwrap());
    assert_eq!(file.try_read_at(3, 4).unwrap().unwrap(), b"TWO");
    assert!(file.try_truncate(Some(7)).unwrap());
    assert_eq!(file.try_size().unwrap(), Some(7));
    assert_eq!((file.try_read(9).unwrap().unwrap(), file.tell()), (b"TWO".to_vec(), 7));
    assert!(file.try_close().unwrap() && file.is_closed());
    assert!(file.try_close().unwrap(), "a closed file");

    instance.disk.assert_no_calls();
    drop(test);
    instance.assert_clean();
}

#[test]
fn a_creation_that_has_to_wait_is_not_done() {
    let instance = Instance::new();
    assert!(try_unnamed(&instance, options()).is_none(), "before the directory is known");
    instance.disk.assert_no_calls();
    let instance = instance.warmed_up();

    assert!(try_unnamed(&instance, with_buffer(0)).is_none(), "on disk at once");
    assert!(try_unnamed(&instance, in_directory("/tmp")).is_none(), "in a directory to open");
    for limits in [Limits { max_entries: Some(0), ..NONE }, Limits { max_handles: Some(0), ..NONE }] {
        instance.scratch.set_limits(limits).unwrap();
        assert!(try_unnamed(&instance, options()).is_none(), "{limits:?}");
    }

    assert_eq!(instance.usage().refused, 0, "nothing was refused to a caller");
    instance.assert_clean();
}

#[test]
fn bad_options_are_refused_without_waiting() {
    let instance = Instance::new();

    let removal = File::try_create(&instance.scratch, with_removal(Removal::Never));
    instance.scratch.set_limits(Limits { confined: true, ..NONE }).unwrap();
    let directory = File::try_create(&instance.scratch, in_directory("/tmp"));

    assert_eq!(code(removal), Some(ErrorCode::Invalid));
    assert_eq!(code(directory), Some(ErrorCode::NotPermitted));
}

#[test]
fn nothing_is_done_while_another_operation_is_running() {
    let instance = Instance::new();
    let file = instance.unnamed();
    file.write(b"content\n").unwrap();
    let stream = file.run(file.file.stream());

    let tried = &file.file;
    assert_eq!(tried.try_seek(0, Whence::Start).unwrap(), None);
    assert_eq!(tried.try_size().unwrap(), None);
    assert_eq!(tried.try_read_at(1, 0).unwrap(), None);
    assert_eq!(tried.try_read_line(None).unwrap(), None);
    assert!(!tried.try_write_at(b"x", 0).unwrap());
    assert!(!tried.try_truncate(Some(0)).unwrap());
    assert!(!tried.try_close().unwrap());

    drop(stream);
    assert_eq!((file.contents(), file.file.tell()), (b"content\n".to_vec(), 8));
}

#[test]
fn only_a_file_with_a_name_to_remove_waits_for_its_close() {
    let instance = Instance::new();
    let (memory, disk) = (instance.unnamed(), instance.try_unnamed(with_buffer(0)).unwrap());
    let (named, kept) = (instance.named(), instance.try_named(with_removal(Removal::Never)).unwrap());

    assert!(memory.file.try_close().unwrap());
    assert!(disk.file.try_close().unwrap());
    assert!(!named.file.try_close().unwrap() && !named.file.is_closed());
    assert!(!kept.file.try_close().unwrap() && !kept.file.is_closed());

    named.assert_closes();
    assert!(instance.disk.entries().len() == 1, "the kept file");
}

#[test]
fn a_truncation_that_a_limit_refuses_is_not_done_without_waiting() {
    let instance = Instance::limited(bytes(10));
    let file = instance.try_unnamed(with_buffer(20)).unwrap();

    assert!(file.file.try_truncate(Some(10)).unwrap());
    assert!(!file.file.try_truncate(Some(11)).unwrap(), "above the limit");
    assert!(!file.file.try_truncate(Some(21)).unwrap(), "above the buffer");

    assert_eq!((file.size().unwrap(), instance.usage().bytes.now), (10, 10));
    assert!(!file.file.is_rolled());
}
