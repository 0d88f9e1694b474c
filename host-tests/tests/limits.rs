//! Limits: set by the environment and by `control`, and their effects on a consumer.

use futures::future::join_all;
use host_tests::{
    DirectoryOptions, ErrorCode, FileOptions, Limits, OpenFlags, Removal, Result, Scratch, Setup, TextOptions,
};

use crate::suite::tests;

tests! {
    every_mode {
        without_an_environment_there_are_no_limits,
        limits_come_from_the_environment,
        the_variables_in_the_guide_work,
        an_invalid_variable_is_an_error_at_first_use,
        usage_reports_current_and_past_values,
        limits_can_be_changed_at_any_time,
        each_limit_refuses_with_quota_and_its_name,
        a_refused_write_stores_what_its_documentation_promises,
        files_in_a_directory_count,
        a_dropped_file_makes_room_at_once,
        a_confined_consumer_chooses_nothing,
        text_needs_memory_too,
    }
    async_modes {
        a_stream_is_stored_up_to_the_limit,
        two_streams_share_the_remaining_bytes,
        calls_that_wait_take_no_more_memory_than_the_limit,
    }
}

async fn without_an_environment_there_are_no_limits(scratch: Scratch) -> Result {
    let limits = scratch.get_limits().await?;

    assert_eq!(limits, Limits::new().confined(false).hide_disk_full(false));
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn limits_come_from_the_environment(scratch: Scratch) -> Result {
    let setup = Setup::default()
        .variable("SCRATCH_MAX_BYTES", "1M")
        .variable("SCRATCH_MAX_FILE_BYTES", "64K")
        .variable("SCRATCH_MAX_ENTRIES", "10")
        .variable("SCRATCH_MAX_HANDLES", "5")
        .variable("SCRATCH_MAX_MEMORY", "2G")
        .variable("SCRATCH_MAX_DEPTH", "3")
        .variable("SCRATCH_CONFINED", "1")
        .variable("SCRATCH_HIDE_DISK_FULL", "1");
    let scratch = scratch.another(setup).await;

    let expected = Limits::new()
        .max_bytes(1_u64 << 20)
        .max_file_bytes(65536_u64)
        .max_entries(10_u64)
        .max_handles(5_u64)
        .max_memory(2_u64 << 30)
        .max_depth(3_u64)
        .confined(true)
        .hide_disk_full(true);
    assert_eq!(scratch.get_limits().await?, expected);
    let file = scratch.create().await?;
    file.truncate(Some(65537)).await.unwrap_err().assert(ErrorCode::Quota, &["bytes of one file"]);
    Ok(())
}

async fn the_variables_in_the_guide_work(scratch: Scratch) -> Result {
    let shown = include_str!("../../docs/SANDBOXING.md").lines().filter_map(|line| {
        let mut quoted = line.trim().strip_prefix("(\"SCRATCH_")?.split('"');
        Some((format!("SCRATCH_{}", quoted.next()?), quoted.nth(1)?))
    });
    let shown: Vec<_> = shown.collect();
    let setup = shown.iter().fold(Setup::default(), |setup, (name, value)| setup.variable(name, value));
    let scratch = scratch.another(setup).await;

    let file = scratch.create().await?;

    assert_eq!(shown.len(), 10);
    assert_ne!(scratch.get_limits().await?, Limits::new());
    file.truncate(Some((16 << 20) + 1)).await.unwrap_err().assert(ErrorCode::Quota, &["one file"]);
    Ok(())
}

async fn an_invalid_variable_is_an_error_at_first_use(scratch: Scratch) -> Result {
    for (name, value) in [
        ("SCRATCH_MAX_BYTES", "64X"),
        ("SCRATCH_MAX_ENTRIES", ""),
        ("SCRATCH_CONFINED", "yes"),
        ("SCRATCH_SWEEP_OLDER_THAN", "tomorrow"),
        ("SCRATCH_MAX_BITES", "64M"),
        ("SCRATCH_CONFINE", "1"),
        ("SCRATCH_HIDE_DISK", "1"),
        ("SCRATCH_SWEEP", "1h"),
        ("SCRATCH_DIRECTORYS", "/tmp"),
        ("scratch_confined", "1"),
    ] {
        let scratch = scratch.another(Setup::default().variable(name, value)).await;
        let errors = [
            scratch.create().await.unwrap_err(),
            scratch.create_named().await.unwrap_err(),
            scratch.create_spooled(None).await.unwrap_err(),
            scratch.create_directory().await.unwrap_err(),
            scratch.mkstemp(None, None, None).await.unwrap_err(),
            scratch.mkdtemp(None, None, None).await.unwrap_err(),
            scratch.gettempdir().await.unwrap_err(),
            scratch.get_limits().await.unwrap_err(),
            scratch.usage().await.unwrap_err(),
            scratch.set_limits(Limits::new()).await.unwrap_err(),
        ];

        for error in errors {
            error.assert(ErrorCode::Invalid, &[name, value]);
        }
        scratch.assert_empty().await;
    }
    Ok(())
}

async fn usage_reports_current_and_past_values(scratch: Scratch) -> Result {
    let (unnamed, named) = (scratch.create().await?, scratch.create_named().await?);
    let directory = scratch.create_directory().await?;
    unnamed.write(&[1; 100_000]).await?;
    named.truncate(Some(50_000)).await?;
    directory.write_file("file", &[2; 1_000]).await?;

    let usage = scratch.usage().await?;
    assert_eq!((usage.bytes_on_disk.now, usage.entries.now, usage.created), (151_000, 4, 4));
    assert_eq!(scratch.bytes_on_disk(), 151_000);
    unnamed.close().await?;
    named.close().await?;
    directory.close().await?;

    let usage = scratch.usage().await?;
    assert!(usage.is_nothing(), "{usage:?}");
    assert_eq!((usage.bytes_on_disk.peak, usage.entries.peak, usage.removed), (151_000, 4, 4));
    assert!(usage.handles.peak >= 3, "{usage:?}");
    Ok(())
}

async fn limits_can_be_changed_at_any_time(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    file.write(&[1; 1_000]).await?;

    scratch.set_limits(Limits::new().max_bytes(100_u64)).await?;

    file.write(b"x").await.unwrap_err().assert(ErrorCode::Quota, &["bytes on disk"]);
    assert_eq!(file.contents().await?, [1; 1_000]);
    scratch.set_limits(Limits::new()).await?;
    file.write(b"x").await?;
    file.close().await?;
    Ok(())
}

async fn each_limit_refuses_with_quota_and_its_name(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    let spooled = scratch.create_spooled(None).await?;
    let directory = scratch.create_directory().await?;
    let limits = Limits::new().max_bytes(10_u64).max_file_bytes(5_u64).max_memory(5_u64).max_depth(1_u64);
    scratch.set_limits(limits.max_entries(2_u64)).await?;

    let refusals = [
        (file.write_at(b"x", 5).await.unwrap_err(), "bytes of one file"),
        (spooled.write(b"123456").await.unwrap_err(), "bytes of one file"),
        (directory.create_directory("a/b").await.unwrap_err(), "depth"),
        (directory.create_directory("a").await.unwrap_err(), "files and directories on disk"),
        (scratch.create_named().await.unwrap_err(), "files and directories on disk"),
    ];
    scratch.set_limits(Limits::new().max_handles(3_u64).max_memory(5_u64).max_bytes(10_u64)).await?;
    let others = [
        (scratch.create().await.unwrap_err(), "open files and directories"),
        (scratch.create_spooled(None).await.unwrap_err(), "open files and directories"),
        (directory.open("f", OpenFlags::CREATE, None).await.unwrap_err(), "open files and directories"),
        (spooled.write(b"123456").await.unwrap_err(), "bytes of memory"),
        (file.write_at(b"x", 10).await.unwrap_err(), "bytes on disk"),
    ];

    let count = refusals.len() + others.len();
    for (error, limit) in refusals.into_iter().chain(others) {
        error.assert(ErrorCode::Quota, &["limit reached", limit]);
    }
    assert_eq!(scratch.usage().await?.refused, count as u64);
    Ok(())
}

async fn a_refused_write_stores_what_its_documentation_promises(scratch: Scratch) -> Result {
    for buffer in [0, 65_536] {
        scratch.set_limits(Limits::new().max_bytes(10_u64)).await?;
        let file = scratch.create_with(FileOptions::new().buffer_size(buffer)).await?;

        file.write(b"0123456").await?;
        file.write(b"789x").await.unwrap_err().assert(ErrorCode::Quota, &[]);
        assert_eq!((file.tell().await, file.size().await?), (7, 7));
        file.write_lines(&[b"7", b"8", b"9x"]).await.unwrap_err().assert(ErrorCode::Quota, &[]);
        assert_eq!((file.tell().await, file.contents().await?), (9, b"012345678".to_vec()));
        file.write(b"9").await?;
        file.sync().await?;

        assert_eq!(scratch.bytes_on_disk(), 10);
        file.close().await?;
        assert_eq!(scratch.bytes_on_disk(), 0);
    }
    Ok(())
}

async fn files_in_a_directory_count(scratch: Scratch) -> Result {
    scratch.set_limits(Limits::new().max_bytes(100_u64).max_entries(4_u64)).await?;
    let directory = scratch.create_directory().await?;
    directory.create_directory("below").await?;
    directory.write_file("below/a", &[1; 60]).await?;
    let file = directory.open("b", OpenFlags::CREATE, None).await?;

    file.write(&[2; 41]).await.unwrap_err().assert(ErrorCode::Quota, &["bytes on disk"]);
    directory.create_directory("c").await.unwrap_err().assert(ErrorCode::Quota, &["files and directories"]);
    directory.remove("below").await?;
    file.write(&[2; 100]).await?;
    directory.create_directory("c").await?;

    directory.close().await?;
    assert_eq!(scratch.usage().await?.bytes_on_disk.now, 100, "the file is still open");
    file.close().await?;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn a_dropped_file_makes_room_at_once(scratch: Scratch) -> Result {
    scratch.set_limits(Limits::new().max_bytes(100_000_u64).max_entries(3_u64)).await?;
    for _ in 0..50 {
        let file = scratch.create_named().await?;
        file.write(&[1; 100_000]).await?;
        drop(file);
        let directory = scratch.create_directory().await?;
        directory.create_directory("below").await?;
        directory.write_file("below/file", &[2; 100_000]).await?;
        drop(directory);
    }

    scratch.assert_nothing_used().await;
    scratch.assert_empty().await;
    assert_eq!(scratch.usage().await?.refused, 0);
    Ok(())
}

async fn a_confined_consumer_chooses_nothing(scratch: Scratch) -> Result {
    scratch.set_limits(Limits::new().confined(true)).await?;
    let (file, directory) = (scratch.create_named().await?, scratch.create_directory().await?);
    file.write(b"content").await?;
    let isolated = || FileOptions::new().directory("/tmp");
    let never = DirectoryOptions::new().removal(Removal::Never);

    let refusals = [
        scratch.create_with(isolated()).await.unwrap_err(),
        scratch.create_named_with(isolated()).await.unwrap_err(),
        scratch.create_named_with(FileOptions::new().removal(Removal::Never)).await.unwrap_err(),
        scratch.create_spooled_with(None, isolated()).await.unwrap_err(),
        scratch.create_directory_with(DirectoryOptions::new().directory("/tmp")).await.unwrap_err(),
        scratch.create_directory_with(never).await.unwrap_err(),
        scratch.mkstemp(None, None, None).await.unwrap_err(),
        scratch.mkdtemp(None, None, None).await.unwrap_err(),
        file.persist("/tmp/target", true).await.unwrap_err(),
        file.keep().await.unwrap_err(),
        directory.keep().await.unwrap_err(),
    ];

    for error in refusals {
        error.assert(ErrorCode::NotPermitted, &["confined"]);
    }
    assert_eq!(file.contents().await?, b"content");
    file.close().await?;
    directory.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn text_needs_memory_too(scratch: Scratch) -> Result {
    let text = scratch.text_of_bytes("zeile\n".repeat(10_000).as_bytes(), TextOptions::new()).await?;
    scratch.set_limits(Limits::new().max_memory(100_000_u64)).await?;
    while !text.read_line(None).await?.is_empty() {
        let memory = scratch.usage().await?.memory_bytes;
        assert!(memory.now > 0 && memory.now <= 100_000, "{memory:?}");
    }
    text.close().await?;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn a_stream_is_stored_up_to_the_limit(scratch: Scratch) -> Result {
    for max in [0, 1, 65_535, 65_536, 100_000] {
        scratch.set_limits(Limits::new().max_bytes(max)).await?;
        for spooled in [false, true] {
            let file = if spooled { scratch.create_spooled(0).await? } else { scratch.create().await? };
            let data: Vec<u8> = (0..200_000_u32).map(|number| number as u8).collect();

            let error = file.write_via_stream(host_tests::Bytes::from_vec(data.clone())).await.unwrap_err();

            error.assert(ErrorCode::Quota, &["bytes on disk"]);
            assert_eq!((file.tell().await, file.size().await?), (max, max));
            assert_eq!(file.contents().await?, data[..max as usize]);
            file.close().await?;
            assert!(scratch.usage().await?.is_nothing());
        }
    }
    Ok(())
}

async fn two_streams_share_the_remaining_bytes(scratch: Scratch) -> Result {
    scratch.set_limits(Limits::new().max_bytes(300_000_u64)).await?;
    let files = [scratch.create().await?, scratch.create().await?];
    let stream = |file| {
        let file: &host_tests::TemporaryFile = file;
        file.write_via_stream(host_tests::Bytes::from_vec(vec![7; 200_000]))
    };

    let (first, second) = futures::join!(stream(&files[0]), stream(&files[1]));

    let refusals = [first, second].into_iter().filter_map(|outcome| outcome.err());
    refusals.for_each(|error| error.assert(ErrorCode::Quota, &[]));
    assert_eq!(files[0].size().await? + files[1].size().await?, 300_000);
    assert_eq!(scratch.usage().await?.bytes_on_disk.peak, 300_000);
    Ok(())
}

async fn calls_that_wait_take_no_more_memory_than_the_limit(scratch: Scratch) -> Result {
    const MIB: usize = 1 << 20;
    scratch.set_limits(Limits::new().max_memory(4 * MIB as u64)).await?;
    let file = scratch.create().await?;
    let data = vec![7; MIB];

    let writes = join_all((0..100).map(|_| file.write(&data))).await;

    let refused: Vec<_> = writes.into_iter().filter_map(Result::err).collect();
    for error in &refused {
        error.assert(ErrorCode::Quota, &["memory"]);
    }
    assert_eq!(file.size().await? as usize, (100 - refused.len()) * MIB);
    let linear = scratch.linear_memory().await;
    assert!(linear < 16 * MIB, "{linear} bytes, {} calls refused", refused.len());
    Ok(())
}
