//! What the command line asks for.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

/// Runs a plugin that gets temporary files from scratch:tempfile and nothing else of the filesystem.
///
/// Standard input, output and error, the arguments and the exit status are the plugin's. When it
/// ends, a line on standard error says how long it ran, how many entries it left behind and how
/// much it used.
///
/// PLUGIN is the name of an example (note, sort), or the path of a component that exports wasi:cli/run.
#[derive(Parser)]
#[command(
    override_usage = "embedder [OPTIONS] PLUGIN [ARGUMENTS]...",
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
pub(crate) struct Arguments {
    /// Where temporary files go [default: a fresh private directory, removed afterwards]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) options: Options,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How the plugin is run.
#[derive(Args, Default)]
pub(crate) struct Options {
    /// The most memory that plugin and provider may use together, such as 64M [default: no limit]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_memory: Option<u64>,

    /// The most bytes that all temporary files may hold on disk together, such as 1G [default: no limit]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) limit: Option<u64>,

    /// The most temporary files and directories that may exist at a time [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) max_entries: Option<u64>,

    /// Let the plugin reach only what it creates, and leave nothing behind on purpose
    #[arg(long)]
    pub(crate) confined: bool,

    /// First remove what crashes left in DIR if its last change is as old as AGE, such as 90s, 30m, 24h or 7d
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub(crate) sweep_older_than: Option<Duration>,
}

impl Options {
    /// Whether the plugin has limits, so that it may not get around them.
    pub(crate) fn has_limits(&self) -> bool {
        self.limit.is_some() || self.max_entries.is_some() || self.confined
    }
}

/// All that follows the name of the plugin is the plugin's, `--help` too.
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
        .ok_or_else(|| "a number of bytes is needed, with K, M or G after it or nothing".to_owned())
}

/// Reads an age such as `90s`, `30m`, `24h` or `7d`, as `SCRATCH_SWEEP_OLDER_THAN` has it.
fn age(text: &str) -> Result<Duration, String> {
    /// What the provider counts in.
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
        .ok_or_else(|| "an age is needed: a number with s, m, h or d after it".to_owned())
}

/// A number times what the letter after it stands for.
fn with_unit(text: &str, unit: impl Fn(char) -> Option<u64>) -> Option<u64> {
    let letter = text.chars().next_back()?;
    number(text.strip_suffix(letter)?)?.checked_mul(unit(letter)?)
}

/// A number of digits alone.
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
    fn what_is_no_size_is_refused() {
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
    fn what_is_no_age_is_refused() {
        for text in ["", "24", "h", "1w", "24H", "-1h", "+1h", "1.5h", "24 h", "1é", "99999999999d"] {
            assert!(age(text).is_err(), "{text}");
        }
    }

    #[test]
    fn arguments_after_the_plugin_are_the_plugins() {
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
