//! Tests that the filesystem in memory behaves as POSIX and wasmtime do.

use std::rc::Rc;

use super::*;
use crate::error::ErrorCode::*;
use crate::filesystem::Kind;

const READ: OpenHow = OpenHow { directory: false, ..OpenHow::DIRECTORY };

/// Returns the first preopened directory.
fn tmp(disk: &MemoryFilesystem) -> Descriptor {
    disk.preopens().remove(0).0
}

fn open(disk: &MemoryFilesystem, path: &str, how: OpenHow) -> Result<Descriptor> {
    disk.run(disk.open_at(&tmp(disk), path, how))
}

fn write(
    disk: &MemoryFilesystem,
    file: &Descriptor,
    offset: u64,
    data: &[u8],
) -> Option<(ErrorCode, Vec<u8>)> {
    let outcome = disk.run(disk.write_at(file, offset, data.to_vec()));
    outcome.err().map(|unwritten| (unwritten.code, unwritten.rest))
}

fn read(disk: &MemoryFilesystem, file: &Descriptor, offset: u64) -> Vec<u8> {
    disk.run(disk.read_at(file, offset, Vec::with_capacity(100))).unwrap()
}

#[test]
fn an_unlinked_file_exists_while_it_is_open() {
    let disk = MemoryFilesystem::new();
    let file = open(&disk, "a", OpenHow::NEW).unwrap();
    write(&disk, &file, 0, b"still here");

    disk.run(disk.unlink_file_at(&tmp(&disk), "a")).unwrap();

    disk.assert_empty();
    assert_eq!(read(&disk, &file, 6), b"here");
    assert_eq!(disk.used(), 10);
    drop(file);
    assert_eq!((disk.used(), disk.open_descriptors()), (0, 0));
}

#[test]
fn opening_follows_and_refuses_as_posix_does() {
    let disk = MemoryFilesystem::new();
    disk.plant_file("/tmp/d/file", b"x");
    disk.plant_symbolic_link("/tmp/link", "d/../d/file");
    disk.plant_symbolic_link("/tmp/loop", "loop");
    disk.plant_symbolic_link("/tmp/out", "../secret");
    disk.plant_symbolic_link("/tmp/absolute", "/etc/passwd");
    disk.plant_symbolic_link("/tmp/dlink", "d");
    let follow = OpenHow { follow: true, ..READ };
    let code = |path: &str, how| open(&disk, path, how).err();

    assert_eq!(code("d/./file", READ), None);
    assert_eq!(code("dlink/file", READ), None);
    assert_eq!(code("link", follow), None);
    assert_eq!(code("link", READ), Some(Loop));
    assert_eq!(code("loop", follow), Some(Loop));
    assert_eq!(code("out", follow), Some(NotPermitted));
    assert_eq!(code("absolute", follow), Some(NotPermitted));
    assert_eq!(code("dlink", OpenHow::DIRECTORY), Some(NotDirectory));
    assert_eq!(code("link", OpenHow::NEW), Some(Exist));
    assert_eq!(code("d/file", OpenHow::DIRECTORY), Some(NotDirectory));
    assert_eq!(code("d/file/x", READ), Some(NotDirectory));
    assert_eq!(code("d/file/", READ), Some(NotDirectory));
    assert_eq!(code("d", OpenHow { write: true, ..READ }), Some(IsDirectory));
    assert_eq!(code("missing", READ), Some(NoEntry));
    assert_eq!(code("", READ), Some(NoEntry));
    assert_eq!(code("..", READ), Some(NotPermitted));
    assert_eq!(code("d/../..", READ), Some(NotPermitted));
    assert_eq!(code("/d", READ), Some(NotPermitted));
    assert_eq!(code(&"x".repeat(256), READ), Some(NameTooLong));
}

