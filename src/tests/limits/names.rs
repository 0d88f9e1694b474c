//! Limits hold whatever names a file has: other spellings, hard links, `..`, and second handles.

use super::{bytes, quota};
use crate::error::Limit;
use crate::tests::*;

#[test]
fn a_second_name_of_a_file_is_charged_when_it_is_opened_for_writing() {
    let instance = Instance::limited(bytes(1000));
    let directory = instance.directory();
    let first = directory.create_file("first").unwrap();
    first.write(&[1; 400]).unwrap();
    instance.disk.plant_link(&directory.join("first"), &directory.join("second"));

    let second = directory.open("second", OpenFlags::default(), Access::ReadWrite).unwrap();
    assert_eq!(instance.usage().bytes.now, 800);
    first.close().unwrap();
    directory.remove("first").unwrap();

    assert_eq!(code(second.write_at(&[2; 300], 400)), quota(Limit::Bytes));
    assert!(instance.usage().bytes.now >= instance.disk.used());
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
fn a_named_file_that_is_opened_through_its_directory_is_charged_twice() {
    let instance = Instance::limited(bytes(100));
    let directory = instance.directory();
    let named = instance.try_named(in_directory(&directory.path())).unwrap();
    named.write(&[1; 60]).unwrap();
    named.flush().unwrap();
    let name = named.path().rsplit_once('/').unwrap().1.to_owned();

    let second = directory.open(&name, OpenFlags::default(), Access::ReadWrite);

    assert_eq!(code(second), quota(Limit::Bytes));
    assert_eq!(instance.usage().bytes.now, 60);
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
