//! `persist` and `keep`: moving a file into place, and keeping it in place.

use crate::testing::memory_filesystem::Call;
use crate::tests::*;

/// Runs a test on a file of each kind with content.
fn with_kinds(disk: impl Fn() -> MemoryFilesystem, test: impl Fn(&Instance, &TestFile, &str)) {
    for kind in ["unnamed", "named", "kept on drop", "in memory", "rolled"] {
        let instance = Instance::on(disk());
        let file = match kind {
            "unnamed" => instance.unnamed(),
            "named" => instance.named(),
            "kept on drop" => instance.try_named(with_removal(Removal::OnDrop)).unwrap(),
            "in memory" => instance.try_spooled(None, options()).unwrap(),
            _ => instance.spooled(0),
        };
        file.write(b"content").unwrap();
        test(&instance, &file, kind);
    }
}

/// Asserts that the file is unchanged, and removed when it is closed.
#[track_caller]
fn assert_unharmed(instance: &Instance, file: &TestFile, kind: &str) {
    assert_eq!((file.contents(), file.file.tell()), (b"content".to_vec(), 7), "{kind}");
    file.write(b"!").unwrap();
    assert_eq!(file.contents(), b"content!", "{kind}");
    file.close().unwrap();
    instance.disk.settle();
}

#[test]
fn persist_moves_the_whole_content_and_leaves_no_other_name() {
    for replace in [true, false] {
        with_kinds(MemoryFilesystem::new, |instance, file, kind| {
            file.persist("/tmp/report.txt", replace).unwrap();
            instance.disk.settle();

            assert_eq!(instance.disk.entries(), ["/tmp/report.txt"], "{kind}");
            assert_eq!(instance.disk.contents("/tmp/report.txt").unwrap(), b"content", "{kind}");
            assert_eq!(file.path(), "/tmp/report.txt", "{kind}");
        });
    }
}

#[test]
fn a_persisted_file_stays_open_and_outlives_its_handle() {
    with_kinds(MemoryFilesystem::new, |instance, file, kind| {
        file.persist("/tmp/report.txt", false).unwrap();
        file.write(b", and more").unwrap();
        assert_eq!(instance.disk.contents("/tmp/report.txt").unwrap(), b"content, and more", "{kind}");

        file.close().unwrap();

        assert_eq!(instance.disk.entries(), ["/tmp/report.txt"], "{kind}");
        assert_eq!(instance.disk.contents("/tmp/report.txt").unwrap(), b"content, and more", "{kind}");
    });
}

#[test]
fn persist_replaces_an_entry_only_on_request() {
    with_kinds(MemoryFilesystem::new, |instance, file, kind| {
        instance.disk.plant_file("/tmp/report.txt", b"old");

        let error = file.persist("/tmp/report.txt", false).unwrap_err();
        assert_eq!(error.code, ErrorCode::Exist, "{kind}");
        assert_eq!(instance.disk.contents("/tmp/report.txt").unwrap(), b"old", "{kind}");
        file.persist("/tmp/report.txt", true).unwrap();

        assert_eq!(instance.disk.contents("/tmp/report.txt").unwrap(), b"content", "{kind}");
    });
}

#[test]
fn a_dangling_link_at_the_target_is_not_followed_and_only_replaced_on_request() {
    with_kinds(MemoryFilesystem::new, |instance, file, kind| {
        instance.disk.plant_symbolic_link("/tmp/link", "victim");

        assert_eq!(code(file.persist("/tmp/link", false)), Some(ErrorCode::Exist), "{kind}");
        file.persist("/tmp/link", true).unwrap();

        assert_eq!(instance.disk.contents("/tmp/link").unwrap(), b"content", "{kind}");
        assert_eq!(instance.disk.kind("/tmp/victim"), None, "{kind}");
    });
}

