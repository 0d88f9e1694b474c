//! A process without free descriptors (RLIMIT_NOFILE): creations are refused, open files keep
//! working, nothing is left behind, and closing a file makes room for the next.

use std::fs::{self, File};

use futures::future::try_join_all;
use host_tests::{Error, ErrorCode, FileOptions, OpenFlags, Removal, Result, Scratch, TemporaryFile, note};

use crate::suite::tests;

tests! {
    every_mode(FewOpenFiles) {
        creations_are_refused_and_open_files_keep_working,
        each_kind_of_creation_is_refused_without_a_trace,
        closing_or_dropping_makes_room,
        a_rollover_without_a_handle_leaves_the_bytes_in_memory,
        a_tree_is_removed_without_a_free_handle_or_later,
        a_dropped_tree_that_needed_a_handle_is_removed_at_a_later_creation,
        a_name_is_removed_without_a_handle,
        many_listings_at_once_take_few_descriptors,
        many_removals_at_once_take_few_descriptors,
    }
}

/// A descriptor reserved for the test's own look at directories.
struct Reserve(Option<File>);

impl Reserve {
    fn new() -> Result<Reserve> {
        Ok(Reserve(Some(File::open("/dev/null")?)))
    }

    fn entries(&mut self, scratch: &Scratch) -> Result<Vec<String>> {
        self.0 = None;
        let entries = scratch.entries();
        *self = Reserve::new()?;
        Ok(entries)
    }
}

/// Opens files, named and unnamed in turn, until the host has no free descriptor.
async fn use_up(scratch: &Scratch) -> (Vec<TemporaryFile>, Error) {
    let mut files = Vec::new();
    loop {
        let created = if files.len().is_multiple_of(2) {
            scratch.create_on_disk().await
        } else {
            scratch.create_named().await
        };
        match created {
            Ok(file) => files.push(file),
            Err(error) => {
                assert!((20..64).contains(&files.len()), "{} files were open: {error}", files.len());
                return (files, error);
            }
        }
    }
}

