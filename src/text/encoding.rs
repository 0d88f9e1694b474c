//! Encodings and the names that Python knows them by, and what to do with what they cannot express.

use alloc::string::String;
use core::fmt::{self, Display};

/// How characters become bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    /// UTF-8 that begins with a byte-order mark when written, and may when read.
    Utf8Sig,
    /// UTF-16 that begins with a byte-order mark, which tells the order; little-endian when written.
    Utf16,
    Utf16Le,
    Utf16Be,
    Latin1,
    Ascii,
}

/// What to do with bytes that are no character, and with characters that have no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorHandling {
    /// It is an error.
    Strict,
    /// Leave them out.
    Ignore,
    /// U+FFFD when decoding, `?` when encoding.
    Replace,
    /// `\xff`, `\u20ac` or `\U0001f600`.
    BackslashReplace,
    /// Python's lone surrogates for bytes that are no character. A string of a component holds no
    /// such thing, so it is an error that says so as soon as one would be needed.
    SurrogateEscape,
}

#[cfg(any(test, fuzzing))]
impl ErrorHandling {
    pub(crate) const EVERY: [ErrorHandling; 5] =
        [Self::Strict, Self::Ignore, Self::Replace, Self::BackslashReplace, Self::SurrogateEscape];
}

/// A name of no known encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnknownEncoding;

impl Encoding {
    #[cfg(any(test, fuzzing))]
    pub(crate) const EVERY: [Encoding; 7] =
        [Self::Utf8, Self::Utf8Sig, Self::Utf16, Self::Utf16Le, Self::Utf16Be, Self::Latin1, Self::Ascii];

    /// Finds an encoding by a name, as Python matches them.
    ///
    /// Upper and lower case are the same, and so are all runs of characters other than letters,
    /// digits and dots of ASCII.
    pub(crate) fn parse(name: &str) -> Result<Self, UnknownEncoding> {
        let name = normalized(name);
        // Python looks for an alias first, then for one with underscores in place of dots, and at
        // last for a module, whose name has no dot.
        let found = alias(&name).or_else(|| alias(&name.replace('.', "_"))).or_else(|| module(&name));
        found.ok_or(UnknownEncoding)
    }

    /// The name that messages show.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf8Sig => "utf-8-sig",
            Self::Utf16 => "utf-16",
            Self::Utf16Le => "utf-16-le",
            Self::Utf16Be => "utf-16-be",
            Self::Latin1 => "latin-1",
            Self::Ascii => "ascii",
        }
    }
}

impl Display for UnknownEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "unknown; the known ones are utf-8, utf-8-sig, utf-16, utf-16-le, utf-16-be, latin-1 and ascii",
        )
    }
}

/// CPython's `_Py_normalize_encoding`: what is neither letter, digit nor dot of ASCII separates.
fn normalized(name: &str) -> String {
    let mut normalized = String::with_capacity(name.len());
    let mut is_between = false;
    for character in name.chars() {
        if !character.is_ascii_alphanumeric() && character != '.' {
            is_between = true;
            continue;
        }
        if is_between && !normalized.is_empty() {
            normalized.push('_');
        }
        is_between = false;
        normalized.push(character.to_ascii_lowercase());
    }
    normalized
}

/// The aliases of CPython 3.11's `encodings.aliases`.
fn alias(name: &str) -> Option<Encoding> {
    Some(match name {
        "u8" | "utf" | "utf8" | "utf8_ucs2" | "utf8_ucs4" | "cp65001" => Encoding::Utf8,
        "u16" | "utf16" => Encoding::Utf16,
        "utf_16le" | "unicodelittleunmarked" => Encoding::Utf16Le,
        "utf_16be" | "unicodebigunmarked" => Encoding::Utf16Be,
        "8859" | "cp819" | "csisolatin1" | "ibm819" | "iso8859" | "iso8859_1" | "iso_8859_1"
        | "iso_8859_1_1987" | "iso_ir_100" | "l1" | "latin" | "latin1" => Encoding::Latin1,
        "646" | "ansi_x3.4_1968" | "ansi_x3.4_1986" | "ansi_x3_4_1968" | "cp367" | "csascii" | "ibm367"
        | "iso646_us" | "iso_646.irv_1991" | "iso_ir_6" | "us" | "us_ascii" => Encoding::Ascii,
        _ => return None,
    })
}

/// The modules in CPython's `encodings`.
fn module(name: &str) -> Option<Encoding> {
    Some(match name {
        "utf_8" => Encoding::Utf8,
        "utf_8_sig" => Encoding::Utf8Sig,
        "utf_16" => Encoding::Utf16,
        "utf_16_le" => Encoding::Utf16Le,
        "utf_16_be" => Encoding::Utf16Be,
        "latin_1" => Encoding::Latin1,
        "ascii" => Encoding::Ascii,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn names_are_matched_as_python_matches_them() {
        for (names, encoding) in [
            (
                &["utf-8", "UTF8", "utf_8", "Utf 8", "utf--8", " utf-8 ", "-utf-8-", "u8", "utfé8é"][..],
                Encoding::Utf8,
            ),
            (&["utf-8-sig", "UTF_8__SIG"], Encoding::Utf8Sig),
            (&["utf-16", "utf16", "U16"], Encoding::Utf16),
            (&["utf-16-le", "utf 16 le", "UTF-16LE"], Encoding::Utf16Le),
            (&["utf-16-be", "utf_16be"], Encoding::Utf16Be),
            (
                &["latin-1", "latin1", "latin", "L1", "iso-8859-1", "ISO_8859-1:1987", "iso_8859_1.1987"],
                Encoding::Latin1,
            ),
            (&["ascii", "US-ASCII", "646", "ansi_x3.4-1968"], Encoding::Ascii),
        ] {
            for name in names {
                assert_eq!(Encoding::parse(name), Ok(encoding), "{name}");
            }
            assert_eq!(Encoding::parse(encoding.name()), Ok(encoding));
        }
    }

    #[test]
    fn what_python_does_not_match_is_unknown() {
        for name in [
            "", "-", "utf.8", "u-t-f8", "utf8-sig", "utf16le", "u 8", "latin_1.", ".utf8", "utf8.", "cp1252",
            "utf-32",
        ] {
            assert_eq!(Encoding::parse(name), Err(UnknownEncoding), "{name}");
        }
    }

    #[test]
    fn the_error_lists_every_known_encoding() {
        for encoding in Encoding::EVERY {
            assert!(UnknownEncoding.to_string().contains(encoding.name()));
        }
    }
}
