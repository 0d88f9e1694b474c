//! Python's low-level calls, and the bridge to the host's descriptors.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::FileExt as _;

use host_tests::{Access, ErrorCode, FileOptions, OpenFlags, Result, Scratch, Setup};

use crate::suite::tests;

tests! {
    every_mode {
        mkstemp_creates_an_open_file_that_is_kept,
        mkdtemp_creates_a_directory_that_is_kept,
        the_arguments_of_mkstemp_and_mkdtemp_are_used,
        the_temporary_directory_comes_from_the_environment_first,
        an_unusable_variable_is_passed_over,
        the_temporary_directory_is_found_without_an_environment,
        the_first_preopen_is_the_last_resort,
        a_variable_may_name_a_directory_below_a_preopen,
        the_temporary_directory_is_found_once,
        a_default_directory_that_was_made_again_is_used,
        the_configured_directory_comes_first,
        a_configured_directory_that_cannot_be_used_is_an_error_that_names_it,
        the_prefix_is_tmp,
        a_descriptor_and_its_file_see_each_others_writes,
        a_descriptor_of_an_unnamed_file_leaves_no_name,
        a_descriptor_outlives_the_file,
        a_descriptor_of_a_directory_is_that_directory,
    }
}

async fn mkstemp_creates_an_open_file_that_is_kept(scratch: Scratch) -> Result {
    let (descriptor, path) = scratch.mkstemp(None, None, None).await?;
    (&*descriptor).write_all(b"content")?;
    drop(descriptor);

    assert!(path.starts_with("/tmp/tmp"), "{path}");
    assert_eq!(scratch.entries(), [&*path]);
    assert_eq!(fs::read(scratch.host(&path))?, b"content");
    fs::remove_file(scratch.host(&path))?;
    scratch.assert_empty().await;
    Ok(())
}

async fn mkdtemp_creates_a_directory_that_is_kept(scratch: Scratch) -> Result {
    let path = scratch.mkdtemp(None, None, None).await?;

    assert!(path.starts_with("/tmp/tmp"), "{path}");
    assert_eq!(scratch.entries(), [&*path]);
    assert!(scratch.host(&path).is_dir());
    fs::remove_dir(scratch.host(&path))?;
    scratch.assert_empty().await;
    Ok(())
}

async fn the_arguments_of_mkstemp_and_mkdtemp_are_used(scratch: Scratch) -> Result {
    fs::create_dir(scratch.host("/tmp/sub"))?;

    let (_, file) = scratch.mkstemp(Some(".txt"), Some("file-"), Some("/tmp/sub")).await?;
    let directory = scratch.mkdtemp(Some(".d"), Some("dir-"), Some("/tmp/sub")).await?;

    assert!(file.starts_with("/tmp/sub/file-") && file.ends_with(".txt"), "{file}");
    assert!(directory.starts_with("/tmp/sub/dir-") && directory.ends_with(".d"), "{directory}");
    scratch.assert_entries(&["/tmp/sub", &directory, &file]).await;
    Ok(())
}

async fn the_temporary_directory_comes_from_the_environment_first(scratch: Scratch) -> Result {
    let all = || Setup::default().preopen("/a").preopen("/b").preopen("/c");

    for (setup, expected) in [
        (all().variable("TMPDIR", "/a").variable("TEMP", "/b").variable("TMP", "/c"), "/a"),
        (all().variable("TMP", "/c").variable("TEMP", "/b"), "/b"),
        (all().variable("TMP", "/c"), "/c"),
        (all().variable("TMPDIR", ""), "/tmp"),
        (all(), "/tmp"),
    ] {
        let scratch = scratch.another(setup).await;

        assert_eq!(scratch.gettempdir().await?, expected);
        assert_eq!(scratch.gettempdirb().await?, expected.as_bytes());
        let file = scratch.create_named().await?;
        assert!(file.path().await.is_some_and(|path| path.starts_with(&format!("{expected}/tmp"))));
        file.close().await?;
        scratch.assert_empty().await;
    }
    Ok(())
}