async fn creations_are_refused_and_open_files_keep_working(scratch: Scratch) -> Result {
    let (files, error) = use_up(&scratch).await;

    // WASI has no error code for it.
    error.assert(ErrorCode::Io, &["input/output error"]);
    note!("{} files were open", files.len());
    for (number, file) in files.iter().enumerate() {
        let content = vec![number as u8; 100_000];
        file.write(&content).await?;
        file.write(b"buffered").await?;
        file.flush().await?;
        assert_eq!(file.read_at(100_000, 0).await?, content);
        assert_eq!(file.read_at(100, 100_000).await?, b"buffered");
    }
    for file in &files {
        file.close().await?;
    }
    scratch.assert_empty().await;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn each_kind_of_creation_is_refused_without_a_trace(scratch: Scratch) -> Result {
    let mut reserve = Reserve::new()?;
    let (files, _) = use_up(&scratch).await;
    let before = reserve.entries(&scratch)?;
    assert_eq!(before.len(), files.len() / 2);

    for _ in 0..50 {
        let refused = [
            scratch.create_on_disk().await.map(drop),
            scratch.create_named().await.map(drop),
            scratch.create_named_with(FileOptions::new().removal(Removal::Never)).await.map(drop),
            scratch.create_directory().await.map(drop),
            scratch.mkstemp(None, None, None).await.map(drop),
        ];
        for refused in refused {
            refused.unwrap_err().assert(ErrorCode::Io, &[]);
        }
    }

    assert_eq!(reserve.entries(&scratch)?, before);
    drop(files);
    scratch.assert_empty().await;
    scratch.assert_nothing_used().await;
    Ok(())
}

async fn closing_or_dropping_makes_room(scratch: Scratch) -> Result {
    let (mut files, _) = use_up(&scratch).await;
    for round in 0..50 {
        let file = files.swap_remove(round % files.len());
        if round.is_multiple_of(2) {
            file.close().await?;
        }
        drop(file);

        let next = scratch.create_named().await?;

        next.write(b"there is room for one").await?;
        files.push(next);
        assert!(scratch.create_on_disk().await.is_err(), "in round {round}");
    }
    drop(files);
    scratch.assert_empty().await;
    scratch.assert_nothing_used().await;
    Ok(())
}

async fn a_rollover_without_a_handle_leaves_the_bytes_in_memory(scratch: Scratch) -> Result {
    let (mut files, _) = use_up(&scratch).await;
    let spooled = scratch.create_spooled(10).await?;
    spooled.write(b"in memory").await?;

    spooled.write(b", and more").await.unwrap_err().assert(ErrorCode::Io, &[]);

    assert_eq!(spooled.contents().await?, b"in memory");
    files.pop().expect("there are some").close().await?;
    spooled.write(b", and more").await?;
    assert!(spooled.is_rolled().await);
    assert_eq!(spooled.contents().await?, b"in memory, and more");
    drop((files, spooled));
    scratch.assert_empty().await;
    scratch.assert_nothing_used().await;
    Ok(())
}

async fn a_tree_is_removed_without_a_free_handle_or_later(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.create_directory("below").await?;
    directory.write_file("below/file", b"content").await?;
    let (files, _) = use_up(&scratch).await;

    let refused = directory.open("file", OpenFlags::CREATE, None).await.unwrap_err();
    let closed = directory.close().await;

    refused.assert(ErrorCode::Io, &["file"]);
    if let Err(error) = &closed {
        error.assert(ErrorCode::Io, &[&directory.path().await]);
    }
    note!("closing said {closed:?}");
    drop(files);
    directory.close().await?;
    scratch.assert_empty().await;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn a_dropped_tree_that_needed_a_handle_is_removed_at_a_later_creation(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.create_directory("below").await?;
    directory.write_file("below/file", b"content").await?;
    let (files, _) = use_up(&scratch).await;

    drop(directory);
    scratch.create_on_disk().await.unwrap_err().assert(ErrorCode::Io, &[]);
    for file in &files {
        file.close().await?;
    }
    scratch.create().await?.close().await?;

    scratch.assert_empty().await;
    scratch.assert_nothing_used().await;
    Ok(())
}

async fn a_name_is_removed_without_a_handle(scratch: Scratch) -> Result {
    let mut reserve = Reserve::new()?;
    let named = scratch.create_named_with(FileOptions::new().removal(Removal::OnDrop)).await?;
    named.close().await?;
    // Takes the descriptor that the file released.
    let (files, _) = use_up(&scratch).await;
    let before = reserve.entries(&scratch)?.len();

    drop(named);
    scratch.usage().await?;
    files[1].close().await?;

    assert_eq!(reserve.entries(&scratch)?.len(), before - 2);
    drop(files);
    scratch.assert_empty().await;
    scratch.assert_nothing_used().await;
    Ok(())
}

async fn many_listings_at_once_take_few_descriptors(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.write_file("file", b"content").await?;

    let listings = try_join_all((0..3000).map(|_| directory.entries(""))).await?;

    assert!(listings.iter().all(|entries| entries.len() == 1));
    directory.close().await?;
    scratch.assert_empty().await;
    scratch.assert_nothing_used().await;
    Ok(())
}

async fn many_removals_at_once_take_few_descriptors(scratch: Scratch) -> Result {
    const DEEP: &str = "d/d/d/d/d/d/d/d/d/d";
    let mut trees = Vec::new();
    for _ in 0..16 {
        let tree = scratch.create_directory().await?;
        fs::create_dir_all(scratch.host(&tree.path().await).join(DEEP))?;
        trees.push(tree);
    }

    drop(trees.split_off(8));
    try_join_all(trees.iter().map(|tree| tree.close())).await?;

    drop(trees);
    scratch.assert_empty().await;
    scratch.assert_nothing_used().await;
    Ok(())
}
