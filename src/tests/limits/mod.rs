//! Limits: refusals, partial effects, and counters.

mod descriptors;
mod memory;
mod model;
mod names;
mod strangers;
mod trees;
mod waiting_calls;
mod waits;

use crate::error::Limit;
use crate::testing::memory_filesystem::Call;
use crate::tests::*;

/// Limits without any limit.
pub(super) const NONE: Limits = Limits {
    max_bytes: None,
    max_file_bytes: None,
    max_entries: None,
    max_handles: None,
    max_memory: None,
    max_depth: None,
    confined: false,
    hide_disk_full: false,
};

pub(super) fn bytes(max: u64) -> Limits {
    Limits { max_bytes: Some(max), ..NONE }
}

pub(super) fn memory(max: u64) -> Limits {
    Limits { max_memory: Some(max), ..NONE }
}

pub(super) fn quota(limit: Limit) -> Option<ErrorCode> {
    Some(ErrorCode::Quota(limit))
}

/// An operation that makes a file longer.
type Growth = fn(&TestFile, u64) -> Result<()>;

/// Operations that extend an empty file to a length, with their names in messages.
const GROWTHS: [(&str, Growth); 5] = [
    ("write", |file, length| file.write(&vec![1; length as usize])),
    ("write at an offset", |file, length| file.write_at(b"x", length - 1)),
    ("write behind a seek", |file, length| {
        file.seek(length as i64 - 1, Whence::Start)?;
        file.write(b"x")
    }),
    ("truncate", |file, length| file.truncate(Some(length))),
    ("write lines", |file, length| file.write_lines(&[&vec![1; length as usize]])),
];

#[test]
fn every_growth_is_charged_to_the_last_byte() {
    for buffer in [0, 16, 65536] {
        for (growth, grow) in GROWTHS {
            for kind in ["unnamed", "named", "rolled over", "in a directory"] {
                let context = format!("{growth}, {kind}, buffer of {buffer}");
                let instance = Instance::limited(bytes(100));
                let directory = instance.directory();
                let file = match kind {
                    "unnamed" => instance.try_unnamed(with_buffer(buffer)).unwrap(),
                    "named" => instance.try_named(with_buffer(buffer)).unwrap(),
                    "rolled over" => instance.try_spooled(Some(0), with_buffer(buffer)).unwrap(),
                    _ => directory.create_file("file").unwrap(),
                };

                assert_eq!(code(grow(&file, 101)), quota(Limit::Bytes), "{context}");
                assert_eq!((file.size().unwrap(), instance.disk.used()), (0, 0), "{context}");
                file.seek(0, Whence::Start).unwrap();
                grow(&file, 100).expect(&context);
                assert_eq!(instance.usage().bytes.now, 100, "{context}");
                file.write_at(b"inside", 0).expect(&context);
                assert_eq!(code(file.write_at(b"x", 100)), quota(Limit::Bytes), "{context}");
                file.truncate(Some(10)).unwrap();
                assert_eq!(instance.usage().bytes.now, 10, "{context}");

                file.truncate(Some(100)).expect(&context);
                file.sync().unwrap();
                assert_eq!((instance.usage().bytes.now, instance.disk.used()), (100, 100), "{context}");
                file.assert_closes();
                directory.close().unwrap();
                drop(directory);
                instance.assert_clean();
            }
        }
    }
}

#[test]
fn a_refused_call_does_not_call_the_host() {
    let instance = Instance::limited(bytes(10)).warmed_up();
    let file = instance.try_unnamed(with_buffer(0)).unwrap();
    file.write(b"0123456789").unwrap();
    instance.disk.forget_calls();

    assert_eq!(code(file.write(b"x")), quota(Limit::Bytes));
    assert_eq!(code(file.truncate(Some(u64::MAX >> 1))), quota(Limit::Bytes));

    instance.disk.assert_no_calls();
    assert_eq!((file.contents(), file.file.tell()), (b"0123456789".to_vec(), 10));
    assert_eq!(instance.usage().refused, 2);
}

#[test]
fn a_message_names_the_limit_without_its_value() {
    let instance = Instance::limited(bytes(12345));
    let file = instance.unnamed();

    let error = file.truncate(Some(99999)).unwrap_err();

    assert_eq!(error.message, "unnamed file: cannot truncate: limit reached: bytes on disk");
}

#[test]
fn lines_before_the_refused_one_are_written() {
    let instance = Instance::limited(bytes(10));
    let file = instance.unnamed();

    assert_eq!(code(file.write_lines(&[b"one\n", b"two\n", b"three\n"])), quota(Limit::Bytes));

    assert_eq!((file.contents(), file.file.tell()), (b"one\ntwo\n".to_vec(), 8));
}

