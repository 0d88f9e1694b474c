//! The longest names that are good on every host.

use crate::{Error, ErrorCode};

/// The longest name, in bytes.
const LONGEST: usize = 255;

/// The bytes of a name that the provider adds to prefix and suffix.
const RANDOM: usize = 36;

/// Checks that a name with this prefix and suffix is not too long.
pub(crate) fn check_affixes(prefix: Option<&str>, suffix: Option<&str>) -> Result<(), Error> {
    for (argument, affix) in [("prefix", prefix), ("suffix", suffix)] {
        check(argument, affix.unwrap_or_default(), LONGEST - RANDOM)?;
    }
    let length = prefix.map_or(0, str::len) + suffix.map_or(0, str::len);
    if length > LONGEST - RANDOM {
        return Err(too_long("prefix and suffix", LONGEST - RANDOM));
    }
    Ok(())
}

/// Checks that no name in a path is too long.
pub(crate) fn check_path(path: &str) -> Result<(), Error> {
    path.split('/').try_for_each(|name| check("path", name, LONGEST))
}

fn check(argument: &str, name: &str, longest: usize) -> Result<(), Error> {
    if name.len() > longest { Err(too_long(argument, longest)) } else { Ok(()) }
}

fn too_long(argument: &str, longest: usize) -> Error {
    Error::new(ErrorCode::NameTooLong, alloc::format!("{argument}: a name is longer than {longest} bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_too_long_has_a_code_of_its_own() {
        let code = |result: Result<(), Error>| result.unwrap_err().code;

        assert_eq!(code(check_affixes(Some(&"a".repeat(300)), None)), ErrorCode::NameTooLong);
        assert_eq!(
            code(check_affixes(Some(&"a".repeat(110)), Some(&"b".repeat(110)))),
            ErrorCode::NameTooLong
        );
        assert_eq!(code(check_path(&format!("a/{}/c", "b".repeat(256)))), ErrorCode::NameTooLong);
        assert_eq!(check_affixes(Some(&"a".repeat(110)), Some(&"b".repeat(109))), Ok(()));
        assert_eq!(check_path(&format!("a/{}/c", "b".repeat(255))), Ok(()));
    }
}
