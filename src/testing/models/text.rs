//! The model of a text: for each step it decodes the whole file, character by character.

use crate::text::TextSettings;
use crate::text::encoding::{Encoding, ErrorHandling};
use crate::text::newline::Newline;

/// The place at which reading continues: an offset, and the number of its characters already read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) offset: usize,
    skipped: usize,
    pub(crate) is_big_endian: Option<bool>,
}

/// A character, and the place of its bytes.
#[derive(Clone, Copy, Debug)]
struct Char {
    character: char,
    /// The place at which reading continues after it.
    next: (usize, usize),
    end: usize,
}

#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) settings: TextSettings,
    pub(crate) appends: bool,
    pub(crate) bytes: Vec<u8>,
    pub(crate) place: Place,
    /// The offset of the next write.
    pub(crate) end: usize,
    /// The byte order of the last byte-order mark.
    pub(crate) seen: Option<bool>,
}

impl Model {
    /// Creates a model that reads from the beginning or the end of a file.
    pub(crate) fn new(settings: TextSettings, appends: bool, bytes: Vec<u8>, is_at_end: bool) -> Model {
        let place = Place { offset: 0, skipped: 0, is_big_endian: None };
        let length = bytes.len();
        let mut model = Model { settings, appends, bytes, place, end: 0, seen: None };
        model.go_to(if is_at_end { length } else { 0 });
        model
    }

    pub(crate) fn go_to(&mut self, offset: usize) {
        let is_big_endian = (offset > 0).then(|| self.seen.unwrap_or(false));
        self.seen = is_big_endian.or(self.seen);
        self.place = Place { offset, skipped: 0, is_big_endian };
        self.end = offset;
    }

    /// Returns the characters from the place on; `false` if invalid bytes follow them.
    fn characters(&mut self) -> (Vec<Char>, bool) {
        let Place { mut offset, skipped, mut is_big_endian } = self.place;
        let bytes = self.bytes.get(offset..).unwrap_or_default();
        let encoding = self.settings.encoding;
        let mut is_all = true;
        if offset == 0 && encoding == Encoding::Utf8Sig {
            offset += if bytes.starts_with(b"\xef\xbb\xbf") {
                3
            } else if b"\xef\xbb".starts_with(bytes) {
                bytes.len()
            } else {
                0
            };
        }
        if offset == 0 && encoding == Encoding::Utf16 {
            match bytes {
                [0xff, 0xfe, ..] => (offset, is_big_endian) = (2, Some(false)),
                [0xfe, 0xff, ..] => (offset, is_big_endian) = (2, Some(true)),
                [_, _, ..] => return (Vec::new(), false),
                _ => {}
            }
            self.seen = is_big_endian.or(self.seen);
        }
        let mut characters = Vec::new();
        while offset < self.bytes.len() {
            let (length, character) = unit(encoding, is_big_endian, &self.bytes[offset..]);
            let end = offset + length;
            match (character, self.settings.errors) {
                (Some(character), _) => characters.push(Char { character, next: (end, 0), end }),
                (None, ErrorHandling::Ignore) => {}
                (None, ErrorHandling::Replace) => {
                    characters.push(Char { character: '\u{fffd}', next: (end, 0), end })
                }
                (None, ErrorHandling::BackslashReplace) => {
                    let escapes = self.bytes[offset..end].iter().map(|byte| format!("\\x{byte:02x}"));
                    let escapes: Vec<char> = escapes.collect::<String>().chars().collect();
                    for (index, character) in escapes.iter().enumerate() {
                        let is_last = index + 1 == escapes.len();
                        let next = if is_last { (end, 0) } else { (offset, index + 1) };
                        characters.push(Char { character: *character, next, end: offset + 1 + index / 4 });
                    }
                }
                (None, _) => {
                    is_all = false;
                    break;
                }
            }
            offset = end;
        }
        if self.settings.newline == Newline::Universal {
            characters = translated(characters);
        }
        let characters = characters.split_off(skipped.min(characters.len()));
        (characters, is_all)
    }

    /// Reads as many of the available characters as `length` returns, or all.
    fn take(&mut self, length: impl Fn(&[char]) -> Option<usize>) -> Option<String> {
        let is_big_endian = self.place.is_big_endian;
        let (characters, is_all) = self.characters();
        let text: Vec<char> = characters.iter().map(|char| char.character).collect();
        let length = length(&text).or(is_all.then_some(usize::MAX))?;
        if length == 0 {
            return Some(String::new());
        }
        let is_big_endian = is_big_endian.or(self.seen);
        if length > text.len() {
            // Everything was read, including ignored bytes at the end.
            let offset = self.bytes.len().max(self.place.offset);
            let is_big_endian = is_big_endian.filter(|_| offset > 0);
            self.place = Place { offset, skipped: 0, is_big_endian };
            self.end = offset;
            return Some(text.into_iter().collect());
        }
        let Char { next: (offset, skipped), end, .. } = characters[length - 1];
        self.place = Place { offset, skipped, is_big_endian };
        self.end = end;
        Some(text[..length].iter().collect())
    }

    pub(crate) fn read(&mut self, max: u64) -> Option<String> {
        if max == 0 {
            return Some(String::new());
        }
        self.take(|text| (text.len() as u64 >= max).then_some(max as usize))
    }

