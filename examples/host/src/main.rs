//! A host that uses temporary files directly, without a plugin.

use std::env::temp_dir;

use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Result, Store};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView, p3};

use bindings::Provider;
use bindings::exports::scratch::tempfile::tempfile::Whence;

#[allow(missing_docs, unused_doc_comments)]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "provider",
        with: { "wasi": wasmtime_wasi::p3::bindings },
        exports: { default: async | store },
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

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let engine = Engine::default();
    let component = Component::new(&engine, scratch_tempfile_host::PROVIDER)?;
    let mut linker = Linker::new(&engine);
    p3::add_to_linker(&mut linker)?;

    let mut wasi = WasiCtx::builder();
    wasi.allow_blocking_current_thread(true);
    wasi.env("SCRATCH_MAX_BYTES", "64M");
    wasi.preopened_dir(temp_dir(), "/tmp", FsPerms::ReadWrite)?;
    let mut store = Store::new(&engine, State { wasi: wasi.build(), table: ResourceTable::new() });
    let provider = Provider::instantiate_async(&mut store, &component, &linker).await?;
    let files = provider.scratch_tempfile_tempfile().temporary_file();

    let file = store
        .run_concurrent(async |store| -> Result<_> {
            let file = files.call_create(store, None).await??;
            files.call_write(store, file, b"gone when it is closed\n".to_vec()).await??;
            files.call_seek(store, file, 0, Whence::Start).await??;
            print!("{}", String::from_utf8_lossy(&files.call_read_to_end(store, file).await??));
            files.call_close(store, file).await??;
            Ok(file)
        })
        .await??;
    file.resource_drop_async(&mut store).await
}
