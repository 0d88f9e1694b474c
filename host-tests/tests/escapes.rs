//! Escapes: links, swapped directories, guessed names, hostile strings. Each attack has worked on a
//! library, which its comment names.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};

use host_tests::{
    Access, ErrorCode, FileOptions, ForeignFiles, Limits, OpenFlags, Plugin, Result, Scratch, Setup, Whence,
};

use crate::suite::tests;

tests! {
    every_mode {
        names_never_repeat_nor_resemble_each_other,
        instances_that_start_alike_choose_different_names,
        entries_have_the_default_mode_of_the_host,
        a_directory_that_is_a_link_does_not_lead_out,
        a_default_directory_made_beforehand_as_a_link_is_passed_over,
        a_file_that_replaced_ours_is_not_opened,
        a_grown_file_reads_zeros_and_nothing_stale,
        read_access_does_not_allow_truncating,
        a_target_that_ends_with_a_separator_is_refused,
    }
    async_modes {
        two_plugins_in_one_directory_cannot_reach_each_other,
        a_confined_plugin_is_refused_all_paths_of_its_choice,
        hostile_strings_are_refused_or_valid_names,
        extreme_numbers_do_no_harm,
        closed_resources_stay_closed,
    }
}

/// CWE-330, CWE-340, CWE-377; RUSTSEC-2018-0022 (`temporary`): names came from uninitialized memory
/// and were repeated.
async fn names_never_repeat_nor_resemble_each_other(scratch: Scratch) -> Result {
    let mut names = BTreeSet::new();
    for _ in 0..1_000 {
        let path = scratch.create_named().await?.path().await.expect("it has a name");
        names.insert(path);
    }

    assert_eq!(names.len(), 1_000);
    // The first twelve characters of the random part, which has 37.
    let random = "/tmp/tmp".len();
    for place in random..random + 12 {
        let characters: BTreeSet<u8> = names.iter().map(|name| name.as_bytes()[place]).collect();
        assert!(characters.len() >= 20, "place {place}: {characters:?}");
    }
    Ok(())
}

/// CWE-335: instances share no state of a generator.
async fn instances_that_start_alike_choose_different_names(scratch: Scratch) -> Result {
    let other = scratch.another(Setup::default()).await;

    let (one, two) = (scratch.create_named().await?, other.create_named().await?);

    assert_ne!(one.path().await, two.path().await);
    Ok(())
}

/// CWE-378, CWE-379; CVE-2021-21290, CVE-2022-24823 (netty), CVE-2020-8908, CVE-2023-2976 (guava),
/// CVE-2020-15250 (JUnit), RUSTSEC-2025-0149 (`below`). WASI has no modes. The documentation advises
/// a directory with mode 0700, which protects its entries whatever modes they have.
async fn entries_have_the_default_mode_of_the_host(scratch: Scratch) -> Result {
    let plain = scratch.outside("plain");
    fs::write(&plain, "")?;
    let expected = fs::metadata(&plain)?.mode() & 0o777;
    let (file, directory) = (scratch.create_named().await?, scratch.create_directory().await?);

    let mode = |path: String| fs::metadata(scratch.host(&path)).expect("it is there").mode() & 0o777;

    assert_eq!(mode(file.path().await.expect("it has a name")), expected);
    assert_eq!(mode(directory.path().await) & 0o666, expected);
    Ok(())
}

/// CWE-59, CWE-61; CVE-2025-54798 (npm tmp): the directory that the caller chose was a link.
async fn a_directory_that_is_a_link_does_not_lead_out(scratch: Scratch) -> Result {
    let foreign = ForeignFiles::new(scratch.outside("place"))?;
    fs::create_dir(scratch.host("/tmp/inside"))?;
    symlink(&foreign.root, scratch.host("/tmp/absolute"))?;
    symlink("../outside-place", scratch.host("/tmp/relative"))?;
    symlink("inside", scratch.host("/tmp/harmless"))?;

    for link in ["/tmp/absolute", "/tmp/relative", "/tmp/absolute/directory", "/tmp/relative/directory"] {
        let options = FileOptions::new().directory(link);
        let refusals = [
            scratch.create_with(options.clone()).await.unwrap_err(),
            scratch.create_named_with(options).await.unwrap_err(),
            scratch.mkdtemp(None, None, Some(link)).await.unwrap_err(),
            scratch.sweep(Some(link), std::time::Duration::ZERO).await.unwrap_err(),
        ];
        for error in refusals {
            error.assert(ErrorCode::NotPermitted, &[link]);
        }
    }
    scratch.create_named_with(FileOptions::new().directory("/tmp/harmless")).await?.close().await?;
    foreign.assert_unchanged();
    Ok(())
}

