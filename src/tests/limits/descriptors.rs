//! Descriptors of the host: bounded by the open files and directories, whatever is called at once.

use futures::future::{join_all, try_join_all};

use super::*;
use crate::file::File;

/// The descriptors that listings, removals and the search for the default directory may take beside
/// those of open files and directories.
const BESIDE: usize = 80;

#[test]
fn many_listings_at_once_take_few_descriptors() {
    let instance = Instance::new().warmed_up();
    let directory = instance.directory();
    instance.disk.plant_file(&directory.join("a/b/file"), b"");
    instance.disk.slow();

    let listings = (0..1000).map(|_| directory.directory.entries("a/b".to_owned()));
    let listed = instance.disk.run(try_join_all(listings)).unwrap();

    assert!(listed.iter().all(|entries| entries.len() == 1));
    assert!(instance.disk.peak_descriptors() <= 10, "{}", instance.disk.peak_descriptors());
    drop(directory);
    instance.assert_clean();
}

#[test]
fn removals_of_many_deep_trees_at_once_take_the_descriptors_of_one() {
    const TREES: usize = 30;
    let instance = Instance::new().warmed_up();
    let mut trees: Vec<_> = (0..TREES).map(|_| instance.directory()).collect();
    for tree in &trees {
        instance.disk.plant_file(&tree.join(&["d"; 70].join("/")), b"");
    }
    instance.disk.slow();

    let closed = trees.split_off(TREES / 2);
    drop(trees);
    let closes = instance.disk.run(join_all(closed.iter().map(|tree| tree.directory.close())));
    instance.disk.settle();
    drop(closed);

    assert!(closes.iter().all(Result::is_ok));
    let most = 3 * TREES + BESIDE;
    assert!(instance.disk.peak_descriptors() <= most, "{}", instance.disk.peak_descriptors());
    instance.assert_clean();
}

#[test]
fn a_creation_that_waits_for_a_handle_holds_no_descriptor() {
    let instance = Instance::limited(Limits { max_handles: Some(1), ..NONE }).warmed_up();
    instance.disk.plant_directory("/tmp/shared");
    instance.disk.holding(Call::RemoveDirectory);
    drop(instance.directory());
    let before = instance.disk.open_descriptors();

    let waiting = (0..50).map(|_| File::create(&instance.scratch, in_directory("/tmp/shared")));
    let outcome = instance.disk.poll_times(join_all(waiting), 3);

    assert!(outcome.is_none(), "they wait for the removal");
    assert!(instance.disk.peak_descriptors() <= before + 2, "{}", instance.disk.peak_descriptors());
    instance.disk.release();
    instance.disk.settle();
    instance.disk.take_away("/tmp/shared");
    instance.assert_clean();
}

#[test]
fn a_dropped_file_counts_as_open_while_its_removal_holds_a_directory() {
    let instance = Instance::new().warmed_up();
    instance.disk.plant_directory("/tmp/elsewhere");
    let [elsewhere, here] =
        ["/tmp/elsewhere", "/tmp"].map(|path| instance.try_named(in_directory(path)).unwrap());
    instance.disk.holding(Call::Unlink);

    drop((elsewhere, here));
    assert_eq!(instance.usage().handles.now, 1, "the default directory is open in any case");
    instance.disk.release();
    instance.disk.settle();

    assert_eq!(instance.usage().handles.now, 0);
    instance.disk.take_away("/tmp/elsewhere");
    instance.assert_clean();
}
