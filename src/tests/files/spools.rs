//! Spooled files: the conditions of a rollover, its effects, and failed rollovers.

use crate::options::Whence::*;
use crate::testing::memory_filesystem::Call;
use crate::tests::*;

#[test]
fn exactly_max_size_stays_in_memory_and_one_byte_more_rolls_over_first() {
    let instance = Instance::new();
    let file = instance.spooled(4);
    file.write(b"1234").unwrap();
    assert!(!file.file.is_rolled());
    instance.disk.assert_no_calls();

    file.write(b"5").unwrap();

    assert!(file.file.is_rolled());
    assert_eq!((file.contents(), file.file.tell()), (b"12345".to_vec(), 5));
    instance.disk.assert_empty();
    file.assert_closes();
    instance.assert_clean();
}

#[test]
fn without_a_max_size_a_file_never_rolls_over_by_itself() {
    let instance = Instance::new();
    let file = instance.try_spooled(None, options()).unwrap();

    file.write(&[7; 1 << 20]).unwrap();
    file.truncate(Some(1 << 21)).unwrap();

    assert!(!file.file.is_rolled());
    instance.disk.assert_no_calls();
}

#[test]
fn a_max_size_of_0_rolls_over_at_the_first_byte() {
    let instance = Instance::new();
    let file = instance.spooled(0);
    file.write(b"").unwrap();
    file.truncate(Some(0)).unwrap();
    assert!(!file.file.is_rolled());

    file.write(b"1").unwrap();

    assert!(file.file.is_rolled());
    assert_eq!(file.contents(), b"1");
}

#[test]
fn max_size_counts_content_and_not_the_position() {
    let instance = Instance::new();
    let file = instance.spooled(4);
    file.write(b"1234").unwrap();

    file.seek(1 << 40, Start).unwrap();
    assert_eq!(file.read(10).unwrap(), b"");
    file.write(b"").unwrap();
    file.seek(2, Start).unwrap();
    file.write(b"xy").unwrap();
    file.write_at(b"--", 0).unwrap();

    assert!(!file.file.is_rolled());
    assert_eq!(file.contents(), b"--xy");
}

#[test]
fn a_write_beyond_the_end_rolls_over_if_the_gap_exceeds_max_size() {
    let instance = Instance::new();
    let file = instance.spooled(4);
    file.write(b"1").unwrap();
    file.seek(4, Start).unwrap();

    file.write(b"5").unwrap();

    assert!(file.file.is_rolled());
    assert_eq!(file.contents(), b"1\0\0\x005");
}

#[test]
fn write_at_and_truncate_roll_over_as_write_does() {
    let instance = Instance::new();
    let (written, truncated) = (instance.spooled(4), instance.spooled(4));
    written.write(b"12").unwrap();
    truncated.write(b"12").unwrap();

    written.write_at(b"345", 2).unwrap();
    truncated.truncate(Some(4)).unwrap();
    assert!(written.file.is_rolled() && !truncated.file.is_rolled());
    truncated.truncate(Some(5)).unwrap();

    assert!(truncated.file.is_rolled());
    assert_eq!((written.contents(), written.file.tell()), (b"12345".to_vec(), 2));
    assert_eq!((truncated.contents(), truncated.file.tell()), (b"12\0\0\0".to_vec(), 2));
}

#[test]
fn write_lines_checks_line_by_line() {
    let instance = Instance::new().warmed_up();
    let file = instance.spooled(4);
    file.write_lines(&[b"12", b"34"]).unwrap();
    assert!(!file.file.is_rolled());
    instance.disk.failing(Call::Create, ErrorCode::InsufficientSpace);

    let outcome = file.write_lines(&[b"", b"5", b"6"]);

    assert_eq!(code(outcome), Some(ErrorCode::InsufficientSpace));
    assert_eq!((file.contents(), file.file.tell()), (b"1234".to_vec(), 4));
    file.truncate(Some(2)).unwrap();
    file.seek(0, End).unwrap();
    assert_eq!(code(file.write_lines(&[b"a", b"b", b"c"])), Some(ErrorCode::InsufficientSpace));
    assert_eq!((file.contents(), file.file.tell()), (b"12ab".to_vec(), 4));
}

