//! Removal by close and by drop, and the ways to keep an entry.

use std::fs;
use std::path::{Path, PathBuf};

use futures::future::join_all;
use host_tests::{Bytes, DirectoryOptions, ErrorCode, FileOptions, OpenFlags, Removal, Result, Scratch};

use crate::suite::tests;

tests! {
    every_mode {
        close_removes_a_named_file,
        dropping_without_close_removes,
        dropping_many_at_once_removes_all,
        dropping_a_tree_removes_it,
        dropping_right_after_a_write_leaves_nothing,
        closing_twice_succeeds,
        a_missing_name_counts_as_removed,
        removal_on_drop_keeps_the_name_beyond_close,
        removal_never_leaves_the_file,
        keep_leaves_a_named_file,
        keep_leaves_a_directory,
        a_directory_with_removal_never_is_kept,
        a_kept_file_is_written_in_full,
        an_unnamed_file_cannot_be_kept,
        removal_never_is_refused_without_a_name,
        a_large_tree_is_removed,
        a_deep_tree_is_removed,
        entries_that_cannot_be_removed_are_reported_and_retried,
        a_name_that_is_not_unicode_keeps_nothing_else,
        errors_can_be_ignored,
        a_link_in_place_of_the_directory_is_not_followed,
        after_close_all_but_path_fails_with_closed,
    }
}

async fn close_removes_a_named_file(scratch: Scratch) -> Result {
    let file = scratch.create_named().await?;
    file.write(b"content").await?;
    let path = file.path().await.expect("it has a name");
    assert_eq!(scratch.entries(), [&*path]);

    file.close().await?;

    assert!(scratch.entries().is_empty());
    assert!(file.is_closed().await);
    assert_eq!(file.path().await, Some(path));
    Ok(())
}

async fn dropping_without_close_removes(scratch: Scratch) -> Result {
    let named = scratch.create_named().await?;
    let unnamed = scratch.create().await?;
    let spooled = scratch.create_spooled(0).await?;
    let directory = scratch.create_directory().await?;
    for file in [&named, &unnamed, &spooled] {
        file.write(b"in the buffer").await?;
    }
    assert_eq!(scratch.entries().len(), 2);

    drop((named, unnamed, spooled, directory));

    scratch.assert_empty().await;
    Ok(())
}

async fn dropping_many_at_once_removes_all(scratch: Scratch) -> Result {
    let files = join_all((0..200).map(|_| scratch.create_named())).await;
    let directories = join_all((0..50).map(|_| scratch.create_directory())).await;
    assert_eq!(scratch.entries().len(), 250);

    drop((files, directories));

    scratch.assert_empty().await;
    let file = scratch.create().await?;
    file.write(b"the instance is well").await?;
    file.close().await?;
    Ok(())
}