#[test]
fn persist_with_a_refused_target_does_not_change_the_file() {
    let disk = || MemoryFilesystem::new().preopen_elsewhere("/far").preopen_read_only("/fixed");
    with_kinds(disk, |instance, file, kind| {
        instance.disk.plant_directory("/tmp/directory");
        instance.disk.plant_file("/tmp/file", b"");
        for (path, expected) in [
            ("/tmp/missing/report.txt", ErrorCode::NoEntry),
            ("/elsewhere/report.txt", ErrorCode::NoEntry),
            ("report.txt", ErrorCode::NoEntry),
            ("/tmp/../report.txt", ErrorCode::NotPermitted),
            ("/fixed/report.txt", ErrorCode::NotPermitted),
            ("/tmp/file/report.txt", ErrorCode::NotDirectory),
            ("/tmp/directory", ErrorCode::IsDirectory),
            ("/tmp/directory/", ErrorCode::Invalid),
            ("/tmp/..", ErrorCode::Invalid),
            ("/tmp/.", ErrorCode::Invalid),
            ("/", ErrorCode::Invalid),
            ("", ErrorCode::Invalid),
            ("/tmp/a\0b", ErrorCode::Invalid),
        ] {
            let error = file.persist(path, true).unwrap_err();
            assert_eq!(error.code, expected, "{kind}, {path:?}: {}", error.message);
        }
        assert_unharmed(instance, file, kind);
        assert_eq!(instance.disk.contents("/tmp/file").unwrap(), b"", "{kind}");
    });
}

#[test]
fn a_named_file_cannot_move_to_another_disk_but_unnamed_files_are_copied() {
    with_kinds(
        || MemoryFilesystem::new().preopen_elsewhere("/far"),
        |instance, file, kind| {
            let outcome = file.persist("/far/report.txt", true);

            if file.file.path().is_some_and(|path| path.starts_with("/tmp")) {
                assert_eq!(code(outcome), Some(ErrorCode::CrossDevice), "{kind}");
                assert_unharmed(instance, file, kind);
            } else {
                outcome.unwrap();
                assert_eq!(instance.disk.contents("/far/report.txt").unwrap(), b"content", "{kind}");
            }
        },
    );
}

#[test]
fn without_hard_links_persist_without_replace_fails() {
    with_kinds(
        || MemoryFilesystem::new().without_links(),
        |instance, file, kind| {
            let outcome = file.persist("/tmp/report.txt", false);

            assert_eq!(code(outcome), Some(ErrorCode::Unsupported), "{kind}");
            assert_eq!(instance.disk.count(Call::Rename), 0, "{kind}");
            assert_eq!(instance.disk.kind("/tmp/report.txt"), None, "{kind}");
            assert_unharmed(instance, file, kind);
        },
    );
}

#[test]
fn a_target_that_appears_during_persist_is_not_overwritten() {
    with_kinds(MemoryFilesystem::new, |instance, file, kind| {
        instance.disk.before_nth(Call::Link, 1, |disk| disk.plant_file("/tmp/report.txt", b"theirs"));

        assert_eq!(code(file.persist("/tmp/report.txt", false)), Some(ErrorCode::Exist), "{kind}");

        assert_eq!(instance.disk.contents("/tmp/report.txt").unwrap(), b"theirs", "{kind}");
        assert_unharmed(instance, file, kind);
    });
}

#[test]
fn a_second_persist_moves_the_file_again() {
    with_kinds(MemoryFilesystem::new, |instance, file, kind| {
        file.persist("/tmp/one", false).unwrap();
        file.persist("/tmp/two", false).unwrap();
        instance.disk.settle();

        assert_eq!(instance.disk.entries(), ["/tmp/two"], "{kind}");
        assert_eq!(file.contents(), b"content", "{kind}");
    });
}

#[test]
fn a_file_on_a_full_disk_is_not_persisted_in_part() {
    for kind in ["in memory", "unnamed"] {
        let instance = Instance::on(MemoryFilesystem::new().with_capacity(10)).warmed_up();
        let file = if kind == "unnamed" { instance.unnamed() } else { instance.spooled(100) };
        file.write(b"content").unwrap();
        file.flush().unwrap();
        instance.disk.with_capacity(5);

        let outcome = file.persist("/tmp/report.txt", true);

        assert_eq!(code(outcome), Some(ErrorCode::InsufficientSpace), "{kind}");
        assert_eq!(file.contents(), b"content", "{kind}");
        instance.disk.settle();
        instance.disk.assert_empty();
    }
}

#[test]
fn a_kept_file_outlives_its_handle() {
    for removal in [Removal::OnClose, Removal::OnDrop, Removal::Never] {
        for closes in [true, false] {
            let instance = Instance::new();
            let file = instance.try_named(with_removal(removal)).unwrap();
            let path = file.path();
            file.write(b"kept").unwrap();
            file.keep().unwrap();
            file.write(b" and more").unwrap();

            if closes {
                file.close().unwrap();
            }
            drop(file);
            instance.disk.settle();

            assert_eq!(instance.disk.contents(&path).unwrap(), b"kept and more", "{removal:?}");
        }
    }
}

