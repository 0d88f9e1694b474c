//! A small host: runs a plugin that gets temporary files from `scratch:tempfile`, and reports the
//! running time, the entries left on disk and the usage.
//!
//! - `arguments`: the arguments of the command line.
//! - `plugins`: the examples in the binary, and components from files.
//! - `compose`: the composition of the plugin and the provider.
//! - `private_tmp`: limits and usage of a private `/tmp`.
//! - `run`: the run of the composition, with one directory and a bounded memory.
//! - `command`: the call of its command, for WASI 0.3 or 0.2.
//! - `control`: the provider's limits, sweep and usage.
//! - `summary`: the line that reports the run.
//! - `directory`: the directory, removed again if the embedder created it.
//! - `created`: the names of the entries that the run creates.
//! - `leftovers`: the removal of those that it left.
//! - `interruption`: the signals that end the embedder.
//! - `stdio`: standard input and output, with a progress bar on a terminal.
//! - `closed`: standard streams that were closed from the start.

mod arguments;
mod closed;
mod command;
mod compose;
mod control;
mod created;
mod directory;
mod interruption;
mod leftovers;
mod plugins;
mod private_tmp;
mod run;
mod stdio;
mod summary;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use clap::Parser as _;

use crate::arguments::{Arguments, Command};
use crate::directory::Directory;
use crate::interruption::Interruption;
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
    let plugin = Plugin::find(&command[0], options.private_tmp)?;
    command[0].clone_from(&plugin.name);
    let composition = if options.private_tmp {
        compose::with_private_tmp(&plugin)?
    } else {
        compose::with_provider(&plugin, options.has_limits())?
    };
    if options.sweep_older_than.is_some() && !composition.has_provider {
        eprintln!("embedder: no sweep, because {} does not import scratch:tempfile", plugin.name);
    }
    // One worker, for signals only: the plugin runs on this thread, which may block.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    // From before the directory exists, so that no signal leaves it there.
    let interruption = {
        let _runtime = runtime.enter();
        Interruption::listen()?
    };
    let directory = Arc::new(Directory::open(dir)?);
    runtime.spawn(end_when_interrupted(interruption, directory.clone()));

    let ended = runtime.block_on(run::run(&composition, &command, &options, &directory));
    // A confined plugin keeps nothing. Another one may have kept entries, which only the provider knows.
    let sweeps = options.confined || !ended.as_ref().is_ok_and(|ended| ended.returned);
    let closed = runtime.block_on(directory.close(sweeps));
    // Not awaited: a thread of the runtime may still be waiting for input.
    runtime.shutdown_background();

    let ended = ended?;
    let status = ended.status.unwrap_or_else(|error| {
        eprintln!("embedder: {} failed: {error:#}", plugin.name);
        1
    });
    let summary = summary::summary(&plugin.name, ended.took, &closed.left, ended.usage.as_ref());
    eprintln!("embedder: {summary}");
    closed.removed?;
    Ok(status)
}

/// Waits for a signal that ends the embedder, removes what the run left and ends.
async fn end_when_interrupted(interruption: Interruption, directory: Arc<Directory>) {
    if let Ok(status) = interruption.status().await {
        if let Err(error) = directory.close(true).await.removed {
            eprintln!("embedder: {error:#}");
        }
        std::process::exit(status);
    }
}
