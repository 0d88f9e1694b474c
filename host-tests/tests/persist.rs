//! Persisting: a file or directory moves to its target as a whole or not at all, and remains usable.

use std::fs;

use host_tests::{Access, ErrorCode, FileOptions, OpenFlags, Result, Scratch, Setup, Unavailable, Whence};

use crate::suite::tests;

tests! {
    every_mode {
        a_named_file_moves_into_place,
        an_unnamed_file_gets_a_name,
        a_spool_gets_a_name_in_memory_or_rolled,
        an_existing_entry_is_replaced_on_request,
        an_existing_entry_is_kept_otherwise,
        persist_into_a_missing_directory_keeps_the_file,
        persist_onto_a_directory_keeps_the_file,
        persist_out_of_the_preopens_keeps_the_file,
        a_path_without_a_last_part_is_refused,
        a_bad_name_is_refused,
        persist_onto_another_filesystem_keeps_the_file,
        persist_into_another_preopen_works,
        a_persisted_file_stays_open_and_writes_through,
        after_persist_neither_close_nor_drop_removes,
        persisting_twice_moves_again,
        a_file_of_a_directory_can_be_persisted_out_of_it,
        a_directory_moves_into_place_and_remains,
        a_directory_replaces_nothing,
        a_directory_that_cannot_move_stays_in_its_place,
        a_directory_persisted_into_another_is_removed_with_it,
    }
    async_modes {
        concurrent_persists_to_one_path_leave_one_whole_file,
    }
}

async fn a_named_file_moves_into_place(scratch: Scratch) -> Result {
    let file = scratch.create_named().await?;
    file.write(b"report").await?;

    file.persist("/tmp/report.txt", false).await?;

    assert_eq!(file.path().await.as_deref(), Some("/tmp/report.txt"));
    assert_eq!(scratch.entries(), ["/tmp/report.txt"]);
    assert_eq!(fs::read(scratch.host("/tmp/report.txt"))?, b"report");
    Ok(())
}

async fn an_unnamed_file_gets_a_name(scratch: Scratch) -> Result {
    for access in [Access::ReadWrite, Access::WriteOnly, Access::Append] {
        let file = scratch.create_with(FileOptions::new().access(access)).await?;
        file.write(&vec![b'x'; 200_000]).await?;
        file.write(b"end").await?;

        file.persist("/tmp/report.txt", true).await?;

        assert_eq!(file.path().await.as_deref(), Some("/tmp/report.txt"));
        assert_eq!(file.tell().await, 200_003);
        assert_eq!(scratch.entries(), ["/tmp/report.txt"]);
        file.write(b", more").await?;
        drop(file);
        let content = async || fs::read(scratch.host("/tmp/report.txt"));
        assert!(content().await?.starts_with(&[b'x'; 200_000]));
        scratch.create().await?.close().await?;
        assert!(content().await?.ends_with(b"end, more"), "{access:?}");
    }
    Ok(())
}

async fn a_spool_gets_a_name_in_memory_or_rolled(scratch: Scratch) -> Result {
    for (max_size, path) in [(None, "/tmp/memory"), (Some(3), "/tmp/rolled")] {
        let file = scratch.create_spooled(max_size).await?;
        file.write(b"content").await?;
        file.seek(3, Whence::Start).await?;

        file.persist(path, false).await?;

        assert!(file.is_rolled().await);
        assert_eq!(file.tell().await, 3);
        assert_eq!(file.read_to_end().await?, b"tent");
        assert_eq!(fs::read(scratch.host(path))?, b"content");
        file.close().await?;
    }
    assert_eq!(scratch.entries(), ["/tmp/memory", "/tmp/rolled"]);
    Ok(())
}

async fn an_existing_entry_is_replaced_on_request(scratch: Scratch) -> Result {
    fs::write(scratch.host("/tmp/report.txt"), "old and longer")?;
    let named = scratch.create_named().await?;
    named.write(b"new").await?;
    let unnamed = scratch.create().await?;
    unnamed.write(b"newer").await?;

    named.persist("/tmp/report.txt", true).await?;
    assert_eq!(fs::read(scratch.host("/tmp/report.txt"))?, b"new");
    unnamed.persist("/tmp/report.txt", true).await?;
    assert_eq!(fs::read(scratch.host("/tmp/report.txt"))?, b"newer");

    assert_eq!(scratch.entries(), ["/tmp/report.txt"]);
    Ok(())
}