#[test]
fn a_stream_stores_the_bytes_that_fit() {
    let file_limit = Limits { max_file_bytes: Some(10), ..NONE };
    let fits = |limits, max_size: Option<Option<u64>>| {
        let instance = Instance::limited(limits);
        let file = match max_size {
            Some(max_size) => instance.try_spooled(max_size, options()).unwrap(),
            None => instance.unnamed(),
        };
        let error = instance.disk.run(async {
            let mut stream = file.file.stream().await;
            stream.write(b"0123".to_vec()).await.unwrap();
            stream.write(b"456789abcdef".to_vec()).await.unwrap_err()
        });
        assert!(matches!(error.code, ErrorCode::Quota(_)), "{}", error.message);
        assert_eq!(file.file.tell(), file.size().unwrap());
        file.contents()
    };

    assert_eq!(fits(bytes(10), None), b"0123456789");
    assert_eq!(fits(bytes(10), Some(Some(2))), b"0123456789");
    assert_eq!(fits(file_limit, None), b"0123456789");
    assert_eq!(fits(file_limit, Some(None)), b"0123456789");
    assert_eq!(fits(memory(10), Some(None)), b"0123456789");
    // The spool cannot roll over, and contains as many bytes as `max-size` allows.
    assert_eq!(fits(Limits { max_entries: Some(0), ..NONE }, Some(Some(10))), b"0123456789");
}

#[test]
fn open_files_are_counted_until_they_are_closed_or_dropped() {
    let instance = Instance::limited(Limits { max_handles: Some(4), ..NONE });
    let directory = instance.directory();
    let inside = directory.create_file("file").unwrap();
    let (spooled, named) = (instance.spooled(10), instance.named());

    assert_eq!(code(instance.try_unnamed(options())), quota(Limit::Handles));
    assert_eq!(code(instance.try_spooled(None, options())), quota(Limit::Handles));
    assert_eq!(code(instance.try_directory(DirectoryOptions::default())), quota(Limit::Handles));
    assert_eq!(code(directory.create_file("another")), quota(Limit::Handles));
    assert_eq!(directory.entries("").unwrap().len(), 1);

    for file in [&inside, &spooled, &named] {
        file.close().unwrap();
    }
    directory.close().unwrap();
    assert_eq!(instance.usage().handles.now, 0);
    let files: Vec<_> = (0..4).map(|_| instance.unnamed()).collect();
    assert_eq!(code(instance.try_unnamed(options())), quota(Limit::Handles));
    drop(files);
    instance.unnamed().assert_closes();
    drop((directory, inside, spooled, named));
    instance.assert_clean();
}

#[test]
fn a_name_that_cannot_be_removed_stays_charged_until_the_next_creation_removes_it() {
    let instance = Instance::new().warmed_up();
    instance.disk.failing_nth(Call::Unlink, 1, ErrorCode::Io);
    let file = instance.named();
    file.write(b"content").unwrap();
    file.flush().unwrap();

    drop(file);
    instance.disk.settle();

    assert_eq!((instance.usage().bytes.now, instance.usage().entries.now), (7, 1));
    assert_eq!(instance.disk.entries().len(), 1);
    instance.unnamed().assert_closes();
    instance.assert_clean();
}

#[test]
fn lowering_a_limit_removes_nothing_and_refuses_growth() {
    let instance = Instance::new();
    let (file, spooled) = (instance.unnamed(), instance.try_spooled(None, options()).unwrap());
    file.write(&[1; 1000]).unwrap();
    file.flush().unwrap();
    spooled.write(&[2; 1000]).unwrap();

    let limits = Limits { max_bytes: Some(10), max_memory: Some(10), max_handles: Some(1), ..NONE };
    instance.scratch.set_limits(limits).unwrap();

    assert_eq!(code(file.write(b"x")), quota(Limit::Bytes));
    assert_eq!(code(instance.try_unnamed(options())), quota(Limit::Handles));
    file.write_at(b"still mine", 0).unwrap();
    assert_eq!((file.contents().len(), spooled.contents().len()), (1000, 1000));
    file.truncate(Some(20)).unwrap();
    assert_eq!(code(file.truncate(Some(21))), quota(Limit::Bytes));
    file.truncate(Some(0)).unwrap();
    file.truncate(Some(10)).unwrap();
    drop((file, spooled));
    instance.assert_clean();
}

#[test]
fn concurrent_writers_cannot_exceed_the_last_bytes() {
    for buffer in [0, 4096] {
        let instance = Instance::limited(bytes(100)).warmed_up();
        let files = [(); 4].map(|()| instance.try_unnamed(with_buffer(buffer)).unwrap());
        instance.disk.slow();

        let writes = files.iter().map(|file| file.file.write(vec![1; 30]));
        let outcomes = instance.disk.run(futures::future::join_all(writes));

        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 3);
        assert!(instance.disk.most_used() <= 100);
        assert_eq!(instance.usage().bytes.now, 90);
        files[0].file.try_write(&[1; 10]).unwrap();
        drop(files);
        instance.assert_clean();
    }
}