async fn dropping_a_tree_removes_it(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.create_directory("a").await?;
    directory.create_directory("a/b").await?;
    directory.write_file("a/b/file", b"x").await?;
    let open = directory.open("a/open", OpenFlags::CREATE, None).await?;

    drop(directory);

    scratch.assert_empty().await;
    open.write(b"no name, and still a file").await?;
    open.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn dropping_right_after_a_write_leaves_nothing(scratch: Scratch) -> Result {
    for _ in 0..50 {
        let file = scratch.create_named().await?;
        // More than a buffer, so that the host may be busy with it when the file is dropped.
        file.write(&vec![b'x'; 200_000]).await?;
        file.write(b"buffered").await?;
    }

    scratch.assert_empty().await;
    Ok(())
}

async fn closing_twice_succeeds(scratch: Scratch) -> Result {
    for file in [scratch.create().await?, scratch.create_named().await?, scratch.create_spooled(1).await?] {
        file.write(b"xy").await?;

        let (first, second) = futures::join!(file.close(), file.close());

        first?;
        second?;
        file.close().await?;
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn a_missing_name_counts_as_removed(scratch: Scratch) -> Result {
    let file = scratch.create_named().await?;
    let path = file.path().await.expect("it has a name");
    fs::remove_file(scratch.host(&path))?;

    file.write(b"still open").await?;
    file.close().await?;

    scratch.assert_empty().await;
    Ok(())
}

async fn removal_on_drop_keeps_the_name_beyond_close(scratch: Scratch) -> Result {
    let file = scratch.create_named_with(FileOptions::new().removal(Removal::OnDrop)).await?;
    file.write(b"for others").await?;
    let path = file.path().await.expect("it has a name");

    file.close().await?;
    assert_eq!(file.write(b"more").await.unwrap_err().code, ErrorCode::Closed);
    assert_eq!(fs::read(scratch.host(&path))?, b"for others");
    drop(file);

    scratch.assert_empty().await;
    Ok(())
}

async fn removal_never_leaves_the_file(scratch: Scratch) -> Result {
    let options = FileOptions::new().removal(Removal::Never);
    let closed = scratch.create_named_with(options.clone()).await?;
    closed.write(b"closed").await?;
    let dropped = scratch.create_named_with(options).await?;
    dropped.write(b"dropped").await?;
    let paths = [closed.path().await.expect("a name"), dropped.path().await.expect("a name")];

    closed.close().await?;
    drop(dropped);

    let probe = scratch.create().await?;
    probe.close().await?;
    assert_eq!(fs::read(scratch.host(&paths[0]))?, b"closed");
    assert_eq!(fs::read(scratch.host(&paths[1]))?, b"dropped", "the buffer is flushed");
    Ok(())
}

async fn keep_leaves_a_named_file(scratch: Scratch) -> Result {
    let file = scratch.create_named().await?;
    file.write(b"kept").await?;
    let path = file.path().await.expect("it has a name");

    file.keep().await?;
    file.close().await?;
    drop(file);

    scratch.assert_entries(&[&path]).await;
    assert_eq!(fs::read(scratch.host(&path))?, b"kept");
    Ok(())
}

async fn keep_leaves_a_directory(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.write_file("file", b"kept").await?;
    let path = directory.path().await;

    directory.keep().await?;
    directory.close().await?;
    drop(directory);

    scratch.assert_entries(&[&path, &format!("{path}/file")]).await;
    Ok(())
}

async fn a_directory_with_removal_never_is_kept(scratch: Scratch) -> Result {
    let directory = scratch.create_directory_with(DirectoryOptions::new().removal(Removal::Never)).await?;
    let path = directory.path().await;

    directory.close().await?;
    drop(directory);

    scratch.assert_entries(&[&path]).await;
    Ok(())
}

async fn a_kept_file_is_written_in_full(scratch: Scratch) -> Result {
    let file = scratch.create_named().await?;
    file.write(b"before, ").await?;
    file.keep().await?;
    let path = scratch.host(&file.path().await.expect("it has a name"));
    assert_eq!(fs::read(&path)?, b"before, ", "the buffer is flushed");

    file.write(b"after").await?;
    drop(file);

    scratch.create().await?.close().await?;
    assert_eq!(fs::read(&path)?, b"before, after", "nothing is buffered any more");
    Ok(())
}

async fn an_unnamed_file_cannot_be_kept(scratch: Scratch) -> Result {
    for file in
        [scratch.create().await?, scratch.create_spooled(None).await?, scratch.create_spooled(0).await?]
    {
        file.write(b"x").await?;

        let error = file.keep().await.unwrap_err();

        error.assert(ErrorCode::Unsupported, &["name"]);
        assert_eq!(file.contents().await?, b"x");
        file.close().await?;
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn removal_never_is_refused_without_a_name(scratch: Scratch) -> Result {
    let options = FileOptions::new().removal(Removal::Never);

    let unnamed = scratch.create_with(options.clone()).await.unwrap_err();
    let spooled = scratch.create_spooled_with(None, options).await.unwrap_err();

    unnamed.assert(ErrorCode::Invalid, &["removal"]);
    spooled.assert(ErrorCode::Invalid, &["removal"]);
    scratch.assert_empty().await;
    Ok(())
}

async fn a_large_tree_is_removed(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let host = scratch.host(&directory.path().await);
    for folder in 0..20 {
        let folder = host.join(folder.to_string());
        fs::create_dir(&folder)?;
        for file in 0..100 {
            fs::write(folder.join(file.to_string()), "x")?;
        }
    }

    directory.close().await?;

    assert!(scratch.entries().is_empty());
    Ok(())
}

async fn a_deep_tree_is_removed(scratch: Scratch) -> Result {
    const DEPTH: usize = 500;
    let directory = scratch.create_directory().await?;
    let path = scratch.host(&directory.path().await).join(["d"; DEPTH].join("/"));
    fs::create_dir_all(&path)?;
    fs::write(path.join("file"), "x")?;

    directory.close().await?;

    assert!(scratch.entries().is_empty());
    Ok(())
}

/// Creates an entry that can't be removed, because WASI can't express its name, which is not Unicode.
fn obstacle(directory: PathBuf) -> Result<PathBuf> {
    fs::create_dir(&directory)?;
    foreign_name(&directory)
}

fn foreign_name(directory: &Path) -> Result<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;

    let path = directory.join(std::ffi::OsStr::from_bytes(b"\xff"));
    fs::write(&path, "x")?;
    Ok(path)
}

async fn entries_that_cannot_be_removed_are_reported_and_retried(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.write_file("beside", b"x").await?;
    let path = directory.path().await;
    let obstacle = obstacle(scratch.host(&path).join("folder"))?;

    let close = directory.close().await.unwrap_err();
    let remove = directory.remove("folder").await.unwrap_err();
    fs::remove_file(obstacle)?;
    directory.close().await?;

    close.assert(ErrorCode::IllegalByteSequence, &[&path, "folder"]);
    remove.assert(ErrorCode::Closed, &[]);
    assert!(scratch.entries().is_empty());
    Ok(())
}

async fn a_name_that_is_not_unicode_keeps_nothing_else(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let path = scratch.host(&directory.path().await);
    for folder in 0..20 {
        directory.create_directory(&format!("folder {folder}")).await?;
        directory.write_file(&format!("folder {folder}/file"), b"content").await?;
        directory.write_file(&format!("file {folder}"), b"content").await?;
    }
    let [top, below] = [path.clone(), path.join("folder 7")].map(|directory| foreign_name(&directory));
    let (top, below) = (top?, below?);

    let close = directory.close().await.unwrap_err();

    close.assert(ErrorCode::IllegalByteSequence, &[r#"".""#, r#""folder 7""#]);
    assert_eq!(fs::read_dir(&path)?.count(), 2, "the foreign name and its counterpart's folder");
    assert_eq!(fs::read_dir(path.join("folder 7"))?.count(), 1);
    fs::remove_file(top)?;
    fs::remove_file(below)?;
    directory.close().await?;
    assert!(scratch.entries().is_empty());
    Ok(())
}

async fn errors_can_be_ignored(scratch: Scratch) -> Result {
    let directory = scratch.create_directory_with(DirectoryOptions::new().ignore_errors(true)).await?;
    directory.write_file("beside", b"x").await?;
    let path = directory.path().await;
    let obstacle = obstacle(scratch.host(&path).join("folder"))?;

    directory.close().await?;

    assert!(obstacle.exists());
    assert!(!scratch.host(&path).join("beside").exists(), "all other entries are removed");
    Ok(())
}

async fn a_link_in_place_of_the_directory_is_not_followed(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let place = scratch.host(&directory.path().await);
    let target = scratch.outside("target");
    fs::create_dir(&target)?;
    fs::write(target.join("foreign"), "x")?;
    fs::rename(&place, scratch.outside("moved"))?;
    std::os::unix::fs::symlink(&target, &place)?;

    // The host may remove or report the link, but not follow it.
    _ = directory.close().await;

    assert_eq!(fs::read(target.join("foreign"))?, b"x");
    Ok(())
}

async fn after_close_all_but_path_fails_with_closed(scratch: Scratch) -> Result {
    for file in [scratch.create().await?, scratch.create_named().await?, scratch.create_spooled(None).await?]
    {
        file.write(b"content").await?;
        let path = file.path().await;
        file.close().await?;

        let mut results = vec![
            file.seek(0, host_tests::Whence::Start).await.map(drop),
            file.read(1).await.map(drop),
            file.read_to_end().await.map(drop),
            file.read_line(None).await.map(drop),
            file.read_lines(None).await.map(drop),
            file.read_at(1, 0).await.map(drop),
            file.write(b"x").await,
            file.write_lines(&[b"x"]).await,
            file.write_at(b"x", 0).await,
            file.truncate(None).await,
            file.flush().await,
            file.sync().await,
            file.size().await.map(drop),
            file.try_write(b"x").await.map(drop),
            file.try_read(1).await.map(drop),
            file.rollover().await,
            file.persist("/tmp/kept", true).await,
            file.keep().await,
            scratch.descriptor_of_file(&file).await.map(drop),
        ];
        if scratch.mode().has_streams() {
            results.push(file.read_via_stream().await.outcome().await);
            results.push(file.write_via_stream(Bytes::from_vec(b"x".to_vec())).await.map(drop));
        }
        for (number, result) in results.into_iter().enumerate() {
            assert_eq!(result.unwrap_err().code, ErrorCode::Closed, "operation {number}");
        }
        assert_eq!(file.path().await, path);
        assert!(file.is_closed().await);
        file.tell().await;
        file.is_rolled().await;
    }
    scratch.assert_empty().await;
    Ok(())
}
