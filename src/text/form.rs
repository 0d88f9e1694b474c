//! Decodes the bytes of each encoding to characters, without state.

use alloc::string::String;

use super::decode_error::DecodeFault;

/// The encoding of bytes whose byte-order mark, if any, has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Utf8,
    Utf16Le,
    Utf16Be,
    Latin1,
    Ascii,
}

/// The number of invalid bytes, and the reason.
pub(super) type Bad = Option<(usize, DecodeFault)>;

impl Form {
    /// Appends the characters at the beginning of `bytes` to `text`.
    ///
    /// Returns the number of bytes decoded and the invalid bytes after them. Without invalid bytes, the
    /// rest is an incomplete character or empty.
    pub(super) fn decode(self, bytes: &[u8], is_last: bool, text: &mut String) -> (usize, Bad) {
        match self {
            Form::Utf8 => utf_8(bytes, is_last, text),
            Form::Utf16Le => utf_16(bytes, is_last, u16::from_le_bytes, text),
            Form::Utf16Be => utf_16(bytes, is_last, u16::from_be_bytes, text),
            Form::Latin1 => latin_1(bytes, text),
            Form::Ascii => ascii(bytes, text),
        }
    }
}

/// Decodes UTF-8. The longest sequence that can begin a character, or else one byte, is one error, as
/// Unicode recommends and CPython does.
fn utf_8(bytes: &[u8], is_last: bool, text: &mut String) -> (usize, Bad) {
    let Some(chunk) = bytes.utf8_chunks().next() else {
        return (0, None);
    };
    text.push_str(chunk.valid());
    let decoded = chunk.valid().len();
    let &[first, ..] = chunk.invalid() else {
        return (decoded, None);
    };
    let length = chunk.invalid().len();
    let is_incomplete =
        core::str::from_utf8(&bytes[decoded..]).is_err_and(|error| error.error_len().is_none());
    let fault = match first {
        _ if is_incomplete && !is_last => return (decoded, None),
        _ if is_incomplete => DecodeFault::End,
        0xc2..0xf5 => DecodeFault::Continuation,
        _ => DecodeFault::Start,
    };
    (decoded, Some((length, fault)))
}

fn utf_16(bytes: &[u8], is_last: bool, unit: fn([u8; 2]) -> u16, text: &mut String) -> (usize, Bad) {
    text.reserve(bytes.len() / 2);
    let (units, _) = bytes.as_chunks::<2>();
    let mut at = 0;
    while let Some(&first) = units.get(at) {
        let first = unit(first);
        let second = units.get(at + 1).map(|&second| unit(second));
        let (character, length) = match (first, second) {
            (0xd800..0xdc00, Some(second @ 0xdc00..0xe000)) => {
                let bits = (u32::from(first) & 0x3ff) << 10 | u32::from(second) & 0x3ff;
                (char::from_u32(0x1_0000 + bits), 2)
            }
            (0xd800..0xdc00, Some(_)) => return (2 * at, Some((2, DecodeFault::HighSurrogate))),
            (0xd800..0xdc00, None) => break,
            _ => (char::from_u32(u32::from(first)), 1),
        };
        let Some(character) = character else {
            return (2 * at, Some((2, DecodeFault::LowSurrogate)));
        };
        text.push(character);
        at += length;
    }
    let rest = bytes.len() - 2 * at;
    let is_bad = is_last && rest > 0;
    (2 * at, is_bad.then_some((rest, DecodeFault::End)))
}

/// Decodes Latin-1, in which every byte is a character.
fn latin_1(bytes: &[u8], text: &mut String) -> (usize, Bad) {
    text.reserve(bytes.len());
    text.extend(bytes.iter().copied().map(char::from));
    (bytes.len(), None)
}

fn ascii(bytes: &[u8], text: &mut String) -> (usize, Bad) {
    let valid = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let decoded = valid.find(|character: char| !character.is_ascii()).unwrap_or(valid.len());
    text.push_str(&valid[..decoded]);
    let is_bad = decoded < bytes.len();
    (decoded, is_bad.then_some((1, DecodeFault::NotAscii)))
}
