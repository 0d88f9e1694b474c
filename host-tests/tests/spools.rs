//! Spooled files: the moment of the rollover, and that it loses nothing.

use futures::future::{join_all, try_join_all};
use host_tests::{ErrorCode, FileOptions, OpenFlags, Result, Scratch, Setup, Whence, pattern};

use crate::suite::tests;

tests! {
    every_mode {
        exactly_max_size_stays_in_memory_and_a_byte_more_rolls,
        without_a_max_size_it_never_rolls_by_itself,
        a_max_size_of_zero_rolls_at_the_first_byte,
        lines_are_checked_one_by_one,
        truncate_beyond_max_size_rolls,
        a_write_at_an_offset_beyond_max_size_rolls,
        neither_seeking_nor_reading_rolls,
        taking_a_descriptor_rolls,
        rollover_keeps_bytes_and_position,
        rolling_over_twice_changes_nothing,
        a_failed_rollover_keeps_the_bytes_in_memory,
        a_refused_rollover_can_be_retried_elsewhere,
        a_spool_in_memory_touches_no_disk,
        a_rolled_spool_has_no_name,
        closing_a_spool_in_memory_leaves_nothing,
    }
    async_modes {
        writes_beside_a_rollover_are_stored,
        writes_that_roll_over_beside_others_are_stored,
    }
}

