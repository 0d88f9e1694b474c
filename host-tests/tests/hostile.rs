//! Invalid and hostile input: an error whose message names the input, and nothing is left behind.

use std::fs;

use host_tests::{
    DirectoryOptions, Error, ErrorCode, FileOptions, OpenFlags, Result, Scratch, Setup, Whence,
};

use crate::suite::tests;

tests! {
    every_mode {
        a_bad_prefix_or_suffix_is_refused,
        a_name_that_would_be_too_long_is_refused,
        a_device_name_is_never_created,
        every_good_prefix_and_suffix_is_used,
        a_directory_outside_of_the_preopens_is_refused,
        a_missing_directory_is_named,
        a_file_as_directory_is_refused,
        a_bad_path_of_a_directory_is_refused,
        a_read_only_preopen_is_refused,
        without_a_usable_directory_the_error_lists_those_tried,
        without_a_preopen_creating_fails,
        reading_at_most_nothing_or_anything_works,
        writing_nothing_changes_nothing,
        the_largest_numbers_never_trap,
        impossible_sizes_are_refused,
        no_message_contains_a_path_of_the_host,
    }
}

/// The errors of each way to create something with these options.
async fn refusals(scratch: &Scratch, prefix: &str, suffix: &str, directory: Option<&str>) -> Vec<Error> {
    let mut file = FileOptions::new().prefix(prefix).suffix(suffix);
    let mut tree = DirectoryOptions::new().prefix(prefix).suffix(suffix);
    if let Some(directory) = directory {
        file = file.directory(directory);
        tree = tree.directory(directory);
    }
    let (prefix, suffix) = (Some(prefix), Some(suffix));
    // A directory that can be opened but not changed is noticed when the content moves there.
    let created = match scratch.create_with(file.clone()).await {
        Ok(file) => file.rollover().await,
        Err(error) => Err(error),
    };
    vec![
        created.unwrap_err(),
        scratch.create_named_with(file).await.unwrap_err(),
        scratch.create_directory_with(tree).await.unwrap_err(),
        scratch.mkstemp(suffix, prefix, directory).await.unwrap_err(),
        scratch.mkdtemp(suffix, prefix, directory).await.unwrap_err(),
    ]
}

