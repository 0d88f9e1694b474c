//! Limits, usage and sweeps, by typed functions.

mod running;

use std::time::Duration;

use host_guests::{CHECKS, ENDING, SORT};
use scratch_tempfile_host::wasmtime::component::TypedFunc;
use scratch_tempfile_host::wasmtime_wasi::WasiCtx;
use scratch_tempfile_host::wasmtime_wasi::p2::pipe::MemoryInputPipe;
use scratch_tempfile_host::{End, ErrorCode, Limits, Options, Run};

use crate::running::{command, host, names, up_to};

/// Calls a check of the plugin `CHECKS`, which takes a number.
async fn check(run: &mut Run, name: &str, number: u64) -> Result<(), String> {
    let (store, running) = run.parts();
    let instance = running.instance();
    let checks = instance.get_export_index(&mut *store, None, "test:plugin/checks").unwrap();
    let index = instance.get_export_index(&mut *store, Some(&checks), name).unwrap();
    let function: TypedFunc<(u64,), (Result<(), String>,)> =
        instance.get_typed_func(&mut *store, index).unwrap();
    function.call_async(store, (number,)).await.unwrap().0
}

#[tokio::test]
async fn two_plugins_in_one_process_have_limits_of_their_own() {
    let (parent, host) = host();
    let plugin = host.plugin(CHECKS).unwrap();
    let mut small = plugin.start(&mut WasiCtx::builder(), &up_to(50_000)).await.unwrap();
    let mut large = plugin.start(&mut WasiCtx::builder(), &up_to(200_000)).await.unwrap();

    // Each check fills a file until exactly this number of bytes is stored.
    assert_eq!(check(&mut small, "buffered-up-to", 50_000).await, Ok(()));
    assert_eq!(check(&mut large, "buffered-up-to", 200_000).await, Ok(()));
    assert_eq!(check(&mut small, "buffered-up-to", 50_000).await, Ok(()));

    let [small, large] = [small.close().await.unwrap().unwrap(), large.close().await.unwrap().unwrap()];
    assert_eq!((small.bytes_on_disk.now, small.bytes_on_disk.peak), (0, 50_000));
    assert_eq!((large.bytes_on_disk.now, large.bytes_on_disk.peak), (0, 200_000));
    assert!(names(parent.path()).is_empty());
}

#[tokio::test]
async fn limits_are_read_and_replaced_while_a_plugin_runs() {
    let (_parent, host) = host();
    let plugin = host.plugin(CHECKS).unwrap();
    let limits = Limits { max_bytes: Some(1 << 20), max_depth: Some(3), ..Limits::confined() };
    let options = Options::new().limits(limits);
    let mut run = plugin.start(&mut WasiCtx::builder(), &options).await.unwrap();
    let lower = Limits { max_bytes: Some(10_000), ..limits };

    let (store, running) = run.parts();
    let control = running.control().unwrap();
    assert_eq!(control.limits(&mut *store).await.unwrap(), limits);
    control.set_limits(&mut *store, lower).await.unwrap();

    assert_eq!(check(&mut run, "buffered-up-to", 10_000).await, Ok(()));
    let (store, running) = run.parts();
    let usage = running.control().unwrap().usage(store).await.unwrap();
    assert_eq!(usage.bytes_on_disk.peak, 10_000);
    assert!(usage.refused > 0, "{usage:?}");
}

#[tokio::test]
async fn a_sweep_reports_what_it_removed_and_an_error_can_be_branched_on() {
    let (parent, host) = host();
    let (mut wasi, _) = command(&["ending", "trap"]);
    let directory = host.directory_at(parent.path()).unwrap();
    host.plugin(ENDING).unwrap().run_in(&directory, &mut wasi, &Options::new()).await.unwrap();
    let left = names(parent.path());
    assert_eq!(left.len(), 2, "a file and a tree are left: {left:?}");
    let (mut wasi, _) = command(&["sort"]);

    let options = Options::new().sweep_older_than(Duration::ZERO);
    let ended = host.plugin(SORT).unwrap().run_in(&directory, &mut wasi, &options).await.unwrap();

    let mut removed = ended.swept.unwrap().removed;
    removed.sort();
    let mut expected: Vec<_> = left.iter().map(|name| format!("/tmp/{name}")).collect();
    expected.sort();
    assert_eq!(removed, expected);
    assert!(names(parent.path()).is_empty());

    let plugin = host.plugin(CHECKS).unwrap();
    let mut run = plugin.start(&mut WasiCtx::builder(), &Options::new()).await.unwrap();
    let (store, running) = run.parts();
    let missing = running.control().unwrap().sweep(store, Some("/tmp/missing"), Duration::ZERO).await;
    let error = missing.unwrap_err();
    let error: &scratch_tempfile_host::Error = error.downcast_ref().unwrap();
    assert_eq!(error.code, ErrorCode::NoEntry, "{error}");
}

#[tokio::test]
async fn memory_beyond_its_limit_is_refused_and_the_refusal_is_known() {
    let (parent, host) = host();
    let plugin = host.plugin(SORT).unwrap();
    let text = "line\n".repeat(1 << 20);
    let sort = |options: Options| {
        let (mut wasi, output) = command(&["sort", "--memory", "64M"]);
        wasi.stdin(MemoryInputPipe::new(text.clone()));
        let plugin = plugin.clone();
        async move { (plugin.run(&mut wasi, &options).await.unwrap(), output) }
    };

    let (enough, _) = sort(Options::new().max_linear_memory(1 << 30)).await;
    let (little, _) = sort(Options::new().max_linear_memory(4 << 20)).await;

    assert!(!enough.is_memory_exceeded);
    assert!(little.is_memory_exceeded);
    assert!(!matches!(little.end, Ok(End::Returned(Ok(())))), "{little:?}");
    assert!(names(parent.path()).is_empty());
}
