//! The limits of an instance, and the environment variables for them, for the default directory and for
//! sweeps.

use alloc::format;
use alloc::string::String;

use crate::error::{Error, Quoted, Result};

/// The limits of an instance; none is unlimited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) max_bytes: Option<u64>,
    pub(crate) max_file_bytes: Option<u64>,
    pub(crate) max_entries: Option<u64>,
    pub(crate) max_handles: Option<u64>,
    pub(crate) max_memory: Option<u64>,
    pub(crate) max_depth: Option<u64>,
    /// Whether callers choose no directory and keep no entry.
    pub(crate) confined: bool,
    /// Whether a full disk is reported as a limit.
    pub(crate) hide_disk_full: bool,
}

/// The settings of the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LimitSettings {
    pub(crate) limits: Limits,
    /// The age at which the first use sweeps leftovers, in nanoseconds.
    pub(crate) sweep_older_than: Option<u64>,
    /// The default directory, instead of the first usable one.
    pub(crate) directory: Option<String>,
}

/// The variable that names the default directory.
pub(crate) const DIRECTORY: &str = "SCRATCH_DIRECTORY";

/// The variables that are read, as error messages list them.
const KNOWN: &str = "SCRATCH_MAX_BYTES, SCRATCH_MAX_FILE_BYTES, SCRATCH_MAX_ENTRIES, SCRATCH_MAX_HANDLES, \
                     SCRATCH_MAX_MEMORY, SCRATCH_MAX_DEPTH, SCRATCH_CONFINED, SCRATCH_HIDE_DISK_FULL, \
                     SCRATCH_SWEEP_OLDER_THAN and SCRATCH_DIRECTORY";

/// The beginnings of names that are either known or misspelt.
///
/// Other names that begin with `SCRATCH` belong to others: clusters set `SCRATCH` and `SCRATCH_DIR`.
const OURS: [&str; 5] = ["SCRATCH_MAX", "SCRATCH_CONF", "SCRATCH_HIDE", "SCRATCH_SWEEP", DIRECTORY];

const SECOND: u64 = 1_000_000_000;

impl LimitSettings {
    /// Reads the variables whose names begin with `SCRATCH_`.
    pub(crate) fn of(environment: &[(String, String)]) -> Result<LimitSettings> {
        let mut settings = LimitSettings::default();
        let limits = &mut settings.limits;
        for (name, value) in environment {
            match &**name {
                "SCRATCH_MAX_BYTES" => limits.max_bytes = Some(bytes(name, value)?),
                "SCRATCH_MAX_FILE_BYTES" => limits.max_file_bytes = Some(bytes(name, value)?),
                "SCRATCH_MAX_ENTRIES" => limits.max_entries = Some(count(name, value)?),
                "SCRATCH_MAX_HANDLES" => limits.max_handles = Some(count(name, value)?),
                "SCRATCH_MAX_MEMORY" => limits.max_memory = Some(bytes(name, value)?),
                "SCRATCH_MAX_DEPTH" => limits.max_depth = Some(count(name, value)?),
                "SCRATCH_CONFINED" => limits.confined = switch(name, value)?,
                "SCRATCH_HIDE_DISK_FULL" => limits.hide_disk_full = switch(name, value)?,
                "SCRATCH_SWEEP_OLDER_THAN" => settings.sweep_older_than = Some(age(name, value)?),
                DIRECTORY if value.is_empty() => return Err(malformed(name, value, "must not be empty")),
                DIRECTORY => settings.directory = Some(value.clone()),
                // A misspelt limit would have no effect.
                _ if is_ours(name) => {
                    return Err(malformed(name, value, &format!("unknown variable; known are {KNOWN}")));
                }
                _ => {}
            }
        }
        Ok(settings)
    }
}

/// Whether a name begins as one of ours does, in capitals or not. An unknown one is misspelt.
pub(crate) fn is_ours(name: &str) -> bool {
    let name = name.trim_start().as_bytes();
    OURS.iter()
        .any(|ours| name.get(..ours.len()).is_some_and(|start| start.eq_ignore_ascii_case(ours.as_bytes())))
}

fn count(name: &str, value: &str) -> Result<u64> {
    with_unit(value, |unit| unit.is_empty().then_some(1))
        .ok_or_else(|| malformed(name, value, "expected a number"))
}

fn bytes(name: &str, value: &str) -> Result<u64> {
    let size = with_unit(value, |unit| match unit {
        "" => Some(1),
        "k" | "K" => Some(1 << 10),
        "m" | "M" => Some(1 << 20),
        "g" | "G" => Some(1 << 30),
        "t" | "T" => Some(1 << 40),
        _ => None,
    });
    size.ok_or_else(|| {
        malformed(name, value, "expected a number of bytes, optionally followed by K, M, G or T")
    })
}

fn age(name: &str, value: &str) -> Result<u64> {
    let age = with_unit(value, |unit| match unit {
        "s" => Some(SECOND),
        "m" => Some(60 * SECOND),
        "h" => Some(3_600 * SECOND),
        "d" => Some(86_400 * SECOND),
        _ => None,
    });
    age.ok_or_else(|| malformed(name, value, "expected a number followed by s, m, h or d"))
}

fn switch(name: &str, value: &str) -> Result<bool> {
    match value {
        "1" => Ok(true),
        "0" => Ok(false),
        _ => Err(malformed(name, value, "expected 1 or 0")),
    }
}

