//! The directories in which entries are created, and the errors if there is none.

use crate::error::{Error, Limit};
use crate::testing::memory_filesystem::Call;
use crate::tests::*;

fn default_directory(disk: MemoryFilesystem) -> Result<String> {
    let instance = Instance::on(disk);
    let found = instance.disk.run(instance.scratch.find(None)).map(|location| location.path.to_string());
    instance.assert_clean();
    found
}

fn refused(outcome: Result<TestFile>) -> Error {
    outcome.err().expect("a refusal")
}

#[test]
fn the_default_directory_is_the_first_usable_one() {
    let none = MemoryFilesystem::without_preopens;
    let all = || {
        none()
            .preopen("/usr/tmp")
            .preopen("/a")
            .preopen("/b")
            .preopen("/c")
            .preopen("/var/tmp")
            .preopen("/tmp")
    };
    let variables = |disk: MemoryFilesystem| {
        disk.with_variable("TMP", "/c").with_variable("TEMP", "/b/").with_variable("TMPDIR", "/a")
    };

    assert_eq!(default_directory(variables(all())).unwrap(), "/a");
    assert_eq!(
        default_directory(all().with_variable("TMPDIR", "").with_variable("TEMP", "/b/")).unwrap(),
        "/b"
    );
    assert_eq!(
        default_directory(all().with_variable("TMPDIR", "/missing").with_variable("TMP", "/c")).unwrap(),
        "/c"
    );
    assert_eq!(default_directory(all()).unwrap(), "/tmp");
    assert_eq!(default_directory(none().preopen("/x").preopen("/usr/tmp")).unwrap(), "/usr/tmp");
    assert_eq!(default_directory(none().preopen("/x").preopen("/y")).unwrap(), "/x");
    assert_eq!(default_directory(none().preopen(".")).unwrap(), ".");
}

#[test]
fn a_read_only_directory_is_skipped() {
    let disk = MemoryFilesystem::without_preopens().preopen_read_only("/tmp").preopen("/var/tmp");

    assert_eq!(default_directory(disk).unwrap(), "/var/tmp");
}

#[test]
fn without_a_usable_directory_the_error_lists_those_tried() {
    let disk =
        MemoryFilesystem::without_preopens().preopen_read_only("/data").with_variable("TEMP", "/nowhere");

    let error = refused(Instance::on(disk).try_unnamed(options()));

    assert_eq!(error.code, ErrorCode::NoEntry);
    for tried in ["/nowhere", "/tmp", "/var/tmp", "/usr/tmp", "/data"] {
        assert!(error.message.contains(&format!("{tried:?}")), "{}", error.message);
    }
}

#[test]
fn without_preopened_directories_creations_fail_and_files_in_memory_work() {
    let instance = Instance::on(MemoryFilesystem::without_preopens());
    let spool = instance.spooled(4);
    spool.write(b"1234").unwrap();

    let errors = [
        refused(instance.try_unnamed(options())),
        refused(instance.try_named(options())),
        refused(instance.try_named(in_directory("/tmp"))),
        spool.write(b"5").unwrap_err(),
        spool.persist("/tmp/x", true).unwrap_err(),
    ];

    for error in errors {
        assert_eq!(error.code, ErrorCode::NoEntry, "{}", error.message);
    }
    assert_eq!(spool.contents(), b"1234");
    instance.disk.assert_no_calls();
}

#[test]
fn the_default_directory_is_found_once_for_each_instance() {
    let instance = Instance::new().warmed_up();
    instance.try_unnamed(with_buffer(0)).unwrap();
    let calls = instance.disk.calls();
    instance.disk.forget_calls();

    instance.try_unnamed(with_buffer(0)).unwrap();

    assert_eq!(instance.disk.calls(), calls);
    assert_eq!(calls, 2, "{:?}", instance.disk.made());
}

#[test]
fn a_failed_search_for_the_default_directory_is_repeated() {
    let instance = Instance::on(MemoryFilesystem::new().failing(Call::Create, ErrorCode::Access));
    assert_eq!(code(instance.try_unnamed(options())), Some(ErrorCode::NoEntry));

    instance.disk.heal();

    instance.unnamed();
}

#[test]
fn a_default_directory_that_was_removed_and_created_again_is_used() {
    let disk = MemoryFilesystem::without_preopens().preopen("/");
    disk.plant_directory("/data/tmp");
    let instance = Instance::on(disk.with_variable("TMPDIR", "/data/tmp")).warmed_up();
    let create = [
        |instance: &Instance| instance.named().assert_closes(),
        |instance: &Instance| instance.unnamed().assert_closes(),
        |instance: &Instance| instance.directory().close().unwrap(),
        |instance: &Instance| instance.spooled(0).write(b"rolls over").unwrap(),
        |instance: &Instance| drop(instance.disk.run(instance.scratch.sweep(None, 0)).unwrap()),
    ];

    for create in create {
        instance.disk.take_away("/data/tmp");
        instance.disk.plant_directory("/data/tmp");
        let stays = instance.disk.entries();

        create(&instance);

        instance.disk.settle();
        assert_eq!(instance.disk.entries(), stays);
        let file = instance.named();
        assert!(file.path().starts_with("/data/tmp/"));
        file.assert_closes();
    }
    instance.assert_nothing_used();
}

