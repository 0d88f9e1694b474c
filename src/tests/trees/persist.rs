//! `persist` of a directory: moving a tree into place, and its charges there.

use futures::future::join_all;

use crate::testing::memory_filesystem::Call;
use crate::tests::*;

/// Creates a directory with a file of 7 bytes in a directory.
#[track_caller]
fn with_content(instance: &Instance) -> TestDirectory {
    let directory = instance.directory();
    directory.create_directory("sub").unwrap();
    directory.create_file("sub/f").unwrap().write(b"content").unwrap();
    directory
}

/// Asserts that the directory is in its place, can be used, and is removed when it is closed.
#[track_caller]
fn assert_unharmed(instance: &Instance, directory: &TestDirectory, path: &str) {
    assert_eq!(directory.path(), path);
    assert_eq!(instance.disk.contents(&directory.join("sub/f")).unwrap(), b"content");
    directory.create_file("more").unwrap();
    directory.close().unwrap();
    assert_eq!(instance.disk.kind(path), None);
}

/// Returns the bytes and entries that are charged.
fn charged(instance: &Instance) -> (u64, u64) {
    let Usage { bytes, entries, .. } = instance.usage();
    (bytes.now, entries.now)
}

#[test]
fn a_persisted_directory_is_moved_whole_and_outlives_its_handle() {
    for closes in [true, false] {
        let instance = Instance::new();
        let directory = with_content(&instance);

        directory.persist("/tmp/site").unwrap();
        assert_eq!(directory.path(), "/tmp/site");
        if closes {
            directory.close().unwrap();
        }
        drop(directory);
        instance.disk.settle();

        assert_eq!(instance.disk.entries(), ["/tmp/site", "/tmp/site/sub", "/tmp/site/sub/f"], "{closes}");
        assert_eq!(instance.disk.contents("/tmp/site/sub/f").unwrap(), b"content");
    }
}

#[test]
fn a_persisted_directory_and_its_files_remain_usable() {
    let instance = Instance::new();
    let directory = with_content(&instance);
    let file = directory.open("sub/f", OpenFlags::default(), Access::Append).unwrap();

    directory.persist("/tmp/site").unwrap();

    file.write(b", and more").unwrap();
    directory.create_file("new").unwrap().write(b"new").unwrap();
    directory.remove("missing").unwrap();
    assert_eq!(directory.entries("sub").unwrap()[0].size, 17);
    assert_eq!(instance.disk.contents("/tmp/site/sub/f").unwrap(), b"content, and more");
    assert_eq!(instance.disk.contents("/tmp/site/new").unwrap(), b"new");
}

#[test]
fn a_second_persist_moves_the_directory_again() {
    let instance = Instance::new();
    let directory = instance.directory();

    directory.persist("/tmp/one").unwrap();
    directory.persist("/tmp/two").unwrap();

    assert_eq!(directory.path(), "/tmp/two");
    assert_eq!(instance.disk.entries(), ["/tmp/two"]);
}

#[test]
fn no_entry_is_replaced() {
    let instance = Instance::new();
    instance.disk.plant_directory("/tmp/empty");
    instance.disk.plant_file("/tmp/full/f", b"");
    instance.disk.plant_file("/tmp/file", b"theirs");
    instance.disk.plant_symbolic_link("/tmp/dangling", "nowhere");
    let directory = with_content(&instance);
    let path = directory.path();

    for target in ["/tmp/empty", "/tmp/full", "/tmp/file", "/tmp/dangling", &path] {
        assert_eq!(code(directory.persist(target)), Some(ErrorCode::Exist), "{target}");
    }

    assert_eq!(instance.disk.count(Call::Rename), 0);
    assert_eq!(instance.disk.contents("/tmp/file").unwrap(), b"theirs");
    assert_unharmed(&instance, &directory, &path);
}

#[test]
fn an_entry_that_appears_during_persist_is_not_replaced() {
    for target in ["/tmp/site", "/tmp/site/f"] {
        let instance = Instance::new();
        let directory = with_content(&instance);
        let path = directory.path();
        instance.disk.before_nth(Call::Rename, 1, move |disk| disk.plant_file(target, b"theirs"));

        assert_eq!(code(directory.persist("/tmp/site")), Some(ErrorCode::Exist), "{target}");

        assert_eq!(instance.disk.contents(target).unwrap(), b"theirs");
        assert_unharmed(&instance, &directory, &path);
    }
}

