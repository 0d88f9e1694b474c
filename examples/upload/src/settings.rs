//! The settings in the environment.

use alloc::format;
use alloc::string::String;

use sort::budget::MIN_MEMORY;

use crate::refusal::{Refusal, Status};

/// The default directory for stored files.
pub const DEFAULT_DIRECTORY: &str = "/data";

/// The unit of ages, per second.
const NANOSECONDS: u64 = 1_000_000_000;

/// The largest `UPLOAD_SORT_MEMORY`. A component has 4 GiB for all requests together.
const MAX_SORT_MEMORY: u64 = 1 << 30;

/// The settings of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The directory for stored files, a path of the guest; nothing for [`DEFAULT_DIRECTORY`].
    pub directory: Option<String>,
    /// The largest size of a body, in bytes.
    pub max_bytes: u64,
    /// The largest part of an incomplete upload in memory, in bytes.
    pub spool_bytes: u64,
    /// The least age of temporary files in the storage directory that are removed, in nanoseconds;
    /// nothing if they are never removed.
    pub sweep_older_than: Option<u64>,
    /// The largest memory of one sort for lines and buffers, in bytes.
    pub sort_memory: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            directory: None,
            max_bytes: 1 << 30,
            spool_bytes: 64 << 10,
            sweep_older_than: Some(60 * NANOSECONDS),
            sort_memory: 1 << 20,
        }
    }
}

impl Settings {
    /// Reads the variables whose names begin with `UPLOAD_`. Others have their default.
    ///
    /// # Errors
    ///
    /// Fails with [`Status::Unavailable`] if a variable has an invalid value or an unknown name: a
    /// misspelt limit would be no limit.
    pub fn read(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, Refusal> {
        let mut settings = Self::default();
        for (name, value) in variables {
            match name.as_str() {
                "UPLOAD_DIRECTORY" if value.is_empty() => {
                    return Err(senseless(&name, &value, "expected a path of the guest"));
                }
                "UPLOAD_DIRECTORY" => settings.directory = Some(value),
                "UPLOAD_MAX_BYTES" => settings.max_bytes = size(&name, &value, 1, u64::MAX)?,
                "UPLOAD_SPOOL_BYTES" => settings.spool_bytes = size(&name, &value, 0, u64::MAX)?,
                "UPLOAD_SORT_MEMORY" => {
                    settings.sort_memory = size(&name, &value, MIN_MEMORY as u64, MAX_SORT_MEMORY)? as usize;
                }
                "UPLOAD_SWEEP_OLDER_THAN" if value == "never" => settings.sweep_older_than = None,
                "UPLOAD_SWEEP_OLDER_THAN" => settings.sweep_older_than = Some(age(&name, &value)?),
                other if other.starts_with("UPLOAD_") => {
                    return Err(Refusal::new(
                        Status::Unavailable,
                        format!(
                            "variable {other}: unknown; the known ones are UPLOAD_DIRECTORY, UPLOAD_MAX_BYTES, \
                             UPLOAD_SPOOL_BYTES, UPLOAD_SWEEP_OLDER_THAN and UPLOAD_SORT_MEMORY"
                        ),
                    ));
                }
                _ => {}
            }
        }
        Ok(settings)
    }
}

fn senseless(name: &str, value: &str, fault: &str) -> Refusal {
    Refusal::new(Status::Unavailable, format!("variable {name}={value:?}: {fault}"))
}

fn size(name: &str, text: &str, least: u64, most: u64) -> Result<u64, Refusal> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "" => Some(1),
        "K" | "k" => Some(1 << 10),
        "M" | "m" => Some(1 << 20),
        "G" | "g" => Some(1 << 30),
        "T" | "t" => Some(1 << 40),
        _ => None,
    };
    // `parse` would take a sign.
    let number = digits.parse::<u64>().ok().filter(|_| digits.starts_with(|c: char| c.is_ascii_digit()));
    let bytes = number.zip(factor).and_then(|(number, factor): (u64, u64)| number.checked_mul(factor));
    match bytes {
        None => Err(senseless(name, text, "expected a size such as 512K, 64M or 1G")),
        Some(bytes) if bytes < least => Err(senseless(name, text, &format!("it must be at least {least}"))),
        Some(bytes) if bytes > most => Err(senseless(name, text, &format!("it may be at most {most}"))),
        Some(bytes) => Ok(bytes),
    }
}

