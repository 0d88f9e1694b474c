//! Encodes text to bytes, as CPython's incremental encoders do.

use alloc::vec::Vec;
use core::fmt::{self, Display};

use super::encoding::{Encoding, ErrorHandling};

/// Encodes text, piece by piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Encoder {
    encoding: Encoding,
    errors: ErrorHandling,
    /// Whether the next bytes are the first ones and follow a byte-order mark.
    is_at_start: bool,
}

/// Characters for which the encoding has no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EncodeError {
    /// The number of characters before them in the text.
    pub(crate) position: usize,
    /// The number of consecutive characters without bytes.
    pub(crate) length: usize,
    /// The first of them.
    pub(crate) character: char,
    encoding: Encoding,
}

impl Encoder {
    /// Creates an encoder for the beginning of a file (`is_at_start`) or for a later position.
    pub(crate) fn new(encoding: Encoding, errors: ErrorHandling, is_at_start: bool) -> Self {
        Self { encoding, errors, is_at_start }
    }

    /// Returns the largest number of bytes for one byte of UTF-8, without the byte-order mark.
    pub(crate) fn most_bytes(encoding: Encoding, errors: ErrorHandling) -> usize {
        match encoding {
            Encoding::Utf8 | Encoding::Utf8Sig => 1,
            Encoding::Latin1 | Encoding::Ascii if errors == ErrorHandling::BackslashReplace => 3,
            Encoding::Latin1 | Encoding::Ascii => 1,
            Encoding::Utf16 | Encoding::Utf16Le | Encoding::Utf16Be => 2,
        }
    }

    /// Encodes `text` and appends the bytes to `bytes`.
    ///
    /// At the beginning of a file a byte-order mark comes first if the encoding has one, even if `text`
    /// is empty. After an error `bytes` and the encoder are unchanged.
    pub(crate) fn encode(&mut self, text: &str, bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self.encoding {
            Encoding::Utf8 => bytes.extend_from_slice(text.as_bytes()),
            Encoding::Utf8Sig => {
                if self.is_at_start {
                    bytes.extend_from_slice("\u{feff}".as_bytes());
                }
                bytes.extend_from_slice(text.as_bytes());
            }
            Encoding::Utf16 => {
                if self.is_at_start {
                    bytes.extend_from_slice(&0xfeff_u16.to_le_bytes());
                }
                utf_16(text, u16::to_le_bytes, bytes);
            }
            Encoding::Utf16Le => utf_16(text, u16::to_le_bytes, bytes),
            Encoding::Utf16Be => utf_16(text, u16::to_be_bytes, bytes),
            Encoding::Latin1 => self.encode_narrow(text, '\u{100}', bytes)?,
            Encoding::Ascii => self.encode_narrow(text, '\u{80}', bytes)?,
        }
        self.is_at_start = false;
        Ok(())
    }

    /// Encodes each character below `limit` as the byte of its number.
    fn encode_narrow(&self, text: &str, limit: char, bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
        let before = bytes.len();
        bytes.reserve(text.len());
        for (position, character) in text.chars().enumerate() {
            if character < limit {
                bytes.push(character as u8);
                continue;
            }
            match self.errors {
                ErrorHandling::Ignore => {}
                ErrorHandling::Replace => bytes.push(b'?'),
                ErrorHandling::BackslashReplace => backslash(character, bytes),
                // Python escapes only surrogates of undecodable bytes here, and strings in Rust
                // cannot contain surrogates.
                ErrorHandling::Strict | ErrorHandling::SurrogateEscape => {
                    bytes.truncate(before);
                    let length =
                        text.chars().skip(position).take_while(|&character| character >= limit).count();
                    return Err(EncodeError { position, length, character, encoding: self.encoding });
                }
            }
        }
        Ok(())
    }
}

fn utf_16(text: &str, to_bytes: fn(u16) -> [u8; 2], bytes: &mut Vec<u8>) {
    bytes.reserve(2 * text.len());
    for unit in text.encode_utf16() {
        bytes.extend_from_slice(&to_bytes(unit));
    }
}

fn backslash(character: char, bytes: &mut Vec<u8>) {
    let number = character as u32;
    let (letter, digits) = match number {
        0..0x100 => (b'x', 2),
        0x100..0x1_0000 => (b'u', 4),
        _ => (b'U', 8),
    };
    bytes.extend_from_slice(&[b'\\', letter]);
    for place in (0..digits).rev() {
        let digit = number >> (4 * place) & 0xf;
        bytes.extend(char::from_digit(digit, 16).map(|digit| digit as u8));
    }
}

