//! Files without a name: in memory until they outgrow their buffer, and what is promised meanwhile.

use crate::error::Limit;
use crate::testing::memory_filesystem::Call;
use crate::tests::limits::{NONE, bytes, memory, quota};
use crate::tests::*;

fn with_buffer_in(bytes: u64, directory: &str) -> FileOptions {
    FileOptions { buffer_size: Some(bytes), ..in_directory(directory) }
}

#[test]
fn a_file_smaller_than_its_buffer_never_calls_the_host() {
    let instance = Instance::new().warmed_up();

    let file = instance.unnamed();
    file.write(b"some\nlines\n").unwrap();
    file.seek(0, Whence::Start).unwrap();
    file.read_lines(None).unwrap();
    file.truncate(Some(3)).unwrap();
    file.flush().unwrap();
    file.size().unwrap();
    file.close().unwrap();

    instance.disk.assert_no_calls();
    drop(file);
    instance.assert_clean();
}

#[test]
fn a_file_moves_to_disk_before_it_outgrows_its_buffer() {
    let instance = Instance::new();
    let file = instance.try_unnamed(with_buffer(4)).unwrap();
    file.write(b"1234").unwrap();
    assert!(!file.file.is_rolled());

    file.write(b"5").unwrap();

    assert!(file.file.is_rolled());
    assert_eq!((file.contents(), file.file.tell()), (b"12345".to_vec(), 5));
    file.sync().unwrap();
    assert_eq!(instance.disk.used(), 5);
    file.assert_closes();
    instance.assert_clean();
}

#[test]
fn a_file_without_a_buffer_is_on_disk_at_once() {
    let instance = Instance::new();

    let file = instance.try_unnamed(with_buffer(0)).unwrap();

    assert!(file.file.is_rolled());
    assert_eq!(instance.disk.open_descriptors(), 2, "the directory and the file");
}

#[test]
fn sync_rollover_and_the_descriptor_move_a_small_file_to_disk() {
    let moves: [fn(&TestFile); 3] = [
        |file| file.sync().unwrap(),
        |file| file.rollover().unwrap(),
        |file| drop(file.run(file.file.descriptor()).unwrap()),
    ];
    for move_to_disk in moves {
        let instance = Instance::new();
        let file = instance.unnamed();
        file.write(b"content").unwrap();
        assert_eq!((file.file.is_rolled(), instance.disk.used()), (false, 0));

        move_to_disk(&file);

        assert_eq!((file.file.is_rolled(), instance.disk.used()), (true, 7));
        assert_eq!((file.contents(), file.file.tell()), (b"content".to_vec(), 7));
        file.assert_closes();
        instance.assert_clean();
    }
}

#[test]
fn an_unusable_default_directory_is_an_error_of_the_first_creation() {
    let instance = Instance::on(MemoryFilesystem::new().failing(Call::Create, ErrorCode::ReadOnly));

    assert_eq!(code(instance.try_unnamed(options())), Some(ErrorCode::NoEntry));
}

#[test]
fn a_directory_that_the_caller_names_is_checked_at_creation() {
    let instance = Instance::new();
    instance.disk.plant_file("/tmp/file", b"");

    let missing = instance.try_unnamed(with_buffer_in(64, "/tmp/missing"));
    let no_directory = instance.try_unnamed(with_buffer_in(64, "/tmp/file"));
    instance.scratch.set_limits(Limits { confined: true, ..NONE }).unwrap();
    let confined = instance.try_unnamed(with_buffer_in(64, "/tmp"));

    assert_eq!(code(missing), Some(ErrorCode::NoEntry));
    assert_eq!(code(no_directory), Some(ErrorCode::NotDirectory));
    assert_eq!(code(confined), Some(ErrorCode::NotPermitted));
}

#[test]
fn a_file_in_a_directory_that_its_caller_names_is_on_disk_at_once() {
    let instance = Instance::on(MemoryFilesystem::new().preopen_read_only("/locked"));

    let locked = instance.try_unnamed(with_buffer_in(64, "/locked"));
    let file = instance.try_unnamed(with_buffer_in(64, "/tmp")).unwrap();

    assert_eq!(code(locked), Some(ErrorCode::NotPermitted));
    assert!(file.file.is_rolled());
    file.assert_closes();
    instance.assert_clean();
}

