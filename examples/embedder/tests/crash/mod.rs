//! Named files that a crash leaves behind.

use std::fs;
use std::path::{Path, PathBuf};

use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView, p3};

mod bindings {
    wasmtime::component::bindgen!({
        inline: "
            package example:crash;

            world crash {
                export scratch:tempfile/tempfile@0.3.0;
            }
        ",
        path: "../../wit",
        world: "example:crash/crash",
    });
}

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// Creates named files in a directory, and ends the provider without a warning.
pub(crate) fn leave_files<const COUNT: usize>(directory: &Path) -> [PathBuf; COUNT] {
    let engine = Engine::default();
    let component = Component::new(&engine, scratch_tempfile_host::PROVIDER).unwrap();
    let mut linker = Linker::new(&engine);
    p3::add_to_linker(&mut linker).unwrap();
    let mut wasi = WasiCtx::builder();
    wasi.preopened_dir(directory, "/tmp", FsPerms::ReadWrite).unwrap();
    let mut store = Store::new(&engine, State { wasi: wasi.build(), table: ResourceTable::new() });
    let created = async {
        let provider = bindings::Crash::instantiate_async(&mut store, &component, &linker).await?;
        let files = provider.scratch_tempfile_tempfile().temporary_file();
        for _ in 0..COUNT {
            store.run_concurrent(async |store| files.call_create_named(store, None).await).await??.unwrap();
        }
        wasmtime::error::Ok(())
    };
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(created).unwrap();
    drop(store);
    let mut left = fs::read_dir(directory).unwrap();
    std::array::from_fn(|_| left.next().unwrap().unwrap().path())
}