async fn an_unusable_variable_is_passed_over(scratch: Scratch) -> Result {
    let setup = Setup::default().read_only("/readable");
    for unusable in ["/nowhere", "/readable", "/tmp/missing", "relative", "..", "/tmp/../..", "\u{1}"] {
        let scratch = scratch.another(setup.clone().variable("TMPDIR", unusable)).await;

        assert_eq!(scratch.gettempdir().await?, "/tmp", "{unusable}");
        scratch.assert_empty().await;
    }
    Ok(())
}

async fn the_temporary_directory_is_found_without_an_environment(scratch: Scratch) -> Result {
    for (setup, expected) in [
        (Setup::nothing().preopen("/usr/tmp").preopen("/var/tmp").preopen("/tmp"), "/tmp"),
        (Setup::nothing().preopen("/usr/tmp").preopen("/var/tmp"), "/var/tmp"),
        (Setup::nothing().preopen("/data").preopen("/usr/tmp"), "/usr/tmp"),
        (Setup::nothing().read_only("/tmp").preopen("/usr/tmp"), "/usr/tmp"),
    ] {
        let scratch = scratch.another(setup).await;

        assert_eq!(scratch.gettempdir().await?, expected);
        scratch.assert_empty().await;
    }
    Ok(())
}

async fn the_first_preopen_is_the_last_resort(scratch: Scratch) -> Result {
    for guest in ["/data", "/", ".", "data"] {
        let scratch = scratch.another(Setup::nothing().preopen(guest)).await;

        assert_eq!(scratch.gettempdir().await?, guest);
        let file = scratch.create_named().await?;
        file.write(b"x").await?;
        file.close().await?;
        scratch.assert_empty().await;
    }
    Ok(())
}

async fn a_variable_may_name_a_directory_below_a_preopen(scratch: Scratch) -> Result {
    let scratch =
        scratch.another(Setup::nothing().preopen("/data").variable("TMPDIR", "/data/deep/tmp")).await;
    fs::create_dir_all(scratch.host("/data/deep/tmp"))?;

    assert_eq!(scratch.gettempdir().await?, "/data/deep/tmp");
    let file = scratch.create_named().await?;
    assert!(file.path().await.is_some_and(|path| path.starts_with("/data/deep/tmp/tmp")));
    file.close().await?;
    scratch.assert_entries(&["/data/deep", "/data/deep/tmp"]).await;
    Ok(())
}

async fn the_temporary_directory_is_found_once(scratch: Scratch) -> Result {
    let setup = Setup::default().preopen("/data").variable("TMPDIR", "/data/late");
    let scratch = scratch.another(setup).await;
    assert_eq!(scratch.gettempdir().await?, "/tmp");

    fs::create_dir(scratch.host("/data/late"))?;

    assert_eq!(scratch.gettempdir().await?, "/tmp");
    Ok(())
}

async fn a_default_directory_that_was_made_again_is_used(scratch: Scratch) -> Result {
    let setup = Setup::default().preopen("/data").variable("SCRATCH_DIRECTORY", "/data/tmp");
    let scratch = scratch.another(setup).await;
    let default = scratch.host("/data/tmp");
    fs::create_dir(&default)?;
    assert_eq!(scratch.gettempdir().await?, "/data/tmp");

    for _ in 0..3 {
        fs::remove_dir(&default)?;
        fs::create_dir(&default)?;
        scratch.create_named().await?.close().await?;

        fs::remove_dir(&default)?;
        fs::create_dir(&default)?;
        scratch.create_directory().await?.close().await?;

        fs::remove_dir(&default)?;
        fs::create_dir(&default)?;
        let spooled = scratch.create_spooled(1).await?;
        spooled.write(b"rolls over").await?;
        spooled.close().await?;
    }
    fs::remove_dir(&default)?;
    scratch
        .create_on_disk()
        .await
        .unwrap_err()
        .assert(ErrorCode::NoEntry, &["SCRATCH_DIRECTORY", "/data/tmp"]);
    assert!(scratch.usage().await?.is_nothing());
    Ok(())
}