#[test]
fn removing_moving_and_linking_refuse_as_posix_does() {
    let disk = MemoryFilesystem::new().preopen_elsewhere("/far");
    disk.plant_file("/tmp/file", b"1");
    disk.plant_file("/tmp/full/file", b"2");
    disk.plant_directory("/tmp/empty");
    let (tmp, far) = (tmp(&disk), disk.preopens().remove(1).0);
    let rename = |old, new| disk.run(disk.rename_at(&tmp, old, &tmp, new)).err();
    let link = |old, new| disk.run(disk.link_at(&tmp, old, &tmp, new)).err();

    assert_eq!(disk.run(disk.unlink_file_at(&tmp, "empty")), Err(IsDirectory));
    assert_eq!(disk.run(disk.unlink_file_at(&tmp, "missing")), Err(NoEntry));
    assert_eq!(disk.run(disk.remove_directory_at(&tmp, "full")), Err(NotEmpty));
    assert_eq!(disk.run(disk.remove_directory_at(&tmp, "file")), Err(NotDirectory));
    assert_eq!(disk.run(disk.create_directory_at(&tmp, "file")), Err(Exist));
    assert_eq!(rename("file", "empty"), Some(IsDirectory));
    assert_eq!(rename("empty", "file"), Some(NotDirectory));
    assert_eq!(rename("empty", "full"), Some(NotEmpty));
    assert_eq!(rename("full", "full/below"), Some(Invalid));
    assert_eq!(rename("missing", "x"), Some(NoEntry));
    assert_eq!(disk.run(disk.rename_at(&tmp, "file", &far, "file")), Err(CrossDevice));
    assert_eq!(link("file", "full"), Some(Exist));
    assert_eq!(link("empty", "x"), Some(NotPermitted));
    assert_eq!(rename("file", "full/file"), None);
    assert_eq!(link("full/file", "again"), None);
    assert_eq!(disk.contents("/tmp/again").unwrap(), b"1");
    assert_eq!(disk.entries(), ["/tmp/again", "/tmp/empty", "/tmp/full", "/tmp/full/file"]);
}

#[test]
fn a_full_disk_stores_what_fits() {
    let disk = MemoryFilesystem::new().with_capacity(5);
    let file = open(&disk, "a", OpenHow::NEW).unwrap();

    assert_eq!(write(&disk, &file, 0, b"123"), None);
    assert_eq!(write(&disk, &file, 2, b"3456"), Some((InsufficientSpace, b"6".to_vec())));
    assert_eq!(disk.run(disk.set_size(&file, 6)), Err(InsufficientSpace));
    assert_eq!(disk.run(disk.set_size(&file, 1)), Ok(()));
    assert_eq!(write(&disk, &file, 3, b"ab"), None);
    assert_eq!(read(&disk, &file, 0), b"1\0\0ab");
}

#[test]
fn sizes_and_positions_end_where_those_of_posix_do() {
    let disk = MemoryFilesystem::new();
    let file = open(&disk, "a", OpenHow::NEW).unwrap();

    assert_eq!(write(&disk, &file, (1 << 63) - 3, b"xy"), None);
    assert_eq!(write(&disk, &file, (1 << 63) - 2, b"xy"), Some((FileTooLarge, b"xy".to_vec())));
    assert_eq!(write(&disk, &file, 1 << 63, b"x"), Some((Invalid, b"x".to_vec())));
    assert_eq!(disk.run(disk.set_size(&file, u64::MAX)), Err(Invalid));
    assert_eq!(
        disk.run(disk.stat(&file)),
        Ok(Stat { kind: Kind::File, size: (1 << 63) - 1, links: 1, last_used: Some(disk.now()) })
    );
    assert_eq!(read(&disk, &file, (1 << 63) - 4), b"\0xy");
}

#[test]
fn faults_hit_only_the_calls_they_are_planned_for() {
    let disk = MemoryFilesystem::new().failing_nth(Call::Write, 2, Io).losing_nth(Call::Write, 3, Busy);
    let file = open(&disk, "a", OpenHow::NEW).unwrap();

    assert_eq!(write(&disk, &file, 0, b"one"), None);
    assert_eq!(write(&disk, &file, 0, b"two"), Some((Io, b"two".to_vec())));
    assert_eq!(disk.contents("/tmp/a").unwrap(), b"one");
    assert_eq!(write(&disk, &file, 0, b"three"), Some((Busy, b"three".to_vec())));
    assert_eq!(disk.contents("/tmp/a").unwrap(), b"three");
    disk.shortening(Call::Write, 1, 1, InsufficientSpace);
    assert_eq!(write(&disk, &file, 0, b"four"), Some((InsufficientSpace, b"our".to_vec())));
    assert_eq!(disk.contents("/tmp/a").unwrap(), b"fhree");
    assert_eq!((disk.calls(), disk.count(Call::Write)), (5, 4));
}

