//! Temporary directories: a private tree, with paths that can't lead out of it.

use std::fs;

use host_tests::{
    Access, DirectoryOptions, EntryKind, ErrorCode, FileOptions, OpenFlags, Removal, Result, Scratch,
};

use crate::suite::tests;

tests! {
    every_mode {
        a_directory_is_there_until_it_is_closed,
        a_tree_is_built_listed_and_removed,
        entries_have_kind_and_size,
        opening_follows_the_flags,
        opening_for_one_access_refuses_the_other,
        a_file_of_a_directory_is_not_removed_by_its_close,
        missing_entries_and_wrong_kinds_are_errors,
        no_path_leads_out,
        no_link_is_followed,
        removing_a_link_leaves_its_target,
        removing_a_missing_entry_succeeds,
        removing_the_root_empties_it,
        prefix_and_suffix_and_parent_are_used,
        files_can_be_created_in_a_temporary_directory,
        bad_names_are_refused_inside_a_directory,
        after_close_all_but_path_fails_with_closed,
    }
}

async fn a_directory_is_there_until_it_is_closed(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let path = directory.path().await;
    assert!(path.starts_with("/tmp/"), "{path}");
    assert_eq!(scratch.entries(), [&*path]);

    directory.close().await?;

    assert!(scratch.entries().is_empty());
    assert!(directory.is_closed().await);
    assert_eq!(directory.path().await, path);
    directory.close().await?;
    Ok(())
}