/// Reads an age such as `90s`, `30m`, `24h` or `7d`, in nanoseconds.
fn age(name: &str, text: &str) -> Result<u64, Refusal> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let seconds = match &text[digits.len()..] {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3_600),
        "d" => Some(86_400),
        _ => None,
    };
    let number = digits.parse::<u64>().ok().filter(|_| digits.starts_with(|c: char| c.is_ascii_digit()));
    let unit = seconds.map(|seconds: u64| seconds * NANOSECONDS);
    number
        .zip(unit)
        .and_then(|(number, unit)| number.checked_mul(unit))
        .ok_or_else(|| senseless(name, text, "expected an age such as 90s, 30m, 24h or 7d, or never"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
        let variables = variables.iter().map(|(name, value)| (String::from(*name), String::from(*value)));
        Settings::read(variables).map_err(|refusal| {
            assert_eq!(refusal.status, Status::Unavailable);
            refusal.message
        })
    }

    #[test]
    fn without_variables_all_settings_have_their_default() {
        assert_eq!(read(&[]), Ok(Settings::default()));
        assert_eq!(read(&[("TMPDIR", "/tmp"), ("SCRATCH_MAX_BYTES", "1G")]), Ok(Settings::default()));
    }

    #[test]
    fn each_variable_sets_its_field() {
        let settings = read(&[
            ("UPLOAD_DIRECTORY", "/files"),
            ("UPLOAD_MAX_BYTES", "2T"),
            ("UPLOAD_SPOOL_BYTES", "0"),
            ("UPLOAD_SORT_MEMORY", "64k"),
            ("UPLOAD_SWEEP_OLDER_THAN", "2h"),
        ]);

        let expected = Settings {
            directory: Some("/files".into()),
            max_bytes: 2 << 40,
            spool_bytes: 0,
            sweep_older_than: Some(7_200 * NANOSECONDS),
            sort_memory: 64 << 10,
        };
        assert_eq!(settings, Ok(expected));
    }

    #[test]
    fn leftovers_may_never_be_swept() {
        assert_eq!(read(&[("UPLOAD_SWEEP_OLDER_THAN", "never")]).unwrap().sweep_older_than, None);
    }

    #[test]
    fn an_invalid_value_is_an_error_that_names_the_variable() {
        for (name, value, fault) in [
            ("UPLOAD_DIRECTORY", "", "a path"),
            ("UPLOAD_MAX_BYTES", "", "expected a size"),
            ("UPLOAD_MAX_BYTES", "many", "expected a size"),
            ("UPLOAD_MAX_BYTES", "-1", "expected a size"),
            ("UPLOAD_MAX_BYTES", "+1", "expected a size"),
            ("UPLOAD_MAX_BYTES", "1.5G", "expected a size"),
            ("UPLOAD_MAX_BYTES", "10MB", "expected a size"),
            ("UPLOAD_MAX_BYTES", "99999999999T", "expected a size"),
            ("UPLOAD_MAX_BYTES", "0", "at least 1"),
            ("UPLOAD_SWEEP_OLDER_THAN", "", "expected an age"),
            ("UPLOAD_SWEEP_OLDER_THAN", "60", "expected an age"),
            ("UPLOAD_SWEEP_OLDER_THAN", "+1m", "expected an age"),
            ("UPLOAD_SWEEP_OLDER_THAN", "99999999999d", "expected an age"),
            ("UPLOAD_SORT_MEMORY", "1K", "at least 65536"),
            ("UPLOAD_SORT_MEMORY", "4G", "at most 1073741824"),
        ] {
            let message = read(&[(name, value)]).unwrap_err();

            assert!(message.starts_with(&format!("variable {name}={value:?}: ")), "{message}");
            assert!(message.contains(fault), "{message}");
        }
    }

    #[test]
    fn a_misspelt_variable_is_an_error_that_lists_the_known_ones() {
        let message = read(&[("UPLOAD_MAXBYTES", "1M")]).unwrap_err();

        assert!(
            message.contains("UPLOAD_MAXBYTES: unknown; the known ones are UPLOAD_DIRECTORY"),
            "{message}"
        );
    }
}
