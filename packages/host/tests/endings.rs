//! A plugin that ends in any way leaves nothing.

mod running;

use std::thread;
use std::time::Duration;

use host_guests::ENDING;
use scratch_tempfile_host::wasmtime::Trap;
use scratch_tempfile_host::{End, Ended, Options};

use crate::running::{command, engine, host, names};

/// Runs the plugin to the given end, and checks that nothing is left.
async fn ended(ending: &str) -> Ended {
    let (parent, host) = host();
    let plugin = host.plugin(ENDING).unwrap();
    let (mut wasi, _) = command(&["ending", ending]);

    let ended = plugin.run(&mut wasi, &Options::new()).await.unwrap();

    assert!(names(parent.path()).is_empty(), "{ending} left {:?}", names(parent.path()));
    ended
}

#[tokio::test]
async fn a_plugin_that_returns_leaves_nothing_and_its_usage_is_known() {
    let returned = ended("return").await;
    let failed = ended("fail").await;

    assert_eq!(returned.end.unwrap(), End::Returned(Ok(())));
    assert_eq!(failed.end.unwrap(), End::Returned(Err(())));
    let usage = returned.usage.unwrap();
    assert_eq!((usage.entries.now, usage.created), (0, usage.removed));
    assert!(usage.created > 100, "{usage:?}");
}

#[tokio::test]
async fn a_plugin_that_traps_or_aborts_leaves_nothing() {
    for ending in ["trap", "abort"] {
        let ended = ended(ending).await;

        let trap = ended.end.unwrap_err();
        assert_eq!(trap.downcast_ref(), Some(&Trap::UnreachableCodeReached), "{ending}: {trap:?}");
        assert_eq!(ended.usage, None);
    }
}

#[tokio::test]
async fn a_plugin_that_exits_leaves_nothing() {
    let ended = ended("exit").await;

    assert_eq!(ended.end.unwrap(), End::Exited(3));
}

#[tokio::test]
async fn a_plugin_that_a_deadline_ends_leaves_nothing() {
    let (parent, host) = host();
    let plugin = host.plugin(ENDING).unwrap();
    let (mut wasi, output) = command(&["ending", "work"]);
    let clock = thread::spawn(move || {
        while output.contents().is_empty() {
            thread::sleep(Duration::from_millis(1));
        }
        engine().increment_epoch();
    });

    let ended = plugin.run(&mut wasi, &Options::new().epoch_deadline(1)).await.unwrap();

    assert_eq!(ended.end.unwrap_err().downcast_ref(), Some(&Trap::Interrupt));
    assert!(names(parent.path()).is_empty(), "{:?}", names(parent.path()));
    clock.join().unwrap();
}

#[tokio::test]
async fn a_run_that_is_dropped_leaves_nothing() {
    let (parent, host) = host();
    let plugin = host.plugin(ENDING).unwrap();
    let (mut wasi, output) = command(&["ending", "work"]);
    let options = Options::new().may_block(false);
    let started = async {
        while output.contents().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };

    tokio::select! {
        _ = plugin.run(&mut wasi, &options) => panic!("the plugin works until it is ended"),
        () = started => {}
    }

    assert!(names(parent.path()).is_empty(), "{:?}", names(parent.path()));
}

#[test]
fn a_host_without_a_runtime_runs_a_plugin() {
    let (parent, host) = host();
    let plugin = host.plugin(ENDING).unwrap();
    let (mut wasi, _) = command(&["ending", "exit"]);

    let ended = plugin.run_blocking(&mut wasi, &Options::new()).unwrap();

    assert_eq!(ended.end.unwrap().status(), 3);
    assert!(names(parent.path()).is_empty());
}
