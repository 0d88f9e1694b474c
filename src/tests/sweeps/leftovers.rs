//! Sweeping: however many leftovers there are, however deep, and however their times were set.

use crate::instance::sweep::SweepReport;
use crate::place::name::{Affixes, Mark};
use crate::runtime::Runtime;
use crate::testing::memory_filesystem::Call;
use crate::tests::*;

const HOUR: u64 = 3_600_000_000_000;

/// The path of a leftover, with a name as long as names can be.
fn leftover(number: usize) -> String {
    let prefix = format!("{number:0219}");
    format!("/tmp/{}", Affixes::new(Some(prefix), None).unwrap().name(number as u128, Mark::Ours))
}

/// A filesystem with so many files of a crashed instance.
fn leftovers(count: usize) -> MemoryFilesystem {
    let disk = MemoryFilesystem::new();
    (0..count).for_each(|number| disk.plant_file(&leftover(number), b""));
    disk
}

/// A tree of a crashed instance whose innermost directory, so many levels down, contains a file.
fn deep_leftover(depth: usize) -> (MemoryFilesystem, String) {
    let disk = MemoryFilesystem::new();
    let innermost = leftover(0) + &"/d".repeat(depth);
    disk.plant_file(&format!("{innermost}/file"), b"");
    (disk, innermost + "/file")
}

fn sweep(disk: &MemoryFilesystem, older_than: u64) -> SweepReport {
    let instance = Instance::on(disk.clone());
    disk.run(instance.scratch.sweep(None, older_than)).unwrap()
}

#[test]
fn a_directory_with_many_leftovers_is_swept_in_pieces_and_reported_in_a_bounded_list() {
    let disk = leftovers(5_000);

    let report = sweep(&disk, 0);

    disk.assert_empty();
    assert_eq!(report.removed.len(), 1_001);
    assert_eq!(report.removed.last().unwrap(), "and 4000 more");
    assert!(report.failed.is_empty());
    assert!((2..10).contains(&disk.count(Call::List)), "{} listings", disk.count(Call::List));
}

#[test]
fn leftovers_that_are_kept_do_not_hide_the_others() {
    let disk = leftovers(5_000);
    disk.wait(HOUR);
    for number in (0..5_000).filter(|number| number % 10 != 0) {
        disk.plant_file(&leftover(number), b"young");
    }
    for number in 0..5_000 {
        disk.plant_file(&format!("/tmp/stranger {number}"), b"");
    }

    let report = sweep(&disk, HOUR);

    assert_eq!((report.removed.len(), report.failed.len()), (500, 0));
    assert_eq!(disk.entries().len(), 4_500 + 5_000);
}

#[test]
fn leftovers_that_can_not_be_removed_are_counted_in_a_bounded_list_and_tried_once() {
    let disk = leftovers(5_000);
    let instance = Instance::on(disk.clone()).warmed_up();
    let disk = disk.failing(Call::Unlink, ErrorCode::Access);

    let report = disk.run(instance.scratch.sweep(None, 0)).unwrap();

    assert_eq!((report.removed.len(), report.failed.len()), (0, 101));
    let (path, error) = report.failed.last().unwrap();
    assert_eq!((&**path, error.code), ("/tmp", ErrorCode::Access));
    assert!(error.message.contains("4900 more"), "{}", error.message);
    assert_eq!(disk.count(Call::Unlink), 5_000);
}

#[test]
fn a_tree_with_many_entries_that_can_not_be_removed_is_left_after_one_try() {
    let disk = MemoryFilesystem::new();
    let tree = leftover(0);
    (1..5_000).for_each(|number| disk.plant_file(&leftover(number).replace("/tmp", &tree), b""));
    let instance = Instance::on(disk.clone()).warmed_up();
    let disk = disk.failing(Call::Unlink, ErrorCode::Access);

    let report = disk.run(instance.scratch.sweep(None, 0)).unwrap();

    assert_eq!((report.removed.len(), report.failed.len()), (0, 1));
    assert_eq!(disk.count(Call::Unlink), 4_999);
}

