//! The environment of a private tree: its limits, its place, and the variables that the program sees.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Result;
use crate::limits::settings::{LimitSettings, is_ours, malformed};
use crate::place::path::names;

/// The variable that names the place of the tree.
const PLACE: &str = "SCRATCH_TMP";

/// The place of the tree if no variable names one.
const DEFAULT_PLACE: &str = "/tmp";

/// The variable in which the program finds the place.
const SHOWN_PLACE: &str = "TMPDIR";

/// The largest amount of memory if no variable names one. Entries and small files always take memory, which
/// an instance never returns to its host.
const DEFAULT_MEMORY: u64 = 64 << 20;

/// The settings of a private tree.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) limits: LimitSettings,
    /// The directory that the program sees, and the host's directory of the same name for large contents.
    pub(crate) place: String,
}

impl Settings {
    /// Reads the variables whose names begin with `SCRATCH_`.
    pub(crate) fn of(environment: &[(String, String)]) -> Result<Settings> {
        let mut limits = LimitSettings::of(environment)?;
        limits.limits.max_memory.get_or_insert(DEFAULT_MEMORY);
        let mut place = DEFAULT_PLACE;
        for (name, value) in environment {
            if name == PLACE && value.starts_with('/') && !value.contains('\0') {
                place = value;
            } else if name == PLACE {
                return Err(malformed(name, value, "expected an absolute path"));
            } else if name.starts_with(PLACE) {
                return Err(malformed(name, value, "unknown variable; known is SCRATCH_TMP"));
            }
        }
        Ok(Settings { limits, place: place.into() })
    }

    /// Returns the name of the host's directory for contents that leave memory.
    pub(crate) fn spill_directory(&self) -> &str {
        self.limits.directory.as_deref().unwrap_or(&self.place)
    }

    /// Whether the program gets a directory that the host opened under the name `path`.
    pub(crate) fn passes(&self, path: &str) -> bool {
        let hidden = [&self.place, self.spill_directory()];
        !self.limits.limits.confined && !hidden.iter().any(|hidden| is_same(hidden, path))
    }

    /// Returns the variables that the program sees.
    pub(crate) fn shown(&self, environment: Vec<(String, String)>) -> Vec<(String, String)> {
        let is_hidden = |name: &str| name == SHOWN_PLACE || name == PLACE || is_ours(name);
        let others = environment.into_iter().filter(|(name, _)| !is_hidden(name));
        others.chain([(SHOWN_PLACE.into(), self.place.clone())]).collect()
    }
}

/// Whether two paths of preopened directories are the same.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    names(one).eq(names(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::settings::DIRECTORY;
    use alloc::vec;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        Settings::of(&variables(pairs)).unwrap()
    }

    #[test]
    fn the_tree_is_at_tmp_and_has_64_mib_of_memory_unless_variables_say_otherwise() {
        let by_default = settings(&[]);
        let chosen = settings(&[("SCRATCH_TMP", "/elsewhere/tmp"), ("SCRATCH_MAX_MEMORY", "1M")]);

        assert_eq!((&*by_default.place, by_default.limits.limits.max_memory), ("/tmp", Some(64 << 20)));
        assert_eq!((&*chosen.place, chosen.limits.limits.max_memory), ("/elsewhere/tmp", Some(1 << 20)));
    }

    #[test]
    fn a_place_that_is_not_absolute_and_a_misspelt_variable_are_errors_that_name_the_variable() {
        for (name, value) in [
            ("SCRATCH_TMP", ""),
            ("SCRATCH_TMP", "tmp"),
            ("SCRATCH_TMP", "/a\0b"),
            ("SCRATCH_TMPDIR", "/tmp"),
            ("SCRATCH_MAX_BYTES", "64MB"),
        ] {
            let error = Settings::of(&variables(&[(name, value)])).unwrap_err();

            assert!(error.message.contains(name), "{}", error.message);
        }
    }

    #[test]
    fn the_program_sees_the_place_of_the_tree_and_no_variable_of_ours() {
        let environment = variables(&[
            ("PATH", "/bin"),
            ("TMPDIR", "/elsewhere"),
            ("SCRATCH_MAX_BYTES", "64M"),
            ("SCRATCH_TMP", "/private"),
            ("SCRATCH_DIR", "/cluster"),
        ]);

        let shown = Settings::of(&environment).unwrap().shown(environment);

        let expected = [("PATH", "/bin"), ("SCRATCH_DIR", "/cluster"), ("TMPDIR", "/private")];
        assert_eq!(shown, variables(&expected));
    }

    #[test]
    fn the_directories_of_the_host_that_take_contents_are_hidden_and_all_are_if_the_program_is_confined() {
        let seen = |settings: &Settings| {
            let mut seen = vec!["/", "/tmp", "tmp/", "/spill", "/data"];
            seen.retain(|path| settings.passes(path));
            seen
        };

        assert_eq!(seen(&settings(&[])), ["/", "/spill", "/data"]);
        assert_eq!(seen(&settings(&[(DIRECTORY, "/spill")])), ["/", "/data"]);
        assert_eq!(seen(&settings(&[("SCRATCH_TMP", "/")])), ["/tmp", "tmp/", "/spill", "/data"]);
        assert_eq!(seen(&settings(&[("SCRATCH_CONFINED", "1")])), [""; 0]);
    }
}