#[test]
fn a_file_in_memory_is_charged_as_one_on_disk() {
    let limits = Limits { max_entries: Some(1), max_bytes: Some(10), ..NONE };
    let instance = Instance::limited(limits).warmed_up();

    let file = instance.unnamed();
    file.write(b"0123456789").unwrap();

    let Usage { bytes, entries, handles, memory, created, .. } = instance.usage();
    assert_eq!((bytes.now, entries.now, handles.now, created), (10, 1, 1, 0));
    assert!(memory.now >= 10);
    assert_eq!(code(file.write(b"x")), quota(Limit::Bytes));
    assert_eq!(file.file.try_write(b"x").ok(), Some(false));
    assert_eq!(code(file.truncate(Some(11))), quota(Limit::Bytes));
    assert_eq!(code(instance.try_unnamed(options())), quota(Limit::Entries));
    instance.disk.assert_no_calls();
    file.truncate(Some(4)).unwrap();
    assert_eq!(instance.usage().bytes.now, 4);
    file.assert_closes();
    instance.assert_clean();
}

#[test]
fn no_limit_refuses_to_move_a_small_file_to_disk() {
    let limits = Limits { max_entries: Some(1), max_handles: Some(1), ..bytes(7) };
    let instance = Instance::limited(limits);
    let file = instance.unnamed();
    file.write(b"content").unwrap();

    file.sync().unwrap();

    let Usage { bytes, entries, handles, created, refused, .. } = instance.usage();
    assert_eq!((bytes.peak, entries.peak, handles.peak, created, refused), (7, 1, 1, 1, 0));
    file.assert_closes();
    instance.assert_clean();
}

#[test]
fn files_move_to_disk_if_memory_is_short() {
    let instance = Instance::limited(memory(128));
    let files: Vec<_> = (0..20).map(|_| instance.unnamed()).collect();

    for file in &files {
        file.write(&[7; 50]).unwrap();
    }

    assert_eq!(files.iter().filter(|file| !file.file.is_rolled()).count(), 2);
    assert!(instance.usage().memory.peak <= 128);
    for file in files {
        assert_eq!(file.contents(), [7; 50]);
        file.assert_closes();
    }
    instance.assert_clean();
}

#[test]
fn a_stream_stores_the_bytes_that_fit_on_disk_if_memory_is_short() {
    let instance = Instance::limited(Limits { max_memory: Some(600), ..bytes(1000) });
    let file = instance.try_unnamed(with_buffer(10_000)).unwrap();

    let outcome = instance.disk.run(async {
        let mut stream = file.file.stream().await;
        stream.write(vec![7; 2000]).await
    });

    assert_eq!(code(outcome), quota(Limit::Bytes));
    assert_eq!((file.size().unwrap(), file.file.tell()), (1000, 1000));
    file.assert_closes();
    instance.assert_clean();
}

#[test]
fn a_failed_move_keeps_the_content_in_memory_and_its_exact_charge() {
    for (nth, loses) in (1..=3).flat_map(|nth| [(nth, false), (nth, true)]) {
        let context = format!("call {nth}, loses its effect's report: {loses}");
        let instance = Instance::limited(Limits { max_entries: Some(2), ..bytes(20) }).warmed_up();
        let file = instance.try_unnamed(with_buffer(8)).unwrap();
        file.write(b"content").unwrap();
        match loses {
            true => instance.disk.losing_call(nth, ErrorCode::Io),
            false => instance.disk.failing_from(nth, ErrorCode::Io),
        };

        let outcome = file.write(b", more");
        instance.disk.heal();
        drop(instance.try_unnamed(options()));
        instance.disk.settle();

        if outcome.is_err() {
            assert!(!file.file.is_rolled(), "{context}");
            assert_eq!((file.contents(), file.file.tell()), (b"content".to_vec(), 7), "{context}");
            let Usage { bytes, entries, .. } = instance.usage();
            assert_eq!((bytes.now, entries.now), (7, 1), "{context}");
            file.write(b", more").expect(&context);
        }
        assert_eq!(file.contents(), b"content, more", "{context}");
        file.assert_closes();
        instance.assert_clean();
    }
}

#[test]
fn a_small_file_is_persisted_from_memory() {
    let instance = Instance::new();
    let file = instance.unnamed();
    file.write(b"content").unwrap();

    file.persist("/tmp/report", false).unwrap();

    assert!(file.file.is_rolled());
    assert_eq!(file.path(), "/tmp/report");
    file.write(b", more").unwrap();
    file.assert_closes();
    assert_eq!(instance.disk.contents("/tmp/report").unwrap(), b"content, more");
}