/// Returns a number times the factor of its unit.
fn with_unit(value: &str, factor: impl Fn(&str) -> Option<u64>) -> Option<u64> {
    let end = value.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, unit) = value.split_at(end);
    digits.parse::<u64>().ok()?.checked_mul(factor(unit)?)
}

pub(crate) fn malformed(name: &str, value: &str, fault: &str) -> Error {
    Error::invalid(&format!("environment variable {name}"), &Quoted(value), fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    fn settings(name: &str, value: &str) -> Result<LimitSettings> {
        LimitSettings::of(&[(name.into(), value.into()), ("PATH".into(), "/bin".into())])
    }

    #[test]
    fn each_variable_sets_what_it_names() {
        let variables = [
            ("SCRATCH_MAX_BYTES", "64M"),
            ("SCRATCH_MAX_FILE_BYTES", "1g"),
            ("SCRATCH_MAX_ENTRIES", "1000"),
            ("SCRATCH_MAX_HANDLES", "0"),
            ("SCRATCH_MAX_MEMORY", "64K"),
            ("SCRATCH_MAX_DEPTH", "8"),
            ("SCRATCH_CONFINED", "1"),
            ("SCRATCH_HIDE_DISK_FULL", "1"),
            ("SCRATCH_SWEEP_OLDER_THAN", "24h"),
            ("SCRATCH_DIRECTORY", "/scratch"),
        ];

        let settings =
            LimitSettings::of(&variables.map(|(name, value)| (name.into(), value.into()))).unwrap();

        let limits = Limits {
            max_bytes: Some(64 << 20),
            max_file_bytes: Some(1 << 30),
            max_entries: Some(1_000),
            max_handles: Some(0),
            max_memory: Some(64 << 10),
            max_depth: Some(8),
            confined: true,
            hide_disk_full: true,
        };
        let sweep_older_than = Some(86_400 * SECOND);
        assert_eq!(settings, LimitSettings { limits, sweep_older_than, directory: Some("/scratch".into()) });
        assert_eq!(LimitSettings::of(&[]).unwrap(), LimitSettings::default());
    }

    #[test]
    fn a_value_that_makes_no_sense_is_an_error_that_names_the_variable() {
        for (name, values) in [
            (
                "SCRATCH_MAX_BYTES",
                &["", "M", "-1", "+1", "1.5G", "64MB", "64 M", " 64", "0x40", "unlimited"][..],
            ),
            ("SCRATCH_MAX_FILE_BYTES", &["99999999999999999999", "99999999999T", "1P"]),
            ("SCRATCH_MAX_ENTRIES", &["", "1k", "many"]),
            ("SCRATCH_MAX_HANDLES", &["-0"]),
            ("SCRATCH_MAX_MEMORY", &["½"]),
            ("SCRATCH_MAX_DEPTH", &["1h"]),
            ("SCRATCH_CONFINED", &["", "yes", "true", "2"]),
            ("SCRATCH_HIDE_DISK_FULL", &["on"]),
            ("SCRATCH_SWEEP_OLDER_THAN", &["", "24", "h", "1w", "99999999999d"]),
            ("SCRATCH_DIRECTORY", &[""]),
        ] {
            for value in values {
                let error = settings(name, value).unwrap_err();

                assert_eq!(error.code, ErrorCode::Invalid);
                assert!(error.message.contains(name), "{}", error.message);
                assert!(error.message.contains(value), "{}", error.message);
            }
        }
    }

    #[test]
    fn a_misspelt_variable_is_an_error_that_lists_the_known_ones() {
        for name in [
            "SCRATCH_MAX",
            "SCRATCH_MAXBYTES",
            "SCRATCH_MAX_BYTE",
            "SCRATCH_MAX_BYTES ",
            " SCRATCH_MAX_BYTES",
            "SCRATCH_CONFINE",
            "SCRATCH_CONFINED_",
            "SCRATCH_CONF",
            "scratch_confined",
            "Scratch_Confined",
            "SCRATCH_HIDE_DISK",
            "SCRATCH_SWEEP",
            "SCRATCH_SWEEP_OLDER",
            "SCRATCH_DIRECTORY_",
            "SCRATCH_DIRECTORYS",
            "scratch_directory",
        ] {
            let error = settings(name, "1").unwrap_err();

            assert_eq!(error.code, ErrorCode::Invalid, "{name}");
            assert!(error.message.contains(name), "{}", error.message);
            for known in ["SCRATCH_MAX_FILE_BYTES", "SCRATCH_CONFINED", "SCRATCH_DIRECTORY"] {
                assert!(error.message.contains(known), "{}", error.message);
            }
        }
    }

    #[test]
    fn variables_of_others_are_left_alone() {
        for name in [
            "SCRATCH",
            "SCRATCH_",
            "SCRATCH_DIR",
            "SCRATCH_DIRS",
            "SCRATCHDIR",
            "SCRATCH_MA",
            "SCRATCH_CACHE",
            "MY_SCRATCH_MAX_BYTES",
            "PBS_SCRATCH_DIRECTORY",
            "ẞCRATCH_MAX",
            "",
        ] {
            assert_eq!(settings(name, "/scratch"), Ok(LimitSettings::default()), "{name}");
        }
    }
}
