//! Hosts for the tests, with an engine for each test program and a parent directory for each test.

#![allow(dead_code, reason = "each test program uses a part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use scratch_tempfile_host::wasmtime::{Cache, CacheConfig, Config, Engine, OptLevel};
use scratch_tempfile_host::wasmtime_wasi::{WasiCtx, WasiCtxBuilder};
use scratch_tempfile_host::{Host, Limits, Options};
use tempfile::TempDir;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

/// The engine, whose epochs a test can count, and whose cache all test programs share.
pub(crate) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let mut cache = CacheConfig::new();
        cache.with_directory(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("compiled"));
        let mut config = Config::new();
        config.epoch_interruption(true);
        // A test runs compiled code for a moment only.
        config.cranelift_opt_level(OptLevel::None);
        config.cache(Some(Cache::new(cache).unwrap()));
        Engine::new(&config).unwrap()
    })
}

/// A host with its private directories in the returned directory.
pub(crate) fn host() -> (TempDir, Host) {
    let parent = tempfile::tempdir().unwrap();
    let host = Host::with_engine(engine(), parent.path()).unwrap();
    (parent, host)
}

/// The context of a command with these arguments, and its standard output.
pub(crate) fn command(arguments: &[&str]) -> (WasiCtxBuilder, MemoryOutputPipe) {
    let output = MemoryOutputPipe::new(1 << 20);
    let mut wasi = WasiCtx::builder();
    wasi.args(arguments).stdout(output.clone());
    (wasi, output)
}

/// Options with a limit for the bytes on disk.
pub(crate) fn up_to(max_bytes: u64) -> Options {
    Options::new().limits(Limits { max_bytes: Some(max_bytes), ..Limits::default() })
}

/// Returns the names of the entries of a directory.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
