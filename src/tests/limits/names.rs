//! Limits hold whatever names a file has: other spellings, hard links, `..`, and second handles.

use super::{NONE, bytes, quota};
use crate::error::Limit;
use crate::tests::*;

#[test]
fn a_second_name_of_an_open_file_shares_its_charge() {
    let instance = Instance::limited(bytes(1000));
    let directory = instance.directory();
    let first = directory.create_file("first").unwrap();
    first.write(&[1; 400]).unwrap();
    instance.disk.plant_link(&directory.join("first"), &directory.join("second"));

    let second = directory.open("second", OpenFlags::default(), Access::ReadWrite).unwrap();
    first.close().unwrap();
    directory.remove("first").unwrap();

    assert_eq!((instance.usage().bytes.now, instance.disk.used()), (400, 400));
    assert_eq!(code(second.write_at(&[2; 700], 400)), quota(Limit::Bytes));
    assert!(instance.usage().bytes.now >= instance.disk.used());
}

#[test]
fn a_file_opened_by_another_spelling_of_its_name_is_charged() {
    let disk = MemoryFilesystem::without_preopens().preopen_ignoring_case("/tmp");
    let instance = Instance::on(disk);
    instance.scratch.set_limits(bytes(1000)).unwrap();
    let directory = instance.directory();
    let mut kept = Vec::new();

    for round in 0..30 {
        let Ok(first) = directory.create_file(&format!("longname{round}.text")) else { break };
        let written = first.write(&[1; 900]);
        let second =
            directory.open(&format!("LONGNAME{round}.TEXT"), OpenFlags::default(), Access::ReadWrite);
        first.close().unwrap();
        directory.remove(&format!("longname{round}.text")).unwrap();
        if let (Ok(()), Ok(second)) = (written, second) {
            _ = second.write_at(&[2; 900], 0);
            kept.push(second);
        }
        assert!(instance.usage().bytes.now >= instance.disk.used(), "round {round}");
    }

    assert!(instance.disk.most_used() <= 1000, "{} bytes", instance.disk.most_used());
}

#[test]
fn a_file_with_another_name_stays_charged_when_one_name_is_removed() {
    for whole in [false, true] {
        let instance = Instance::new();
        let directory = instance.directory();
        directory.create_file("file").unwrap().write(&[1; 50]).unwrap();
        instance.disk.plant_link(&directory.join("file"), "/tmp/link");

        if whole {
            directory.close().unwrap()
        } else {
            directory.remove("file").unwrap()
        }

        assert_eq!((instance.usage().bytes.now, instance.disk.used()), (50, 50));
    }
}

#[test]
fn a_named_file_that_is_opened_through_its_directory_is_charged_until_both_are_closed() {
    let instance = Instance::limited(bytes(100));
    let directory = instance.directory();
    let named = instance.try_named(in_directory(&directory.path())).unwrap();
    named.write(&[1; 60]).unwrap();
    let name = named.path().rsplit_once('/').unwrap().1.to_owned();

    let second = directory.open(&name, OpenFlags::default(), Access::ReadWrite).unwrap();
    named.close().unwrap();
    drop(named);

    assert_eq!((instance.usage().bytes.now, instance.disk.used()), (60, 60));
    assert_eq!(code(second.write_at(&[2; 41], 60)), quota(Limit::Bytes));
    second.close().unwrap();
    drop(second);
    assert_eq!((instance.usage().bytes.now, instance.disk.used()), (0, 0));
    drop(directory);
    instance.assert_clean();
}

#[test]
fn a_file_that_was_created_for_reading_only_is_charged() {
    let instance = Instance::limited(Limits { max_entries: Some(3), ..NONE });
    let directory = instance.directory();
    let create = OpenFlags { create: true, ..OpenFlags::default() };

    for name in ["a", "b"] {
        directory.open(name, create, Access::ReadOnly).unwrap().assert_closes();
    }

    assert_eq!(code(directory.open("c", create, Access::ReadOnly)), quota(Limit::Entries));
    directory.close().unwrap();
    drop(directory);
    instance.assert_clean();
}

#[test]
fn a_name_used_again_leaves_the_file_charged_that_had_it_before() {
    let instance = Instance::new();
    let directory = instance.directory();
    directory.create_file("spool").unwrap().write(&[1; 30]).unwrap();
    instance.disk.move_away(&directory.join("spool"), "/tmp/taken");

    directory.create_file("spool").unwrap().write(&[2; 20]).unwrap();
    assert_eq!((instance.usage().bytes.now, instance.disk.used()), (50, 50));
    directory.close().unwrap();

    assert_eq!((instance.usage().bytes.now, instance.disk.used()), (30, 30));
}

#[test]
fn a_path_through_the_parent_directory_is_not_credited_with_a_tree() {
    let instance = Instance::new();
    let directory = instance.directory();
    for target in [format!("{}/../kept", directory.path()), directory.join("./../also-kept")] {
        let file = instance.named();
        file.write(&[1; 30]).unwrap();
        file.persist(&target, false).unwrap();
    }
    let never = FileOptions { removal: Some(Removal::Never), ..in_directory(&directory.join("..")) };
    instance.try_named(never).unwrap().write(&[1; 30]).unwrap();

    directory.close().unwrap();

    assert_eq!((instance.usage().bytes.now, instance.disk.used()), (90, 90));
}

#[test]
fn a_truncation_that_is_reported_late_does_not_uncharge_a_later_write() {
    for delay in 1..6 {
        let instance = Instance::new();
        let directory = instance.directory();
        let first = directory.create_file("file").unwrap();
        first.write(&[1; 100]).unwrap();
        let second = directory.open("file", OpenFlags::default(), Access::ReadWrite).unwrap();
        instance.disk.forget_calls();
        instance.disk.slowing_call(1, 0, delay);

        let truncation = first.file.truncate(Some(0));
        let write = second.file.write_at(vec![2; 80], 0);
        let (truncated, written) = instance.disk.run(futures::future::join(truncation, write));
        truncated.unwrap();
        written.unwrap();

        assert!(instance.usage().bytes.now >= instance.disk.used(), "delay {delay}");
    }
}