#[test]
fn requesting_the_descriptor_rolls_the_file_over() {
    let instance = Instance::new();
    let file = instance.spooled(100);
    file.write(b"1234").unwrap();

    let descriptor = file.run(file.file.descriptor()).unwrap();

    assert!(file.file.is_rolled());
    assert_eq!((file.contents(), file.file.tell()), (b"1234".to_vec(), 4));
    drop(descriptor);
    file.assert_closes();
    instance.assert_clean();
}

#[test]
fn a_rollover_keeps_every_byte_and_the_position_and_happens_once() {
    let instance = Instance::new();
    let file = instance.try_spooled(None, options()).unwrap();
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
    file.write(&bytes).unwrap();
    file.seek(1234, Start).unwrap();

    file.rollover().unwrap();
    let calls = instance.disk.calls();
    file.rollover().unwrap();

    assert_eq!(instance.disk.calls(), calls);
    assert_eq!(file.file.tell(), 1234);
    assert!(file.contents() == bytes);
    assert_eq!(file.read(3).unwrap(), &bytes[1234..1237]);
}

#[test]
fn a_failed_rollover_keeps_the_bytes_in_memory() {
    let instance = Instance::on(MemoryFilesystem::new().failing(Call::Create, ErrorCode::InsufficientSpace));
    let file = instance.try_spooled(Some(4), in_directory("/tmp")).unwrap();
    file.write(b"1234").unwrap();

    let error = file.write(b"5").unwrap_err();

    assert_eq!(error.code, ErrorCode::InsufficientSpace);
    assert!(!file.file.is_rolled());
    assert_eq!((file.contents(), file.file.tell()), (b"1234".to_vec(), 4));
    instance.disk.heal();
    file.write(b"5").unwrap();
    assert_eq!(file.contents(), b"12345");
}

#[test]
fn a_rollover_onto_a_full_disk_keeps_the_bytes_and_leaves_nothing() {
    let instance = Instance::on(MemoryFilesystem::new().with_capacity(3)).warmed_up();
    for buffer_size in [0, 2, 64] {
        let file = instance.try_spooled(Some(4), with_buffer(buffer_size)).unwrap();
        file.write(b"1234").unwrap();

        assert_eq!(code(file.rollover()), Some(ErrorCode::InsufficientSpace), "buffer of {buffer_size}");
        instance.disk.settle();

        assert!(!file.file.is_rolled());
        assert_eq!((file.contents(), file.file.tell()), (b"1234".to_vec(), 4));
        assert_eq!(instance.disk.used(), 0);
        file.assert_closes();
    }
    instance.assert_clean();
}

#[test]
fn on_a_host_that_holds_open_files_a_rolled_file_is_removed_at_close() {
    let instance = Instance::on(MemoryFilesystem::new().holding_open_files());
    let file = instance.spooled(2);
    file.write(b"123").unwrap();
    assert_eq!(instance.disk.entries().len(), 1);
    assert_eq!(file.contents(), b"123");
    assert_eq!(file.file.path(), None);

    file.assert_closes();

    instance.assert_clean();
}

#[test]
fn concurrent_writes_during_a_rollover_are_complete_and_ordered() {
    let instance = Instance::on(MemoryFilesystem::new().slow());
    let file = instance.spooled(16);

    let writers = (0..50_u8).map(|number| file.file.write(vec![number; 5]));
    for outcome in instance.disk.run(futures::future::join_all(writers)) {
        outcome.unwrap();
    }

    let expected: Vec<u8> = (0..50).flat_map(|number| [number; 5]).collect();
    assert_eq!(file.contents(), expected);
    file.assert_closes();
    instance.assert_clean();
}

#[test]
fn a_spooled_file_does_not_call_the_host_before_it_rolls_over() {
    let instance = Instance::new();
    let file = instance.spooled(100);

    file.write(b"some\nlines\n").unwrap();
    file.seek(0, Start).unwrap();
    file.read_lines(None).unwrap();
    file.flush().unwrap();
    file.sync().unwrap();
    file.size().unwrap();
    file.close().unwrap();

    instance.disk.assert_no_calls();
}
