//! Sweeps: the entries that are leftovers, and the entries that are not.

use crate::instance::sweep::SweepReport;
use crate::testing::memory_filesystem::Call;
use crate::tests::*;

const HOUR: u64 = 3_600_000_000_000;

/// Sweeps the default directory of a fresh instance on the same filesystem.
fn sweep(disk: &MemoryFilesystem, older_than: u64) -> SweepReport {
    let instance = Instance::on(disk.clone());
    disk.run(instance.scratch.sweep(None, older_than)).unwrap()
}

/// Leaves the entries of an instance whose host is killed.
fn crash(instance: Instance, owned: impl Sized) -> MemoryFilesystem {
    std::mem::forget(owned);
    let disk = instance.disk.clone();
    std::mem::forget(instance);
    disk
}

/// Creates a named file, a tree and a kept file of a crashed instance.
fn leftovers() -> MemoryFilesystem {
    let instance = Instance::new();
    let options = FileOptions { prefix: Some("report-".into()), suffix: Some(".txt".into()), ..options() };
    let file = instance.try_named(options).unwrap();
    file.write(b"content").unwrap();
    let directory = instance.directory();
    directory.create_directory("below").unwrap();
    directory.create_file("below/file").unwrap().write(b"content").unwrap();
    let kept = instance.named();
    kept.keep().unwrap();
    drop(kept);
    crash(instance, (file, directory))
}

#[test]
fn leftovers_of_all_kinds_are_removed() {
    let disk = leftovers();
    assert_eq!(disk.entries().len(), 5);

    let report = sweep(&disk, 0);

    disk.assert_empty();
    assert_eq!(report.removed.len(), 3);
    assert!(report.removed.iter().any(|path| path.starts_with("/tmp/report-")), "{:?}", report.removed);
    assert!(report.failed.is_empty());
}

#[test]
fn foreign_entries_are_not_touched() {
    let disk = leftovers();
    let strangers = ["/tmp/tmp", "/tmp/tmpabcdefgh", "/tmp/report-1.txt", "/tmp/a/b", "/tmp/.hidden"];
    for path in strangers {
        disk.plant_file(path, b"a stranger's");
    }
    disk.plant_file(&format!("/tmp/tmp{}", "a".repeat(36)), b"made to look alike");
    let instance = Instance::on(disk.clone());
    let callers = instance.try_named(with_removal(Removal::Never)).unwrap().path();
    let mkstemp = crate::lowlevel::mkstemp(&instance.scratch, None, None, None);
    let lowlevel = instance.disk.run(mkstemp).unwrap().1;

    sweep(&disk, 0);

    for path in strangers {
        assert_eq!(disk.contents(path).unwrap(), b"a stranger's", "{path}");
    }
    assert!(disk.contents(&callers).is_some() && disk.contents(&lowlevel).is_some());
    assert_eq!(disk.entries().len(), strangers.len() + 4);
}

#[test]
fn a_link_with_one_of_our_names_is_neither_followed_nor_removed() {
    let disk = leftovers();
    let name = disk.entries().into_iter().find(|path| path.contains("report-")).unwrap();
    disk.plant_file("/tmp/strangers/file", b"a stranger's");
    disk.plant_symbolic_link(&name, "strangers");
    disk.wait(HOUR);

    sweep(&disk, 0);

    assert_eq!(disk.contents("/tmp/strangers/file").unwrap(), b"a stranger's");
    assert_eq!(disk.entries(), [&*name, "/tmp/strangers", "/tmp/strangers/file"]);
}

#[test]
fn open_entries_of_this_instance_are_not_touched() {
    let instance = Instance::new();
    let (file, directory) = (instance.named(), instance.directory());
    let hidden = instance.disk.holding_open_files();
    let unnamed = instance.unnamed();
    instance.disk.wait(HOUR);

    let report = hidden.run(instance.scratch.sweep(None, 0)).unwrap();

    assert_eq!((report.removed.len(), report.failed.len()), (0, 0));
    file.write(b"still there").unwrap();
    directory.create_file("file").unwrap();
    drop((file, directory, unnamed));
    instance.assert_clean();
}

#[test]
fn an_entry_that_is_being_created_is_not_swept() {
    let instance = Instance::new().warmed_up();
    instance.disk.slow();

    let (file, swept) = instance.disk.run(futures::future::join(
        File::create_named(&instance.scratch, options()),
        instance.scratch.sweep(None, 0),
    ));

    assert_eq!(swept.unwrap().removed, [""; 0]);
    assert_eq!(instance.disk.entries().len(), 1);
    drop(file);
    instance.assert_clean();
}

