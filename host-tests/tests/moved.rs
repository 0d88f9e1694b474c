//! Files and directories that other processes move, replace and link: nothing that others can see is
//! lost, and the usage is never less than what there is.

use std::fs;

use host_tests::{FileOptions, Limits, OpenFlags, Result, Scratch, TemporaryDirectory};

use crate::suite::tests;

tests! {
    every_mode {
        a_directory_that_was_moved_away_keeps_its_content,
        a_directory_that_was_made_again_under_its_name_is_removed,
        a_named_file_that_was_moved_has_its_buffered_bytes,
        a_default_directory_that_was_made_again_is_used,
        a_second_link_is_no_way_around_the_limit,
        a_file_persisted_beside_its_directory_stays_charged,
        a_named_file_opened_through_its_directory_stays_charged,
    }
}

/// Moves a directory to its place, as a program that publishes it does.
async fn publish(scratch: &Scratch, directory: &TemporaryDirectory) -> Result<std::path::PathBuf> {
    let place = scratch.outside("final");
    fs::rename(scratch.host(&directory.path().await), &place)?;
    Ok(place)
}

async fn a_directory_that_was_moved_away_keeps_its_content(scratch: Scratch) -> Result {
    for dropped in [false, true] {
        let directory = scratch.create_directory().await?;
        directory.write_file("f", b"published").await?;
        let place = publish(&scratch, &directory).await?;

        if !dropped {
            directory.close().await?;
        }
        drop(directory);
        scratch.assert_empty().await;

        assert_eq!(fs::read(place.join("f"))?, b"published");
        fs::remove_dir_all(place)?;
    }
    Ok(())
}

async fn a_directory_that_was_made_again_under_its_name_is_removed(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.write_file("f", b"old").await?;
    let place = scratch.host(&directory.path().await);
    fs::remove_dir_all(&place)?;
    fs::create_dir_all(place.join("copied"))?;
    fs::write(place.join("copied/f"), "new")?;

    directory.close().await?;

    assert!(scratch.entries().is_empty());
    Ok(())
}

async fn a_named_file_that_was_moved_has_its_buffered_bytes(scratch: Scratch) -> Result {
    for dropped in [false, true] {
        let file = scratch.create_named().await?;
        file.write(&[7; 1000]).await?;
        let path = file.path().await.expect("it has a name");
        fs::rename(scratch.host(&path), scratch.host("/tmp/final"))?;

        if !dropped {
            file.close().await?;
        }
        drop(file);
        // A later call is answered after what the drop has begun.
        scratch.create_named().await?.close().await?;

        assert_eq!(fs::read(scratch.host("/tmp/final"))?, [7; 1000], "dropped: {dropped}");
        fs::remove_file(scratch.host("/tmp/final"))?;
    }
    Ok(())
}

async fn a_default_directory_that_was_made_again_is_used(scratch: Scratch) -> Result {
    scratch.create_named().await?.close().await?;
    fs::create_dir(scratch.host("/tmp/chosen"))?;
    let setup = host_tests::Setup::default().variable("TMPDIR", "/tmp/chosen");
    let sibling = scratch.sibling(&setup).await;
    sibling.create_named().await?.close().await?;
    fs::remove_dir_all(scratch.host("/tmp/chosen"))?;
    fs::create_dir(scratch.host("/tmp/chosen"))?;

    let file = sibling.create_named().await?;

    assert!(file.path().await.is_some_and(|path| path.starts_with("/tmp/chosen/")));
    file.close().await?;
    Ok(())
}

async fn a_second_link_is_no_way_around_the_limit(scratch: Scratch) -> Result {
    const MOST: u64 = 1 << 20;
    scratch.set_limits(Limits::new().max_bytes(MOST)).await?;
    let directory = scratch.create_directory().await?;
    let host = scratch.host(&directory.path().await);
    let mut kept = Vec::new();

    for round in 0..30 {
        let (first, second) = (format!("first {round}"), format!("second {round}"));
        let Ok(file) = directory.open(&first, OpenFlags::CREATE, None).await else { break };
        let _ = file.write(&vec![1; 900_000]).await;
        fs::hard_link(host.join(&first), host.join(&second))?;
        let other = directory.open(&second, OpenFlags::empty(), None).await;
        file.close().await?;
        directory.remove(&first).await?;
        if let Ok(other) = other {
            let _ = other.write_at(&vec![2; 900_000], 0).await;
            kept.push(other);
        }
        let stored = bytes_below(&host)?;
        assert!(scratch.usage().await?.bytes_on_disk.now >= stored, "round {round}: {stored} bytes");
        assert!(stored <= MOST, "round {round}: {stored} bytes");
    }
    Ok(())
}

async fn a_file_persisted_beside_its_directory_stays_charged(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let path = directory.path().await;
    for name in ["one", "two"] {
        let file = scratch.create_named().await?;
        file.write(&[1; 1000]).await?;
        file.persist(&format!("{path}/../{name}"), false).await?;
    }

    directory.close().await?;

    assert_eq!(scratch.usage().await?.bytes_on_disk.now, 2000);
    assert_eq!(scratch.entries(), ["/tmp/one", "/tmp/two"]);
    Ok(())
}

async fn a_named_file_opened_through_its_directory_stays_charged(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let named = scratch.create_named_with(FileOptions::new().directory(&directory.path().await)).await?;
    let path = named.path().await.expect("it has a name");
    let (_, name) = path.rsplit_once('/').expect("a path in a directory");
    let second = directory.open(name, OpenFlags::empty(), None).await?;

    named.close().await?;
    second.write_at(&[1; 900], 0).await?;

    assert!(scratch.usage().await?.bytes_on_disk.now >= 900);
    Ok(())
}

fn bytes_below(directory: &std::path::Path) -> Result<u64> {
    let mut inodes = std::collections::BTreeMap::new();
    for entry in fs::read_dir(directory)? {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = entry?.metadata()?;
        inodes.insert(metadata.ino(), metadata.len());
    }
    Ok(inodes.values().sum())
}