#[test]
fn only_a_named_file_can_be_kept() {
    let instance = Instance::new();
    for file in [instance.unnamed(), instance.spooled(4), instance.spooled(0)] {
        file.write(b"x").unwrap();
        assert_eq!(code(file.keep()), Some(ErrorCode::Unsupported));
        assert_eq!(file.contents(), b"x");
    }
}

#[test]
fn a_closed_file_with_removal_on_drop_can_be_persisted_and_kept() {
    for persist in [true, false] {
        let instance = Instance::new();
        let file = instance.try_named(with_removal(Removal::OnDrop)).unwrap();
        file.write(b"content").unwrap();
        file.close().unwrap();
        assert_eq!(instance.disk.contents(&file.path()).unwrap(), b"content");

        let outcome = if persist { file.persist("/tmp/report.txt", true) } else { file.keep() };

        outcome.unwrap();
        let path = file.path();
        drop(file);
        instance.disk.settle();
        assert_eq!(instance.disk.contents(&path).unwrap(), b"content");
        assert_eq!(instance.disk.entries(), [path]);
    }
}

#[test]
fn a_closed_and_removed_file_cannot_be_persisted_or_kept() {
    let instance = Instance::new();
    for file in [instance.unnamed(), instance.named(), instance.spooled(1)] {
        file.close().unwrap();
        assert_eq!(code(file.persist("/tmp/x", true)), Some(ErrorCode::Closed));
        assert_eq!(code(file.keep()), Some(ErrorCode::Closed));
    }
    instance.assert_clean();
}

#[test]
fn an_old_name_that_cannot_be_unlinked_during_persist_is_removed_later() {
    for replace_with in ["named", "unnamed"] {
        let instance = Instance::new();
        let file = if replace_with == "named" { instance.named() } else { instance.unnamed() };
        file.write(b"content").unwrap();
        file.flush().unwrap();
        instance.disk.failing(Call::Unlink, ErrorCode::Busy);

        file.persist("/tmp/report.txt", false).unwrap();

        assert_eq!(instance.disk.contents("/tmp/report.txt").unwrap(), b"content");
        instance.disk.settle();
        assert_eq!(instance.disk.entries().len(), 2);
        instance.disk.heal();
        instance.unnamed().assert_closes();
        instance.disk.settle();
        assert_eq!(instance.disk.entries(), ["/tmp/report.txt"]);
    }
}

#[test]
fn a_move_reported_as_failed_that_took_effect_is_noticed() {
    for kind in ["named", "unnamed", "closed"] {
        for (call, replace) in [(Call::Link, false), (Call::Rename, true)] {
            // After the file is closed, nothing identifies it under its new name.
            if (kind, replace) == ("closed", true) {
                continue;
            }
            let instance = Instance::new();
            let file = match kind {
                "named" => instance.named(),
                "unnamed" => instance.unnamed(),
                _ => instance.try_named(with_removal(Removal::OnDrop)).unwrap(),
            };
            file.write(b"content").unwrap();
            if kind == "closed" {
                file.close().unwrap();
            }
            instance.disk.losing_nth(call, 1, ErrorCode::Io);

            file.persist("/tmp/report.txt", replace).unwrap();

            file.close().unwrap();
            drop(file);
            instance.disk.settle();
            assert_eq!(instance.disk.entries(), ["/tmp/report.txt"], "{kind}, {call:?}");
            assert_eq!(instance.disk.contents("/tmp/report.txt").unwrap(), b"content");
        }
    }
}

#[test]
fn a_foreign_file_at_the_target_is_not_mistaken_for_the_persisted_one() {
    let instance = Instance::new();
    let file = instance.named();
    file.write(b"content").unwrap();
    instance.disk.plant_file("/tmp/report.txt", b"theirs");
    instance.disk.failing_nth(Call::Rename, 1, ErrorCode::Io);

    assert_eq!(code(file.persist("/tmp/report.txt", true)), Some(ErrorCode::Io));

    assert_eq!(instance.disk.contents("/tmp/report.txt").unwrap(), b"theirs");
    assert_eq!(file.contents(), b"content");
}