#[test]
fn young_leftovers_stay() {
    let disk = leftovers();
    disk.wait(HOUR - 1);
    assert_eq!(sweep(&disk, HOUR).removed, [""; 0]);

    disk.wait(1);
    assert_eq!(sweep(&disk, HOUR).removed.len(), 3);

    disk.assert_empty();
}

#[test]
fn the_youngest_entry_determines_the_age_of_a_tree() {
    let instance = Instance::new();
    let directory = instance.directory();
    directory.create_directory("below").unwrap();
    let file = directory.create_file("below/file").unwrap();
    instance.disk.wait(HOUR);
    file.write(b"in use").unwrap();

    assert_eq!(sweep(&instance.disk, HOUR).removed, [""; 0]);

    instance.disk.wait(HOUR);
    assert_eq!(sweep(&instance.disk, HOUR).removed.len(), 1);
    drop((file, directory));
    instance.assert_clean();
}

#[test]
fn after_the_clock_was_set_back_a_sweep_removes_less() {
    let disk = leftovers();
    disk.put_clock_back(2 * HOUR);

    assert_eq!(sweep(&disk, 1).removed, [""; 0]);
    assert_eq!(sweep(&disk, u64::MAX).removed, [""; 0]);

    assert_eq!(disk.entries().len(), 5);
}

#[test]
fn leftovers_that_cannot_be_removed_are_reported_and_others_removed() {
    let disk = leftovers().failing_nth(Call::Unlink, 1, ErrorCode::Busy);
    // The search for the default directory makes the first call to unlink.
    let instance = Instance::on(disk.clone());
    let location = disk.run(instance.scratch.find(Some("/tmp"))).unwrap();

    let report = disk.run(crate::instance::sweep::sweep(&disk, &instance.scratch.live, &location, 0));

    let [(path, error)] = &report.failed[..] else { panic!("{:?}", report.failed) };
    assert_eq!((report.removed.len(), error.code), (2, ErrorCode::Busy));
    assert!(path.starts_with("/tmp/") && error.message.contains("in use"), "{}", error.message);
}

#[test]
fn a_listing_that_ends_early_is_reported() {
    let disk = leftovers();
    disk.plant_untellable("/tmp");

    let report = sweep(&disk, 0);

    let [(path, error)] = &report.failed[..] else { panic!("{:?}", report.failed) };
    assert_eq!((&**path, error.code), ("/tmp", ErrorCode::IllegalByteSequence));
    assert_eq!(report.removed.len(), 3);
}

#[test]
fn another_directory_can_be_swept() {
    let disk = leftovers().preopen("/other");
    let instance = Instance::on(disk.clone());
    let other = instance.try_named(in_directory("/other")).unwrap();
    let disk = crash(instance, other);
    assert_eq!(disk.entries().len(), 6);

    let instance = Instance::on(disk.clone());
    let report = disk.run(instance.scratch.sweep(Some("/other".into()), 0)).unwrap();

    assert_eq!((report.removed.len(), disk.entries().len()), (1, 5));
    let missing = disk.run(instance.scratch.sweep(Some("/nowhere".into()), 0));
    assert_eq!(code(missing.map(drop)), Some(ErrorCode::NoEntry));
}

#[test]
fn the_environment_can_request_a_sweep_at_the_first_use() {
    let disk = leftovers().with_variable("SCRATCH_SWEEP_OLDER_THAN", "1h");
    Instance::on(disk.clone()).unnamed();
    assert_eq!(disk.entries().len(), 5);
    disk.wait(HOUR);

    let instance = Instance::on(disk.clone());
    instance.unnamed();

    disk.assert_empty();
    disk.forget_calls();
    instance.unnamed();
    assert_eq!(disk.count(Call::List), 0);
}

#[test]
fn concurrent_sweeps_report_no_failure() {
    let disk = leftovers();
    let [one, other] = [(); 2].map(|()| Instance::on(disk.clone()).warmed_up());
    disk.slow();

    let (first, second) =
        disk.run(futures::future::join(one.scratch.sweep(None, 0), other.scratch.sweep(None, 0)));

    let (first, second) = (first.unwrap(), second.unwrap());
    assert!(first.failed.is_empty() && second.failed.is_empty(), "{:?} {:?}", first.failed, second.failed);
    disk.assert_empty();
}