#[test]
fn a_removed_default_directory_is_replaced_by_the_next_usable_one() {
    let disk = MemoryFilesystem::without_preopens().preopen("/data").preopen("/tmp");
    disk.plant_directory("/data/tmp");
    let instance = Instance::on(disk.with_variable("TMPDIR", "/data/tmp")).warmed_up();
    instance.disk.take_away("/data/tmp");

    let file = instance.named();

    assert!(file.path().starts_with("/tmp/"), "{}", file.path());
    assert_eq!(&*instance.disk.run(instance.scratch.find(None)).unwrap().path, "/tmp");
}

#[test]
fn a_missing_default_directory_is_searched_once_for_each_creation() {
    let disk = MemoryFilesystem::without_preopens().preopen("/data");
    disk.plant_directory("/data/tmp");
    let instance = Instance::on(disk.with_variable("SCRATCH_DIRECTORY", "/data/tmp")).warmed_up();
    instance.disk.take_away("/data/tmp");

    for _ in 0..3 {
        let error = refused(instance.try_named(options()));

        assert_eq!(error.code, ErrorCode::NoEntry);
        assert!(error.message.contains("SCRATCH_DIRECTORY"), "{}", error.message);
        assert!(instance.disk.calls() <= 3, "{:?}", instance.disk.made());
        instance.disk.forget_calls();
    }
    instance.assert_nothing_used();
}

#[test]
fn a_full_filesystem_is_reported_as_full_at_the_first_use() {
    for (hidden, expected) in [("0", ErrorCode::InsufficientSpace), ("1", ErrorCode::Quota(Limit::Bytes))] {
        let disk = MemoryFilesystem::without_preopens().preopen_read_only("/tmp").preopen("/data");
        let disk = disk.with_variable("TMPDIR", "/data").with_variable("SCRATCH_HIDE_DISK_FULL", hidden);
        let instance = Instance::on(disk.failing(Call::Create, ErrorCode::InsufficientSpace));

        let errors = [
            refused(instance.try_unnamed(options())),
            refused(instance.try_named(options())),
            instance.try_directory(DirectoryOptions::default()).err().expect("a refusal"),
            instance.spooled(0).write(b"rolls over").unwrap_err(),
        ];

        for error in errors {
            assert_eq!(error.code, expected, "{}", error.message);
            assert_eq!(error.message.contains("no space"), hidden == "0", "{}", error.message);
        }
        instance.disk.heal();
        instance.unnamed();
    }
}

#[test]
fn the_quota_of_the_host_is_reported_at_the_first_use() {
    let quota = ErrorCode::Quota(Limit::Host);
    let instance = Instance::on(MemoryFilesystem::new().failing(Call::Create, quota));

    assert_eq!(code(instance.try_named(options())), Some(quota));
}

#[test]
fn a_full_directory_is_skipped_for_a_usable_one() {
    let disk = MemoryFilesystem::without_preopens().preopen("/tmp").preopen("/var/tmp");

    let found = default_directory(disk.failing_nth(Call::Create, 1, ErrorCode::InsufficientSpace));

    assert_eq!(found.unwrap(), "/var/tmp");
}

#[test]
fn the_configured_directory_comes_before_all_others() {
    let disk = MemoryFilesystem::without_preopens().preopen("/tmp").preopen("/a").preopen("/scratch");
    disk.plant_directory("/scratch/deep");
    let disk = disk.with_variable("TMPDIR", "/a").with_variable("SCRATCH_DIRECTORY", "/scratch/deep/");
    let instance = Instance::on(disk);

    assert_eq!(&*instance.disk.run(instance.scratch.find(None)).unwrap().path, "/scratch/deep");
    assert!(instance.named().path().starts_with("/scratch/deep/tmp"));
    assert!(instance.try_named(in_directory("/a")).unwrap().path().starts_with("/a/tmp"));
}

#[test]
fn an_unusable_configured_directory_is_an_error_that_names_it() {
    for (directory, expected) in [
        ("/missing", ErrorCode::NoEntry),
        ("/tmp/missing", ErrorCode::NoEntry),
        ("/tmp/file", ErrorCode::NotDirectory),
        ("/read-only", ErrorCode::NotPermitted),
        ("/tmp/../etc", ErrorCode::NotPermitted),
        ("", ErrorCode::Invalid),
    ] {
        let disk = MemoryFilesystem::new().preopen("/a").preopen_read_only("/read-only");
        disk.plant_file("/tmp/file", b"");
        let disk = disk.with_variable("TMPDIR", "/a").with_variable("SCRATCH_DIRECTORY", directory);
        let instance = Instance::on(disk);

        let errors = [
            refused(instance.try_unnamed(options())),
            refused(instance.try_named(options())),
            instance.try_directory(DirectoryOptions::default()).err().expect("a refusal"),
            instance.disk.run(instance.scratch.find(None)).err().expect("a refusal"),
        ];

        for error in errors {
            assert_eq!(error.code, expected, "{}", error.message);
            let named = format!("{directory:?}");
            assert!(error.message.contains("SCRATCH_DIRECTORY"), "{}", error.message);
            assert!(error.message.contains(&named), "{}", error.message);
        }
    }
}

