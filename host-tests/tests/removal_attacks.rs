//! Removal under attack: links, swapped directories, names that another process took. Each attack has
//! worked on a library, which its comment names.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use host_tests::{ErrorCode, FileOptions, ForeignFiles, OpenFlags, Result, Scratch};

use crate::suite::tests;

tests! {
    every_mode {
        removal_changes_nothing_behind_a_link,
        removal_survives_directories_swapped_for_links,
        removal_follows_the_handle_when_the_directory_has_moved,
        a_hard_link_a_pipe_and_a_loop_are_removed_as_entries,
        a_tree_deeper_than_any_stack_is_removed,
        a_name_removed_by_a_cleaner_is_no_error,
    }
}

/// CVE-2023-6597 (Python): cleaning up changed modes and times behind links.
async fn removal_changes_nothing_behind_a_link(scratch: Scratch) -> Result {
    let foreign = ForeignFiles::new(scratch.outside("place"))?;
    let directory = scratch.create_directory().await?;
    let host = scratch.host(&directory.path().await);
    fs::create_dir(host.join("below"))?;
    for (number, target) in ["", "file", "directory", "directory/file"].iter().enumerate() {
        symlink(foreign.root.join(target), host.join(format!("link{number}")))?;
        symlink(Path::new("../../../outside-place").join(target), host.join(format!("below/link{number}")))?;
    }

    directory.remove("below").await?;
    directory.close().await?;

    scratch.assert_empty().await;
    foreign.assert_unchanged();
    Ok(())
}

/// A thread that swaps a directory for a link and back until it is dropped.
struct Swapping {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Swapping {
    fn start(directories: Vec<PathBuf>, target: PathBuf) -> Swapping {
        let stop = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let stop = stop.clone();
            move || {
                while !stop.load(Ordering::Relaxed) {
                    for directory in &directories {
                        let aside = directory.with_extension("aside");
                        // The directory may have been removed.
                        if fs::rename(directory, &aside).is_ok() {
                            _ = symlink(&target, directory);
                            thread::yield_now();
                            _ = fs::remove_file(directory);
                            _ = fs::rename(&aside, directory);
                        }
                    }
                }
            }
        });
        Swapping { stop, thread: Some(thread) }
    }
}

impl Drop for Swapping {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().map(JoinHandle::join);
    }
}

/// CWE-362, CWE-367; CVE-2022-21658 (Rust), RUSTSEC-2023-0018 (remove_dir_all), python/cpython#157579.
async fn removal_survives_directories_swapped_for_links(scratch: Scratch) -> Result {
    let foreign = ForeignFiles::new(scratch.outside("place"))?;
    for _ in 0..10 {
        let directory = scratch.create_directory().await?;
        let host = scratch.host(&directory.path().await);
        for name in ["a", "b", "c"] {
            fs::create_dir_all(host.join(name).join("directory"))?;
            for number in 0..30 {
                fs::write(host.join(name).join(format!("directory/file{number}")), "ours")?;
            }
        }
        let swapped = ["a", "b", "c", "a/directory"].map(|name| host.join(name));
        let swapping = Swapping::start(swapped.into(), foreign.root.clone());

        // The error that an entry appeared meanwhile is allowed.
        _ = directory.remove("a").await;
        _ = directory.close().await;

        drop(swapping);
        foreign.assert_unchanged();
        directory.close().await?;
    }
    scratch.assert_empty().await;
    foreign.assert_unchanged();
    Ok(())
}

/// tempfile 3.27.0 (Rust): the path to remove was relative to a directory that had moved.
async fn removal_follows_the_handle_when_the_directory_has_moved(scratch: Scratch) -> Result {
    fs::create_dir(scratch.host("/tmp/base"))?;
    let file = scratch.create_named_with(FileOptions::new().directory("/tmp/base")).await?;
    let path = file.path().await.expect("it has a name");
    fs::rename(scratch.host("/tmp/base"), scratch.host("/tmp/moved"))?;
    fs::create_dir(scratch.host("/tmp/base"))?;
    fs::write(scratch.host(&path), "foreign")?;

    file.close().await?;

    assert_eq!(fs::read(scratch.host(&path))?, b"foreign");
    scratch.assert_entries(&["/tmp/base", &path, "/tmp/moved"]).await;
    Ok(())
}

/// CWE-62: the entry is removed, not its target.
async fn a_hard_link_a_pipe_and_a_loop_are_removed_as_entries(scratch: Scratch) -> Result {
    let foreign = ForeignFiles::new(scratch.outside("place"))?;
    let directory = scratch.create_directory().await?;
    let host = scratch.host(&directory.path().await);
    let linked = scratch.outside("linked");
    fs::write(&linked, "foreign")?;
    fs::hard_link(&linked, host.join("hard"))?;
    symlink("loop", host.join("loop"))?;
    let made = std::process::Command::new("mkfifo").arg(host.join("pipe")).status()?;
    assert!(made.success());

    directory
        .open("pipe", OpenFlags::empty(), None)
        .await
        .unwrap_err()
        .assert(ErrorCode::Unsupported, &["pipe"]);
    directory.open("loop", OpenFlags::empty(), None).await.unwrap_err().assert(ErrorCode::Loop, &["loop"]);
    directory.close().await?;

    assert_eq!(fs::read(&linked)?, b"foreign");
    scratch.assert_empty().await;
    foreign.assert_unchanged();
    Ok(())
}

/// CWE-674. The host builds it from the bottom up, because no path is long enough.
async fn a_tree_deeper_than_any_stack_is_removed(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let host = scratch.host(&directory.path().await);
    let (deep, above) = (host.join("d"), host.join("above"));
    fs::create_dir(&deep)?;
    for _ in 0..10_000 {
        fs::create_dir(&above)?;
        fs::rename(&deep, above.join("d"))?;
        fs::rename(&above, &deep)?;
    }

    directory.close().await?;

    scratch.assert_empty().await;
    Ok(())
}

/// CWE-377: a cleaner such as systemd-tmpfiles may be faster.
async fn a_name_removed_by_a_cleaner_is_no_error(scratch: Scratch) -> Result {
    let (file, directory) = (scratch.create_named().await?, scratch.create_directory().await?);
    file.write(b"content").await?;
    fs::remove_file(scratch.host(&file.path().await.expect("it has a name")))?;
    fs::remove_dir(scratch.host(&directory.path().await))?;

    assert_eq!(file.contents().await?, b"content");
    file.close().await?;
    directory.close().await?;

    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}