/// CVE-2025-71176 (pytest): another user had created the directory first.
async fn a_default_directory_made_beforehand_as_a_link_is_passed_over(scratch: Scratch) -> Result {
    let foreign = ForeignFiles::new(scratch.outside("place"))?;
    let scratch = scratch.sibling(&Setup::default().variable("TMPDIR", "/tmp/mine")).await;
    symlink(&foreign.root, scratch.host("/tmp/mine"))?;

    let file = scratch.create_named().await?;

    let path = file.path().await.expect("it has a name");
    assert!(path.starts_with("/tmp/tmp"), "{path}");
    foreign.assert_unchanged();
    Ok(())
}

/// CWE-367; CVE-2015-7529 (sosreport), RUSTSEC-2026-0148 (boxlite): the name belonged to a link.
async fn a_file_that_replaced_ours_is_not_opened(scratch: Scratch) -> Result {
    let foreign = ForeignFiles::new(scratch.outside("place"))?;
    let file = scratch.create_named().await?;
    let host = scratch.host(&file.path().await.expect("it has a name"));
    fs::remove_file(&host)?;
    fs::write(&host, "foreign")?;

    scratch.descriptor_of_file(&file).await.unwrap_err().assert(ErrorCode::NoEntry, &["another file"]);
    fs::remove_file(&host)?;
    symlink(foreign.root.join("file"), &host)?;
    assert!(scratch.descriptor_of_file(&file).await.is_err());
    file.write(b"goes to our own").await?;
    file.flush().await?;

    foreign.assert_unchanged();
    file.close().await?;
    scratch.assert_empty().await;
    foreign.assert_unchanged();
    Ok(())
}

/// CWE-665, CWE-908: no file shows memory of another.
async fn a_grown_file_reads_zeros_and_nothing_stale(scratch: Scratch) -> Result {
    for max_size in [None, Some(50_000), Some(0)] {
        let secret = scratch.create_spooled(max_size).await?;
        secret.write(&[b's'; 40_000]).await?;
        secret.truncate(Some(10)).await?;
        secret.truncate(Some(40_000)).await?;
        assert_eq!(secret.read_at(40_000, 10).await?, [0; 39_990]);
        secret.close().await?;
        let file = scratch.create_spooled(max_size).await?;

        file.seek(39_999, Whence::Start).await?;
        file.write(b"x").await?;
        file.truncate(Some(80_000)).await?;

        let content = file.contents().await?;
        assert!(content.iter().enumerate().all(|(at, byte)| *byte == 0 || at == 39_999));
        file.rollover().await?;
        assert_eq!(file.contents().await?, content);
        file.close().await?;
    }
    Ok(())
}

/// RUSTSEC-2026-0149, RUSTSEC-2026-0188 (wasmtime): truncating and renaming bypassed permissions.
async fn read_access_does_not_allow_truncating(scratch: Scratch) -> Result {
    let scratch = scratch.another(Setup::default().read_only("/readable")).await;
    fs::write(scratch.host("/readable/file"), "foreign")?;
    let directory = scratch.create_directory().await?;
    directory.write_file("file", b"content").await?;

    let flags = OpenFlags::TRUNCATE;
    let truncate = directory.open("file", flags, Access::ReadOnly).await.unwrap_err();
    let file = directory.open("file", OpenFlags::empty(), Access::ReadOnly).await?;
    let shorten = file.truncate(Some(0)).await.unwrap_err();
    let moves = [file.persist("/readable/file", true).await, file.persist("/readable/new", false).await];

    truncate.assert(ErrorCode::NotPermitted, &["truncate"]);
    shorten.assert(ErrorCode::NotPermitted, &["not open for writing"]);
    for outcome in moves {
        outcome.unwrap_err().assert(ErrorCode::NotPermitted, &["/readable"]);
    }
    assert_eq!(file.contents().await?, b"content");
    assert_eq!(fs::read(scratch.host("/readable/file"))?, b"foreign");
    Ok(())
}

