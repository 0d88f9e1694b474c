//! A decoded piece of a text: its bytes, its characters, and the number of characters read.

use alloc::string::String;
use alloc::vec::Vec;

use super::TextSettings;
use super::decode_error::DecodeError;
use super::decoder::Decoder;
use super::encoding::ErrorHandling;
use super::newline::{Newline, NewlineDecoder};
use super::position::Place;

/// The largest number of pending bytes.
const MOST_PENDING: usize = 3;

/// A point in a file at which decoding can continue.
#[derive(Clone, Copy)]
struct Point {
    offset: u64,
    /// A decoder without pending bytes.
    decoder: Decoder,
    /// The end of a `\r` that may be the first half of `\r\n`.
    return_end: Option<u64>,
}

/// The point at which reading continues.
#[derive(Clone, Copy)]
struct Spot {
    offset: u64,
    decoder: Decoder,
    /// The number of following characters that were read already. One sequence of bytes may become
    /// several characters, all of them ASCII.
    skipped: usize,
}

/// A decoded piece of a file, which is empty before the first read.
pub(super) struct View {
    settings: TextSettings,
    start: Point,
    piece: Vec<u8>,
    /// The start of the next piece, which contains the incomplete character at the end of this one.
    end: Point,
    /// Whether the file ends with this piece.
    is_last: bool,
    text: String,
    used: usize,
    /// The number of characters of the following text that were read already.
    skipped: usize,
    /// A point before the character that was read last, and the length of the text before it.
    near: (Point, usize),
}

impl Point {
    /// Decodes `bytes` into `text` and returns the point after the last complete character.
    fn after(
        self,
        bytes: &[u8],
        is_last: bool,
        newline: Newline,
        text: &mut String,
    ) -> Result<Point, DecodeError> {
        let Point { offset, mut decoder, return_end } = self;
        let before = text.len();
        decoder.decode(bytes, is_last, text)?;
        let taken = &bytes[..bytes.len() - decoder.pending()];
        let mut end =
            Point { offset: offset + taken.len() as u64, decoder: decoder.without_pending(), return_end };
        if newline.joins_returns() && (return_end.is_some() || text[before..].contains('\r')) {
            let decoded = text.split_off(before);
            let mut newlines = NewlineDecoder::new(newline, return_end.is_some());
            newlines.decode(&decoded, is_last, text);
            end.return_end = match newlines.is_return_pending() {
                true => end.decoder.last_return(taken).map(|place| offset + place as u64).or(return_end),
                false => None,
            };
        }
        Ok(end)
    }
}

impl View {
    /// Returns an empty view for reading from `offset`, after `skipped` characters.
    pub(super) fn at(settings: TextSettings, offset: u64, decoder: Decoder, skipped: usize) -> View {
        let point = Point { offset, decoder, return_end: None };
        View {
            settings,
            start: point,
            piece: Vec::new(),
            end: point,
            is_last: false,
            text: String::new(),
            used: 0,
            skipped,
            near: (point, 0),
        }
    }

    /// Returns the view of the next bytes. `is_last` means that the file ends with them.
    ///
    /// The text before invalid bytes can be read. The invalid bytes are an error when reading reaches
    /// them.
    pub(super) fn next(&self, mut piece: Vec<u8>, is_last: bool) -> Result<View, DecodeError> {
        let newline = self.settings.newline;
        let start = self.end;
        let mut text = String::new();
        let end = match start.after(&piece, is_last, newline, &mut text) {
            Ok(end) => end,
            Err(error) => {
                let good = usize::try_from(error.offset).unwrap_or(0);
                piece.truncate(good);
                text.clear();
                let mut end = start.after(&piece, false, newline, &mut text)?;
                if end.return_end.take().is_some() {
                    text.push(if newline == Newline::Universal { '\n' } else { '\r' });
                }
                if good == 0 && text.is_empty() {
                    return Err(error);
                }
                end
            }
        };
        // The capacity may have grown by doubling.
        text.shrink_to_fit();
        let used = text.chars().take(self.skipped).map(char::len_utf8).sum();
        let skipped = self.skipped - text[..used].chars().count();
        let settings = self.settings;
        Ok(View { settings, start, piece, end, is_last, text, used, skipped, near: (start, 0) })
    }

    /// Returns an empty view for the bytes after this one.
    pub(super) fn after(&self) -> View {
        View::at(self.settings, self.end.offset, self.end.decoder, 0)
    }

    /// Returns the memory of the view, in bytes.
    pub(super) fn memory(&self) -> usize {
        self.piece.capacity() + self.text.capacity()
    }

    /// Returns the offset of the next piece.
    pub(super) fn end(&self) -> u64 {
        self.end.offset
    }

    /// Returns the number of bytes of this piece that are read again with the next one.
    pub(super) fn pending(&self) -> usize {
        self.piece.len() - (self.end.offset - self.start.offset) as usize
    }

