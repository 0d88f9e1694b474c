//! A directory that another process removes while an instance uses it: open files keep working, new
//! ones are refused, nothing traps.

use std::fs;

use host_tests::{Error, ErrorCode, FileOptions, OpenFlags, Result, Scratch, Setup, TemporaryFile, Whence};

use crate::suite::tests;

tests! {
    every_mode {
        open_files_outlive_their_directory,
        nothing_is_created_in_a_removed_directory,
        a_spool_stays_in_memory_when_its_directory_is_removed,
        a_tree_removed_with_its_parent_counts_as_removed,
        entries_dropped_after_their_directory_use_nothing,
        another_directory_still_works,
    }
}

/// Removes the preopened directory with all its entries.
fn remove_the_directory(scratch: &Scratch) -> Result {
    Ok(fs::remove_dir_all(scratch.host("/tmp"))?)
}

async fn each_kind(scratch: &Scratch) -> Result<[TemporaryFile; 3]> {
    let files = scratch.create_each_kind(5, FileOptions::new()).await?;
    // A small file moves to disk where it finds a directory.
    files[0].rollover().await?;
    for file in &files {
        file.write(b"before, ").await?;
    }
    Ok(files)
}

#[track_caller]
fn assert_gone(outcome: Result<(), Error>) {
    outcome.expect_err("its directory does not exist").assert(ErrorCode::NoEntry, &[]);
}

async fn open_files_outlive_their_directory(scratch: Scratch) -> Result {
    let files = each_kind(&scratch).await?;
    remove_the_directory(&scratch)?;

    for file in &files {
        file.write(b"after").await?;
        file.flush().await?;
        file.sync().await?;
        assert_eq!(file.contents().await?, b"before, after");
        file.truncate(Some(6)).await?;
        file.seek(0, Whence::Start).await?;
        assert_eq!(file.read_to_end().await?, b"before");
        file.close().await?;
    }

    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn nothing_is_created_in_a_removed_directory(scratch: Scratch) -> Result {
    let file = scratch.create_named().await?;
    file.write(b"content").await?;
    remove_the_directory(&scratch)?;

    for _ in 0..3 {
        assert_gone(scratch.create_on_disk().await.map(drop));
        assert_gone(scratch.create_named().await.map(drop));
        assert_gone(scratch.create_directory().await.map(drop));
        assert_gone(
            scratch.create_with(FileOptions::new().directory("/tmp").buffer_size(0_u64)).await.map(drop),
        );
        assert_gone(scratch.mkstemp(None, None, None).await.map(drop));
        assert_gone(scratch.mkdtemp(None, None, None).await.map(drop));
        assert_gone(file.persist("/tmp/kept", true).await);
    }

    assert_eq!(file.contents().await?, b"content");
    file.close().await?;
    // The guest's descriptor refers to the removed directory, not to a new one of the same name.
    fs::create_dir(scratch.host("/tmp"))?;
    assert_gone(scratch.create_on_disk().await.map(drop));
    scratch.assert_empty().await;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn a_spool_stays_in_memory_when_its_directory_is_removed(scratch: Scratch) -> Result {
    scratch.create().await?.close().await?;
    let spooled = scratch.create_spooled(10).await?;
    spooled.write(b"in memory").await?;
    remove_the_directory(&scratch)?;

    assert_gone(spooled.write(b", and more").await);
    assert_gone(spooled.rollover().await);

    assert_eq!(spooled.contents().await?, b"in memory");
    spooled.close().await?;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn a_tree_removed_with_its_parent_counts_as_removed(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.create_directory("below").await?;
    let open = directory.open("below/file", OpenFlags::CREATE, None).await?;
    remove_the_directory(&scratch)?;

    assert_gone(directory.open("other", OpenFlags::CREATE, None).await.map(drop));
    assert_gone(directory.create_directory("other").await);
    open.write(b"still a file").await?;
    assert_eq!(open.contents().await?, b"still a file");

    directory.remove("below").await?;
    directory.close().await?;
    open.close().await?;
    scratch.assert_nothing_used().await;
    Ok(())
}

async fn entries_dropped_after_their_directory_use_nothing(scratch: Scratch) -> Result {
    let files = each_kind(&scratch).await?;
    let directory = scratch.create_directory().await?;
    directory.write_file("file", b"content").await?;
    remove_the_directory(&scratch)?;

    drop((files, directory));

    scratch.assert_nothing_used().await;
    Ok(())
}

async fn another_directory_still_works(scratch: Scratch) -> Result {
    let scratch = scratch.another(Setup::default().preopen("/other")).await;
    let file = scratch.create_named().await?;
    remove_the_directory(&scratch)?;

    let other = scratch.create_named_with(FileOptions::new().directory("/other")).await?;
    other.write(b"content").await?;

    assert!(other.path().await.is_some_and(|path| path.starts_with("/other/")));
    other.close().await?;
    file.close().await?;
    scratch.assert_empty().await;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}