#[test]
fn a_listing_ends_with_an_error_at_a_name_that_is_not_utf_8() {
    let disk = MemoryFilesystem::new();
    disk.plant_file("/tmp/b", b"");
    disk.plant_symbolic_link("/tmp/a", "b");
    disk.plant_untellable("/tmp");
    let list = || {
        let mut names = Vec::new();
        let outcome = disk.run(disk.read_directory(&tmp(&disk), &mut |listed| names.push(listed.name)));
        (names.join(" "), outcome)
    };

    let whole = list();
    disk.shortening(Call::List, 1, 1, NoEntry);
    let vanished = list();

    assert_eq!(whole, ("a b".into(), Err(IllegalByteSequence)));
    assert_eq!(vanished, ("a".into(), Err(NoEntry)));
}

#[test]
fn a_host_that_holds_open_files_refuses_to_unlink_them() {
    let disk = MemoryFilesystem::new().holding_open_files();
    let file = open(&disk, "a", OpenHow::NEW).unwrap();

    assert_eq!(disk.run(disk.unlink_file_at(&tmp(&disk), "a")), Err(Access));
    drop(file);
    assert_eq!(disk.run(disk.unlink_file_at(&tmp(&disk), "a")), Ok(()));
}

#[test]
fn a_dropped_call_takes_effect_later_or_never() {
    for (abandoned, entries) in [(Abandoned::Later, 1), (Abandoned::Never, 0)] {
        let disk = MemoryFilesystem::new().slow().abandoning(abandoned);
        let directory = tmp(&disk);

        let outcome = disk.poll_times(disk.open_at(&directory, "a", OpenHow::NEW), 1);

        assert!(outcome.is_none());
        disk.assert_empty();
        disk.settle();
        assert_eq!(disk.entries().len(), entries);
        assert_eq!(disk.open_descriptors(), 1);
    }
}

#[test]
fn held_calls_wait_for_their_release_while_others_complete() {
    let disk = MemoryFilesystem::new().holding(Call::CreateDirectory);
    let tmp = tmp(&disk);

    let other = async {
        let file = disk.open_at(&tmp, "b", OpenHow::NEW).await;
        disk.release();
        file.map(drop)
    };
    let outcomes = disk.run(async { futures::join!(disk.create_directory_at(&tmp, "a"), other) });

    assert_eq!(outcomes, (Ok(()), Ok(())));
    assert_eq!(disk.made().len(), 2);
}

#[test]
fn work_without_a_caller_is_finished_by_settle() {
    let disk = MemoryFilesystem::new().slow();
    disk.plant_file("/tmp/a", b"");
    disk.plant_file("/tmp/b", b"");
    let directory = Rc::new(tmp(&disk));

    disk.start_unlink(directory.clone(), "a".into(), Box::new(|_| ()));
    disk.run(async { disk.expect_drop() });
    let (work, handle) = (disk.clone(), directory.clone());
    disk.drop_happened(Some(Box::pin(async move { work.unlink_file_at(&handle, "b").await.unwrap() })));

    assert_eq!(disk.entries().len(), 2);
    disk.settle();
    disk.assert_empty();
    disk.assert_balanced();
}

#[test]
#[should_panic(expected = "spawn outside of a call")]
fn spawning_outside_of_a_call_panics() {
    MemoryFilesystem::new().spawn(Box::pin(async {}));
}

#[test]
#[should_panic(expected = "waits for nothing")]
fn a_call_that_can_never_end_panics() {
    MemoryFilesystem::new().run(std::future::pending::<()>());
}

#[test]
fn a_hook_runs_immediately_before_its_call() {
    let disk = MemoryFilesystem::new();
    disk.plant_file("/tmp/a", b"");
    disk.before_nth(Call::Open, 1, |disk| disk.take_away("/tmp/a"));

    assert_eq!(open(&disk, "a", READ).err(), Some(NoEntry));
}

#[test]
fn random_numbers_repeat_only_while_they_are_stuck() {
    let disk = MemoryFilesystem::new().with_stuck_random(2);
    let [a, b, c, d] = [disk.random(), disk.random(), disk.random(), disk.random()];

    assert_eq!(a, b);
    assert!(a != c && c != d);
}