#[test]
fn a_refused_target_leaves_the_directory_as_it_was() {
    let instance =
        Instance::on(MemoryFilesystem::new().preopen_elsewhere("/far").preopen_read_only("/fixed"));
    instance.disk.plant_file("/tmp/file", b"");
    let directory = with_content(&instance);
    let path = directory.path();

    for (target, expected) in [
        ("/tmp/missing/site", ErrorCode::NoEntry),
        ("/elsewhere/site", ErrorCode::NoEntry),
        ("site", ErrorCode::NoEntry),
        ("/tmp/../site", ErrorCode::NotPermitted),
        ("/fixed/site", ErrorCode::NotPermitted),
        ("/far/site", ErrorCode::CrossDevice),
        ("/tmp/file/site", ErrorCode::NotDirectory),
        (&directory.join("site"), ErrorCode::Invalid),
        (&directory.join("sub/site"), ErrorCode::Invalid),
        ("/tmp/site/", ErrorCode::Invalid),
        ("/tmp/..", ErrorCode::Invalid),
        ("/", ErrorCode::Invalid),
        ("", ErrorCode::Invalid),
        ("/tmp/a\0b", ErrorCode::Invalid),
    ] {
        let error = directory.persist(target).unwrap_err();
        assert_eq!(error.code, expected, "{target:?}: {}", error.message);
    }

    assert_unharmed(&instance, &directory, &path);
}

#[test]
fn a_confined_caller_persists_nothing() {
    let instance = Instance::limited(Limits { confined: true, ..Limits::default() });
    let directory = with_content(&instance);
    let path = directory.path();
    instance.disk.forget_calls();

    assert_eq!(code(directory.persist("/tmp/site")), Some(ErrorCode::NotPermitted));

    instance.disk.assert_no_calls();
    assert_unharmed(&instance, &directory, &path);
}

#[test]
fn a_closed_directory_cannot_be_persisted() {
    let instance = Instance::new();
    let directory = instance.directory();
    directory.close().unwrap();
    instance.disk.forget_calls();

    assert_eq!(code(directory.persist("/tmp/site")), Some(ErrorCode::Closed));

    instance.disk.assert_no_calls();
}

#[test]
fn close_and_persist_at_once_remove_the_directory_or_persist_it() {
    for closes_first in [true, false] {
        let instance = Instance::on(MemoryFilesystem::new().slow());
        let directory = with_content(&instance);
        let (close, persist) = (directory.directory.close(), directory.directory.persist("/tmp/site".into()));

        let persisted = instance.disk.run(async {
            if closes_first { futures::join!(close, persist).1 } else { futures::join!(persist, close).0 }
        });

        assert_eq!(code(persisted), closes_first.then_some(ErrorCode::Closed));
        assert_eq!(instance.disk.kind("/tmp/site").is_some(), !closes_first);
        assert_eq!(instance.disk.entries().len(), if closes_first { 0 } else { 3 });
    }
}

#[test]
fn an_entry_that_took_the_name_of_the_directory_is_not_published() {
    for planted in ["directory", "link", "nothing"] {
        let instance = Instance::new();
        let directory = with_content(&instance);
        let path = directory.path();
        instance.disk.move_away(&path, "/tmp/away");
        match planted {
            "directory" => instance.disk.plant_directory(&path),
            "link" => instance.disk.plant_symbolic_link(&path, "away"),
            _ => {}
        }

        assert_eq!(code(directory.persist("/tmp/site")), Some(ErrorCode::NoEntry), "{planted}");

        assert_eq!(instance.disk.kind("/tmp/site"), None, "{planted}");
        assert_eq!(instance.disk.contents("/tmp/away/sub/f").unwrap(), b"content");
    }
}

#[test]
fn a_rename_reported_as_failed_that_took_effect_is_noticed() {
    for error in [ErrorCode::Io, ErrorCode::Interrupted, ErrorCode::Other] {
        let instance = Instance::new();
        let directory = with_content(&instance);
        instance.disk.losing_nth(Call::Rename, 1, error);

        directory.persist("/tmp/site").unwrap();

        assert_eq!(directory.path(), "/tmp/site");
        drop(directory);
        instance.disk.settle();
        assert_eq!(instance.disk.contents("/tmp/site/sub/f").unwrap(), b"content");
    }
}

#[test]
fn a_directory_of_another_process_is_not_mistaken_for_the_persisted_one() {
    let instance = Instance::new();
    let directory = with_content(&instance);
    let path = directory.path();
    instance.disk.before_nth(Call::Rename, 1, |disk| disk.plant_directory("/tmp/site"));
    instance.disk.failing_nth(Call::Rename, 1, ErrorCode::Io);

    assert_eq!(code(directory.persist("/tmp/site")), Some(ErrorCode::Io));

    assert_unharmed(&instance, &directory, &path);
}

#[test]
fn a_cancelled_persist_runs_to_its_end() {
    let instance = Instance::on(MemoryFilesystem::new().slow());
    let directory = with_content(&instance);

    assert!(instance.disk.poll_times(directory.directory.persist("/tmp/site".into()), 1).is_none());
    drop(directory);
    instance.disk.settle();

    assert_eq!(instance.disk.contents("/tmp/site/sub/f").unwrap(), b"content");
}

#[test]
fn a_persisted_directory_stays_charged_with_its_content() {
    let instance = Instance::new();
    let directory = with_content(&instance);

    directory.persist("/tmp/site").unwrap();
    assert_eq!(charged(&instance), (7, 3));
    drop(directory);

    assert_eq!(charged(&instance), (7, 3));
    assert_eq!(instance.usage().handles.now, 0);
}