async fn a_tree_is_built_listed_and_removed(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.create_directory("a").await?;
    directory.create_directory("a/b").await?;
    directory.write_file("a/b/deep", b"deep").await?;
    directory.write_file("a/flat", b"flat").await?;
    directory.write_file("top", b"top").await?;

    let names = async |path| -> Result<Vec<String>> {
        Ok(directory.entries(path).await?.into_iter().map(|entry| entry.name).collect())
    };
    assert_eq!(names("").await?, ["a", "top"]);
    assert_eq!(names(".").await?, ["a", "top"]);
    assert_eq!(names("a").await?, ["b", "flat"]);
    assert_eq!(names("a/b").await?, ["deep"]);
    directory.remove("a/b").await?;
    assert_eq!(names("a").await?, ["flat"]);

    directory.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn entries_have_kind_and_size(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let host = scratch.host(&directory.path().await);
    directory.write_file("file", b"12345").await?;
    directory.create_directory("folder").await?;
    std::os::unix::fs::symlink("/nowhere", host.join("link"))?;

    let entries = directory.entries(".").await?;

    let seen: Vec<_> = entries.iter().map(|entry| (&*entry.name, entry.kind, entry.size)).collect();
    let expected = [
        ("file", EntryKind::File, 5),
        ("folder", EntryKind::Directory, 0),
        ("link", EntryKind::SymbolicLink, 0),
    ];
    assert_eq!(seen, expected);
    directory.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn opening_follows_the_flags(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let exclusive = OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
    let truncate = OpenFlags::TRUNCATE;

    let missing = directory.open("file", OpenFlags::empty(), None).await.unwrap_err();
    missing.assert(ErrorCode::NoEntry, &["file"]);
    let file = directory.open("file", exclusive, None).await?;
    file.write(b"content").await?;
    let again = directory.open("file", exclusive, None).await.unwrap_err();
    again.assert(ErrorCode::Exist, &["file"]);

    assert_eq!(directory.open("file", OpenFlags::CREATE, None).await?.contents().await?, b"content");
    assert_eq!(directory.open("file", truncate, None).await?.size().await?, 0);
    let unwritable = directory.open("file", truncate, Access::ReadOnly).await.unwrap_err();
    assert_eq!(unwritable.code, ErrorCode::NotPermitted, "{unwritable}");
    directory.close().await?;
    Ok(())
}

async fn opening_for_one_access_refuses_the_other(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.write_file("file", b"abc").await?;

    let reader = directory.open("file", OpenFlags::empty(), Access::ReadOnly).await?;
    assert_eq!(reader.read(9).await?, b"abc");
    assert_eq!(reader.write(b"x").await.unwrap_err().code, ErrorCode::NotPermitted);
    let writer = directory.open("file", OpenFlags::empty(), Access::AppendOnly).await?;
    writer.write(b"def").await?;
    assert_eq!(writer.read(1).await.unwrap_err().code, ErrorCode::NotPermitted);

    assert_eq!(reader.read(9).await?, b"def");
    directory.close().await?;
    Ok(())
}

async fn a_file_of_a_directory_is_not_removed_by_its_close(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let file = directory.open("file", OpenFlags::CREATE, None).await?;
    file.write(b"unbuffered").await?;
    drop(file);

    let reopened = directory.open("file", OpenFlags::empty(), None).await?;
    assert_eq!(reopened.contents().await?, b"unbuffered");
    reopened.close().await?;
    assert_eq!(directory.entries(".").await?.len(), 1);

    directory.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn missing_entries_and_wrong_kinds_are_errors(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.write_file("file", b"").await?;
    directory.create_directory("folder").await?;

    let open = async |path| directory.open(path, OpenFlags::CREATE, None).await.unwrap_err();
    open("folder").await.assert(ErrorCode::IsDirectory, &["folder"]);
    open("file/below").await.assert(ErrorCode::NotDirectory, &["file"]);
    open("missing/below").await.assert(ErrorCode::NoEntry, &["missing"]);
    let list = async |path| directory.entries(path).await.unwrap_err();
    list("file").await.assert(ErrorCode::NotDirectory, &["file"]);
    list("missing").await.assert(ErrorCode::NoEntry, &["missing"]);
    let create = async |path| directory.create_directory(path).await.unwrap_err();
    create("folder").await.assert(ErrorCode::Exist, &["folder"]);
    create("file").await.assert(ErrorCode::Exist, &["file"]);
    create("missing/below").await.assert(ErrorCode::NoEntry, &["missing"]);
    directory.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn no_path_leads_out(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.create_directory("a").await?;
    fs::write(scratch.host("/tmp/foreign"), "foreign")?;

    for path in ["..", "../foreign", "a/..", "a/../../foreign", "/tmp/foreign", "/"] {
        let refused = [
            directory.open(path, OpenFlags::CREATE, None).await.map(drop),
            directory.create_directory(path).await,
            directory.entries(path).await.map(drop),
            directory.remove(path).await,
        ];
        for result in refused {
            result.unwrap_err().assert(ErrorCode::NotPermitted, &[path]);
        }
    }
    directory.close().await?;
    scratch.assert_entries(&["/tmp/foreign"]).await;
    Ok(())
}

async fn no_link_is_followed(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let host = scratch.host(&directory.path().await);
    let target = scratch.outside("target");
    fs::create_dir(&target)?;
    fs::write(target.join("secret"), "secret")?;
    fs::create_dir(scratch.host("/tmp/inside"))?;
    fs::write(scratch.host("/tmp/inside/secret"), "secret")?;
    std::os::unix::fs::symlink(&target, host.join("outward"))?;
    std::os::unix::fs::symlink("../inside", host.join("inward"))?;
    std::os::unix::fs::symlink("../inside/secret", host.join("file"))?;

    for path in ["outward/secret", "inward/secret", "file"] {
        let error = directory.open(path, OpenFlags::CREATE, None).await.unwrap_err();
        assert!(is_refusal_of_a_link(error.code), "{path}: {error}");
    }
    for path in ["outward", "inward"] {
        let error = directory.entries(path).await.unwrap_err();
        assert!(is_refusal_of_a_link(error.code), "{path}: {error}");
        let error = directory.create_directory(&format!("{path}/new")).await.unwrap_err();
        assert!(is_refusal_of_a_link(error.code), "{path}: {error}");
        let error = directory.remove(&format!("{path}/secret")).await.unwrap_err();
        assert!(is_refusal_of_a_link(error.code), "{path}: {error}");
    }
    directory.close().await?;
    assert_eq!(fs::read(target.join("secret"))?, b"secret");
    scratch.assert_entries(&["/tmp/inside", "/tmp/inside/secret"]).await;
    Ok(())
}

/// Hosts report either of the two.
fn is_refusal_of_a_link(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::Loop | ErrorCode::NotDirectory)
}

async fn removing_a_link_leaves_its_target(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let host = scratch.host(&directory.path().await);
    let target = scratch.outside("target");
    fs::create_dir(&target)?;
    fs::write(target.join("kept"), "kept")?;
    std::os::unix::fs::symlink(&target, host.join("first"))?;
    std::os::unix::fs::symlink(&target, host.join("second"))?;

    directory.remove("first").await?;
    assert_eq!(directory.entries(".").await?.len(), 1);
    directory.close().await?;

    assert_eq!(fs::read(target.join("kept"))?, b"kept");
    scratch.assert_empty().await;
    Ok(())
}

async fn removing_a_missing_entry_succeeds(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.create_directory("a").await?;

    directory.remove("never").await?;
    directory.remove("a").await?;
    directory.remove("a").await?;
    directory.remove("a/below").await?;
    fs::remove_dir(scratch.host(&directory.path().await))?;
    directory.close().await?;

    scratch.assert_empty().await;
    Ok(())
}

async fn removing_the_root_empties_it(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    for root in [".", ""] {
        directory.create_directory("a").await?;
        directory.write_file("a/file", b"x").await?;
        directory.write_file("file", b"x").await?;

        directory.remove(root).await?;

        assert!(directory.entries(".").await?.is_empty());
    }
    assert_eq!(scratch.entries(), [directory.path().await]);
    directory.close().await?;
    Ok(())
}

async fn prefix_and_suffix_and_parent_are_used(scratch: Scratch) -> Result {
    let parent = scratch.create_directory().await?;
    let options = DirectoryOptions::new().prefix("run-").suffix(".d").directory(&parent.path().await);

    let directory = scratch.create_directory_with(options).await?;

    let path = directory.path().await;
    assert!(path.starts_with(&format!("{}/run-", parent.path().await)), "{path}");
    assert!(path.ends_with(".d"), "{path}");
    directory.close().await?;
    assert!(parent.entries(".").await?.is_empty());
    parent.close().await?;
    Ok(())
}

async fn files_can_be_created_in_a_temporary_directory(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let options = FileOptions::new().directory(&directory.path().await);
    let named = scratch.create_named_with(options.clone().removal(Removal::Never)).await?;
    let unnamed = scratch.create_with(options).await?;
    unnamed.write(b"x").await?;

    assert_eq!(directory.entries(".").await?.len(), 1);
    directory.close().await?;

    named.close().await?;
    unnamed.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn bad_names_are_refused_inside_a_directory(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;

    for name in ["a\0b", "a:b", "a\\b", "a\nb", "con", "nul.txt", "dot.", "space ", "a*b"] {
        let open = directory.open(name, OpenFlags::CREATE, None).await.unwrap_err();
        let create = directory.create_directory(name).await.unwrap_err();

        assert_eq!([open.code, create.code], [ErrorCode::Invalid; 2], "{open}; {create}");
        assert!(open.message.contains("path"), "{open}");
    }
    let long = directory.create_directory(&"x".repeat(300)).await.unwrap_err();
    assert!(matches!(long.code, ErrorCode::Invalid | ErrorCode::NameTooLong), "{long}");
    assert!(directory.entries(".").await?.is_empty());
    directory.close().await?;
    Ok(())
}

async fn after_close_all_but_path_fails_with_closed(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.close().await?;

    let results = [
        directory.open("file", OpenFlags::CREATE, None).await.map(drop),
        directory.create_directory("a").await,
        directory.entries(".").await.map(drop),
        directory.remove("a").await,
        directory.persist("/tmp/site").await,
        directory.keep().await,
        scratch.descriptor_of_directory(&directory).await.map(drop),
    ];
    for result in results {
        assert_eq!(result.unwrap_err().code, ErrorCode::Closed);
    }
    scratch.assert_empty().await;
    Ok(())
}
