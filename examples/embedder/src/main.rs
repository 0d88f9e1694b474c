//! A small host: runs a plugin that gets temporary files from `scratch:tempfile`, and tells how
//! long that took and what is left of it on disk.
//!
//! - `plugins`: the examples that the binary carries, and components from files.
//! - `compose`: the provider plugged into the plugin.
//! - `run`: the composition run as a command, with one directory and a bounded memory.
//! - `directory`: that directory, removed again if it is the embedder's own.
//! - `stdio`: standard input and output, with a progress bar where one can be shown.

mod compose;
mod directory;
mod plugins;
mod run;
mod stdio;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

use crate::directory::Directory;
use crate::plugins::Plugin;

/// Runs a plugin that gets temporary files from scratch:tempfile and nothing else of the filesystem.
///
/// Standard input, output and error, the arguments and the exit status are the plugin's. When it
/// ends, a line on standard error says how long it ran and how many entries it left behind.
///
/// PLUGIN is the name of an example (note, sort), or the path of a component that exports wasi:cli/run.
#[derive(Parser)]
#[command(
    override_usage = "embedder [OPTIONS] PLUGIN [ARGUMENTS]...",
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
struct Arguments {
    /// Where temporary files go [default: a fresh private directory, removed afterwards]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,

    /// The most memory that plugin and provider may use together, such as 64M [default: no limit]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_memory: Option<usize>,

    #[command(subcommand)]
    command: Command,
}

/// All that follows the name of the plugin is the plugin's, `--help` too.
#[derive(Subcommand)]
enum Command {
    #[command(external_subcommand)]
    Plugin(Vec<String>),
}

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
    let Command::Plugin(mut command) = arguments.command;
    let plugin = Plugin::find(&command[0])?;
    command[0].clone_from(&plugin.name);
    let directory = Directory::open(arguments.dir)?;
    // One worker, for signals alone: the plugin runs on this thread, which may block.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.spawn(directory.clone().remove_when_interrupted());

    let component = run::compile(&compose::with_provider(&plugin)?)?;
    let start = Instant::now();
    let ended = runtime.block_on(run::run(&component, &command, directory.path(), arguments.max_memory));
    let took = start.elapsed();

    let left = directory.entries().context("what is left can't be counted")?;
    // Not awaited: a thread of the runtime may still be waiting for input.
    runtime.shutdown_background();
    let status = ended.unwrap_or_else(|error| {
        eprintln!("embedder: {} failed: {error:#}", plugin.name);
        1
    });
    eprintln!("embedder: {} took {}, {left} {} left", plugin.name, seconds(took), entries(left));
    directory.remove()?;
    Ok(status)
}

fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}

fn entries(count: usize) -> &'static str {
    if count == 1 { "entry" } else { "entries" }
}

/// Reads a number of bytes such as `65536`, `64K`, `64M` or `1G`.
fn size(text: &str) -> Result<usize, String> {
    let (digits, shift) = match text.char_indices().last() {
        Some((end, 'k' | 'K')) => (&text[..end], 10),
        Some((end, 'm' | 'M')) => (&text[..end], 20),
        Some((end, 'g' | 'G')) => (&text[..end], 30),
        _ => (text, 0),
    };
    let number = digits.parse::<usize>().ok();
    number
        .and_then(|number| number.checked_mul(1 << shift))
        .ok_or_else(|| "a number of bytes is needed, with K, M or G after it or nothing".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;

        Arguments::command().debug_assert();
    }

    #[test]
    fn sizes_have_binary_units() {
        assert_eq!(size("65536"), Ok(65_536));
        assert_eq!(size("64K"), Ok(65_536));
        assert_eq!(size("64m"), Ok(64 << 20));
        assert_eq!(size("1G"), Ok(1 << 30));
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "M", "-1", "64MB", "1.5G", "99999999999999999999", "99999999999G"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn arguments_after_the_plugin_are_the_plugins() {
        let arguments = ["embedder", "--max-memory", "64M", "sort", "--help", "--max-memory"];

        let arguments = Arguments::parse_from(arguments);

        assert_eq!(arguments.max_memory, Some(64 << 20));
        let Command::Plugin(command) = arguments.command;
        assert_eq!(command, ["sort", "--help", "--max-memory"]);
    }
}
