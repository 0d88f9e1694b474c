//! Limits: what is refused, what is stored all the same, and what is counted.

use super::*;
use crate::error::Limit;
use crate::memory_filesystem::Call;

const NONE: Limits = Limits {
    max_bytes: None,
    max_file_bytes: None,
    max_entries: None,
    max_handles: None,
    max_memory: None,
    max_depth: None,
    confined: false,
    hide_disk_full: false,
};

fn bytes(max: u64) -> Limits {
    Limits { max_bytes: Some(max), ..NONE }
}

fn memory(max: u64) -> Limits {
    Limits { max_memory: Some(max), ..NONE }
}

fn quota(limit: Limit) -> Option<ErrorCode> {
    Some(ErrorCode::Quota(limit))
}

/// A way to make a file longer, and how a message calls it.
type Growth = fn(&TestFile, u64) -> Result<()>;

/// Ways to make an empty file so long.
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
                file.flush().unwrap();
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
fn a_refused_call_costs_the_host_nothing() {
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
fn a_message_says_which_limit_and_not_how_much() {
    let instance = Instance::limited(bytes(12345));
    let file = instance.unnamed();

    let error = file.truncate(Some(99999)).unwrap_err();

    assert_eq!(error.message, "unnamed file: truncating failed: limit reached: bytes on disk");
}

#[test]
fn lines_before_the_refused_one_are_written() {
    let instance = Instance::limited(bytes(10));
    let file = instance.unnamed();

    assert_eq!(code(file.write_lines(&[b"one\n", b"two\n", b"three\n"])), quota(Limit::Bytes));

    assert_eq!((file.contents(), file.file.tell()), (b"one\ntwo\n".to_vec(), 8));
}

#[test]
fn a_stream_stores_what_fits() {
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
    // The spool may not roll over, and holds what it may.
    assert_eq!(fits(Limits { max_entries: Some(0), ..NONE }, Some(Some(10))), b"0123456789");
}

#[test]
fn the_piece_of_a_stream_that_is_on_its_way_takes_memory() {
    for (limit, piece) in
        [(1_000_000, Some(256 * 1024)), (100_000, Some(16 * 1024)), (512, Some(512)), (511, None)]
    {
        let instance = Instance::limited(memory(limit));
        let file = instance.try_unnamed(with_buffer(0)).unwrap();
        instance.disk.run(async {
            let mut stream = file.file.stream().await;
            let buffer = stream.buffer();
            match piece {
                Some(piece) => assert_eq!(buffer.unwrap().capacity(), piece),
                None => assert_eq!(code(buffer), quota(Limit::Memory)),
            }
            assert_eq!(instance.usage().memory.now, piece.unwrap_or(0) as u64);
        });
        file.assert_closes();
        instance.assert_clean();
    }
}

#[test]
fn one_file_may_not_exceed_its_own_limit_in_memory_either() {
    let instance = Instance::limited(Limits { max_file_bytes: Some(10), ..NONE });
    for file in [instance.unnamed(), instance.try_spooled(None, options()).unwrap(), instance.spooled(5)] {
        file.write(b"0123456789").unwrap();

        assert_eq!(code(file.write(b"x")), quota(Limit::FileBytes));
        assert_eq!(file.file.try_write(b"x").ok(), Some(false));
        assert_eq!(code(file.truncate(Some(11))), quota(Limit::FileBytes));
        assert_eq!(code(file.write_at(b"x", 1 << 40)), quota(Limit::FileBytes));

        assert_eq!(file.contents(), b"0123456789");
        file.assert_closes();
    }
    instance.assert_clean();
}

#[test]
fn every_file_and_directory_on_disk_is_an_entry() {
    let instance = Instance::limited(Limits { max_entries: Some(5), ..NONE });
    let directory = instance.directory();
    directory.create_directory("below").unwrap();
    let inside = directory.create_file("below/file").unwrap();
    let (unnamed, named) = (instance.unnamed(), instance.named());
    let spooled = instance.spooled(4);

    assert_eq!(instance.usage().entries.now, 5);
    assert_eq!(code(instance.try_unnamed(options())), quota(Limit::Entries));
    assert_eq!(code(instance.try_named(options())), quota(Limit::Entries));
    assert_eq!(code(instance.try_directory(DirectoryOptions::default())), quota(Limit::Entries));
    assert_eq!(code(directory.create_directory("another")), quota(Limit::Entries));
    assert_eq!(code(directory.create_file("another")), quota(Limit::Entries));
    assert_eq!(code(spooled.write(b"too long")), quota(Limit::Entries));
    spooled.write(b"1234").unwrap();
    assert_eq!(instance.usage().refused, 6);

    unnamed.assert_closes();
    spooled.write(b"5").unwrap();
    directory.remove("below").unwrap();
    inside.assert_closes();
    assert_eq!(instance.usage().entries.now, 3);
    drop((named, spooled, directory));
    instance.assert_clean();
}

#[test]
fn what_is_open_is_counted_until_it_is_closed_or_dropped() {
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
fn a_name_that_can_not_be_removed_stays_charged_and_goes_when_something_is_created() {
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
fn memory_of_contents_and_buffers_is_bounded() {
    let instance = Instance::limited(memory(100));
    let spooled = instance.try_spooled(None, options()).unwrap();
    let rolling = instance.spooled(1000);

    assert_eq!(code(spooled.write(&[1; 101])), quota(Limit::Memory));
    spooled.write(&[1; 100]).unwrap();
    assert_eq!(instance.usage().memory.now, 100);
    // There is a way out of memory for it.
    rolling.write(&[2; 50]).unwrap();
    assert!(rolling.file.is_rolled());
    assert_eq!(rolling.contents(), [2; 50]);
    // Nothing can be buffered, and all is well.
    let file = instance.unnamed();
    file.write(b"written through").unwrap();
    assert_eq!(instance.disk.used(), 65);
    spooled.truncate(Some(0)).unwrap();
    assert_eq!(instance.usage().memory.now, 0);

    assert_eq!(file.contents(), b"written through");
    assert!(instance.usage().memory.peak <= 100);
    drop((spooled, rolling, file));
    instance.assert_clean();
}

#[test]
fn lines_and_streams_are_read_with_little_memory_and_refused_without_any() {
    let lines: Vec<u8> = b"a line of some length\n".repeat(500);
    for (limit, enough) in [(4096, true), (1024, true), (511, false), (0, false)] {
        let instance = Instance::limited(memory(limit));
        let file = instance.try_unnamed(with_buffer(65536)).unwrap();
        file.write(&lines).unwrap();
        file.seek(0, Whence::Start).unwrap();

        let read = file.read_lines(None).map(|lines| lines.concat());
        if enough {
            assert_eq!(read.unwrap(), lines, "{limit}");
        } else {
            assert_eq!(code(read), quota(Limit::Memory), "{limit}");
            assert_eq!(file.file.tell(), 0);
        }

        file.seek(0, Whence::Start).unwrap();
        assert_eq!(file.read(u64::MAX).unwrap(), lines, "{limit}");
        assert!(instance.usage().memory.peak <= limit);
        file.assert_closes();
        instance.assert_clean();
    }
}

#[test]
fn text_that_is_decoded_takes_memory() {
    let lines = "eine Zeile, nicht lang, aber schön\n".repeat(5000);
    for (limit, enough) in [(1_000_000, true), (10_000, true), (2_000, false)] {
        let instance = Instance::limited(memory(limit));
        let file = instance.try_unnamed(with_buffer(0)).unwrap();
        file.write(lines.as_bytes()).unwrap();
        let settings = crate::text::Settings {
            encoding: crate::text::encoding::Encoding::Utf8,
            errors: crate::text::encoding::ErrorHandling::Strict,
            newline: crate::text::newline::Newline::Universal,
        };
        let file = Rc::into_inner(file.file).unwrap();
        let text = crate::text::file::TextFile::new(file, settings).unwrap();
        instance.disk.run(text.seek(crate::text::Target::Start)).unwrap();

        let read = instance.disk.run(text.read(None));

        if enough {
            assert_eq!(read.unwrap(), lines, "{limit}");
        } else {
            assert_eq!(code(read), quota(Limit::Memory), "{limit}");
        }
        assert!(instance.usage().memory.peak <= limit);
        drop(text);
        instance.assert_clean();
    }
}

#[test]
fn a_tree_is_as_deep_as_it_may_be() {
    let instance = Instance::limited(Limits { max_depth: Some(2), ..NONE });
    let directory = instance.directory();

    directory.create_directory("a").unwrap();
    directory.create_directory("a/b").unwrap();
    directory.create_file("a/file").unwrap();
    assert_eq!(code(directory.create_directory("a/b/c")), quota(Limit::Depth));
    assert_eq!(code(directory.create_file("a/b/file")), quota(Limit::Depth));
    assert_eq!(code(directory.create_file("./a//b/./file")), quota(Limit::Depth));

    assert_eq!(directory.entries("a/b").unwrap(), []);
    directory.close().unwrap();
    drop(directory);
    instance.assert_clean();
}

#[test]
fn lower_limits_take_nothing_away_and_let_nothing_grow() {
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
fn who_is_refused_waits_first_for_what_drops_have_left_behind() {
    let limits = Limits { max_entries: Some(3), ..bytes(100) };
    let instance = Instance::limited(limits).warmed_up();
    instance.disk.slow();
    for round in 0..20 {
        let file = instance.try_named(with_buffer(if round % 2 == 0 { 0 } else { 4096 })).unwrap();
        file.write(&[1; 100]).expect("the bytes of the last round are free again");
        drop(file);
        let directory = instance.directory();
        directory.create_directory("below").unwrap();
        directory.create_file("below/file").unwrap().write(&[1; 100]).unwrap();
        drop(directory);
    }
    assert!(instance.disk.most_used() <= 100);
    instance.assert_clean();
}

#[test]
fn two_writers_share_the_last_bytes_and_no_more() {
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
fn two_handles_of_one_file_are_charged_once() {
    let instance = Instance::limited(bytes(100));
    let directory = instance.directory();
    let first = directory.create_file("file").unwrap();
    let second = directory.open("file", OpenFlags::default(), Access::ReadWrite).unwrap();

    first.write(&[1; 60]).unwrap();
    second.write_at(&[2; 60], 40).unwrap();
    assert_eq!(instance.usage().bytes.now, 100);
    assert_eq!(code(first.write_at(b"x", 100)), quota(Limit::Bytes));
    second.truncate(Some(50)).unwrap();
    assert_eq!(instance.usage().bytes.now, 50);
    first.write_at(&[3; 10], 90).unwrap();
    assert_eq!((instance.usage().bytes.now, instance.disk.used()), (100, 100));

    directory.open("file", OpenFlags { truncate: true, ..OpenFlags::default() }, Access::ReadWrite).unwrap();
    assert_eq!((instance.usage().bytes.now, instance.disk.used()), (0, 0));
    drop((first, second, directory));
    instance.assert_clean();
}

#[test]
fn a_file_that_is_removed_while_it_is_open_is_charged_until_it_is_closed() {
    let instance = Instance::limited(bytes(100));
    let directory = instance.directory();
    let file = directory.create_file("file").unwrap();
    file.write(&[1; 60]).unwrap();

    directory.remove("file").unwrap();

    assert_eq!((instance.usage().bytes.now, instance.disk.used()), (60, 60));
    let another = directory.create_file("file").unwrap();
    assert_eq!(code(another.write(&[2; 41])), quota(Limit::Bytes));
    file.close().unwrap();
    assert_eq!((instance.usage().bytes.now, instance.disk.used()), (0, 0));
    another.write(&[2; 100]).unwrap();
    drop((file, another, directory));
    instance.assert_clean();
}

#[test]
fn what_a_stranger_put_into_a_directory_is_free_and_gives_nothing_back() {
    let instance = Instance::limited(bytes(100));
    let directory = instance.directory();
    instance.disk.plant_file(&directory.join("planted"), &[7; 1000]);
    let ours = directory.create_file("ours").unwrap();
    ours.write(&[1; 90]).unwrap();
    let planted = directory.open("planted", OpenFlags::default(), Access::ReadWrite).unwrap();

    planted.write_at(&[8; 10], 1000).unwrap();
    assert_eq!(code(planted.write_at(b"x", 1010)), quota(Limit::Bytes));
    planted.close().unwrap();
    assert_eq!(instance.usage().bytes.now, 100);
    directory.remove("planted").unwrap();

    assert_eq!(instance.usage().bytes.now, 90);
    assert_eq!(code(ours.write(&[1; 11])), quota(Limit::Bytes));
    drop((ours, planted, directory));
    instance.assert_clean();
}

#[test]
fn what_stays_is_charged_until_it_is_replaced() {
    let instance = Instance::limited(bytes(100));
    let kept = instance.try_named(with_removal(Removal::Never)).unwrap();
    kept.write(&[1; 40]).unwrap();
    kept.assert_closes();
    for round in 0..5 {
        let file = instance.named();
        file.write(&[2; 30]).unwrap();
        file.persist("/tmp/target", true).unwrap();
        file.assert_closes();
        assert_eq!(instance.usage().bytes.now, 70, "{round}");
    }

    let unnamed = instance.unnamed();
    assert_eq!(code(unnamed.write(&[3; 31])), quota(Limit::Bytes));
    unnamed.write(&[3; 15]).unwrap();
    unnamed.persist("/tmp/target", true).unwrap();
    unnamed.persist("/tmp/elsewhere", true).unwrap();

    assert_eq!((instance.usage().bytes.now, instance.disk.used()), (55, 55));
}

#[test]
fn a_directory_that_stays_is_charged_with_all_that_is_in_it() {
    let instance = Instance::new();
    let directory = instance.directory();
    directory.create_directory("below").unwrap();
    directory.create_file("below/file").unwrap().write(&[1; 10]).unwrap();
    directory.keep().unwrap();

    drop(directory);

    let Usage { bytes, entries, handles, .. } = instance.usage();
    assert_eq!((bytes.now, entries.now, handles.now), (10, 3, 0));
}

#[test]
fn a_file_moved_out_of_a_directory_stays_charged() {
    let instance = Instance::new();
    let directory = instance.directory();
    let file = directory.create_file("file").unwrap();
    file.write(&[1; 10]).unwrap();

    file.persist("/tmp/target", false).unwrap();
    directory.close().unwrap();
    drop((file, directory));

    let Usage { bytes, entries, .. } = instance.usage();
    assert_eq!((bytes.now, entries.now), (10, 1));
}

#[test]
fn a_file_moved_into_a_directory_goes_with_it() {
    let instance = Instance::new();
    let directory = instance.directory();
    directory.create_directory("below").unwrap();
    for (path, removed) in [("below/target", "below"), ("target", "target"), ("other", "")] {
        let file = instance.named();
        file.write(&[1; 10]).unwrap();
        file.persist(&directory.join(path), false).unwrap();
        file.assert_closes();
        assert_eq!(instance.usage().bytes.now, 10, "{path}");

        directory.remove(removed).unwrap();

        assert_eq!((instance.usage().bytes.now, instance.usage().entries.now), (0, 1), "{path}");
    }
    drop(directory);
    instance.assert_clean();
}

#[test]
fn a_deep_and_wide_tree_is_credited_entry_by_entry() {
    let instance = Instance::new();
    let directory = instance.directory();
    let mut path = String::new();
    for _ in 0..200 {
        path.push_str("d/");
        directory.create_directory(&path).unwrap();
        directory.create_file(&format!("{path}file")).unwrap().write(b"12345").unwrap();
    }
    assert_eq!((instance.usage().entries.now, instance.usage().bytes.now), (401, 1000));

    directory.remove("d/d").unwrap();
    assert_eq!((instance.usage().entries.now, instance.usage().bytes.now), (3, 5));
    directory.remove("").unwrap();
    assert_eq!((instance.usage().entries.now, instance.usage().bytes.now), (1, 0));
    drop(directory);
    instance.assert_clean();
}

#[test]
fn what_could_not_be_removed_from_a_tree_stays_charged() {
    let instance = Instance::new();
    let directory = instance.directory();
    for name in ["a", "b", "c"] {
        directory.create_file(name).unwrap().write(&[1; 10]).unwrap();
    }
    instance.disk.failing_nth(Call::Unlink, 2, ErrorCode::Busy);

    assert_eq!(code(directory.close()), Some(ErrorCode::Busy));

    assert_eq!((instance.usage().entries.now, instance.usage().bytes.now), (2, 10));
    assert_eq!(instance.disk.used(), 10);
    directory.close().unwrap();
    drop(directory);
    instance.assert_clean();
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
fn a_full_disk_can_be_told_as_a_limit() {
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
fn limits_come_from_the_environment() {
    let disk = MemoryFilesystem::new().with_variable("SCRATCH_MAX_BYTES", "1K");
    let instance = Instance::on(disk);
    let file = instance.unnamed();

    assert_eq!(code(file.truncate(Some(1025))), quota(Limit::Bytes));
    file.truncate(Some(1024)).unwrap();
}

#[test]
fn nothing_is_created_under_a_limit_that_makes_no_sense() {
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