async fn an_existing_entry_is_kept_otherwise(scratch: Scratch) -> Result {
    fs::write(scratch.host("/tmp/report.txt"), "old")?;
    for file in [scratch.create_named().await?, scratch.create().await?, scratch.create_spooled(None).await?]
    {
        file.write(b"draft").await?;
        let path = file.path().await;

        let error = file.persist("/tmp/report.txt", false).await.unwrap_err();

        error.assert(ErrorCode::Exist, &["/tmp/report.txt"]);
        assert_eq!(fs::read(scratch.host("/tmp/report.txt"))?, b"old");
        assert_eq!(file.path().await, path);
        assert_eq!(file.contents().await?, b"draft");
        file.close().await?;
    }
    scratch.assert_entries(&["/tmp/report.txt"]).await;
    Ok(())
}

async fn persist_into_a_missing_directory_keeps_the_file(scratch: Scratch) -> Result {
    for file in [scratch.create_named().await?, scratch.create().await?, scratch.create_spooled(None).await?]
    {
        file.write(b"draft").await?;
        let path = file.path().await;

        let error = file.persist(&scratch.path("missing/report.txt"), false).await.unwrap_err();

        error.assert(ErrorCode::NoEntry, &["missing/report.txt"]);
        assert_eq!(file.path().await, path);
        assert_eq!(file.contents().await?, b"draft");
        file.write(b", continued").await?;
        file.persist(&scratch.path("report.txt"), true).await?;
        assert_eq!(fs::read(scratch.host("/tmp/report.txt"))?, b"draft, continued");
        file.close().await?;
    }
    scratch.assert_entries(&["/tmp/report.txt"]).await;
    Ok(())
}

async fn persist_onto_a_directory_keeps_the_file(scratch: Scratch) -> Result {
    fs::create_dir(scratch.host("/tmp/folder"))?;
    for file in [scratch.create_named().await?, scratch.create().await?] {
        file.write(b"draft").await?;

        let replace = file.persist("/tmp/folder", true).await.unwrap_err();
        let link = file.persist("/tmp/folder", false).await.unwrap_err();

        replace.assert(ErrorCode::IsDirectory, &["/tmp/folder"]);
        assert!(matches!(link.code, ErrorCode::IsDirectory | ErrorCode::Exist), "{link}");
        assert_eq!(file.contents().await?, b"draft");
        file.close().await?;
    }
    scratch.assert_entries(&["/tmp/folder"]).await;
    Ok(())
}

