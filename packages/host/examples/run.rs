//! Runs a plugin that gets temporary files within limits, and nothing else of the filesystem.
//!
//! `cargo run -p scratch-tempfile-host --example run -- PLUGIN.wasm [ARGUMENTS]...`

use scratch_tempfile_host::wasmtime_wasi::WasiCtx;
use scratch_tempfile_host::{Host, Limits, Options, wasmtime};

fn main() -> wasmtime::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let plugin = Host::new()?.plugin(&std::fs::read(&arguments[0])?)?;
    let limits = Limits { max_bytes: Some(64 << 20), max_entries: Some(1_000), ..Limits::confined() };
    let mut wasi = WasiCtx::builder();
    wasi.inherit_stdio().args(&arguments);
    let ended = plugin.run_blocking(&mut wasi, &Options::new().limits(limits))?;
    eprintln!("{:?} after {:?}, {:?}", ended.end?, ended.took, ended.usage);
    Ok(())
}
