//! Names of entries: prefix, random part and suffix; their rules, and their recognition.

use alloc::format;
use alloc::string::String;

use crate::error::{Error, Quoted, Result};

/// The default prefix of a name.
pub(crate) const DEFAULT_PREFIX: &str = "tmp";

/// The characters of the random part: the same on case-insensitive filesystems.
const ALPHABET: &[u8; 37] = b"abcdefghijklmnopqrstuvwxyz0123456789_";

/// 37^13 > 2^64, twice: each of 128 random bits counts.
const RANDOM_LENGTH: usize = 26;

/// 37^10 > 2^52: at the longest, one foreign name in 2^44 is taken for ours.
const CHECK_LENGTH: usize = 10;

/// The longest name that most filesystems allow, in bytes.
const LONGEST_NAME: usize = 255;

/// Whether a sweep may take the entry for a leftover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Ours to remove; the check matches prefix, random part and suffix.
    Ours,
    /// The caller's to remove; the check does not match.
    Foreign,
}

/// The parts of a name that the caller chooses.
#[derive(Clone, Debug)]
pub(crate) struct Affixes {
    prefix: String,
    suffix: String,
}

impl Affixes {
    /// Accepts a prefix and a suffix that make valid names on every host.
    pub(crate) fn new(prefix: Option<String>, suffix: Option<String>) -> Result<Affixes> {
        let prefix = prefix.unwrap_or_else(|| DEFAULT_PREFIX.into());
        let suffix = suffix.unwrap_or_default();
        for (argument, value) in [("prefix", &prefix), ("suffix", &suffix)] {
            if let Some(fault) = forbidden_character(value) {
                return Err(Error::invalid(argument, &Quoted(value), fault));
            }
        }
        if suffix.ends_with(['.', ' ']) {
            return Err(Error::invalid(
                "suffix",
                &Quoted(&suffix),
                "a dot or a space at the end is not allowed",
            ));
        }
        // Windows takes a name up to its first dot for a device. The random part is none.
        if prefix.contains('.') && is_device(&prefix) {
            return Err(Error::invalid(
                "prefix",
                &Quoted(&prefix),
                "the name of a Windows device is not allowed",
            ));
        }
        let longest = LONGEST_NAME - RANDOM_LENGTH - CHECK_LENGTH;
        let length = prefix.len() + suffix.len();
        if length > longest {
            let longer = if prefix.len() > suffix.len() { ("prefix", &prefix) } else { ("suffix", &suffix) };
            let fault = format!("prefix and suffix together have {length} bytes, more than {longest}");
            return Err(Error::invalid(longer.0, &Quoted(longer.1), &fault));
        }
        Ok(Affixes { prefix, suffix })
    }

    /// Makes a name out of 128 random bits.
    pub(crate) fn name(&self, random: u128, mark: Mark) -> String {
        let mut name = String::with_capacity(LONGEST_NAME);
        name.push_str(&self.prefix);
        push_digits(&mut name, random as u64, RANDOM_LENGTH / 2);
        push_digits(&mut name, (random >> 64) as u64, RANDOM_LENGTH / 2);
        let random = &name.as_bytes()[self.prefix.len()..];
        let check =
            check([Part::of(self.prefix.as_bytes()), Part::of(random), Part::of(self.suffix.as_bytes())]);
        let check = match mark {
            Mark::Ours => check,
            Mark::Foreign => !check,
        };
        push_digits(&mut name, check, CHECK_LENGTH);
        name.push_str(&self.suffix);
        name
    }
}

/// Whether this component made a name and marked it as its own, whatever prefix and suffix are.
///
/// Each place where the random part may end is checked in constant time.
pub(crate) fn is_ours(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.len() > LONGEST_NAME {
        return false;
    }
    let hashes = Hashes::of(bytes);
    let mut run = 0;
    for (end, byte) in bytes.iter().enumerate().map(|(at, byte)| (at + 1, byte)) {
        run = if ALPHABET.contains(byte) { run + 1 } else { 0 };
        if run < RANDOM_LENGTH + CHECK_LENGTH {
            continue;
        }
        let written = end - CHECK_LENGTH;
        let random = written - RANDOM_LENGTH;
        let mut expected =
            check([hashes.part(0, random), hashes.part(random, written), hashes.part(end, bytes.len())]);
        let is_digit = |digit: &u8| {
            let expected_digit = ALPHABET[(expected % 37) as usize];
            expected /= 37;
            *digit == expected_digit
        };
        if bytes[written..end].iter().all(is_digit) {
            return true;
        }
    }
    false
}

