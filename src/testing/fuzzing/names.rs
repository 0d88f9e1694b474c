//! Names: accepted affixes make valid names that are recognised, and a refusal names its argument.

use super::paths;
use crate::error::{Error, ErrorCode, Quoted};
use crate::place::name::{Affixes, Mark, check_portable, is_ours};

/// The separator of texts, a byte that does not occur in UTF-8.
const SEPARATOR: u8 = 0xff;

/// The largest number of texts in an input.
const MOST_TEXTS: usize = 24;

/// Takes texts: a prefix, a suffix, and steps with paths.
pub(crate) fn check(bytes: &[u8]) {
    let texts: Vec<String> = bytes
        .split(|byte| *byte == SEPARATOR)
        .take(MOST_TEXTS)
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .collect();
    let random =
        bytes.iter().fold(1_u128, |random, byte| random.wrapping_mul(0x1_0000_01b3) ^ u128::from(*byte));
    let (prefix, suffix) = (&texts[0], texts.get(1).map_or("", |suffix| suffix));
    let are_good = check_affixes(prefix, suffix, random);
    texts.iter().for_each(|text| check_name(text));
    let affixes = if are_good { (prefix.as_str(), suffix) } else { ("", "") };
    paths::check(affixes, texts.get(2..).unwrap_or_default());
}

/// Checks a prefix and a suffix, and returns whether they are accepted.
fn check_affixes(prefix: &str, suffix: &str, random: u128) -> bool {
    let affixes = match Affixes::new(Some(prefix.into()), Some(suffix.into())) {
        Ok(affixes) => affixes,
        Err(error) => {
            assert!(!make_good_names(prefix, suffix), "{}", error.message);
            let argument =
                if error.message.starts_with("prefix") { ("prefix", prefix) } else { ("suffix", suffix) };
            assert_refusal(&error, argument.0, argument.1);
            return false;
        }
    };
    assert!(make_good_names(prefix, suffix), "{prefix:?} and {suffix:?} are accepted");
    let [ours, callers] = [Mark::Ours, Mark::Foreign].map(|mark| affixes.name(random, mark));
    for name in [&ours, &callers] {
        let random = name.strip_prefix(prefix).and_then(|name| name.strip_suffix(suffix));
        assert_eq!(random.map(str::len), Some(36), "{name:?}");
        assert_eq!(check_portable("name", name), Ok(()));
        assert!(name.len() <= 255 && !name.contains(['/', '\\', '\0']), "{name:?}");
    }
    assert!(is_ours(&ours), "{ours:?}");
    assert!(!is_ours(&callers), "{callers:?}");
    assert!(!is_ours(&changed(&ours, random)), "{ours:?}");
    assert!(!is_ours(&format!("{ours}.")) && !is_ours(&format!("a{ours}")), "{ours:?}");
    true
}

/// Returns the name with one changed character.
fn changed(name: &str, random: u128) -> String {
    let at = (random % name.chars().count() as u128) as usize;
    name.chars()
        .enumerate()
        .map(|(index, character)| match character {
            'b' if index == at => 'a',
            _ if index == at => 'b',
            _ => character,
        })
        .collect()
}

fn check_name(name: &str) {
    match check_portable("path", name) {
        Ok(()) => assert!(is_portable(name), "{name:?} is accepted"),
        Err(error) => {
            assert!(!is_portable(name), "{}", error.message);
            assert_refusal(&error, "path", name);
        }
    }
}

fn assert_refusal(error: &Error, argument: &str, value: &str) {
    assert_eq!(error.code, ErrorCode::Invalid, "{}", error.message);
    assert!(error.message.starts_with(&format!("{argument} {}: ", Quoted(value))), "{}", error.message);
    assert!(error.message.len() < 1200 && !error.message.contains(char::is_control), "{:?}", error.message);
}

fn make_good_names(prefix: &str, suffix: &str) -> bool {
    let name = format!("{prefix}0{suffix}");
    has_good_characters(&name) && !is_device(prefix, '.') && has_good_end(suffix) && name.len() <= 255 - 35
}

fn is_portable(name: &str) -> bool {
    let is_device = is_device(name, '.') || is_device(&format!("{name}."), '.');
    has_good_characters(name) && has_good_end(name) && !is_device && name.len() <= 255
}

fn has_good_characters(name: &str) -> bool {
    name.chars().all(|character| {
        !character.is_control() && !matches!(character, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
    })
}

fn has_good_end(name: &str) -> bool {
    !matches!(name.chars().next_back(), Some('.' | ' '))
}

/// Whether the text before the first `end` is the name of a Windows device.
fn is_device(name: &str, end: char) -> bool {
    const DEVICES: [&str; 8] = ["con", "prn", "aux", "nul", "conin$", "conout$", "com", "lpt"];
    let Some((stem, _)) = name.split_once(end) else { return false };
    let stem = stem.trim_end_matches(' ').to_ascii_lowercase();
    DEVICES.iter().any(|device| match (stem.strip_prefix(device), *device) {
        (Some(number), "com" | "lpt") => {
            matches!(number, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
        }
        (rest, _) => rest == Some(""),
    })
}