#[test]
fn the_age_of_a_tree_is_that_of_its_youngest_entry_at_any_depth() {
    for depth in [0, 1, 15, 16, 17, 63, 64, 65, 200, 1_000] {
        let (disk, file) = deep_leftover(depth);
        disk.wait(HOUR);
        disk.plant_file(&file, b"in use");

        let in_use = sweep(&disk, HOUR);
        disk.wait(HOUR);
        let old = sweep(&disk, HOUR);

        assert_eq!((in_use.removed.len(), in_use.failed.len()), (0, 0), "{depth} levels");
        assert_eq!((old.removed.len(), old.failed.len()), (1, 0), "{depth} levels: {:?}", old.failed);
        disk.assert_empty();
    }
}

#[test]
fn a_deep_and_bushy_tree_is_searched_with_few_descriptors() {
    let (disk, file) = deep_leftover(100);
    for depth in 1..100 {
        let branch = leftover(0) + &"/d".repeat(depth);
        ["a", "z"].iter().for_each(|name| disk.plant_file(&format!("{branch}/{name}/file"), b""));
    }
    disk.wait(HOUR);
    disk.plant_file(&file, b"in use");
    let disk = disk.with_most_open(24);

    let in_use = sweep(&disk, HOUR);

    assert_eq!((in_use.removed.len(), in_use.failed.len()), (0, 0), "{:?}", in_use.failed);
    disk.wait(HOUR);
    assert_eq!(sweep(&disk.with_most_open(100), HOUR).removed.len(), 1);
    disk.assert_empty();
}

#[test]
fn a_tree_too_deep_to_be_searched_is_left_alone_and_reported() {
    let (disk, _) = deep_leftover(20_000);
    disk.wait(HOUR);

    let report = sweep(&disk, HOUR);

    let [(_, error)] = &report.failed[..] else { panic!("{:?}", report.failed) };
    assert!(error.message.contains("depth"), "{}", error.message);
    assert_eq!(sweep(&disk, 0).removed.len(), 1);
    disk.assert_empty();
}

#[test]
fn a_tree_that_can_not_be_searched_is_left_alone_and_reported() {
    for call in [Call::Open, Call::List, Call::StatAt] {
        let (disk, file) = deep_leftover(3);
        disk.wait(HOUR);
        let instance = Instance::on(disk.clone()).warmed_up();
        let disk = disk.failing_nth(call, 3, ErrorCode::Access);

        let report = disk.run(instance.scratch.sweep(None, HOUR)).unwrap();

        let [(_, error)] = &report.failed[..] else { panic!("{call:?}: {:?}", report.failed) };
        assert_eq!(error.code, ErrorCode::Access);
        assert!(disk.contents(&file).is_some() && report.removed.is_empty());
    }
}

#[test]
fn the_youngest_of_all_times_counts() {
    let disk = MemoryFilesystem::new();
    let (file, tree) = (leftover(0), leftover(1));
    disk.plant_file(&file, b"");
    disk.plant_file(&format!("{tree}/below/file"), b"");
    let present = disk.now();
    let old = present - HOUR;
    let paths = [&*file, &tree, &format!("{tree}/below"), &format!("{tree}/below/file")];

    for young in paths {
        for times in
            [[present, old, old], [old, present, old], [old, old, present], [old, old, present + HOUR]]
        {
            paths.iter().for_each(|path| disk.set_times(path, old, old, old));
            let [accessed, modified, changed] = times;
            disk.set_times(young, accessed, modified, changed);
            let is_directory = disk.contents(young).is_none();
            // A search for leftovers accesses directories itself.
            let is_kept = !(is_directory && accessed == present);

            let report = sweep(&disk, HOUR / 2);

            let kept = if young == file { &file } else { &tree };
            assert_eq!(disk.kind(kept).is_some(), is_kept, "{young}: {times:?}");
            assert_eq!(report.removed.len(), if is_kept { 1 } else { 2 }, "{young}: {times:?}");
            disk.plant_file(&file, b"");
            disk.plant_file(&format!("{tree}/below/file"), b"");
        }
    }
}

#[test]
fn what_was_unpacked_from_an_old_archive_is_young() {
    let instance = Instance::new();
    let directory = instance.directory();
    instance.disk.wait(HOUR);
    instance.disk.plant_file(&directory.join("unpacked"), b"");
    instance.disk.backdate(&directory.join("unpacked"), 1);
    instance.disk.backdate(&directory.path(), 1);

    let report = sweep(&instance.disk, HOUR);

    assert_eq!(report.removed, [""; 0]);
    drop(directory);
    instance.assert_clean();
}