impl Default for Affixes {
    fn default() -> Affixes {
        Affixes { prefix: DEFAULT_PREFIX.into(), suffix: String::new() }
    }
}

/// Refuses a name that is not valid on every host.
pub(crate) fn check_portable(argument: &str, name: &str) -> Result<()> {
    let fault = if let Some(fault) = forbidden_character(name) {
        fault
    } else if name.ends_with(['.', ' ']) {
        "a dot or a space at the end is not allowed"
    } else if is_device(name) {
        "the name of a Windows device is not allowed"
    } else if name.len() > LONGEST_NAME {
        "longer than 255 bytes"
    } else {
        return Ok(());
    };
    Err(Error::invalid(argument, &Quoted(name), fault))
}

fn forbidden_character(text: &str) -> Option<&'static str> {
    text.chars().find_map(|character| match character {
        '/' | '\\' => Some("a separator is not allowed"),
        '\0' => Some("a NUL is not allowed"),
        ':' | '*' | '?' | '"' | '<' | '>' | '|' => Some("none of : * ? \" < > | is allowed"),
        _ if character.is_control() => Some("a control character is not allowed"),
        _ => None,
    })
}

/// Whether Windows would open a device for a file of this name.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end_matches(' ');
    if ["con", "prn", "aux", "nul", "conin$", "conout$"]
        .iter()
        .any(|device| stem.eq_ignore_ascii_case(device))
    {
        return true;
    }
    let mut characters = stem.chars();
    let numbered = matches!(characters.next_back(), Some('1'..='9' | '¹' | '²' | '³'));
    let port = characters.as_str();
    numbered && (port.eq_ignore_ascii_case("com") || port.eq_ignore_ascii_case("lpt"))
}

fn push_digits(name: &mut String, mut number: u64, count: usize) {
    for _ in 0..count {
        name.push(ALPHABET[(number % 37) as usize].into());
        number /= 37;
    }
}

/// The base of the polynomial that hashes a part of a name.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// The powers of `BASE`.
static POWERS: [u64; LONGEST_NAME + 1] = {
    let mut powers = [1; LONGEST_NAME + 1];
    let mut exponent = 1;
    while exponent < powers.len() {
        powers[exponent] = BASE.wrapping_mul(powers[exponent - 1]);
        exponent += 1;
    }
    powers
};

/// The hash and the length of a part of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    hash: u64,
    length: u64,
}

impl Part {
    fn of(bytes: &[u8]) -> Part {
        Part { hash: bytes.iter().fold(0, |hash, byte| append(hash, *byte)), length: bytes.len() as u64 }
    }
}

/// The hashes of the beginnings of a name, from which the hash of any part follows.
struct Hashes([u64; LONGEST_NAME + 1]);

impl Hashes {
    fn of(name: &[u8]) -> Hashes {
        let mut hashes = [0; LONGEST_NAME + 1];
        for (place, byte) in name.iter().enumerate() {
            hashes[place + 1] = append(hashes[place], *byte);
        }
        Hashes(hashes)
    }

    /// The part between two places, in constant time.
    fn part(&self, from: usize, to: usize) -> Part {
        let hash = self.0[to].wrapping_sub(self.0[from].wrapping_mul(POWERS[to - from]));
        Part { hash, length: (to - from) as u64 }
    }
}

/// The hash of a part with one more byte at its end.
fn append(hash: u64, byte: u8) -> u64 {
    hash.wrapping_mul(BASE).wrapping_add(u64::from(byte) + 1)
}

/// Returns a number that shows whether three parts belong together.
fn check(parts: [Part; 3]) -> u64 {
    // The lengths keep a byte from moving between the parts unnoticed.
    parts.iter().fold(0, |all, part| mix(all ^ mix(part.hash.wrapping_add(part.length))))
}

