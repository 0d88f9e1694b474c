//! Long loops of a plugin: neither the guests nor the engine keep anything for an operation that ends
//! at once; and many small files at a time.

use std::fs;

use host_tests::{Limits, Plugin, Result, note};
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, Store};

use crate::suite::tests;

tests! {
    async_modes(Alone) {
        small_operations_of_the_client_leave_nothing_behind,
        plain_functions_leave_nothing_behind,
    }
    async_modes(ManyOpenFiles) {
        ten_thousand_small_files_are_open_in_memory_or_on_disk,
    }
    once {
        the_reduced_case_for_wasmtime_keeps_an_entry_for_each_call,
    }
    long(Alone) {
        ten_million_small_operations_of_the_client_leave_nothing_behind,
        three_million_plain_functions_leave_nothing_behind,
    }
}

/// The memory that a loop may add to the host, in bytes: far less than an entry for each operation.
const GROWTH: usize = 8 << 20;

/// The physical memory of this process, in bytes.
fn memory_of_the_host() -> Result<usize> {
    let pages: usize = fs::read_to_string("/proc/self/statm")?.split(' ').nth(1).unwrap_or("0").parse()?;
    Ok(pages * 4096)
}

async fn small_operations_of_the_client_leave_nothing_behind(plugin: Plugin) -> Result {
    operations_of_the_client(plugin, 200_000).await
}

async fn ten_million_small_operations_of_the_client_leave_nothing_behind(plugin: Plugin) -> Result {
    operations_of_the_client(plugin, 10_000_000).await
}

async fn operations_of_the_client(plugin: Plugin, count: u32) -> Result {
    plugin.client_operations(10_000).await?;
    let before = (memory_of_the_host()?, plugin.calls_kept().await, plugin.linear_memory().await);

    plugin.client_operations(count).await?;

    assert_flat(&plugin, count, before).await
}

async fn plain_functions_leave_nothing_behind(plugin: Plugin) -> Result {
    plain_functions(plugin, 100_000).await
}

async fn three_million_plain_functions_leave_nothing_behind(plugin: Plugin) -> Result {
    plain_functions(plugin, 3_000_000).await
}

async fn plain_functions(plugin: Plugin, count: u32) -> Result {
    plugin.plain_functions(10_000).await?;
    let before = (memory_of_the_host()?, plugin.calls_kept().await, plugin.linear_memory().await);

    plugin.plain_functions(count).await?;

    assert_flat(&plugin, count, before).await
}

async fn assert_flat(plugin: &Plugin, count: u32, before: (usize, usize, usize)) -> Result {
    let (memory, kept, linear) = before;
    let grown = memory_of_the_host()?.saturating_sub(memory);
    let entries = plugin.calls_kept().await.saturating_sub(kept);
    note!("{count} operations: the host grew by {} KiB, and keeps {entries} more calls", grown >> 10);
    assert!(entries < 100, "{entries} calls are kept");
    assert!(grown < GROWTH, "the host grew by {grown} bytes");
    assert_eq!(plugin.linear_memory().await, linear);
    plugin.assert_empty().await;
    Ok(())
}

async fn ten_thousand_small_files_are_open_in_memory_or_on_disk(plugin: Plugin) -> Result {
    const FILES: u32 = 10_000;
    plugin.open_at_once(FILES).await?;
    let in_memory = plugin.usage().await;
    let linear = plugin.linear_memory().await;
    note!(
        "{FILES} open files of 1 KiB: {} KiB of contents and {} KiB of linear memory, {} files on disk",
        in_memory.memory_bytes.peak >> 10,
        linear >> 10,
        in_memory.created,
    );

    let most = in_memory.memory_bytes.peak / 10;
    plugin.set_limits(Limits::new().max_memory(most)).await;
    plugin.open_at_once(FILES).await?;

    let on_disk = plugin.usage().await.created - in_memory.created;
    note!("with {} KiB of memory: {on_disk} files on disk", most >> 10);
    assert_eq!(in_memory.created, 0);
    assert!((8_900..=9_100).contains(&on_disk), "{on_disk}");
    assert_eq!((in_memory.entries.peak, in_memory.bytes_on_disk.peak), (10_000, 10_240_000));
    plugin.assert_empty().await;
    Ok(())
}

/// The report that contains the reduced case.
const REPORT: &str = "../docs/wasmtime-async-calls.md";

/// If this fails, wasmtime deletes the entries: the report and what avoids them are no longer needed.
fn the_reduced_case_for_wasmtime_keeps_an_entry_for_each_call() {
    const CALLS: u32 = 100_000;
    let report = fs::read_to_string(REPORT).expect("the report exists");
    let (_, text) = report.split_once("```wat\n").expect("the report has a component");
    let (text, _) = text.split_once("```").expect("the component ends");
    let component = wat::parse_str(text).expect("the component is valid");

    let kept = futures::executor::block_on(entries_after_each_of_two_calls(&component, CALLS));

    note!("{kept:?} entries after {CALLS} calls and as many again");
    assert_eq!(kept[1] - kept[0], CALLS as usize);
}

async fn entries_after_each_of_two_calls(component: &[u8], calls: u32) -> [usize; 2] {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    let engine = Engine::new(&config).expect("the engine starts");
    let component = Component::new(&engine, component).expect("the component compiles");
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_async(&mut store, &component).await.expect("it starts");
    let repeat = instance.get_typed_func::<(u32,), ()>(&mut store, "repeat").expect("it exports a loop");
    let mut kept = [0; 2];
    for kept in &mut kept {
        repeat.call_async(&mut store, (calls,)).await.expect("the loop ends");
        let table = store.concurrent_resource_table().expect("concurrency is on");
        *kept = table.iter_mut().count();
    }
    kept
}