#[test]
fn a_directory_persisted_into_an_open_one_is_charged_to_it() {
    for removed in ["", "site", "site/sub", "site/sub/f"] {
        let instance = Instance::new();
        let outer = instance.directory();
        let inner = with_content(&instance);
        inner.persist(&outer.join("site")).unwrap();
        drop(inner);
        assert_eq!(charged(&instance), (7, 4));

        outer.remove(removed).unwrap();

        let left = instance.disk.entries().len() as u64;
        assert_eq!(charged(&instance), (0, left), "{removed}");
        outer.close().unwrap();
        drop(outer);
        instance.assert_clean();
    }
}

#[test]
fn a_directory_persisted_out_of_an_open_one_is_charged_after_the_removal_of_that() {
    let instance = Instance::new();
    let outer = instance.directory();
    let inner = with_content(&instance);
    inner.persist(&outer.join("site")).unwrap();
    // This file is charged to the outer directory.
    outer.create_file("site/g").unwrap().write(&[1; 100]).unwrap();

    inner.persist("/tmp/site").unwrap();
    drop(inner);
    // Another process creates the same names, whose removal ends no charge for what was moved.
    instance.disk.plant_file(&outer.join("site/g"), &[2; 100]);
    outer.remove("site").unwrap();
    outer.close().unwrap();
    drop(outer);
    instance.disk.settle();

    assert_eq!(instance.disk.contents("/tmp/site/g").unwrap(), [1; 100]);
    assert_eq!(charged(&instance), (107, 4));
}

#[test]
fn a_directory_that_takes_the_place_of_a_moved_one_ends_no_charge_of_that() {
    let instance = Instance::new();
    let outer = instance.directory();
    outer.create_directory("site").unwrap();
    outer.create_file("site/g").unwrap().write(&[1; 100]).unwrap();
    instance.disk.move_away(&outer.join("site"), "/tmp/elsewhere");
    let inner = instance.directory();
    instance.disk.plant_file(&inner.join("g"), &[2; 100]);

    inner.persist(&outer.join("site")).unwrap();
    outer.remove("site").unwrap();
    drop((inner, outer));
    instance.disk.settle();

    assert_eq!(instance.disk.entries(), ["/tmp/elsewhere", "/tmp/elsewhere/g"]);
    assert!(charged(&instance).0 >= 100, "{:?}", charged(&instance));
}

#[test]
fn a_file_moved_into_a_persisted_directory_is_charged_to_it() {
    for nested in [false, true] {
        let instance = Instance::new();
        let outer = instance.directory();
        let options = DirectoryOptions { directory: Some(outer.path()), ..DirectoryOptions::default() };
        let inner = instance.try_directory(options).unwrap();
        let name = inner.path().rsplit_once('/').unwrap().1.to_owned();
        outer.persist("/tmp/site").unwrap();
        let file = instance.named();
        file.write(b"content").unwrap();

        let (owner, parent) =
            if nested { (&inner, format!("/tmp/site/{name}")) } else { (&outer, "/tmp/site".to_owned()) };
        file.persist(&format!("{parent}/f"), false).unwrap();
        file.assert_closes();
        assert_eq!(charged(&instance), (7, 3));
        owner.remove("f").unwrap();

        assert_eq!(charged(&instance), (0, 2), "{nested}");
    }
}

#[test]
fn a_directory_in_a_persisted_one_is_found_after_it_was_persisted_itself() {
    let instance = Instance::new();
    let outer = instance.directory();
    let options = DirectoryOptions { directory: Some(outer.path()), ..DirectoryOptions::default() };
    let inner = instance.try_directory(options).unwrap();
    outer.persist("/tmp/outer").unwrap();
    inner.persist("/tmp/inner").unwrap();
    let file = instance.named();
    file.write(b"content").unwrap();

    file.persist("/tmp/inner/f", false).unwrap();
    file.assert_closes();
    inner.remove("f").unwrap();

    assert_eq!(charged(&instance), (0, 2));
}

#[test]
fn directories_persisted_into_each_other_at_once_do_not_wait_for_each_other() {
    let instance = Instance::on(MemoryFilesystem::new().slow());
    let directories: Vec<_> = (0..3).map(|_| instance.directory()).collect();
    let paths = [1, 2, 0].map(|next: usize| directories[next].join("site"));

    let calls = directories.iter().zip(paths).map(|(directory, path)| directory.directory.persist(path));
    let outcomes = instance.disk.run(join_all(calls));

    assert!(outcomes.iter().any(Result::is_ok), "{outcomes:?}");
    assert_eq!(charged(&instance), (0, 3));
}

#[test]
fn a_path_through_the_directory_itself_does_not_wait_for_it() {
    let instance = Instance::new();
    instance.disk.plant_directory("/tmp/outside/below");
    let directory = instance.directory();
    instance.disk.plant_symbolic_link(&directory.join("link"), "../outside/below");

    directory.persist(&directory.join("link/site")).unwrap();
    drop(directory);
    instance.disk.settle();

    assert!(instance.disk.kind("/tmp/outside/below/site").is_some());
}