async fn exactly_max_size_stays_in_memory_and_a_byte_more_rolls(scratch: Scratch) -> Result {
    let file = scratch.create_spooled(10).await?;

    file.write(b"0123456789").await?;
    assert!(!file.is_rolled().await);
    file.seek(4, Whence::Start).await?;
    file.write(b"xyz").await?;
    assert!(!file.is_rolled().await, "the size counts, not the number of bytes written");
    file.seek(0, Whence::End).await?;
    file.write(b"a").await?;

    assert!(file.is_rolled().await);
    assert_eq!(file.contents().await?, b"0123xyz789a");
    file.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn without_a_max_size_it_never_rolls_by_itself(scratch: Scratch) -> Result {
    let file = scratch.create_spooled(None).await?;

    file.write(&vec![b'x'; 3_000_000]).await?;

    assert!(!file.is_rolled().await);
    assert_eq!(file.size().await?, 3_000_000);
    Ok(())
}

async fn a_max_size_of_zero_rolls_at_the_first_byte(scratch: Scratch) -> Result {
    let file = scratch.create_spooled(0).await?;
    file.write(b"").await?;
    assert!(!file.is_rolled().await);

    file.write(b"x").await?;

    assert!(file.is_rolled().await);
    assert_eq!(file.contents().await?, b"x");
    Ok(())
}

/// If the third line can't roll over because the directory is gone, the first two are stored.
async fn lines_are_checked_one_by_one(scratch: Scratch) -> Result {
    let file = scratch.create_spooled_with(8, FileOptions::new().directory(&scratch.path("missing"))).await?;

    let error = file.write_lines(&[b"aaaa", b"bbbb", b"c"]).await.unwrap_err();

    error.assert(ErrorCode::NoEntry, &["/tmp/missing"]);
    assert_eq!(file.contents().await?, b"aaaabbbb");
    assert_eq!(file.tell().await, 8);
    assert!(!file.is_rolled().await);
    Ok(())
}

async fn truncate_beyond_max_size_rolls(scratch: Scratch) -> Result {
    let file = scratch.create_spooled(10).await?;
    file.write(b"abc").await?;

    file.truncate(Some(10)).await?;
    assert!(!file.is_rolled().await);
    file.truncate(Some(11)).await?;

    assert!(file.is_rolled().await);
    assert_eq!(file.contents().await?, b"abc\0\0\0\0\0\0\0\0");
    assert_eq!(file.tell().await, 3);
    Ok(())
}

async fn a_write_at_an_offset_beyond_max_size_rolls(scratch: Scratch) -> Result {
    let file = scratch.create_spooled(10).await?;

    file.write_at(b"ab", 8).await?;
    assert!(!file.is_rolled().await);
    file.write_at(b"cd", 9).await?;

    assert!(file.is_rolled().await);
    assert_eq!(file.contents().await?, b"\0\0\0\0\0\0\0\0acd");
    assert_eq!(file.tell().await, 0);
    Ok(())
}

async fn neither_seeking_nor_reading_rolls(scratch: Scratch) -> Result {
    let file = scratch.create_spooled(3).await?;
    file.write(b"abc").await?;

    file.seek(1_000, Whence::Start).await?;
    file.write(b"").await?;
    assert_eq!(file.read(5).await?, b"");
    assert_eq!(file.contents().await?, b"abc");
    file.sync().await?;

    assert!(!file.is_rolled().await);
    Ok(())
}

async fn taking_a_descriptor_rolls(scratch: Scratch) -> Result {
    let file = scratch.create_spooled(100).await?;
    file.write(b"abc").await?;

    let descriptor = scratch.descriptor_of_file(&file).await?;

    assert!(file.is_rolled().await);
    assert_eq!(descriptor.metadata()?.len(), 3);
    scratch.assert_empty().await;
    Ok(())
}

async fn rollover_keeps_bytes_and_position(scratch: Scratch) -> Result {
    let content = pattern(300_000);
    let file = scratch.create_spooled(None).await?;
    file.write(&content).await?;
    file.seek(1_000, Whence::Start).await?;

    file.rollover().await?;

    assert!(file.is_rolled().await);
    assert_eq!(file.tell().await, 1_000);
    assert_eq!(file.read(3).await?, content[1_000..1_003]);
    assert!(file.contents().await? == content);
    Ok(())
}

async fn rolling_over_twice_changes_nothing(scratch: Scratch) -> Result {
    let file = scratch.create_spooled(None).await?;
    file.write(b"abc").await?;

    file.rollover().await?;
    file.rollover().await?;

    assert_eq!(file.contents().await?, b"abc");
    Ok(())
}

async fn writes_beside_a_rollover_are_stored(scratch: Scratch) -> Result {
    let file = scratch.create_spooled(None).await?;
    file.write(&vec![b'.'; 100_000]).await?;

    let (first, rolled, second, third) =
        futures::join!(file.write(b"1"), file.rollover(), file.write(b"2"), file.write(b"3"));

    first?;
    rolled?;
    second?;
    third?;
    assert!(file.is_rolled().await);
    assert_eq!(file.size().await?, 100_003);
    assert_eq!(file.read_at(10, 100_000).await?, b"123", "operations run in the order of their calls");
    Ok(())
}

async fn writes_that_roll_over_beside_others_are_stored(scratch: Scratch) -> Result {
    let file = scratch.create_spooled(1_000).await?;
    let pieces: Vec<Vec<u8>> = (0..100_u8).map(|number| vec![number; 97]).collect();

    try_join_all(pieces.iter().map(|piece| file.write(piece))).await?;

    assert!(file.is_rolled().await);
    assert_eq!(file.contents().await?, pieces.concat());
    Ok(())
}

async fn a_failed_rollover_keeps_the_bytes_in_memory(scratch: Scratch) -> Result {
    let scratch = scratch.another(Setup::nothing().read_only("/tmp")).await;
    let file = scratch.create_spooled(4).await?;
    file.write(b"1234").await?;

    let write = file.write(b"5").await.unwrap_err();
    let rollover = file.rollover().await.unwrap_err();

    write.assert(ErrorCode::NoEntry, &["/tmp"]);
    rollover.assert(ErrorCode::NoEntry, &["/tmp"]);
    assert!(!file.is_rolled().await);
    assert_eq!(file.tell().await, 4);
    assert_eq!(file.contents().await?, b"1234");
    file.write_at(b"abcd", 0).await?;
    assert_eq!(file.contents().await?, b"abcd");
    file.close().await?;
    Ok(())
}

async fn a_refused_rollover_can_be_retried_elsewhere(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let late = format!("{}/late", directory.path().await);
    let file = scratch.create_spooled_with(4, FileOptions::new().directory(&late)).await?;
    file.write(b"1234").await?;
    let refused = join_all([file.write(b"5"), file.write(b"6")]).await;
    assert!(refused.iter().all(|write| write.as_ref().is_err_and(|error| error.code == ErrorCode::NoEntry)));

    directory.create_directory("late").await?;
    file.write(b"7").await?;

    assert!(file.is_rolled().await);
    assert_eq!(file.contents().await?, b"12347");
    file.close().await?;
    directory.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn a_spool_in_memory_touches_no_disk(scratch: Scratch) -> Result {
    let scratch = scratch.another(Setup::nothing()).await;

    let file = scratch.create_spooled(100).await?;
    file.write(b"no directory, no matter").await?;
    file.flush().await?;
    file.sync().await?;

    assert_eq!(file.contents().await?, b"no directory, no matter");
    file.close().await?;
    Ok(())
}

async fn a_rolled_spool_has_no_name(scratch: Scratch) -> Result {
    let file = scratch.create_spooled(1).await?;
    file.write(&vec![b'x'; 200_000]).await?;

    assert_eq!(file.path().await, None);
    assert!(scratch.entries().is_empty());
    Ok(())
}

async fn closing_a_spool_in_memory_leaves_nothing(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let file = scratch.create_spooled_with(1, FileOptions::new().directory(&directory.path().await)).await?;
    file.write(b"x").await?;
    file.close().await?;

    assert!(directory.entries(".").await?.is_empty());
    let reopened = directory.open("x", OpenFlags::empty(), None).await.unwrap_err();
    reopened.assert(ErrorCode::NoEntry, &["x"]);
    directory.close().await?;
    scratch.assert_empty().await;
    Ok(())
}
