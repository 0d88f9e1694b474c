//! A full filesystem: acknowledged bytes are stored, a refusal is an error, and the instance goes on
//! as soon as there is room.

use host_tests::{
    Bytes, Error, ErrorCode, FileOptions, OpenFlags, Result, Scratch, TemporaryFile, note, pattern,
};

use crate::suite::tests;

tests! {
    every_mode(SmallDisk) {
        flushed_bytes_are_stored_when_the_disk_is_full,
        a_refused_write_leaves_the_file_as_it_was,
        a_refused_write_succeeds_once_there_is_room,
        a_file_that_does_not_fit_disturbs_no_other,
        a_rollover_that_does_not_fit_leaves_the_bytes_in_memory,
        a_copy_that_does_not_fit_leaves_the_file_where_it_was,
        a_tree_on_a_full_disk_is_read_emptied_and_removed,
        dropping_on_a_full_disk_frees_all_space,
    }
    async_modes(SmallDisk) {
        a_stream_is_stored_up_to_where_the_disk_is_full,
    }
}

/// The size of a write: no divisor of a page, nor of a buffer.
const PIECE: usize = 10_000;

/// A size for which the disk has room, whatever its overhead.
const NEARLY_ALL: usize = 900_000;

/// A file of each kind; the spooled one rolls over soon.
async fn each_kind(scratch: &Scratch) -> Result<[TemporaryFile; 3]> {
    Ok(scratch.create_each_kind(1_000, FileOptions::new()).await?)
}

/// Writes pieces of a pattern and flushes each, until one is refused; returns the number of
/// acknowledged bytes, and the refusal.
async fn fill(file: &TemporaryFile) -> (usize, Error) {
    let content = pattern(4 * NEARLY_ALL);
    for (number, piece) in content.chunks(PIECE).enumerate() {
        let acknowledged = match file.write(piece).await {
            Ok(()) => file.flush().await,
            refused => refused,
        };
        if let Err(error) = acknowledged {
            return (number * PIECE, error);
        }
    }
    panic!("the disk is not small");
}

