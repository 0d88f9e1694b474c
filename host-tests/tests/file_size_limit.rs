//! A process with a maximum size of files (RLIMIT_FSIZE): bytes up to it are stored, the excess is an
//! error, and other files are not affected.
//!
//! The host has to ignore SIGXFSZ, which ends the process otherwise. Rust's runtime and wasmtime do
//! not change its disposition.

use host_tests::{Bytes, ErrorCode, FileOptions, OpenFlags, Result, Scratch, note, pattern};

use crate::suite::tests;

tests! {
    every_mode(SmallFiles) {
        a_file_grows_up_to_the_limit_and_no_further,
        a_flush_beyond_the_limit_is_refused_until_the_excess_is_cut,
        a_rollover_beyond_the_limit_leaves_the_bytes_in_memory,
        holes_do_not_bypass_the_limit,
        a_file_in_a_tree_at_the_limit_disturbs_no_other,
    }
    async_modes(SmallFiles) {
        a_stream_is_stored_up_to_the_limit,
    }
}

/// The limit.
const MOST: usize = 512 * 1024;

/// The size of a write: no divisor of the limit.
const PIECE: usize = 100_000;

async fn a_file_grows_up_to_the_limit_and_no_further(scratch: Scratch) -> Result {
    for file in scratch.create_each_kind(1_000, FileOptions::new().buffer_size(0)).await? {
        let whole_pieces = MOST / PIECE * PIECE;
        for piece in pattern(whole_pieces).chunks(PIECE) {
            file.write(piece).await?;
        }

        let error = file.write(&pattern(PIECE)).await.unwrap_err();

        error.assert(ErrorCode::FileTooLarge, &["file too large"]);
        assert_eq!(file.tell().await as usize, whole_pieces);
        if file.path().await.is_some() {
            // A part of the refused write may remain in a file that others see.
            file.truncate(None).await?;
        }
        file.assert_contents(&pattern(whole_pieces)).await?;
        file.write(&vec![0; MOST - whole_pieces]).await?;
        file.write(b"x").await.unwrap_err().assert(ErrorCode::FileTooLarge, &[]);
        assert_eq!(file.size().await? as usize, MOST);
        file.close().await?;
    }
    scratch.assert_empty().await;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn a_flush_beyond_the_limit_is_refused_until_the_excess_is_cut(scratch: Scratch) -> Result {
    for file in scratch.create_each_kind(1_000, FileOptions::new()).await? {
        file.write(&pattern(MOST)).await?;
        file.flush().await?;
        file.write(b"into the buffer").await?;

        for _ in 0..2 {
            file.flush().await.unwrap_err().assert(ErrorCode::FileTooLarge, &[]);
        }

        file.truncate(Some(MOST as u64)).await?;
        file.flush().await?;
        file.assert_contents(&pattern(MOST)).await?;
        file.close().await?;
    }
    scratch.assert_empty().await;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn a_rollover_beyond_the_limit_leaves_the_bytes_in_memory(scratch: Scratch) -> Result {
    let spooled = scratch.create_spooled(None).await?;
    spooled.write(&pattern(2 * MOST)).await?;

    let error = spooled.rollover().await.unwrap_err();

    error.assert(ErrorCode::FileTooLarge, &[]);
    assert!(!spooled.is_rolled().await);
    spooled.assert_contents(&pattern(2 * MOST)).await?;
    spooled.truncate(Some(MOST as u64)).await?;
    spooled.rollover().await?;
    spooled.assert_contents(&pattern(MOST)).await?;
    spooled.close().await?;
    scratch.assert_empty().await;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn holes_do_not_bypass_the_limit(scratch: Scratch) -> Result {
    for file in scratch.create_each_kind(1_000, FileOptions::new()).await? {
        file.write(&pattern(PIECE)).await?;

        let by_length = file.truncate(Some(MOST as u64 + 1)).await.unwrap_err();
        let by_offset = file.write_at(&pattern(PIECE), MOST as u64 + 1).await.unwrap_err();

        by_length.assert(ErrorCode::FileTooLarge, &[]);
        by_offset.assert(ErrorCode::FileTooLarge, &[]);
        file.assert_contents(&pattern(PIECE)).await?;
        file.close().await?;
    }
    scratch.assert_empty().await;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn a_file_in_a_tree_at_the_limit_disturbs_no_other(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let large = directory.open("large", OpenFlags::CREATE, None).await?;
    large.write(&pattern(MOST)).await?;

    large.write(b"x").await.unwrap_err().assert(ErrorCode::FileTooLarge, &[]);

    directory.write_file("other", &pattern(PIECE)).await?;
    let sizes: Vec<u64> = directory.entries("").await?.iter().map(|entry| entry.size).collect();
    assert_eq!(sizes, [MOST as u64, PIECE as u64]);
    large.assert_contents(&pattern(MOST)).await?;
    directory.close().await?;
    assert!(scratch.entries().is_empty());
    Ok(())
}

async fn a_stream_is_stored_up_to_the_limit(scratch: Scratch) -> Result {
    for file in scratch.create_each_kind(1_000, FileOptions::new()).await? {
        let error = file.write_via_stream(Bytes::from_vec(pattern(2 * MOST))).await.unwrap_err();

        error.assert(ErrorCode::FileTooLarge, &[]);
        let stored = file.tell().await as usize;
        note!("{stored} of {MOST} bytes that fit were stored");
        file.assert_contents(&pattern(stored)).await?;
        file.close().await?;
    }
    scratch.assert_empty().await;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}
