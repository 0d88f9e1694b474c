//! Removal of trees: without following links, completely, and in bounded time.

use crate::testing::memory_filesystem::Call;
use crate::tests::*;

#[test]
fn a_deep_tree_is_removed_with_few_handles() {
    let instance = Instance::new();
    let directory = instance.directory();
    instance.disk.plant_file(&directory.join(&("d/".repeat(5000) + "file")), b"");
    instance.disk.with_most_open(instance.disk.open_descriptors() + 200);

    directory.close().unwrap();

    drop(directory);
    instance.assert_clean();
}

#[test]
fn a_deep_tree_with_many_entries_on_each_level_is_removed() {
    let instance = Instance::new();
    let directory = instance.directory();
    for branch in 0..20 {
        let mut path = directory.join(&format!("branch{branch}"));
        for level in 0..150 {
            path += &format!("/level{level}");
            instance.disk.plant_file(&format!("{path}/file"), b"");
        }
    }

    directory.close().unwrap();

    drop(directory);
    instance.assert_clean();
}

#[test]
fn a_directory_with_many_entries_is_removed_in_pieces() {
    let instance = Instance::new();
    let directory = instance.directory();
    for number in 0..20_000 {
        instance.disk.plant_file(&directory.join(&format!("file{number}")), b"");
    }

    directory.close().unwrap();

    drop(directory);
    instance.assert_clean();
}

#[test]
fn links_are_removed_and_their_targets_are_not() {
    let instance = Instance::new();
    instance.disk.plant_file("/tmp/outside/precious", b"precious");
    let directory = instance.directory();
    instance.disk.plant_symbolic_link(&directory.join("a/outwards"), "../../outside");
    instance.disk.plant_symbolic_link(&directory.join("a/round"), "../a");
    instance.disk.plant_symbolic_link(&directory.join("self"), "self");
    instance.disk.plant_symbolic_link(&directory.join("absolute"), "/");
    instance.disk.plant_link("/tmp/outside/precious", &directory.join("hard"));
    instance.disk.plant_pipe(&directory.join("a/pipe"));

    directory.close().unwrap();

    assert_eq!(instance.disk.entries(), ["/tmp/outside", "/tmp/outside/precious"]);
    assert_eq!(instance.disk.contents("/tmp/outside/precious").unwrap(), b"precious");
}

#[test]
fn a_directory_replaced_by_a_link_during_the_removal_is_not_followed() {
    for call in [Call::Open, Call::List, Call::Unlink, Call::RemoveDirectory] {
        for nth in 1..8 {
            let instance = Instance::new();
            instance.disk.plant_file("/tmp/outside/precious/file", b"precious");
            let directory = instance.directory();
            for path in ["a/b/file", "a/c/file", "a/precious/file", "file"] {
                instance.disk.plant_file(&directory.join(path), b"");
            }
            let swapped = directory.join("a");
            instance.disk.before_nth(call, nth, move |disk| disk.plant_symbolic_link(&swapped, "../outside"));

            let _ = directory.close();
            directory.close().unwrap();

            let left: Vec<_> = instance
                .disk
                .entries()
                .into_iter()
                .filter(|path| !path.starts_with("/tmp/outside"))
                .collect();
            assert_eq!(left, [""; 0], "{call:?} {nth}");
            assert_eq!(instance.disk.contents("/tmp/outside/precious/file").unwrap(), b"precious");
        }
    }
}

#[test]
fn entries_created_during_the_removal_are_removed() {
    let instance = Instance::new();
    let directory = instance.directory();
    instance.disk.plant_file(&directory.join("a/b"), b"");
    for nth in 1..=3 {
        let path = directory.join(&format!("a/late{nth}"));
        instance.disk.before_nth(Call::RemoveDirectory, nth, move |disk| disk.plant_file(&path, b""));
    }

    directory.close().unwrap();

    instance.disk.assert_empty();
}

#[test]
fn removal_fails_after_a_bounded_number_of_rounds_if_others_keep_creating_entries() {
    let instance = Instance::new();
    let directory = instance.directory();
    for nth in 1..=1000 {
        let path = directory.join(&format!("late{nth}"));
        instance.disk.before_nth(Call::RemoveDirectory, nth, move |disk| disk.plant_file(&path, b""));
    }
    instance.disk.forget_calls();

    let error = directory.close().unwrap_err();

    assert_eq!(error.code, ErrorCode::NotEmpty);
    assert!(instance.disk.calls() < 1000, "{} calls", instance.disk.calls());
    instance.disk.heal();
    directory.close().unwrap();
    instance.disk.assert_empty();
}

#[test]
fn entries_removed_by_others_count_as_removed() {
    for call in [Call::Open, Call::List, Call::Unlink, Call::RemoveDirectory] {
        for nth in 1..6 {
            let instance = Instance::new();
            let directory = instance.directory();
            for path in ["a/b/c", "a/d", "e"] {
                instance.disk.plant_file(&directory.join(path), b"");
            }
            let vanishing = directory.path();
            instance.disk.before_nth(call, nth, move |disk| {
                if disk.kind(&vanishing).is_some() {
                    disk.take_away(&vanishing);
                }
            });

            directory.close().unwrap();

            instance.disk.assert_empty();
        }
    }
}