async fn flushed_bytes_are_stored_when_the_disk_is_full(scratch: Scratch) -> Result {
    for file in each_kind(&scratch).await? {
        let (acknowledged, error) = fill(&file).await;

        error.assert(ErrorCode::InsufficientSpace, &["no space left"]);
        assert!(acknowledged > NEARLY_ALL, "{acknowledged}");
        note!("{acknowledged} bytes acknowledged");
        // Discards the buffer, which would have to be written before anything is read.
        file.truncate(Some(acknowledged as u64)).await?;
        file.assert_contents(&pattern(acknowledged)).await?;
        file.close().await?;
    }
    scratch.assert_empty().await;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn a_refused_write_leaves_the_file_as_it_was(scratch: Scratch) -> Result {
    for file in scratch.create_each_kind(1_000, FileOptions::new().buffer_size(0)).await? {
        let (acknowledged, error) = fill(&file).await;

        error.assert(ErrorCode::InsufficientSpace, &["no space left"]);
        assert!(acknowledged > NEARLY_ALL, "{acknowledged}");
        assert_eq!(file.tell().await, acknowledged as u64);
        if file.path().await.is_some() {
            // A part of the refused write may remain in a file that others see.
            file.truncate(None).await?;
        }
        file.assert_contents(&pattern(acknowledged)).await?;
        file.close().await?;
    }
    scratch.assert_empty().await;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn a_refused_write_succeeds_once_there_is_room(scratch: Scratch) -> Result {
    for file in each_kind(&scratch).await? {
        let ballast = scratch.create_named().await?;
        ballast.write(&pattern(NEARLY_ALL / 2)).await?;
        ballast.flush().await?;
        let (acknowledged, error) = fill(&file).await;
        error.assert(ErrorCode::InsufficientSpace, &[]);

        ballast.close().await?;
        file.write_at(&pattern(NEARLY_ALL), 0).await?;
        file.flush().await?;

        assert!(acknowledged < NEARLY_ALL);
        file.truncate(Some(NEARLY_ALL as u64)).await?;
        file.assert_contents(&pattern(NEARLY_ALL)).await?;
        file.close().await?;
    }
    scratch.assert_empty().await;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn a_file_that_does_not_fit_disturbs_no_other(scratch: Scratch) -> Result {
    let others = each_kind(&scratch).await?;
    for other in &others {
        other.write(&pattern(PIECE)).await?;
        other.flush().await?;
    }
    let file = scratch.create().await?;

    fill(&file).await.1.assert(ErrorCode::InsufficientSpace, &[]);

    let in_memory = scratch.create_spooled(None).await?;
    in_memory.write(&pattern(PIECE)).await?;
    for other in others.iter().chain([&in_memory]) {
        other.write_at(b"over what is there", 0).await?;
        other.flush().await?;
        assert!(other.contents().await?.starts_with(b"over what is there"));
        assert_eq!(other.size().await?, PIECE as u64);
        other.close().await?;
    }
    // The space of the closed files is enough for the next piece.
    file.flush().await?;
    file.write(&pattern(PIECE)).await?;
    file.flush().await?;
    file.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn a_rollover_that_does_not_fit_leaves_the_bytes_in_memory(scratch: Scratch) -> Result {
    let content = pattern(2 * NEARLY_ALL / 3);
    let spooled = scratch.create_spooled(None).await?;
    spooled.write(&content).await?;
    let ballast = scratch.create().await?;
    fill(&ballast).await.1.assert(ErrorCode::InsufficientSpace, &[]);

    let error = spooled.rollover().await.unwrap_err();

    error.assert(ErrorCode::InsufficientSpace, &[]);
    assert!(!spooled.is_rolled().await);
    spooled.assert_contents(&content).await?;
    ballast.close().await?;
    spooled.rollover().await?;
    spooled.assert_contents(&content).await?;
    spooled.close().await?;
    scratch.assert_empty().await;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn a_copy_that_does_not_fit_leaves_the_file_where_it_was(scratch: Scratch) -> Result {
    let content = pattern(2 * NEARLY_ALL / 3);
    let file = scratch.create().await?;
    file.write(&content).await?;
    file.flush().await?;

    let error = file.persist(&scratch.path("kept"), false).await.unwrap_err();

    error.assert(ErrorCode::InsufficientSpace, &["kept"]);
    assert!(scratch.entries().is_empty());
    file.assert_contents(&content).await?;
    file.truncate(Some(PIECE as u64)).await?;
    file.persist(&scratch.path("kept"), false).await?;
    file.close().await?;
    assert_eq!(std::fs::read(scratch.host(&scratch.path("kept")))?, content[..PIECE]);
    Ok(())
}

async fn a_tree_on_a_full_disk_is_read_emptied_and_removed(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.create_directory("below").await?;
    let mut written = Vec::new();
    let error = loop {
        let name = format!("below/{}", written.len());
        match directory.write_file(&name, &pattern(PIECE)).await {
            Ok(()) => written.push(name),
            Err(error) => break error,
        }
    };

    error.assert(ErrorCode::InsufficientSpace, &[]);
    // A file takes whole pages.
    assert!(written.len() > NEARLY_ALL * 3 / 4 / PIECE, "{}", written.len());
    for name in &written {
        let file = directory.open(name, OpenFlags::empty(), None).await?;
        file.assert_contents(&pattern(PIECE)).await?;
    }
    directory.remove(&written[0]).await?;
    directory.write_file("above", &pattern(PIECE)).await?;
    directory.close().await?;
    assert!(scratch.entries().is_empty());
    scratch.assert_nothing_used().await;
    Ok(())
}

async fn dropping_on_a_full_disk_frees_all_space(scratch: Scratch) -> Result {
    for round in 0..15 {
        let files = each_kind(&scratch).await?;
        let directory = scratch.create_directory().await?;
        directory.write_file("file", &pattern(PIECE)).await?;
        let (acknowledged, error) = fill(&files[round % 3]).await;
        error.assert(ErrorCode::InsufficientSpace, &[]);
        assert!(acknowledged > NEARLY_ALL, "{acknowledged} in round {round}");

        drop((files, directory));

        scratch.assert_nothing_used().await;
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn a_stream_is_stored_up_to_where_the_disk_is_full(scratch: Scratch) -> Result {
    for file in each_kind(&scratch).await? {
        let content = pattern(4 * NEARLY_ALL);

        let error = file.write_via_stream(Bytes::from_vec(content.clone())).await.unwrap_err();

        error.assert(ErrorCode::InsufficientSpace, &[]);
        let stored = file.tell().await as usize;
        note!("{stored} bytes of the stream stored");
        assert!(stored > NEARLY_ALL, "{stored}");
        file.assert_contents(&content[..stored]).await?;
        file.close().await?;
    }
    scratch.assert_empty().await;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}