    /// Whether a `\r` at the end of the piece is not decoded yet.
    pub(super) fn is_return_pending(&self) -> bool {
        self.end.return_end.is_some()
    }

    /// Returns the decoder at the end of the piece.
    pub(super) fn decoder(&self) -> Decoder {
        self.end.decoder
    }

    /// Returns the text that was not read yet.
    pub(super) fn rest(&self) -> &str {
        &self.text[self.used..]
    }

    /// Marks `length` bytes of the rest as read.
    pub(super) fn take(&mut self, length: usize) {
        self.used += length;
    }

    /// Returns the length of the text that was read, in bytes.
    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// Sets the length of the text that was read.
    pub(super) fn reset(&mut self, used: usize) {
        self.used = used;
    }

    /// Returns the place at which reading continues.
    pub(super) fn place(&mut self) -> Place {
        let Spot { offset, decoder, skipped } = self.spot();
        Place { offset, decoder: decoder.state().to_bits(), skipped: skipped as u8 }
    }

    /// Returns the offset of the next write: after the bytes whose text was read.
    pub(super) fn write_offset(&mut self) -> u64 {
        let Spot { offset, skipped, .. } = self.spot();
        // Each skipped byte was read as four characters such as `\xff`.
        offset + skipped.div_ceil(4) as u64
    }

    /// Returns an empty view for the same place.
    pub(super) fn forgotten(&mut self) -> View {
        let Spot { offset, decoder, skipped } = self.spot();
        View::at(self.settings, offset, decoder, skipped)
    }

    fn spot(&mut self) -> Spot {
        let spot = |offset, decoder| Spot { offset, decoder, skipped: 0 };
        if self.used == 0 {
            return Spot { skipped: self.skipped, ..spot(self.start.offset, self.start.decoder) };
        }
        // Ignored bytes at the end do not count as read.
        let is_exact = self.settings.errors != ErrorHandling::Ignore && self.pending() == 0;
        if is_exact && self.used == self.text.len() && !self.is_return_pending() {
            return spot(self.end.offset, self.end.decoder);
        }
        self.come_near();
        let newline = self.settings.newline;
        let (mut point, mut length) = self.near;
        loop {
            let rest = &self.piece[(point.offset - self.start.offset) as usize..];
            let (length_of_unit, mut decoder) = self.unit(point, rest);
            let (unit, mut text) = (&rest[..length_of_unit], String::new());
            // The whole piece was decoded without an error.
            let _ = decoder.decode(unit, true, &mut text);
            if let Some(returned) = point.return_end
                && (unit.is_empty() || !text.is_empty())
            {
                point.return_end = None;
                length += 1;
                if newline == Newline::Universal && text == "\n" {
                    // The `\n` belongs to the `\r`.
                    text.clear();
                } else if length == self.used {
                    return spot(returned, point.decoder);
                }
            }
            let after = point.offset + unit.len() as u64;
            if newline.joins_returns() && text == "\r" {
                point = Point { offset: after, decoder, return_end: Some(after) };
                continue;
            }
            if unit.is_empty() || length + text.len() == self.used {
                return spot(after, decoder);
            }
            if length + text.len() > self.used {
                return Spot { skipped: self.used - length, ..spot(point.offset, point.decoder) };
            }
            point = Point { offset: after, decoder, ..point };
            length += text.len();
            self.near = (point, length);
        }
    }

    /// Moves `near` close to the character that was read last, in few steps.
    fn come_near(&mut self) {
        if self.near.1 >= self.used {
            self.near = (self.start, 0);
        }
        loop {
            let (point, length) = self.near;
            let rest = &self.piece[(point.offset - self.start.offset) as usize..];
            let mut step = (self.used - length - 1).min(rest.len());
            loop {
                if step <= MOST_PENDING {
                    return;
                }
                let mut text = String::new();
                let near = point.after(&rest[..step], false, self.settings.newline, &mut text);
                if let Ok(near) = near
                    && length + text.len() < self.used
                {
                    self.near = (near, length + text.len());
                    break;
                }
                step /= 2;
            }
        }
    }

    /// Returns the length of the character or of the invalid sequence at `point`, and a decoder for it.
    /// The length is 0 at the end.
    fn unit(&self, point: Point, rest: &[u8]) -> (usize, Decoder) {
        let TextSettings { encoding, errors, .. } = self.settings;
        let mut text = String::new();
        for length in 1..=rest.len() {
            let mut strict = point.decoder.strict();
            match strict.decode(&rest[..length], false, &mut text) {
                // The bytes are not the beginning of a byte-order mark.
                Err(error) => return (error.length, Decoder::after_mark(encoding, errors, strict)),
                Ok(()) if strict.pending() == 0 => return (length, point.decoder),
                Ok(()) => {}
            }
        }
        (if self.is_last { rest.len() } else { 0 }, point.decoder)
    }
}
