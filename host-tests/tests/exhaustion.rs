//! Exhaustion: a plugin takes all the bytes, entries, handles, memory and depth it can get. Each limit
//! holds to the last byte, nothing traps, and other instances go on.

use futures::join;
use host_tests::{
    Filling, Gauge, KindOfWaste, Limits, Mode, Plugin, Releasing, Result, Scratch, Setup, Whence,
};

use crate::suite::tests;

tests! {
    async_modes {
        the_disk_is_not_filled_by_bytes,
        the_disk_is_not_filled_by_holes,
        the_disk_is_not_filled_by_entries,
        the_disk_is_not_filled_by_trees,
        the_disk_is_not_filled_by_cancelled_calls,
        memory_is_not_filled_by_spools,
        memory_is_not_filled_by_buffers,
        handles_are_not_used_up_by_never_closing,
        dropped_and_cancelled_creations_use_up_nothing,
        creating_and_dropping_in_turn_needs_room_for_one,
        a_deep_tree_is_made_and_removed,
        free_space_cannot_be_measured,
    }
    every_mode {
        the_last_byte_is_granted_and_one_more_is_not,
        a_million_empty_files_are_refused_at_the_limit,
        extreme_numbers_do_not_bypass_a_limit,
    }
}

const MEGABYTE: u64 = 1_000_000;

/// The maximum number of steps of an attack.
const MOST: u32 = 20_000;

/// A limit, and the gauge that it limits.
struct Measure {
    limits: Limits,
    gauge: fn(&host_tests::Usage) -> Gauge,
    most: u64,
}

impl Measure {
    fn bytes(most: u64) -> Measure {
        Measure { limits: Limits::new().max_bytes(most), gauge: |usage| usage.bytes_on_disk, most }
    }

    fn entries(most: u64) -> Measure {
        Measure { limits: Limits::new().max_entries(most), gauge: |usage| usage.entries, most }
    }

    fn handles(most: u64) -> Measure {
        Measure { limits: Limits::new().max_handles(most), gauge: |usage| usage.handles, most }
    }

    fn memory(most: u64) -> Measure {
        Measure { limits: Limits::new().max_memory(most), gauge: |usage| usage.memory_bytes, most }
    }
}

/// Runs each attack in the plugin, beside another instance that must not notice; returns the peak
/// usage of each.
async fn attack(plugin: &Plugin, ways: &[Filling], measure: &Measure) -> Result<Vec<u64>> {
    let bystander = plugin.another(Setup::default()).await;
    let mut used = Vec::new();
    for (number, way) in ways.iter().enumerate() {
        let attacker = plugin.another(Setup::default()).await;
        attacker.set_limits(measure.limits).await;

        let (filled, undisturbed) = join!(attacker.fill(*way, MOST), bystander.stream_both_ways(100_000));

        let filled = filled.map_err(|seen| format!("{way:?}: {seen}"))?;
        undisturbed?;
        let usage = attacker.usage().await;
        let gauge = (measure.gauge)(&usage);
        assert!(gauge.peak <= measure.most, "{way:?}: {usage:?}");
        assert!(filled.refusals > 0 && usage.refused > 0, "{way:?}: {filled:?}, {usage:?}");
        assert!(attacker.bytes_on_disk() <= usage.bytes_on_disk.now, "{way:?}: {usage:?}");
        let how = if number % 2 == 0 { Releasing::Closing } else { Releasing::Dropping };
        attacker.release(how).await.map_err(|seen| format!("{way:?}: {seen}"))?;
        attacker.assert_nothing_used().await;
        attacker.assert_empty().await;
        attacker.refill().await?;
        used.push(gauge.peak);
    }
    Ok(used)
}

/// CWE-400, CWE-770: bytes, by each function that writes.
async fn the_disk_is_not_filled_by_bytes(plugin: Plugin) -> Result {
    let ways = [
        Filling::Writing,
        Filling::WritingNamed,
        Filling::WritingInATree,
        Filling::Streaming,
        Filling::Lines,
        Filling::Text,
        Filling::RollingOver,
    ];

    let used = attack(&plugin, &ways, &Measure::bytes(MEGABYTE)).await?;

    assert_eq!(used, [MEGABYTE; 7]);
    // `try-write` is not refused, but does nothing.
    plugin.set_limits(Limits::new().max_bytes(MEGABYTE)).await;
    assert_eq!(plugin.fill(Filling::Trying, MOST).await?.bytes, MEGABYTE);
    assert_eq!(plugin.usage().await.bytes_on_disk.peak, MEGABYTE);
    Ok(())
}

