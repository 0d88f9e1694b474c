//! Encodings with Python's names, and the treatment of errors.

use alloc::string::String;
use core::fmt::{self, Display};

/// An encoding of characters as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    /// UTF-8 with a byte-order mark, which is written, and optional when reading.
    Utf8Sig,
    /// UTF-16 with a byte-order mark, which determines the byte order. Little-endian when written.
    Utf16,
    Utf16Le,
    Utf16Be,
    Latin1,
    Ascii,
}

/// The treatment of bytes that cannot be decoded and of characters that cannot be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorHandling {
    /// An error.
    Strict,
    /// Leave them out.
    Ignore,
    /// Substitute U+FFFD when decoding and `?` when encoding.
    Replace,
    /// Substitute `\xff`, `\u20ac` or `\U0001f600`.
    BackslashReplace,
    /// An error with an explanation: Python substitutes lone surrogates, which a string of a component
    /// cannot contain.
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

    /// Finds an encoding by its name, with Python's rules.
    ///
    /// Upper and lower case are equal, and so are all sequences of characters other than ASCII
    /// letters, digits and dots.
    pub(crate) fn parse(name: &str) -> Result<Self, UnknownEncoding> {
        let name = normalized(name);
        // Python searches for an alias, then for an alias with underscores instead of dots, and then
        // for a module, whose name has no dot.
        let found = alias(&name).or_else(|| alias(&name.replace('.', "_"))).or_else(|| module(&name));
        found.ok_or(UnknownEncoding)
    }

    /// Returns the usual name.
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

/// Normalizes a name as CPython's `_Py_normalize_encoding` does: all characters other than ASCII
/// letters, digits and dots are separators.
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
    fn names_that_python_does_not_know_are_unknown() {
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
