//! Long use: neither the guest's memory nor the host's resources grow.

use std::fs;

use host_tests::{OpenFlags, Result, Scratch, note};

use crate::suite::tests;

tests! {
    every_mode(Alone) {
        ten_thousand_files_in_turn_need_no_more_than_a_thousand,
        an_hour_of_creating_and_dropping_needs_no_more_than_its_first_minutes,
    }
}

/// The resources of an instance and of its host.
#[derive(Debug, PartialEq, Eq)]
struct Footprint {
    linear_memory: usize,
    host_resources: usize,
    open_files: usize,
}

impl Footprint {
    /// Returns that of an instance after everything it dropped has been removed.
    async fn at_rest(scratch: &Scratch) -> Result<Footprint> {
        scratch.assert_nothing_used().await;
        Ok(Footprint {
            linear_memory: scratch.linear_memory().await,
            host_resources: scratch.host_resources().await,
            open_files: fs::read_dir("/proc/self/fd")?.count(),
        })
    }
}

/// Creates a file of one of three kinds, writes to it, and closes or drops it.
async fn create_and_leave(scratch: &Scratch, number: usize) -> Result {
    let content = [number as u8; 2_000];
    let file = match number % 3 {
        0 => scratch.create_on_disk().await?,
        1 => scratch.create_named().await?,
        _ => scratch.create_spooled(1_000).await?,
    };
    file.write(&content).await?;
    assert_eq!(file.read_at(10, 1_990).await?, content[1_990..]);
    if number.is_multiple_of(2) {
        file.close().await?;
    }
    Ok(())
}

/// Creates a directory with a file in it, and closes or drops it.
async fn create_and_leave_tree(scratch: &Scratch, number: usize) -> Result {
    let directory = scratch.create_directory().await?;
    directory.create_directory("below").await?;
    let file = directory.open("below/file", OpenFlags::CREATE, None).await?;
    file.write(b"content").await?;
    if number.is_multiple_of(2) {
        directory.close().await?;
    }
    Ok(())
}

async fn ten_thousand_files_in_turn_need_no_more_than_a_thousand(scratch: Scratch) -> Result {
    let mut footprints = Vec::new();
    for number in 1..=10_000 {
        create_and_leave(&scratch, number).await?;
        if number == 1_000 || number == 10_000 {
            footprints.push(Footprint::at_rest(&scratch).await?);
        }
    }

    note!("{footprints:?}");
    assert_eq!(footprints[0], footprints[1]);
    scratch.assert_empty().await;
    Ok(())
}

/// As many entries as an hour has at one every 300 ms, without the pauses.
async fn an_hour_of_creating_and_dropping_needs_no_more_than_its_first_minutes(scratch: Scratch) -> Result {
    const MINUTE: usize = 200;
    let mut minutes = Vec::new();
    for _ in 0..60 {
        for number in 0..MINUTE {
            // One in ten is a tree.
            match number % 10 {
                9 => create_and_leave_tree(&scratch, number / 10).await?,
                _ => create_and_leave(&scratch, number).await?,
            }
        }
        minutes.push(Footprint::at_rest(&scratch).await?);
    }

    let usage = scratch.usage().await?;
    note!("{:?}, {usage:?}", minutes[4]);
    assert!(minutes[5..].iter().all(|footprint| *footprint == minutes[4]), "{minutes:?}");
    assert!(usage.created > 12_000 && usage.is_nothing(), "{usage:?}");
    assert!(usage.entries.peak < 100 && usage.handles.peak < 100, "{usage:?}");
    scratch.assert_empty().await;
    Ok(())
}
