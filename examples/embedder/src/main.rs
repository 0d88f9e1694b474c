//! A small host: runs a plugin that gets temporary files from `scratch:tempfile`, and reports the
//! running time, the entries left on disk and the usage.
//!
//! - `arguments`: the arguments of the command line.
//! - `plugins`: the examples in the binary, and components from files.
//! - `compose`: the composition of the plugin and the provider.
//! - `run`: the run of the composition, with one directory and a bounded memory.
//! - `command`: the call of its command, for WASI 0.3 or 0.2.
//! - `control`: the provider's limits, sweep and usage.
//! - `summary`: the line that reports the run.
//! - `directory`: the directory, removed again if the embedder created it.
//! - `stdio`: standard input and output, with a progress bar on a terminal.

mod arguments;
mod command;
mod compose;
mod control;
mod directory;
mod plugins;
mod run;
mod stdio;
mod summary;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser as _;

use crate::arguments::{Arguments, Command};
use crate::directory::Directory;
use crate::plugins::Plugin;

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
    command[0].clone_from(&plugin.name);
    let composition = compose::with_provider(&plugin, options.has_limits())?;
    if options.sweep_older_than.is_some() && !composition.has_provider {
        eprintln!("embedder: no sweep, because {} does not import scratch:tempfile", plugin.name);
    }
    let directory = Directory::open(dir)?;
    // One worker, for signals only: the plugin runs on this thread, which may block.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.spawn(directory.clone().remove_when_interrupted());

    let ended = runtime.block_on(run::run(&composition, &command, &options, directory.path()))?;

    let left = directory.entries().context("cannot count the remaining entries")?;
    // Not awaited: a thread of the runtime may still be waiting for input.
    runtime.shutdown_background();
    let status = ended.status.unwrap_or_else(|error| {
        eprintln!("embedder: {} failed: {error:#}", plugin.name);
        1
    });
    let summary = summary::summary(&plugin.name, ended.took, left, ended.usage.as_ref());
    eprintln!("embedder: {summary}");
    directory.remove()?;
    Ok(status)
}