#[test]
fn a_confined_caller_reaches_only_what_it_creates() {
    let instance = Instance::limited(Limits { confined: true, ..NONE });
    instance.disk.plant_directory("/tmp/other");
    let refused = Some(ErrorCode::NotPermitted);
    let in_other = DirectoryOptions { directory: Some("/tmp/other".into()), ..Default::default() };
    let stays = DirectoryOptions { removal: Some(Removal::Never), ..Default::default() };
    let (file, spooled, directory) = (instance.named(), instance.spooled(10), instance.directory());
    file.write(b"content").unwrap();

    assert_eq!(code(instance.try_unnamed(in_directory("/tmp/other"))), refused);
    assert_eq!(code(instance.try_named(in_directory("/tmp"))), refused);
    assert_eq!(code(instance.try_spooled(None, in_directory("/tmp/other"))), refused);
    assert_eq!(code(instance.try_directory(in_other)), refused);
    assert_eq!(code(instance.try_named(with_removal(Removal::Never))), refused);
    assert_eq!(code(instance.try_directory(stays)), refused);
    for replace in [true, false] {
        assert_eq!(code(file.persist("/tmp/target", replace)), refused);
        assert_eq!(code(spooled.persist("/tmp/target", replace)), refused);
    }
    assert_eq!(code(file.keep()), refused);
    assert_eq!(code(directory.keep()), refused);
    let mkstemp = crate::lowlevel::mkstemp(&instance.scratch, None, None, None);
    assert_eq!(code(instance.disk.run(mkstemp)), refused);
    let mkdtemp = crate::lowlevel::mkdtemp(&instance.scratch, None, None, None);
    assert_eq!(code(instance.disk.run(mkdtemp)), refused);

    assert_eq!(file.contents(), b"content");
    instance.try_named(with_removal(Removal::OnDrop)).unwrap();
    drop((file, spooled, directory));
    instance.disk.take_away("/tmp/other");
    instance.assert_clean();
}

#[test]
fn a_full_disk_can_be_reported_as_a_limit() {
    let full = |hide_disk_full| {
        let instance = Instance::on(MemoryFilesystem::new().with_capacity(10));
        instance.scratch.set_limits(Limits { hide_disk_full, ..bytes(1000) }).unwrap();
        instance.try_unnamed(with_buffer(0)).unwrap().write(&[1; 20]).unwrap_err()
    };
    let limited =
        Instance::limited(bytes(10)).try_unnamed(with_buffer(0)).unwrap().write(&[1; 20]).unwrap_err();

    assert_eq!(full(true), limited);
    assert_eq!(full(false).code, ErrorCode::InsufficientSpace);
}

#[test]
fn a_hidden_full_disk_is_no_reason_for_an_unusable_directory() {
    let disk = MemoryFilesystem::new().with_variable("SCRATCH_HIDE_DISK_FULL", "1");
    let instance = Instance::on(disk.failing(Call::Create, ErrorCode::InsufficientSpace));

    let error = instance.try_named(options()).err().unwrap();

    assert!(error.message.contains("limit reached: bytes on disk"), "{}", error.message);
    assert!(!error.message.contains("no space"), "{}", error.message);
}

#[test]
fn a_hidden_full_disk_is_no_reason_for_remaining_entries() {
    let instance = Instance::on(MemoryFilesystem::new().with_variable("SCRATCH_HIDE_DISK_FULL", "1"));
    let directory = instance.directory();
    directory.create_file("file").unwrap();
    instance.disk.failing_nth(Call::Unlink, 1, ErrorCode::InsufficientSpace);

    let error = directory.close().unwrap_err();

    assert_eq!(error.code, ErrorCode::Quota(Limit::Bytes));
    assert!(error.message.contains("limit reached: bytes on disk"), "{}", error.message);
    assert!(!error.message.contains("no space"), "{}", error.message);
    drop(directory);
    instance.assert_clean();
}

#[test]
fn limits_come_from_the_environment() {
    let disk = MemoryFilesystem::new().with_variable("SCRATCH_MAX_BYTES", "1K");
    let instance = Instance::on(disk);
    let file = instance.unnamed();

    assert_eq!(code(file.truncate(Some(1025))), quota(Limit::Bytes));
    file.truncate(Some(1024)).unwrap();
}

#[test]
fn creations_fail_with_an_invalid_limit_in_the_environment() {
    let instance = Instance::on(MemoryFilesystem::new().with_variable("SCRATCH_MAX_BYTES", "lots"));
    let outcomes = [
        instance.try_unnamed(options()).err(),
        instance.try_named(options()).err(),
        instance.try_spooled(None, options()).err(),
        instance.try_directory(DirectoryOptions::default()).err(),
        instance.disk.run(instance.scratch.sweep(None, 0)).err(),
        instance.scratch.set_limits(NONE).err(),
        instance.disk.run(instance.scratch.find(None)).err(),
    ];

    for error in outcomes {
        let error = error.expect("it is refused");
        assert_eq!(error.code, ErrorCode::Invalid);
        assert!(error.message.contains("SCRATCH_MAX_BYTES"), "{}", error.message);
    }
    instance.disk.assert_empty();
}