/// GHSA-m9f7-9w4p-gv38 (wasmtime): a rename followed a link with a trailing separator.
async fn a_target_that_ends_with_a_separator_is_refused(scratch: Scratch) -> Result {
    let foreign = ForeignFiles::new(scratch.outside("place"))?;
    symlink(&foreign.root, scratch.host("/tmp/link"))?;
    let file = scratch.create_named().await?;

    for replace in [false, true] {
        for target in ["/tmp/link/", "/tmp/link/.", "/tmp/link/new", "/tmp/link/../new"] {
            assert!(file.persist(target, replace).await.is_err(), "{target}");
        }
    }
    file.persist("/tmp/link", true).await?;

    foreign.assert_unchanged();
    assert!(fs::symlink_metadata(scratch.host("/tmp/link"))?.is_file(), "the link itself is replaced");
    Ok(())
}

/// CWE-200, CWE-639: neither plugin can list, guess or open the other's entries.
async fn two_plugins_in_one_directory_cannot_reach_each_other(plugin: Plugin) -> Result {
    let owner = Scratch::beside(&plugin).await;
    let (file, directory) = (owner.create_named().await?, owner.create_directory().await?);
    file.write(b"content").await?;
    file.flush().await?;
    directory.write_file("file", b"content").await?;
    plugin.set_limits(Limits::new().confined(true)).await;

    for other in [file.path().await.expect("it has a name"), directory.path().await] {
        plugin.guess_names(&other).await?;
    }

    assert_eq!(file.contents().await?, b"content");
    assert_eq!(directory.entries("").await?.len(), 1);
    assert_eq!(fs::read(owner.host(&file.path().await.expect("it has a name")))?, b"content");
    plugin.assert_nothing_used().await;
    Ok(())
}

/// CWE-73: the caller chooses a directory, a target, or that a file is kept.
async fn a_confined_plugin_is_refused_all_paths_of_its_choice(plugin: Plugin) -> Result {
    plugin.set_limits(Limits::new().confined(true)).await;
    fs::create_dir(plugin.host("/tmp/other"))?;

    plugin.confined("/tmp/other", "/tmp/target").await?;

    plugin.assert_entries(&["/tmp/other"]).await;
    plugin.assert_nothing_used().await;
    Ok(())
}

/// CWE-22, CWE-23, CWE-176; CVE-2026-44705 and GHSA-ph9p-34f9-6g65 (npm tmp).
async fn hostile_strings_are_refused_or_valid_names(plugin: Plugin) -> Result {
    let foreign = ForeignFiles::new(plugin.outside("place"))?;

    let calls = plugin.hostile_strings().await?;

    assert!(calls > 1_000, "{calls}");
    foreign.assert_unchanged();
    plugin.assert_nothing_used().await;
    plugin.assert_empty().await;
    Ok(())
}

/// CWE-190, CWE-131.
async fn extreme_numbers_do_no_harm(plugin: Plugin) -> Result {
    assert!(plugin.extreme_numbers().await? > 500);
    plugin.set_limits(Limits::new().max_bytes(1_000_000_u64).max_memory(1_000_000_u64)).await;
    assert!(plugin.extreme_numbers().await? > 500);

    plugin.assert_nothing_used().await;
    plugin.assert_empty().await;
    Ok(())
}

/// CWE-416, CWE-672.
async fn closed_resources_stay_closed(plugin: Plugin) -> Result {
    plugin.after_close().await?;

    plugin.assert_nothing_used().await;
    plugin.assert_empty().await;
    Ok(())
}