/// CWE-22, CWE-23, CWE-73; CVE-2026-44705 and GHSA-ph9p-34f9-6g65 (npm tmp).
async fn a_bad_prefix_or_suffix_is_refused(scratch: Scratch) -> Result {
    for bad in
        ["../x", "a/b", "a\\b", "/", "..\\x", "a\0b", "a\nb", "\u{7f}", "a:b", "*", "?", "\"", "<", ">", "|"]
    {
        for error in refusals(&scratch, bad, "", None).await {
            error.assert(ErrorCode::Invalid, &["prefix"]);
        }
        for error in refusals(&scratch, "", bad, None).await {
            error.assert(ErrorCode::Invalid, &["suffix"]);
        }
        let spooled = scratch.create_spooled_with(None, FileOptions::new().prefix(bad)).await.unwrap_err();
        spooled.assert(ErrorCode::Invalid, &["prefix"]);
    }
    for bad in ["x.", "x "] {
        for error in refusals(&scratch, "", bad, None).await {
            error.assert(ErrorCode::Invalid, &["suffix"]);
        }
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn a_name_that_would_be_too_long_is_refused(scratch: Scratch) -> Result {
    let (long, half) = ("x".repeat(300), "x".repeat(110));

    for error in refusals(&scratch, &long, "", None).await {
        error.assert(ErrorCode::Invalid, &["prefix", "219"]);
    }
    for error in refusals(&scratch, "", &long, None).await {
        error.assert(ErrorCode::Invalid, &["suffix", "219"]);
    }
    for error in refusals(&scratch, &half, &half, None).await {
        error.assert(ErrorCode::Invalid, &["219"]);
    }
    scratch.create_named_with(FileOptions::new().prefix(&"x".repeat(219))).await?.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn a_device_name_is_never_created(scratch: Scratch) -> Result {
    // Windows compares the part of the name before the first dot.
    for prefix in ["con.", "NUL.", "com1.", "lpt9.txt"] {
        let options = FileOptions::new().prefix(prefix);
        match scratch.create_named_with(options).await {
            Ok(file) => panic!("{prefix}: {:?}", file.path().await),
            Err(error) => error.assert(ErrorCode::Invalid, &["prefix"]),
        }
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn every_good_prefix_and_suffix_is_used(scratch: Scratch) -> Result {
    for (prefix, suffix) in
        [("", ""), ("report-", ".txt"), (".hidden", ""), ("a b", ".tar.gz"), ("ünï", ".文")]
    {
        let file = scratch.create_named_with(FileOptions::new().prefix(prefix).suffix(suffix)).await?;

        let path = file.path().await.expect("it has a name");
        assert!(path.starts_with(&format!("/tmp/{prefix}")) && path.ends_with(suffix), "{path}");
        assert_eq!(scratch.entries(), [&*path]);
        file.close().await?;
    }
    let default = scratch.create_named().await?.path().await.expect("it has a name");
    assert!(default.starts_with("/tmp/tmp"), "{default}");
    Ok(())
}

async fn a_directory_outside_of_the_preopens_is_refused(scratch: Scratch) -> Result {
    fs::create_dir(scratch.host("/tmp/inside"))?;

    for outside in [
        "/",
        "/etc",
        "/home/user",
        "/tmpx",
        "/tmp/..",
        "/tmp/../etc",
        "/tmp/inside/../../etc",
        "..",
        "../etc",
    ] {
        for error in refusals(&scratch, "", "", Some(outside)).await {
            assert!(is_outside(error.code), "{outside}: {error}");
            assert!(error.message.contains(outside), "{outside}: {error}");
        }
    }
    scratch.assert_entries(&["/tmp/inside"]).await;
    Ok(())
}

/// Outside of the preopened directories is no entry; climbing there is not permitted.
fn is_outside(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::NoEntry | ErrorCode::NotPermitted)
}

async fn a_missing_directory_is_named(scratch: Scratch) -> Result {
    for error in refusals(&scratch, "", "", Some("/tmp/missing")).await {
        error.assert(ErrorCode::NoEntry, &["/tmp/missing"]);
    }
    let spooled = scratch.create_spooled_with(0, FileOptions::new().directory("/tmp/missing")).await?;
    spooled.write(b"x").await.unwrap_err().assert(ErrorCode::NoEntry, &["/tmp/missing"]);
    scratch.assert_empty().await;
    Ok(())
}

async fn a_file_as_directory_is_refused(scratch: Scratch) -> Result {
    fs::write(scratch.host("/tmp/file"), "x")?;

    for directory in ["/tmp/file", "/tmp/file/below"] {
        for error in refusals(&scratch, "", "", Some(directory)).await {
            error.assert(ErrorCode::NotDirectory, &[directory]);
        }
    }
    scratch.assert_entries(&["/tmp/file"]).await;
    Ok(())
}

async fn a_bad_path_of_a_directory_is_refused(scratch: Scratch) -> Result {
    let deep = format!("/tmp{}", "/x".repeat(5_000));

    for directory in ["", "/tmp/a\0b", "/tmp/\u{1}", &deep] {
        for error in refusals(&scratch, "", "", Some(directory)).await {
            assert!(!error.message.is_empty(), "{directory:?}");
        }
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn a_read_only_preopen_is_refused(scratch: Scratch) -> Result {
    let scratch = scratch.another(Setup::default().read_only("/readable")).await;
    fs::write(scratch.host("/readable/file"), "x")?;

    for error in refusals(&scratch, "", "", Some("/readable")).await {
        assert!(matches!(error.code, ErrorCode::NotPermitted | ErrorCode::ReadOnly), "{error}");
        assert!(error.message.contains("/readable"), "{error}");
    }
    let file = scratch.create_named().await?;
    file.write(b"x").await?;
    let persist = file.persist("/readable/new", true).await.unwrap_err();
    assert!(matches!(persist.code, ErrorCode::NotPermitted | ErrorCode::ReadOnly), "{persist}");
    assert_eq!(file.contents().await?, b"x");
    file.close().await?;
    scratch.assert_entries(&["/readable/file"]).await;
    Ok(())
}

async fn without_a_usable_directory_the_error_lists_those_tried(scratch: Scratch) -> Result {
    let setup = Setup::nothing().read_only("/tmp").read_only("/data").variable("TMPDIR", "/data/mine");
    let scratch = scratch.another(setup).await;

    for error in refusals(&scratch, "", "", None).await {
        error.assert(ErrorCode::NoEntry, &["/data/mine", "/tmp", "/var/tmp", "/usr/tmp"]);
    }
    let error = scratch.gettempdir().await.unwrap_err();
    error.assert(ErrorCode::NoEntry, &["/data/mine", "/tmp"]);
    scratch.assert_empty().await;
    Ok(())
}

async fn without_a_preopen_creating_fails(scratch: Scratch) -> Result {
    let scratch = scratch.another(Setup::nothing()).await;

    for error in refusals(&scratch, "", "", None).await {
        error.assert(ErrorCode::NoEntry, &["/tmp"]);
    }
    for error in refusals(&scratch, "", "", Some("/tmp")).await {
        error.assert(ErrorCode::NoEntry, &["/tmp"]);
    }
    Ok(())
}

async fn reading_at_most_nothing_or_anything_works(scratch: Scratch) -> Result {
    for file in [scratch.create().await?, scratch.create_spooled(None).await?] {
        file.write(b"0123456789").await?;
        file.seek(0, Whence::Start).await?;

        assert_eq!(file.read(0).await?, b"");
        assert_eq!(file.read_at(0, 0).await?, b"");
        assert_eq!(file.tell().await, 0);
        assert_eq!(file.read_at(u64::MAX, 5).await?, b"56789");
        assert_eq!(file.read(u64::MAX).await?, b"0123456789");
        assert_eq!(file.read(u64::MAX).await?, b"");
        assert_eq!(file.try_read(u64::MAX).await?.unwrap_or_default(), b"");
        file.close().await?;
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn writing_nothing_changes_nothing(scratch: Scratch) -> Result {
    for file in [scratch.create().await?, scratch.create_spooled(0).await?] {
        file.seek(100, Whence::Start).await?;

        file.write(b"").await?;
        file.write_lines(&[]).await?;
        file.write_lines(&[b"", b""]).await?;
        file.write_at(b"", 1_000).await?;
        assert!(file.try_write(b"").await?);

        assert_eq!(file.size().await?, 0);
        assert_eq!(file.tell().await, 100);
    }
    Ok(())
}

async fn the_largest_numbers_never_trap(scratch: Scratch) -> Result {
    let numbers =
        [0, 1, u64::from(u32::MAX), 1 << 32, i64::MAX as u64 - 1, i64::MAX as u64, 1 << 63, u64::MAX];
    for number in numbers {
        for file in [
            scratch.create().await?,
            scratch.create_spooled(number).await?,
            scratch.create_with(FileOptions::new().buffer_size(number)).await?,
        ] {
            file.write(b"abc").await?;
            _ = file.read_at(number, number).await;
            _ = file.write_at(b"", number).await;
            _ = file.read_line(Some(number)).await;
            _ = file.read_lines(Some(number)).await;
            _ = file.seek(number as i64, Whence::Start).await;
            _ = file.seek(number as i64, Whence::Current).await;
            _ = file.seek(number as i64, Whence::End).await;
            _ = file.read(number).await;
            _ = file.try_read(number).await;
            assert_eq!(file.read_at(3, 0).await?, b"abc");
            file.close().await?;
        }
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn impossible_sizes_are_refused(scratch: Scratch) -> Result {
    let file = scratch.create_spooled(None).await?;
    file.write(b"abc").await?;

    // In memory a hole takes space, and a component has at most 4 GiB.
    let size = file.truncate(Some(1 << 40)).await.unwrap_err();
    let write = file.write_at(b"x", 1 << 40).await.unwrap_err();

    size.assert(ErrorCode::InsufficientMemory, &[]);
    write.assert(ErrorCode::InsufficientMemory, &[]);
    assert_eq!(file.contents().await?, b"abc");
    file.close().await?;
    Ok(())
}

/// CWE-200, CWE-532.
async fn no_message_contains_a_path_of_the_host(scratch: Scratch) -> Result {
    let host = scratch.host("/tmp").to_string_lossy().into_owned();
    let directory = scratch.create_directory().await?;
    let file = scratch.create_named().await?;
    let mut errors = refusals(&scratch, "", "", Some("/tmp/missing")).await;
    errors.push(directory.open("missing", OpenFlags::empty(), None).await.unwrap_err());
    errors.push(file.persist("/tmp/missing/target", false).await.unwrap_err());
    errors.push(file.persist("/tmp", true).await.unwrap_err());

    for error in errors {
        assert!(!error.message.contains(&host), "{error}");
        assert!(error.message.contains("missing") || error.message.contains("/tmp"), "{error}");
    }
    Ok(())
}