#[test]
fn entries_that_cannot_be_removed_are_reported_and_others_removed() {
    let instance = Instance::new();
    let directory = instance.directory();
    for path in ["a/one", "a/two", "b/three", "four"] {
        instance.disk.plant_file(&directory.join(path), b"");
    }
    instance.disk.failing_nth(Call::Unlink, 2, ErrorCode::Access);

    let error = directory.close().unwrap_err();

    assert_eq!(error.code, ErrorCode::Access);
    let files: Vec<_> =
        instance.disk.entries().into_iter().filter(|path| instance.disk.contents(path).is_some()).collect();
    assert_eq!(files.len(), 1);
    let name = files[0].strip_prefix(&format!("{}/", directory.path())).unwrap();
    assert!(error.message.contains(name), "{} does not tell {name}", error.message);
    directory.close().unwrap();
    instance.disk.assert_empty();
}

#[test]
fn the_message_of_many_failures_is_bounded() {
    let instance = Instance::new();
    let directory = instance.directory();
    for number in 0..5000 {
        instance.disk.plant_file(&directory.join(&format!("sub/file{number}")), b"");
    }
    instance.disk.failing(Call::Unlink, ErrorCode::Access);
    instance.disk.forget_calls();

    let error = directory.close().unwrap_err();

    assert!(error.message.len() < 2000, "{} bytes", error.message.len());
    assert!(instance.disk.calls() < 20_000, "{} calls", instance.disk.calls());
    instance.disk.heal();
    directory.close().unwrap();
    instance.disk.assert_empty();
}

#[test]
fn an_entry_whose_name_is_not_utf_8_is_reported_and_others_are_removed() {
    let instance = Instance::new();
    let directory = instance.directory();
    instance.disk.plant_file(&directory.join("a/file"), b"");
    instance.disk.plant_file(&directory.join("b/file"), b"");
    instance.disk.plant_untellable(&directory.join("a"));

    let error = directory.close().unwrap_err();

    assert_eq!(error.code, ErrorCode::IllegalByteSequence);
    assert_eq!(instance.disk.entries().len(), 3, "{:?}", instance.disk.entries());
    instance.disk.take_away(&directory.join("a"));
    directory.close().unwrap();
    instance.disk.assert_empty();
}

#[test]
fn entries_that_the_host_does_not_list_are_removed_by_their_known_names() {
    let instance = Instance::new();
    let directory = instance.directory();
    for below in ["", "a", "a/b", "a/b/c"] {
        if !below.is_empty() {
            directory.create_directory(below).unwrap();
        }
        let file = directory.create_file(format!("{below}/file").trim_start_matches('/')).unwrap();
        file.write(b"content").unwrap();
    }
    instance.disk.plant_file(&directory.join("foreign"), b"");
    instance.disk.plant_untellable_first(&directory.path());
    instance.disk.plant_untellable_first(&directory.join("a/b"));

    let error = directory.close().unwrap_err();

    assert_eq!(error.code, ErrorCode::IllegalByteSequence);
    assert!(
        error.message.contains(r#""." (illegal"#) && error.message.contains(r#""a/b" (illegal"#),
        "{}",
        error.message
    );
    let left =
        ["", "/!\u{fffd}", "/a", "/a/b", "/a/b/!\u{fffd}", "/foreign"].map(|path| directory.path() + path);
    assert_eq!(instance.disk.entries(), left, "what others created cannot be told either");
    assert_eq!((instance.usage().bytes.now, instance.usage().entries.now), (0, 3));
    instance.disk.take_away(&directory.path());
    directory.close().unwrap();
    drop(directory);
    instance.assert_clean();
}

#[test]
fn errors_of_the_removal_are_ignored_on_request() {
    let instance = Instance::new();
    let options = DirectoryOptions { ignore_errors: Some(true), ..DirectoryOptions::default() };
    let directory = instance.try_directory(options).unwrap();
    directory.create_file("f").unwrap();
    instance.disk.failing_nth(Call::Unlink, 1, ErrorCode::Access);

    directory.close().unwrap();

    assert_eq!(instance.disk.entries().len(), 2);
    directory.close().unwrap();
    instance.disk.assert_empty();
}

#[test]
fn a_tree_whose_close_failed_is_removed_when_it_is_dropped() {
    let instance = Instance::new();
    let directory = instance.directory();
    directory.create_file("f").unwrap();
    instance.disk.failing_nth(Call::Unlink, 1, ErrorCode::Access);
    assert_eq!(code(directory.close()), Some(ErrorCode::Access));

    drop(directory);

    instance.assert_clean();
}

#[test]
fn a_repeated_close_finishes_a_removal_after_a_failure_of_any_call() {
    let calls = {
        let (instance, directory) = tree();
        instance.disk.forget_calls();
        directory.close().unwrap();
        instance.disk.calls()
    };
    for nth in 1..=calls {
        for failure in [ErrorCode::Io, ErrorCode::Access, ErrorCode::Busy, ErrorCode::Interrupted] {
            let (instance, directory) = tree();
            instance.disk.failing_call(nth, failure);

            if let Err(error) = directory.close() {
                assert_eq!(error.code, failure, "call {nth}: {}", error.message);
                directory.close().unwrap();
            }

            instance.disk.assert_empty();
            drop(directory);
            instance.assert_clean();
        }
    }
}

#[test]
fn a_cancelled_removal_continues() {
    for polls in 1..60 {
        let (instance, directory) = tree();
        instance.disk.slow();

        instance.disk.poll_times(directory.directory.close(), polls);
        instance.disk.settle();

        instance.disk.assert_empty();
        directory.close().unwrap();
        drop(directory);
        instance.assert_clean();
    }
}

fn tree() -> (Instance, TestDirectory) {
    let instance = Instance::new();
    let directory = instance.directory();
    for path in ["a/b/file", "a/file", "c/file", "file"] {
        instance.disk.plant_file(&directory.join(path), b"content");
    }
    instance.disk.plant_symbolic_link(&directory.join("a/link"), "..");
    (instance, directory)
}