/// Spreads each bit over all others (splitmix64).
fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(BASE);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use alloc::collections::BTreeSet;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    fn affixes(prefix: &str, suffix: &str) -> Result<Affixes> {
        Affixes::new(Some(prefix.into()), Some(suffix.into()))
    }

    #[test]
    fn a_name_is_prefix_random_part_and_suffix() {
        let name = affixes("report-", ".txt").unwrap().name(u128::MAX, Mark::Ours);

        let random = name.strip_prefix("report-").unwrap().strip_suffix(".txt").unwrap();

        assert_eq!(random.len(), 36);
        assert!(random.bytes().all(|byte| ALPHABET.contains(&byte)));
    }

    #[test]
    fn every_random_bit_changes_the_random_part() {
        let names: BTreeSet<_> =
            (0..128).map(|bit| Affixes::default().name(1 << bit, Mark::Ours)[..29].to_string()).collect();

        assert_eq!(names.len(), 128);
    }

    #[test]
    fn a_name_of_ours_is_recognised_whatever_prefix_and_suffix_are() {
        for (prefix, suffix) in [
            ("", ""),
            ("tmp", ""),
            ("", ".txt"),
            ("ünï-", ".文"),
            (&"a".repeat(219), ""),
            ("", &*"_".repeat(219)),
        ] {
            let affixes = affixes(prefix, suffix).unwrap();
            for random in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef] {
                assert!(is_ours(&affixes.name(random, Mark::Ours)), "{prefix}, {suffix}");
                assert!(!is_ours(&affixes.name(random, Mark::Foreign)), "{prefix}, {suffix}");
            }
        }
    }

    #[test]
    fn a_name_that_only_looks_like_ours_is_a_strangers() {
        let ours = affixes("tmp", ".txt").unwrap().name(42, Mark::Ours);
        let mut others: Vec<String> =
            ["", "tmp", "tmpabc.txt", &"a".repeat(36), &"0".repeat(255)].map(String::from).into();
        others.push(format!("x{ours}"));
        others.push(format!("{ours}x"));
        others.push(ours.replace(".txt", ""));
        others.push(ours[1..].into());
        for place in 0..ours.len() {
            let mut changed = ours.clone().into_bytes();
            changed[place] = if changed[place] == b'x' { b'y' } else { b'x' };
            others.push(String::from_utf8(changed).unwrap());
        }
        // A foreign name beside our prefix: 36 characters of the same alphabet.
        for count in 0..10_000_u64 {
            let mut name = String::from("tmp");
            push_digits(&mut name, count.wrapping_mul(0x9e37_79b9_7f4a_7c15), 18);
            push_digits(&mut name, count.wrapping_mul(0xbf58_476d_1ce4_e5b9), 18);
            others.push(name);
        }

        for other in others {
            assert!(!is_ours(&other), "{other}");
        }
    }

    #[test]
    fn recognising_a_name_hashes_each_of_its_bytes_once() {
        let name = affixes("ünï-", ".文").unwrap().name(42, Mark::Ours).into_bytes();
        let hashes = Hashes::of(&name);

        for from in 0..=name.len() {
            for to in from..=name.len() {
                assert_eq!(hashes.part(from, to), Part::of(&name[from..to]), "{from}..{to}");
            }
        }
    }

    #[test]
    fn a_name_longer_than_any_of_ours_is_a_strangers() {
        let ours = affixes("", &"s".repeat(219)).unwrap().name(42, Mark::Ours);

        assert!(is_ours(&ours));
        assert!(!is_ours(&format!("{ours}s")) && !is_ours(&ours.repeat(1_000)));
    }

    #[test]
    fn a_bad_prefix_or_suffix_is_refused_by_name() {
        for (bad, why) in [
            ("../x", "separator"),
            ("a\\b", "separator"),
            ("a:b", "none of"),
            ("a\0b", "NUL"),
            ("a\nb", "control"),
            ("\u{85}", "control"),
            ("a*", "none of"),
        ] {
            for (argument, result) in [("prefix", affixes(bad, "")), ("suffix", affixes("", bad))] {
                let error = result.unwrap_err();
                assert_eq!(error.code, ErrorCode::Invalid);
                assert!(
                    error.message.starts_with(argument) && error.message.contains(why),
                    "{}",
                    error.message
                );
            }
        }
    }

    #[test]
    fn a_name_ends_at_255_bytes_and_not_with_dot_or_space() {
        assert_eq!(affixes(&"p".repeat(110), &"s".repeat(109)).unwrap().name(0, Mark::Ours).len(), 255);
        assert!(affixes(&"p".repeat(110), &"s".repeat(110)).unwrap_err().message.contains("220 bytes"));
        assert!(affixes("ä", &"ö".repeat(110)).unwrap_err().message.starts_with("suffix"));
        assert!(affixes("", "x.").is_err() && affixes("", "x ").is_err());
        assert!(affixes("x.", "").is_ok() && affixes("x ", "").is_ok());
    }

    #[test]
    fn windows_devices_are_refused() {
        for device in ["con.", "NUL.txt", "com1.", "Lpt9 .x", "aux", "COM²", "conin$"] {
            assert!(check_portable("path", device).is_err(), "{device}");
        }
        for name in ["console", "com", "com0", "lpt", "nul_", "xcon.txt"] {
            assert!(check_portable("path", name).is_ok(), "{name}");
        }
        assert!(affixes("con.", "").is_err() && affixes("con", "").is_ok());
    }
}