/// CWE-400, CWE-770: growth by holes is charged although it takes no space on the disk.
async fn the_disk_is_not_filled_by_holes(plugin: Plugin) -> Result {
    let ways = [Filling::AtAnOffset, Filling::BehindASeek, Filling::Truncating];

    let used = attack(&plugin, &ways, &Measure::bytes(MEGABYTE)).await?;

    assert_eq!(used, [MEGABYTE; 3]);
    Ok(())
}

/// CWE-770: an empty entry takes an inode, with or without a name.
async fn the_disk_is_not_filled_by_entries(plugin: Plugin) -> Result {
    let ways = [Filling::EmptyFiles, Filling::NamedFiles, Filling::Directories];

    let used = attack(&plugin, &ways, &Measure::entries(100)).await?;

    assert_eq!(used, [100; 3]);
    Ok(())
}

/// CWE-770: wide and deep trees.
async fn the_disk_is_not_filled_by_trees(plugin: Plugin) -> Result {
    let ways = [Filling::FilesInATree, Filling::DirectoriesInATree, Filling::DeepTree];

    let used = attack(&plugin, &ways, &Measure::entries(100)).await?;

    assert_eq!(used, [100; 3]);
    let attacker = plugin.another(Setup::default()).await;
    attacker.set_limits(Limits::new().max_depth(7_u64)).await;
    assert_eq!(attacker.fill(Filling::DeepTree, 100).await?.entries, 8);
    Ok(())
}

/// CWE-459, CWE-770: calls that are cancelled under way.
async fn the_disk_is_not_filled_by_cancelled_calls(plugin: Plugin) -> Result {
    attack(&plugin, &[Filling::Cancelling], &Measure::bytes(MEGABYTE)).await?;
    attack(&plugin, &[Filling::Cancelling], &Measure::entries(20)).await?;
    Ok(())
}

/// CWE-770: content in memory.
async fn memory_is_not_filled_by_spools(plugin: Plugin) -> Result {
    let used = attack(&plugin, &[Filling::Spools], &Measure::memory(MEGABYTE)).await?;

    assert!(used[0] > MEGABYTE / 2, "{used:?}");
    Ok(())
}

/// CWE-770: read-ahead buffers of many files.
async fn memory_is_not_filled_by_buffers(plugin: Plugin) -> Result {
    plugin.set_limits(Limits::new().max_memory(MEGABYTE).max_bytes(10 * MEGABYTE)).await;

    plugin.fill(Filling::ReadingAhead, 200).await?;

    let memory = plugin.usage().await.memory_bytes;
    assert!(memory.peak > MEGABYTE / 2 && memory.peak <= MEGABYTE, "{memory:?}");
    plugin.release(Releasing::Dropping).await?;
    plugin.assert_nothing_used().await;
    Ok(())
}

/// CWE-772, CWE-775: files that are never closed.
async fn handles_are_not_used_up_by_never_closing(plugin: Plugin) -> Result {
    let ways = [Filling::EmptyFiles, Filling::NamedFiles, Filling::Directories, Filling::Spools];

    let used = attack(&plugin, &ways, &Measure::handles(50)).await?;

    assert_eq!(used, [50; 4]);
    plugin.set_limits(Limits::new().max_handles(50_u64)).await;
    assert_eq!(plugin.endless(KindOfWaste::NeverClosing, 1_000).await?, 50);
    plugin.release(Releasing::Closing).await?;
    plugin.assert_nothing_used().await;
    Ok(())
}

/// CWE-459: removed entries are not charged.
async fn dropped_and_cancelled_creations_use_up_nothing(plugin: Plugin) -> Result {
    plugin.set_limits(Limits::new().max_handles(1_u64).max_entries(1_u64)).await;

    for waste in [KindOfWaste::ClosingKeepingHandle, KindOfWaste::Dropping, KindOfWaste::CancellingCreates] {
        assert_eq!(plugin.endless(waste, 500).await?, 500, "{waste:?}");
        plugin.release(Releasing::Dropping).await?;
        plugin.assert_nothing_used().await;
    }

    plugin.assert_empty().await;
    Ok(())
}

