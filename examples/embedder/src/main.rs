//! A small host on `scratch-tempfile-host`: runs a plugin that gets temporary files from `scratch:tempfile`, and
//! reports the running time, the entries left on disk and the usage.
//!
//! - `arguments`: the arguments of the command line.
//! - `plugins`: the examples in the binary, and components from files.
//! - `summary`: the lines that report the run.
//! - `interruption`: the signals that end the embedder.
//! - `stdio`: standard input and output, with a progress bar on a terminal.
//! - `closed`: standard streams that were closed from the start.

mod arguments;
mod closed;
mod interruption;
mod plugins;
mod stdio;
mod summary;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use clap::Parser as _;
use scratch_tempfile_host::{Composition, Ended, Host, RunDirectory};
use wasmtime_wasi::WasiCtx;

use crate::arguments::{Arguments, Command, Options};
use crate::interruption::Interruption;
use crate::plugins::Plugin;
use crate::stdio::Input;

fn main() -> ExitCode {
    match embed(Arguments::parse()) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("embedder: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the plugin and returns its exit status.
fn embed(arguments: Arguments) -> Result<u8> {
    let Arguments { dir, options, command: Command::Plugin(mut command) } = arguments;
    let plugin = Plugin::find(&command[0])?;
    let composition = plugin.compose(&command[0], &options)?;
    command[0].clone_from(&plugin.name);
    if options.sweep_older_than.is_some() && !composition.has_provider() {
        eprintln!("embedder: no sweep, because {} does not import scratch:tempfile", plugin.name);
    }
    // One worker, for signals only: the plugin runs on this thread, which may block.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    // From before the directory exists, so that no signal leaves it there.
    let interruption = {
        let _runtime = runtime.enter();
        Interruption::listen()?
    };
    let host = Host::new()?;
    let directory = Arc::new(open(&host, dir.as_deref())?);
    runtime.spawn(end_when_interrupted(interruption, directory.clone()));

    let ended = runtime.block_on(run(&host, &composition, &command, &options, &directory));
    // A confined plugin keeps nothing. Another one may have kept entries, which only the provider knows.
    let sweeps = options.confined || !ended.as_ref().is_ok_and(Ended::has_returned);
    let closed = runtime.block_on(directory.close(sweeps));
    // Not awaited: a thread of the runtime may still be waiting for input.
    runtime.shutdown_background();

    let ended = ended?;
    if let Some(report) = &ended.swept {
        for line in summary::sweep(report, directory.path()) {
            eprintln!("embedder: {line}");
        }
    }
    let summary = summary::summary(&plugin.name, ended.took, &closed.left, ended.usage.as_ref());
    let status = status(ended, options.max_memory).unwrap_or_else(|error| {
        eprintln!("embedder: {} failed: {error:#}", plugin.name);
        1
    });
    eprintln!("embedder: {summary}");
    closed.removed?;
    Ok(status)
}

/// Uses the directory of the command line, or creates a private one.
fn open(host: &Host, given: Option<&Path>) -> Result<RunDirectory> {
    match given {
        Some(path) => host.directory_at(path).map_err(|error| anyhow!("--dir {error}")),
        None => host.directory().map_err(|error| anyhow::Error::from(error).context("pass one with --dir")),
    }
}

async fn run(
    host: &Host,
    composition: &Composition,
    command: &[String],
    options: &Options,
    directory: &RunDirectory,
) -> Result<Ended> {
    let input = Input::open();
    let bar = input.bar();
    let mut wasi = WasiCtx::builder();
    wasi.stdin(input).stdout(stdio::output()).inherit_stderr().args(command);
    let plugin = host.prepare(composition)?;
    let ended = plugin.run_in(directory, &mut wasi, &options.of_run()).await;
    bar.finish_and_clear();
    Ok(ended?)
}

/// Returns the exit status, or the failure with the information that the growth of a memory was refused.
fn status(ended: Ended, max_memory: Option<u64>) -> Result<u8> {
    let status = ended.end.map(|end| end.status());
    if ended.is_memory_exceeded && !matches!(status, Ok(0)) {
        let limit = max_memory.unwrap_or_default();
        let error = status.map_or_else(anyhow::Error::from, |_| anyhow!("it returned an error"));
        return Err(error.context(format!("it needs more memory than the {limit} bytes of --max-memory")));
    }
    Ok(status?)
}

/// Waits for a signal that ends the embedder, removes what the run left and ends.
async fn end_when_interrupted(interruption: Interruption, directory: Arc<RunDirectory>) {
    if let Ok(status) = interruption.status().await {
        if let Err(error) = directory.close(true).await.removed {
            eprintln!("embedder: {error:#}");
        }
        std::process::exit(status);
    }
}