impl Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { position, length, character, encoding } = self;
        let encoding = encoding.name();
        let number = *character as u32;
        match length {
            1 => write!(f, "{encoding}: U+{number:04X} at character {position} is not in this encoding"),
            _ => write!(
                f,
                "{encoding}: {length} characters from U+{number:04X} at character {position} are not in this encoding"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::super::decoder::Decoder;
    use super::*;

    const TEXT: &str = "aé€\u{1f600}€z";

    fn encoded(encoding: Encoding, errors: ErrorHandling, texts: &[&str]) -> Result<Vec<u8>, EncodeError> {
        let mut encoder = Encoder::new(encoding, errors, true);
        let mut bytes = Vec::new();
        texts.iter().try_for_each(|text| encoder.encode(text, &mut bytes))?;
        Ok(bytes)
    }

    #[test]
    fn characters_without_a_byte_are_handled_as_python_handles_them() {
        for (encoding, errors, expected) in [
            (Encoding::Ascii, ErrorHandling::Ignore, &b"az"[..]),
            (Encoding::Ascii, ErrorHandling::Replace, b"a????z"),
            (Encoding::Ascii, ErrorHandling::BackslashReplace, b"a\\xe9\\u20ac\\U0001f600\\u20acz"),
            (Encoding::Latin1, ErrorHandling::Ignore, b"a\xe9z"),
            (Encoding::Latin1, ErrorHandling::Replace, b"a\xe9???z"),
            (Encoding::Latin1, ErrorHandling::BackslashReplace, b"a\xe9\\u20ac\\U0001f600\\u20acz"),
        ] {
            assert_eq!(encoded(encoding, errors, &[TEXT]).unwrap(), expected, "{encoding:?} {errors:?}");
        }
    }

    #[test]
    fn an_error_covers_all_consecutive_characters_and_changes_nothing() {
        for errors in [ErrorHandling::Strict, ErrorHandling::SurrogateEscape] {
            let mut bytes = b"before".to_vec();
            let mut encoder = Encoder::new(Encoding::Latin1, errors, true);
            let untouched = encoder;

            let error = encoder.encode(TEXT, &mut bytes).unwrap_err();

            assert_eq!((error.position, error.length, error.character), (2, 3, '€'));
            assert_eq!(
                error.to_string(),
                "latin-1: 3 characters from U+20AC at character 2 are not in this encoding"
            );
            assert_eq!(bytes, b"before");
            assert_eq!(encoder, untouched);
        }
    }

    #[test]
    fn a_byte_order_mark_is_written_first_and_once() {
        for (encoding, expected) in [
            (Encoding::Utf8, &b"ab"[..]),
            (Encoding::Utf8Sig, b"\xef\xbb\xbfab"),
            (Encoding::Utf16, b"\xff\xfea\0b\0"),
            (Encoding::Utf16Le, b"a\0b\0"),
            (Encoding::Utf16Be, b"\0a\0b"),
        ] {
            for texts in [&["ab"][..], &["a", "b"], &["", "ab"]] {
                assert_eq!(
                    encoded(encoding, ErrorHandling::Strict, texts).unwrap(),
                    expected,
                    "{encoding:?} {texts:?}"
                );
            }
        }
    }

    #[test]
    fn a_byte_order_mark_is_written_only_at_the_start_of_a_file() {
        let mut bytes = Vec::new();

        Encoder::new(Encoding::Utf16, ErrorHandling::Strict, false).encode("a", &mut bytes).unwrap();
        Encoder::new(Encoding::Utf16, ErrorHandling::Strict, true).encode("b", &mut bytes).unwrap();

        assert_eq!(bytes, b"a\0\xff\xfeb\0");
    }

    proptest! {
        #[test]
        fn encoded_text_is_decoded_unchanged(texts in proptest::collection::vec(".{0,10}", 0..5)) {
            let whole = texts.concat();
            for encoding in [Encoding::Utf8, Encoding::Utf8Sig, Encoding::Utf16, Encoding::Utf16Le, Encoding::Utf16Be] {
                let pieces: Vec<&str> = texts.iter().map(|text| &text[..]).collect();
                let bytes = encoded(encoding, ErrorHandling::Strict, &pieces).unwrap();
                let mut text = alloc::string::String::new();
                Decoder::new(encoding, ErrorHandling::Strict).decode(&bytes, true, &mut text).unwrap();
                prop_assert_eq!(&text, &whole);
            }
        }
    }
}