async fn persist_out_of_the_preopens_keeps_the_file(scratch: Scratch) -> Result {
    for file in [scratch.create_named().await?, scratch.create().await?] {
        file.write(b"draft").await?;

        for outside in ["/etc/report", "/report", "/tmp/../report", "../report", "/tmp/../../etc/report"] {
            let error = file.persist(outside, true).await.unwrap_err();

            assert!(matches!(error.code, ErrorCode::NoEntry | ErrorCode::NotPermitted), "{outside}: {error}");
            assert!(error.message.contains(outside), "{error}");
        }
        assert_eq!(file.contents().await?, b"draft");
        file.close().await?;
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn a_path_without_a_last_part_is_refused(scratch: Scratch) -> Result {
    for file in [scratch.create_named().await?, scratch.create().await?] {
        for path in ["", "/", "/tmp/", "/tmp/.", "/tmp/..", "."] {
            let error = file.persist(path, true).await.unwrap_err();

            let codes = [ErrorCode::Invalid, ErrorCode::NotPermitted, ErrorCode::IsDirectory];
            assert!(codes.contains(&error.code), "{path:?}: {error}");
            assert!(error.message.contains("path"), "{path:?}: {error}");
        }
        file.close().await?;
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn a_bad_name_is_refused(scratch: Scratch) -> Result {
    let long = format!("/tmp/{}", "x".repeat(300));
    for file in [scratch.create_named().await?, scratch.create().await?] {
        file.write(b"draft").await?;

        for path in ["/tmp/a\0b", &long] {
            let error = file.persist(path, true).await.unwrap_err();

            assert!(!error.message.is_empty());
            assert_eq!(file.contents().await?, b"draft");
        }
        file.close().await?;
    }
    scratch.assert_empty().await;
    Ok(())
}

/// A directory of the host on another filesystem than `here`, if there is one.
fn other_filesystem(here: &std::path::Path) -> Option<tempfile::TempDir> {
    use std::os::unix::fs::MetadataExt as _;

    let other = tempfile::tempdir_in("/dev/shm").ok()?;
    (fs::metadata(here).ok()?.dev() != fs::metadata(&other).ok()?.dev()).then_some(other)
}

async fn persist_onto_another_filesystem_keeps_the_file(scratch: Scratch) -> Result {
    let other = other_filesystem(&scratch.host("/tmp")).ok_or(Unavailable::SECOND_FILESYSTEM)?;
    let scratch = scratch.another(Setup::default().preopen_at("/other", other.path())).await;
    let named = scratch.create_named().await?;
    named.write(b"draft").await?;
    let path = named.path().await;

    for replace in [true, false] {
        let error = named.persist("/other/report.txt", replace).await.unwrap_err();

        assert!(matches!(error.code, ErrorCode::CrossDevice | ErrorCode::Io), "{error}");
        assert!(error.message.contains("/other/report.txt"), "{error}");
    }
    assert_eq!(named.path().await, path);
    assert_eq!(named.contents().await?, b"draft");
    named.write(b", continued").await?;
    named.close().await?;
    let unnamed = scratch.create().await?;
    unnamed.write(b"copied").await?;
    unnamed.persist("/other/report.txt", false).await?;
    assert_eq!(fs::read(other.path().join("report.txt"))?, b"copied");
    unnamed.close().await?;
    scratch.assert_entries(&["/other/report.txt"]).await;
    Ok(())
}

async fn persist_into_another_preopen_works(scratch: Scratch) -> Result {
    let scratch = scratch.another(Setup::default().preopen("/out")).await;
    let (named, unnamed) = (scratch.create_named().await?, scratch.create().await?);
    named.write(b"named").await?;
    unnamed.write(b"unnamed").await?;

    named.persist("/out/named", false).await?;
    unnamed.persist("/out/unnamed", false).await?;

    assert_eq!(scratch.entries(), ["/out/named", "/out/unnamed"]);
    assert_eq!(fs::read(scratch.host("/out/named"))?, b"named");
    assert_eq!(fs::read(scratch.host("/out/unnamed"))?, b"unnamed");
    Ok(())
}

async fn a_persisted_file_stays_open_and_writes_through(scratch: Scratch) -> Result {
    let file = scratch.create_named().await?;
    file.write(b"one").await?;
    file.persist("/tmp/report.txt", false).await?;

    file.write(b" two").await?;

    assert_eq!(fs::read(scratch.host("/tmp/report.txt"))?, b"one two", "the buffer is flushed");
    file.seek(0, Whence::Start).await?;
    assert_eq!(file.read_to_end().await?, b"one two");
    Ok(())
}

async fn after_persist_neither_close_nor_drop_removes(scratch: Scratch) -> Result {
    for (number, file) in [scratch.create_named().await?, scratch.create().await?].into_iter().enumerate() {
        file.persist(&format!("/tmp/{number}"), false).await?;
        file.close().await?;
        drop(file);
    }
    scratch.create().await?.close().await?;

    assert_eq!(scratch.entries(), ["/tmp/0", "/tmp/1"]);
    Ok(())
}

async fn persisting_twice_moves_again(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    file.write(b"x").await?;

    file.persist("/tmp/first", false).await?;
    file.persist("/tmp/second", false).await?;

    assert_eq!(scratch.entries(), ["/tmp/second"]);
    assert_eq!(file.path().await.as_deref(), Some("/tmp/second"));
    Ok(())
}

async fn concurrent_persists_to_one_path_leave_one_whole_file(scratch: Scratch) -> Result {
    let mut files = Vec::new();
    for number in 0..20_u8 {
        let file = if number % 2 == 0 { scratch.create().await? } else { scratch.create_named().await? };
        file.write(&[number; 1_000]).await?;
        files.push(file);
    }

    let persisted =
        futures::future::join_all(files.iter().map(|file| file.persist("/tmp/winner", false))).await;

    assert_eq!(persisted.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(
        persisted.into_iter().filter_map(|result| result.err()).all(|error| error.code == ErrorCode::Exist)
    );
    let content = fs::read(scratch.host("/tmp/winner"))?;
    assert_eq!(content.len(), 1_000);
    assert!(content.iter().all(|byte| *byte == content[0]));
    drop(files);
    scratch.assert_entries(&["/tmp/winner"]).await;
    Ok(())
}

async fn a_file_of_a_directory_can_be_persisted_out_of_it(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let file = directory.open("draft", OpenFlags::CREATE, None).await?;
    file.write(b"result").await?;

    file.persist("/tmp/result", false).await?;
    directory.close().await?;
    file.close().await?;

    scratch.assert_entries(&["/tmp/result"]).await;
    assert_eq!(fs::read(scratch.host("/tmp/result"))?, b"result");
    Ok(())
}

async fn a_directory_moves_into_place_and_remains(scratch: Scratch) -> Result {
    for closes in [true, false] {
        let directory = scratch.create_directory().await?;
        directory.create_directory("sub").await?;
        directory.write_file("sub/page", b"content").await?;
        let open = directory.open("log", OpenFlags::CREATE, Access::Append).await?;

        directory.persist("/tmp/site").await?;

        assert_eq!(directory.path().await, "/tmp/site");
        open.write(b"later").await?;
        directory.write_file("new", b"").await?;
        if closes {
            directory.close().await?;
        }
        drop((directory, open));
        let whole = ["/tmp/site", "/tmp/site/log", "/tmp/site/new", "/tmp/site/sub", "/tmp/site/sub/page"];
        scratch.assert_entries(&whole).await;
        assert_eq!(fs::read(scratch.host("/tmp/site/sub/page"))?, b"content");
        assert_eq!(fs::read(scratch.host("/tmp/site/log"))?, b"later");
        fs::remove_dir_all(scratch.host("/tmp/site"))?;
    }
    Ok(())
}

async fn a_directory_replaces_nothing(scratch: Scratch) -> Result {
    fs::create_dir(scratch.host("/tmp/empty"))?;
    fs::write(scratch.host("/tmp/file"), "old")?;
    let directory = scratch.create_directory().await?;
    let path = directory.path().await;

    for target in ["/tmp/empty", "/tmp/file", &path] {
        let error = directory.persist(target).await.unwrap_err();

        error.assert(ErrorCode::Exist, &[target]);
    }

    assert_eq!(directory.path().await, path);
    assert_eq!(fs::read(scratch.host("/tmp/file"))?, b"old");
    directory.close().await?;
    scratch.assert_entries(&["/tmp/empty", "/tmp/file"]).await;
    Ok(())
}

async fn a_directory_that_cannot_move_stays_in_its_place(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    directory.write_file("f", b"content").await?;
    let path = directory.path().await;

    for (target, code) in [
        ("/tmp/missing/site", ErrorCode::NoEntry),
        ("/elsewhere/site", ErrorCode::NoEntry),
        ("/tmp/", ErrorCode::Invalid),
        (&format!("{path}/inside"), ErrorCode::Invalid),
    ] {
        let error = directory.persist(target).await.unwrap_err();

        error.assert(code, &[target]);
    }

    assert_eq!(directory.path().await, path);
    assert_eq!(fs::read(scratch.host(&format!("{path}/f")))?, b"content");
    directory.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn a_directory_persisted_into_another_is_removed_with_it(scratch: Scratch) -> Result {
    let outer = scratch.create_directory().await?;
    let inner = scratch.create_directory().await?;
    inner.write_file("f", b"content").await?;

    inner.persist(&format!("{}/inner", outer.path().await)).await?;
    drop(inner);
    let usage = scratch.usage().await?;
    assert_eq!((usage.bytes_on_disk.now, usage.entries.now), (7, 3));
    outer.close().await?;

    let usage = scratch.usage().await?;
    assert_eq!((usage.bytes_on_disk.now, usage.entries.now), (0, 0));
    scratch.assert_empty().await;
    Ok(())
}