/// CWE-770: with room for one file, the next one waits for the removal of the one before.
async fn creating_and_dropping_in_turn_needs_room_for_one(plugin: Plugin) -> Result {
    plugin.set_limits(Limits::new().max_bytes(100_000_u64).max_entries(3_u64)).await;

    plugin.churn(100, 100_000).await?;
    plugin.churn_trees(100, 100_000).await?;

    plugin.assert_nothing_used().await;
    plugin.assert_empty().await;
    assert!(plugin.usage().await.bytes_on_disk.peak <= 100_000);
    Ok(())
}

/// CWE-674: no recursion follows the depth of a tree. Each level is opened from the top, which limits
/// the number of levels here; `removal_attacks` removes a tree of 10,000.
async fn a_deep_tree_is_made_and_removed(plugin: Plugin) -> Result {
    let depth = if plugin.mode() == Mode::P3Blocking { 1_000 } else { 300 };

    assert_eq!(plugin.recurse(depth).await?, depth);

    plugin.assert_nothing_used().await;
    plugin.assert_empty().await;
    Ok(())
}

/// CWE-200, CWE-203: refusals reveal the limit, but not the free space of the disk.
async fn free_space_cannot_be_measured(plugin: Plugin) -> Result {
    let limits = Limits::new().max_bytes(MEGABYTE).max_file_bytes(MEGABYTE).max_memory(MEGABYTE);
    plugin.set_limits(limits.hide_disk_full(true)).await;

    let refusals = plugin.probe_free_space().await?;

    assert!(!refusals.is_empty());
    for refusal in refusals {
        assert!(refusal.contains("Quota: ") && refusal.contains("limit reached"), "{refusal}");
    }
    plugin.assert_nothing_used().await;
    Ok(())
}

async fn the_last_byte_is_granted_and_one_more_is_not(scratch: Scratch) -> Result {
    for budget in [0, 1, 2, 65_535, 65_536, 65_537] {
        scratch.set_limits(Limits::new().max_bytes(budget)).await?;
        for file in [scratch.create().await?, scratch.create_named().await?, scratch.create_spooled(0).await?]
        {
            assert!(file.write(&vec![1; budget as usize + 1]).await.is_err(), "{budget}");
            file.write(&vec![1; budget as usize]).await?;
            assert!(file.write(b"x").await.is_err(), "{budget}");
            file.sync().await?;
            assert_eq!(scratch.bytes_on_disk(), budget);
            file.close().await?;
        }
    }
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn a_million_empty_files_are_refused_at_the_limit(scratch: Scratch) -> Result {
    scratch.set_limits(Limits::new().max_entries(1_000_u64)).await?;
    let mut files = Vec::new();
    for _ in 0..1_000_000 {
        match scratch.create_named().await {
            Ok(file) => files.push(file),
            Err(_) => break,
        }
    }

    assert_eq!((files.len(), scratch.entries().len()), (1_000, 1_000));
    drop(files);
    scratch.assert_nothing_used().await;
    scratch.assert_empty().await;
    Ok(())
}

/// CWE-190; tempfile 3.10.1 had a 32-bit overflow in the seek of a spool.
async fn extreme_numbers_do_not_bypass_a_limit(scratch: Scratch) -> Result {
    scratch.set_limits(Limits::new().max_bytes(MEGABYTE).max_memory(MEGABYTE)).await?;
    let ends = [u64::from(u32::MAX), 1 << 32, (1 << 32) + 10, (1 << 53) - 1, i64::MAX as u64 - 1];
    for file in [
        scratch.create().await?,
        scratch.create_named().await?,
        scratch.create_spooled(None).await?,
        scratch.create_spooled(u64::MAX).await?,
    ] {
        file.write(b"content").await?;
        for end in ends {
            assert!(file.truncate(Some(end)).await.is_err(), "{end}");
            assert!(file.write_at(b"x", end).await.is_err(), "{end}");
            file.seek(end as i64, Whence::Start).await?;
            assert!(file.write(b"x").await.is_err(), "{end}");
            assert_eq!(file.read(10).await?, b"");
        }
        assert_eq!(file.contents().await?, b"content");
        file.close().await?;
    }
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}