    pub(crate) fn read_line(&mut self, limit: u64) -> Option<String> {
        if limit == 0 {
            return Some(String::new());
        }
        let newline = self.settings.newline;
        self.take(|text| {
            let end = (0..text.len()).find_map(|at| match (newline, text[at], text.get(at + 1)) {
                (Newline::Universal | Newline::Lf, '\n', _) => Some(at + 1),
                (Newline::Cr, '\r', _) => Some(at + 1),
                (Newline::CrLf | Newline::Untranslated, '\r', Some('\n')) => Some(at + 2),
                (Newline::Untranslated, '\r' | '\n', _) => Some(at + 1),
                _ => None,
            });
            match end {
                Some(end) => Some(limit.min(end as u64) as usize),
                None => (text.len() as u64 >= limit).then_some(limit as usize),
            }
        })
    }

    pub(crate) fn read_lines(&mut self, hint: u64) -> Option<Vec<String>> {
        let before = self.clone();
        let mut lines = Vec::new();
        let mut characters = 0;
        while characters < hint {
            let Some(line) = self.read_line(u64::MAX) else {
                let seen = self.seen;
                *self = Model { seen, ..before };
                return None;
            };
            if line.is_empty() {
                break;
            }
            characters += line.chars().count() as u64;
            lines.push(line);
        }
        Some(lines)
    }

    pub(crate) fn write(&mut self, text: &str) -> Option<()> {
        let offset = if self.appends { self.bytes.len() } else { self.end };
        let TextSettings { encoding, errors, newline } = self.settings;
        let text = match newline {
            Newline::Cr => text.replace('\n', "\r"),
            Newline::CrLf => text.replace('\n', "\r\n"),
            _ => text.to_owned(),
        };
        let mut bytes = Vec::new();
        match encoding {
            Encoding::Utf8Sig if offset == 0 => bytes.extend(b"\xef\xbb\xbf"),
            Encoding::Utf16 if offset == 0 => bytes.extend(b"\xff\xfe"),
            _ => {}
        }
        let is_big_endian = match encoding {
            Encoding::Utf16 => offset > 0 && self.seen == Some(true),
            _ => encoding == Encoding::Utf16Be,
        };
        for character in text.chars() {
            let limit = match encoding {
                Encoding::Latin1 => 0x100,
                Encoding::Ascii => 0x80,
                Encoding::Utf8 | Encoding::Utf8Sig => {
                    bytes.extend(character.to_string().as_bytes());
                    continue;
                }
                _ => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        bytes.extend(if is_big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() });
                    }
                    continue;
                }
            };
            match (character as u32, errors) {
                (number, _) if number < limit => bytes.push(number as u8),
                (_, ErrorHandling::Ignore) => {}
                (_, ErrorHandling::Replace) => bytes.push(b'?'),
                (number @ 0..0x100, ErrorHandling::BackslashReplace) => {
                    bytes.extend(format!("\\x{number:02x}").as_bytes())
                }
                (number @ 0..0x1_0000, ErrorHandling::BackslashReplace) => {
                    bytes.extend(format!("\\u{number:04x}").as_bytes())
                }
                (number, ErrorHandling::BackslashReplace) => {
                    bytes.extend(format!("\\U{number:08x}").as_bytes())
                }
                _ => return None,
            }
        }
        if bytes.is_empty() {
            return Some(());
        }
        let end = offset + bytes.len();
        self.bytes.resize(self.bytes.len().max(end), 0);
        self.bytes[offset..end].copy_from_slice(&bytes);
        if offset == 0 {
            self.seen = None;
        }
        self.go_to(end);
        Some(())
    }
}

/// Returns the characters with `\n` for each line end.
fn translated(characters: Vec<Char>) -> Vec<Char> {
    let mut translated: Vec<Char> = Vec::new();
    let mut is_after_return = false;
    for mut next in characters {
        if is_after_return && next.character == '\n' {
            translated.pop();
        }
        is_after_return = next.character == '\r';
        next.character = if is_after_return { '\n' } else { next.character };
        translated.push(next);
    }
    translated
}

/// Returns the length of the next character or invalid sequence, and the character.
fn unit(encoding: Encoding, is_big_endian: Option<bool>, bytes: &[u8]) -> (usize, Option<char>) {
    let is_big_endian = match encoding {
        Encoding::Utf8 | Encoding::Utf8Sig => {
            for length in 1..=4.min(bytes.len()) {
                if let Ok(text) = std::str::from_utf8(&bytes[..length]) {
                    return (length, text.chars().next());
                }
            }
            let error = std::str::from_utf8(bytes).unwrap_err();
            return (error.error_len().unwrap_or(bytes.len()), None);
        }
        Encoding::Latin1 => return (1, Some(char::from(bytes[0]))),
        Encoding::Ascii => return (1, Some(char::from(bytes[0])).filter(char::is_ascii)),
        Encoding::Utf16 => is_big_endian == Some(true),
        Encoding::Utf16Le => false,
        Encoding::Utf16Be => true,
    };
    let unit = |at: usize| {
        let unit = [*bytes.get(at)?, *bytes.get(at + 1)?];
        Some(if is_big_endian { u16::from_be_bytes(unit) } else { u16::from_le_bytes(unit) })
    };
    match (unit(0), unit(2)) {
        (None, _) => (bytes.len(), None),
        (Some(0xd800..0xdc00), None) => (bytes.len(), None),
        (Some(first @ 0xd800..0xdc00), Some(second @ 0xdc00..0xe000)) => {
            (4, char::decode_utf16([first, second]).next().unwrap().ok())
        }
        (Some(first), _) => (2, char::from_u32(first.into())),
    }
}
