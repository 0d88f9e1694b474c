//! The arguments of the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use scratch_tempfile_host::Limits;

/// Runs a plugin that gets temporary files from scratch:tempfile and nothing else of the filesystem.
///
/// The plugin gets standard input, output and error and the arguments, and determines the exit
/// status. After it has ended, a line on standard error reports its running time, the number of
/// entries that it left and the usage.
///
/// If the plugin traps, calls exit or is ended by a signal, its temporary entries are removed. These
/// include entries that it kept under a temporary name. Entries of others in DIR are not touched.
///
/// PLUGIN is the name of an example (note, sort), or the path of a component that exports wasi:cli/run.
#[derive(Parser)]
#[command(
    override_usage = "embedder [OPTIONS] PLUGIN [ARGUMENTS]...",
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
pub(crate) struct Arguments {
    /// The directory for temporary files [default: a new private directory, removed afterwards]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) options: Options,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options for running the plugin.
#[derive(Args, Default)]
pub(crate) struct Options {
    /// The largest memory of plugin and provider together, such as 64M [default: no limit]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_memory: Option<u64>,

    /// The largest total size of all temporary files on disk, such as 1G [default: no limit]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) limit: Option<u64>,

    /// The largest number of temporary files and directories at a time [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) max_entries: Option<u64>,

    /// Let the plugin reach only the entries that it creates, and keep none of them
    #[arg(long)]
    pub(crate) confined: bool,

    /// Give the plugin, a command of WASI 0.2, a private /tmp in the place of the host's directory
    #[arg(long, conflicts_with = "sweep_older_than")]
    pub(crate) private_tmp: bool,

    /// First remove leftovers of crashes from DIR that are at least as old as AGE, such as 90s, 30m, 24h or 7d
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub(crate) sweep_older_than: Option<Duration>,
}

impl Options {
    /// Whether the plugin has limits, which it must not bypass.
    pub(crate) fn has_limits(&self) -> bool {
        self.limit.is_some() || self.max_entries.is_some() || self.confined
    }

    /// The options of the run.
    pub(crate) fn of_run(&self) -> scratch_tempfile_host::Options {
        let limits = Limits {
            max_bytes: self.limit,
            max_entries: self.max_entries,
            confined: self.confined,
            ..Limits::default()
        };
        let mut options = scratch_tempfile_host::Options::new().limits(limits);
        if let Some(age) = self.sweep_older_than {
            options = options.sweep_older_than(age);
        }
        if let Some(limit) = self.max_memory {
            options = options.max_linear_memory(limit.try_into().unwrap_or(usize::MAX));
        }
        options
    }
}

/// The plugin's name and its own arguments, which may include `--help`.
#[derive(Subcommand)]
pub(crate) enum Command {
    #[command(external_subcommand)]
    Plugin(Vec<String>),
}

/// Reads a number of bytes such as `65536`, `64K`, `64M` or `1G`.
fn size(text: &str) -> Result<u64, String> {
    let unit = |letter| match letter {
        'k' | 'K' => Some(1 << 10),
        'm' | 'M' => Some(1 << 20),
        'g' | 'G' => Some(1 << 30),
        _ => None,
    };
    number(text)
        .or_else(|| with_unit(text, unit))
        .ok_or_else(|| "expected a number of bytes, optionally with K, M or G".to_owned())
}

/// Reads an age such as `90s`, `30m`, `24h` or `7d`, in the form of `SCRATCH_SWEEP_OLDER_THAN`.
fn age(text: &str) -> Result<Duration, String> {
    /// The provider's unit of time, per second.
    const NANOSECONDS: u64 = 1_000_000_000;
    let unit = |letter| match letter {
        's' => Some(NANOSECONDS),
        'm' => Some(60 * NANOSECONDS),
        'h' => Some(3_600 * NANOSECONDS),
        'd' => Some(86_400 * NANOSECONDS),
        _ => None,
    };
    with_unit(text, unit)
        .map(Duration::from_nanos)
        .ok_or_else(|| "expected an age: a number with s, m, h or d".to_owned())
}

/// Reads a number with a unit and returns their product.
fn with_unit(text: &str, unit: impl Fn(char) -> Option<u64>) -> Option<u64> {
    let letter = text.chars().next_back()?;
    number(text.strip_suffix(letter)?)?.checked_mul(unit(letter)?)
}

/// Reads a number that consists of digits only.
fn number(text: &str) -> Option<u64> {
    if text.starts_with('+') { None } else { text.parse().ok() }
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
    fn invalid_sizes_are_refused() {
        for text in ["", "M", "-1", "+1", "64MB", "1.5G", "64é", "99999999999999999999", "99999999999G"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ages_have_a_unit() {
        assert_eq!(age("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(age("30m"), Ok(Duration::from_secs(1_800)));
        assert_eq!(age("24h"), Ok(Duration::from_secs(86_400)));
        assert_eq!(age("7d"), Ok(Duration::from_secs(604_800)));
        assert_eq!(age("0s"), Ok(Duration::ZERO));
    }

    #[test]
    fn invalid_ages_are_refused() {
        for text in ["", "24", "h", "1w", "24H", "-1h", "+1h", "1.5h", "24 h", "1é", "99999999999d"] {
            assert!(age(text).is_err(), "{text}");
        }
    }

    #[test]
    fn arguments_after_the_plugin_are_passed_to_it() {
        let arguments = ["embedder", "--max-memory", "64M", "sort", "--help", "--max-memory", "--limit"];

        let arguments = Arguments::parse_from(arguments);

        assert_eq!(arguments.options.max_memory, Some(64 << 20));
        assert_eq!(arguments.options.limit, None);
        let Command::Plugin(command) = arguments.command;
        assert_eq!(command, ["sort", "--help", "--max-memory", "--limit"]);
    }

    #[test]
    fn a_plugin_has_limits_if_one_is_given() {
        for (arguments, has_limits) in [
            (&["--limit", "1M"][..], true),
            (&["--max-entries", "1"], true),
            (&["--confined"], true),
            (&["--max-memory", "64M", "--sweep-older-than", "24h"], false),
        ] {
            let arguments = Arguments::parse_from([&["embedder"], arguments, &["sort"]].concat());

            assert_eq!(arguments.options.has_limits(), has_limits);
        }
    }
}