#[test]
fn an_error_of_a_full_configured_directory_does_not_reveal_the_disk_if_hidden() {
    let disk = MemoryFilesystem::new().with_variable("SCRATCH_DIRECTORY", "/tmp");
    let disk = disk.with_variable("SCRATCH_HIDE_DISK_FULL", "1");
    let instance = Instance::on(disk.failing(Call::Create, ErrorCode::InsufficientSpace));

    let error = refused(instance.try_unnamed(options()));

    assert_eq!(error.code, ErrorCode::Quota(Limit::Bytes));
    assert!(!error.message.contains("space"), "{}", error.message);
}

#[test]
fn a_directory_named_by_the_caller_is_used_and_has_to_exist() {
    let instance = Instance::new();
    instance.disk.plant_directory("/tmp/deep/er");
    instance.disk.plant_file("/tmp/file", b"");
    instance.disk.plant_symbolic_link("/tmp/inwards", "deep");
    instance.disk.plant_symbolic_link("/tmp/outwards", "../etc");
    instance.disk.plant_symbolic_link("/tmp/round", "round");

    for (directory, shown) in
        [("/tmp/deep/er", "/tmp/deep/er"), ("/tmp//deep/", "/tmp//deep"), ("/tmp/inwards", "/tmp/inwards")]
    {
        let file = instance.try_named(in_directory(directory)).unwrap();
        assert!(file.path().starts_with(&format!("{shown}/tmp")), "{}", file.path());
    }
    for (directory, expected) in [
        ("/tmp/missing", ErrorCode::NoEntry),
        ("/tmp/file", ErrorCode::NotDirectory),
        ("/tmp/file/x", ErrorCode::NotDirectory),
        ("/tmp/round", ErrorCode::Loop),
        ("/tmp/outwards", ErrorCode::NotPermitted),
        ("/tmp/../etc", ErrorCode::NotPermitted),
        ("/etc", ErrorCode::NoEntry),
        ("", ErrorCode::Invalid),
        ("/tmp\0x", ErrorCode::Invalid),
    ] {
        let error = refused(instance.try_named(in_directory(directory)));
        assert_eq!(error.code, expected, "{directory:?}: {}", error.message);
        assert!(error.message.contains("directory"), "{}", error.message);
    }
}

#[test]
fn the_innermost_preopened_directory_is_used() {
    let instance =
        Instance::on(MemoryFilesystem::without_preopens().preopen("/").preopen("/a/b").preopen("/a"));

    let file = instance.try_named(in_directory("/a/b")).unwrap();

    assert_eq!(instance.disk.entries(), [file.path()]);
    assert_eq!(code(instance.try_named(in_directory("/abc"))), Some(ErrorCode::NoEntry));
}

#[test]
fn a_path_in_the_root_directory_has_one_slash() {
    let instance = Instance::on(MemoryFilesystem::without_preopens().preopen("/"));

    let path = instance.named().path();

    assert!(path.starts_with("/tmp") && path.len() > 20, "{path}");
}

#[test]
fn a_directory_removed_while_the_instance_runs_is_an_error() {
    let instance = Instance::new().warmed_up();
    instance.disk.plant_directory("/tmp/place");
    let file = instance.try_named(in_directory("/tmp/place")).unwrap();
    instance.disk.take_away("/tmp/place");

    assert_eq!(code(instance.try_named(in_directory("/tmp/place"))), Some(ErrorCode::NoEntry));
    file.write(b"still usable").unwrap();
    assert_eq!(file.contents(), b"still usable");
    file.assert_closes();
    instance.assert_clean();
}

/// Found by fuzzing: a probe, created to find out whether a directory is usable, stayed in it.
#[test]
fn a_probe_whose_removal_fails_is_removed_later() {
    for failures in 1..12 {
        let instance =
            Instance::on(MemoryFilesystem::without_preopens().preopen("/var/tmp").preopen("/data"));
        for nth in 1..=failures {
            instance.disk.failing_nth(Call::Unlink, nth, ErrorCode::Io);
        }

        for _ in 0..failures {
            drop(instance.try_unnamed(options()));
            instance.disk.settle();
            assert!(instance.disk.entries().len() <= 4, "{:?}", instance.disk.entries());
        }
        instance.unnamed().assert_closes();

        instance.assert_clean();
    }
}
