//! Sweeping: what is a leftover, and what is not.

use crate::instance::sweep::Report;
use crate::testing::memory_filesystem::Call;
use crate::tests::*;

const HOUR: u64 = 3_600_000_000_000;

/// Sweeps the default directory of a fresh instance on the same filesystem.
fn sweep(disk: &MemoryFilesystem, older_than: u64) -> Report {
    let instance = Instance::on(disk.clone());
    disk.run(instance.scratch.sweep(None, older_than)).unwrap()
}

/// Leaves what an instance has that dies with its host.
fn crash(instance: Instance, owned: impl Sized) -> MemoryFilesystem {
    std::mem::forget(owned);
    let disk = instance.disk.clone();
    std::mem::forget(instance);
    disk
}

/// A named file, a tree, and a kept file, of an instance that has died.
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
fn leftovers_go_whatever_they_are() {
    let disk = leftovers();
    assert_eq!(disk.entries().len(), 5);

    let report = sweep(&disk, 0);

    disk.assert_empty();
    assert_eq!(report.removed.len(), 3);
    assert!(report.removed.iter().any(|path| path.starts_with("/tmp/report-")), "{:?}", report.removed);
    assert!(report.failed.is_empty());
}

#[test]
fn what_is_not_ours_is_not_touched() {
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
fn a_link_with_a_name_of_ours_is_not_followed_and_not_touched() {
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
fn what_is_open_in_this_instance_is_not_touched() {
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
fn a_creation_under_way_is_not_swept() {
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
fn what_is_young_stays() {
    let disk = leftovers();
    disk.wait(HOUR - 1);
    assert_eq!(sweep(&disk, HOUR).removed, [""; 0]);

    disk.wait(1);
    assert_eq!(sweep(&disk, HOUR).removed.len(), 3);

    disk.assert_empty();
}

#[test]
fn a_tree_is_as_young_as_its_youngest_entry() {
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
fn a_clock_that_was_put_back_sweeps_less_not_more() {
    let disk = leftovers();
    disk.put_clock_back(2 * HOUR);

    assert_eq!(sweep(&disk, 1).removed, [""; 0]);
    assert_eq!(sweep(&disk, u64::MAX).removed, [""; 0]);

    assert_eq!(disk.entries().len(), 5);
}

#[test]
fn what_can_not_be_removed_is_reported_and_the_rest_goes() {
    let disk = leftovers().failing_nth(Call::Unlink, 1, ErrorCode::Busy);
    // The default directory was tried out in another instance, whose unlink is the first.
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
fn the_first_use_sweeps_if_the_environment_says_so() {
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
fn two_that_sweep_at_once_fail_at_nothing() {
    let disk = leftovers();
    let [one, other] = [(); 2].map(|()| Instance::on(disk.clone()).warmed_up());
    disk.slow();

    let (first, second) =
        disk.run(futures::future::join(one.scratch.sweep(None, 0), other.scratch.sweep(None, 0)));

    let (first, second) = (first.unwrap(), second.unwrap());
    assert!(first.failed.is_empty() && second.failed.is_empty(), "{:?} {:?}", first.failed, second.failed);
    disk.assert_empty();
}
