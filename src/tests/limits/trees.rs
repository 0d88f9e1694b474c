//! Limits on entries of directories and on kept entries, which are charged until they are removed.

use crate::error::Limit;
use crate::testing::memory_filesystem::Call;
use crate::tests::limits::{NONE, bytes, quota};
use crate::tests::*;

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
fn the_depth_of_a_tree_is_limited() {
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
fn a_removed_open_file_is_charged_until_it_is_closed() {
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
fn a_file_of_another_process_is_charged_once_it_is_opened_for_writing() {
    let instance = Instance::limited(bytes(100));
    let directory = instance.directory();
    instance.disk.plant_file(&directory.join("small"), &[7; 60]);
    instance.disk.plant_file(&directory.join("large"), &[7; 1000]);

    directory.open("large", OpenFlags::default(), Access::ReadOnly).unwrap();
    assert_eq!(instance.usage().bytes.now, 0);
    let large = directory.open("large", OpenFlags::default(), Access::ReadWrite);
    assert_eq!(code(large), quota(Limit::Bytes));
    let small = directory.open("small", OpenFlags::default(), Access::ReadWrite).unwrap();
    assert_eq!(instance.usage().bytes.now, 60);
    assert_eq!(code(small.write_at(&[8; 41], 60)), quota(Limit::Bytes));
    small.write_at(&[8; 40], 60).unwrap();

    small.close().unwrap();
    directory.remove("small").unwrap();
    assert_eq!(instance.usage().bytes.now, 0);
    drop((small, directory));
    instance.assert_clean();
}

#[test]
fn a_kept_file_is_charged_until_it_is_replaced() {
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
fn a_kept_directory_is_charged_with_its_content() {
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
fn a_file_moved_into_a_directory_is_credited_with_it() {
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
fn entries_that_could_not_be_removed_from_a_tree_stay_charged() {
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
fn a_kept_directory_is_credited_when_its_parent_is_removed() {
    let instance = Instance::new();
    let outer = instance.directory();
    for removed in ["", "kept", "kept/below", "kept/below/file"] {
        let options = DirectoryOptions { directory: Some(outer.path()), ..DirectoryOptions::default() };
        let inner = instance.try_directory(options).unwrap();
        inner.create_directory("below").unwrap();
        inner.create_file("below/file").unwrap().write(b"content").unwrap();
        inner.keep().unwrap();
        let name = inner.path().rsplit_once('/').unwrap().1.to_owned();
        drop(inner);
        instance.disk.settle();
        assert_eq!((instance.usage().entries.now, instance.usage().bytes.now), (4, 7));

        outer.remove(&removed.replace("kept", &name)).unwrap();

        let left = instance.disk.entries().len() as u64;
        assert_eq!((instance.usage().entries.now, instance.usage().bytes.now), (left, 0), "{removed}");
        outer.remove("").unwrap();
    }
    outer.close().unwrap();
    drop(outer);
    instance.assert_clean();
}
