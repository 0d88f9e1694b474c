//! A directory that becomes read-only while an instance uses it: creations are refused, and a name
//! that could not be removed is removed as soon as possible.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use host_tests::{Error, ErrorCode, FileOptions, Removal, Result, Scratch, TemporaryFile, Whence};

use crate::suite::tests;

tests! {
    every_mode(BoundByModes) {
        nothing_is_created_in_a_read_only_directory,
        a_close_that_cannot_remove_fails_and_can_be_retried,
        a_dropped_name_that_cannot_be_removed_is_removed_at_the_next_creation,
        a_dropped_tree_that_cannot_be_removed_is_removed_at_the_next_creation,
        a_tree_that_cannot_be_removed_can_be_closed_again,
        a_spool_waits_in_memory_until_it_may_roll_over,
    }
    every_mode(SmallDisk) {
        a_filesystem_remounted_read_only_refuses_until_it_is_writable_again,
    }
}

/// Sets the mode of the preopened directory.
fn allow(scratch: &Scratch, writable: bool) -> Result {
    let mode = if writable { 0o700 } else { 0o500 };
    Ok(fs::set_permissions(scratch.host("/tmp"), Permissions::from_mode(mode))?)
}

#[track_caller]
fn assert_refused(outcome: Result<(), Error>) {
    outcome.expect_err("the directory may not be changed").assert(ErrorCode::Access, &["access denied"]);
}

async fn assert_works(file: &TemporaryFile) -> Result {
    file.write(b"content").await?;
    file.flush().await?;
    file.seek(0, Whence::Start).await?;
    assert!(file.read_to_end().await?.starts_with(b"content"));
    Ok(())
}

async fn nothing_is_created_in_a_read_only_directory(scratch: Scratch) -> Result {
    let open = [scratch.create().await?, scratch.create_named().await?];
    let before = scratch.entries();
    allow(&scratch, false)?;

    for _ in 0..3 {
        assert_refused(scratch.create_on_disk().await.map(drop));
        assert_refused(scratch.create_named().await.map(drop));
        assert_refused(scratch.create_directory().await.map(drop));
        assert_refused(scratch.mkstemp(None, None, None).await.map(drop));
        assert_refused(open[1].persist("/tmp/kept", false).await);
    }

    assert_eq!(scratch.entries(), before);
    for file in &open {
        assert_works(file).await?;
    }
    allow(&scratch, true)?;
    for file in &open {
        file.close().await?;
    }
    scratch.create().await?.close().await?;
    scratch.assert_empty().await;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn a_close_that_cannot_remove_fails_and_can_be_retried(scratch: Scratch) -> Result {
    let file = scratch.create_named().await?;
    assert_works(&file).await?;
    allow(&scratch, false)?;

    for _ in 0..3 {
        let error = file.close().await.unwrap_err();
        error.assert(ErrorCode::Access, &["remove it", &file.path().await.expect("it has a name")]);
    }

    assert!(file.is_closed().await);
    assert_eq!(scratch.usage().await?.entries.now, 1);
    allow(&scratch, true)?;
    file.close().await?;
    assert!(scratch.entries().is_empty());
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn a_dropped_name_that_cannot_be_removed_is_removed_at_the_next_creation(scratch: Scratch) -> Result {
    let options = FileOptions::new().removal(Removal::OnDrop);
    let files = [
        scratch.create_named().await?,
        scratch.create_named().await?,
        scratch.create_named_with(options).await?,
    ];
    for file in &files {
        assert_works(file).await?;
    }
    allow(&scratch, false)?;
    assert_refused(files[0].close().await);
    files[2].close().await?;

    drop(files);

    assert_refused(scratch.create_on_disk().await.map(drop));
    assert_eq!(scratch.entries().len(), 3);
    allow(&scratch, true)?;
    scratch.create().await?.close().await?;
    scratch.assert_nothing_used().await;
    scratch.assert_empty().await;
    Ok(())
}

async fn a_dropped_tree_that_cannot_be_removed_is_removed_at_the_next_creation(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.create_directory("below").await?;
    directory.write_file("below/file", b"content").await?;
    let path = directory.path().await;
    allow(&scratch, false)?;

    drop(directory);

    // Its entries are removed.
    scratch.assert_entries(&[&path]).await;
    assert_refused(scratch.create_on_disk().await.map(drop));
    allow(&scratch, true)?;
    scratch.create().await?.close().await?;
    scratch.assert_empty().await;
    scratch.assert_nothing_used().await;
    Ok(())
}

async fn a_tree_that_cannot_be_removed_can_be_closed_again(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.create_directory("below").await?;
    directory.write_file("below/file", b"content").await?;
    let path = directory.path().await;
    let below = scratch.host(&path).join("below");
    allow(&scratch, false)?;
    fs::set_permissions(&below, Permissions::from_mode(0o500))?;

    for _ in 0..2 {
        directory.close().await.unwrap_err().assert(ErrorCode::Access, &[&path]);
    }

    fs::set_permissions(&below, Permissions::from_mode(0o700))?;
    // The tree is empty, but exists.
    directory.close().await.unwrap_err().assert(ErrorCode::Access, &[&path]);
    assert_eq!(scratch.entries(), [path]);
    allow(&scratch, true)?;
    directory.close().await?;
    assert!(scratch.entries().is_empty());
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn a_spool_waits_in_memory_until_it_may_roll_over(scratch: Scratch) -> Result {
    let spooled = scratch.create_spooled(10).await?;
    spooled.write(b"in memory").await?;
    scratch.create().await?.close().await?;
    allow(&scratch, false)?;

    assert_refused(spooled.write(b", and more").await);

    assert!(!spooled.is_rolled().await);
    assert_eq!(spooled.contents().await?, b"in memory");
    allow(&scratch, true)?;
    spooled.write(b", and more").await?;
    assert_eq!(spooled.contents().await?, b"in memory, and more");
    spooled.close().await?;
    scratch.assert_empty().await;
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

/// Remounts the filesystem of the test, on which no file may be open for writing.
fn remount(how: &str) {
    // The source keeps `mount` from repeating options that a user namespace does not allow.
    let options = ["-o", &format!("remount,{how}"), "scratch"];
    let done = Command::new("mount").args(options).arg(std::env::temp_dir()).status();
    assert!(done.is_ok_and(|status| status.success()), "what was mounted can be remounted");
}

async fn a_filesystem_remounted_read_only_refuses_until_it_is_writable_again(scratch: Scratch) -> Result {
    let named = async || scratch.create_named_with(FileOptions::new().removal(Removal::OnDrop)).await;
    let [first, second] = [named().await?, named().await?];
    for file in [&first, &second] {
        file.write(b"content").await?;
        file.close().await?;
    }
    let directory = scratch.create_directory().await?;
    directory.write_file("file", b"content").await?;
    remount("ro");

    // WASI has an error code for it, which wasmtime does not use.
    for refused in [
        scratch.create_on_disk().await.map(drop),
        scratch.create_named().await.map(drop),
        scratch.create_directory().await.map(drop),
        directory.create_directory("below").await,
        directory.close().await,
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error.code, ErrorCode::Io | ErrorCode::ReadOnly), "{error}");
    }
    drop(first);
    assert_eq!(scratch.entries().len(), 4);
    remount("rw");
    directory.close().await?;
    scratch.create().await?.close().await?;

    let path = second.path().await.expect("it has a name");
    scratch.assert_entries(&[&path]).await;
    drop(second);
    scratch.assert_empty().await;
    scratch.assert_nothing_used().await;
    Ok(())
}