async fn the_configured_directory_comes_first(scratch: Scratch) -> Result {
    let setup = Setup::default().preopen("/data").variable("TMPDIR", "/tmp");
    let scratch = scratch.another(setup.variable("SCRATCH_DIRECTORY", "/data")).await;

    let file = scratch.create_named().await?;

    assert_eq!(scratch.gettempdir().await?, "/data");
    assert!(file.path().await.is_some_and(|path| path.starts_with("/data/tmp")));
    file.close().await?;
    Ok(())
}

async fn a_configured_directory_that_cannot_be_used_is_an_error_that_names_it(scratch: Scratch) -> Result {
    let setup = Setup::default().read_only("/readable");
    for (unusable, code) in [
        ("/nowhere", ErrorCode::NoEntry),
        ("/readable", ErrorCode::NotPermitted),
        ("/tmp/missing", ErrorCode::NoEntry),
        ("/tmp/../..", ErrorCode::NotPermitted),
    ] {
        let setup = setup.clone().variable("SCRATCH_DIRECTORY", unusable);
        let scratch = scratch.another(setup).await;

        for error in [
            scratch.create().await.unwrap_err(),
            scratch.create_named().await.unwrap_err(),
            scratch.create_directory().await.unwrap_err(),
            scratch.gettempdir().await.unwrap_err(),
        ] {
            error.assert(code, &["SCRATCH_DIRECTORY", unusable]);
        }
        scratch.assert_empty().await;
    }
    Ok(())
}

async fn the_prefix_is_tmp(scratch: Scratch) -> Result {
    assert_eq!(scratch.gettempprefix().await, "tmp");
    Ok(())
}

async fn a_descriptor_and_its_file_see_each_others_writes(scratch: Scratch) -> Result {
    let options = FileOptions::new();
    for file in [
        scratch.create_named().await?,
        scratch.create().await?,
        scratch.create_spooled(None).await?,
        scratch.create_named_with(options.access(Access::ReadWrite).buffer_size(1 << 20)).await?,
    ] {
        file.write(b"buffered").await?;

        let descriptor = scratch.descriptor_of_file(&file).await?;
        let mut content = [0; 20];
        assert_eq!(descriptor.read_at(&mut content, 0)?, 8);
        assert_eq!(&content[..8], b"buffered");
        file.write(b" no more").await?;
        assert_eq!(descriptor.read_at(&mut content, 0)?, 16);
        assert_eq!(&content[..16], b"buffered no more");
        descriptor.write_all_at(b"BUFFERED", 0)?;

        assert_eq!(file.contents().await?, b"BUFFERED no more");
        assert_eq!(file.tell().await, 16);
        file.close().await?;
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn a_descriptor_of_an_unnamed_file_leaves_no_name(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    file.write(&vec![b'x'; 300_000]).await?;

    let first = scratch.descriptor_of_file(&file).await?;
    let second = scratch.descriptor_of_file(&file).await?;

    assert!(scratch.entries().is_empty());
    assert_eq!(first.metadata()?.len(), 300_000);
    second.set_len(5)?;
    assert_eq!(file.size().await?, 5);
    Ok(())
}

async fn a_descriptor_outlives_the_file(scratch: Scratch) -> Result {
    for file in [scratch.create_named().await?, scratch.create().await?] {
        file.write(b"content").await?;
        let descriptor = scratch.descriptor_of_file(&file).await?;

        file.close().await?;
        drop(file);

        scratch.assert_empty().await;
        let mut content = Vec::new();
        (&*descriptor).read_to_end(&mut content)?;
        assert_eq!(content, b"content");
    }
    Ok(())
}

async fn a_descriptor_of_a_directory_is_that_directory(scratch: Scratch) -> Result {
    use std::os::unix::fs::MetadataExt as _;

    let directory = scratch.create_directory().await?;
    directory.open("file", OpenFlags::CREATE, None).await?.close().await?;

    let descriptor = scratch.descriptor_of_directory(&directory).await?;

    let host = fs::metadata(scratch.host(&directory.path().await))?;
    assert_eq!(descriptor.metadata()?.ino(), host.ino());
    directory.close().await?;
    let error = scratch.descriptor_of_directory(&directory).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Closed);
    scratch.assert_empty().await;
    Ok(())
}
