//! A piece of a text: its bytes, what they become, and how much of that was read.

use alloc::string::String;
use alloc::vec::Vec;

use super::Settings;
use super::decode_error::DecodeError;
use super::decoder::Decoder;
use super::encoding::ErrorHandling;
use super::newline::{Newline, NewlineDecoder};
use super::position::Place;

/// The most bytes that wait for what completes a character.
const MOST_PENDING: usize = 3;

/// A place in a file from which decoding can go on.
#[derive(Clone, Copy)]
struct Point {
    offset: u64,
    /// Nothing is pending in it.
    decoder: Decoder,
    /// Where the `\r` ends that waits for what comes after it.
    return_end: Option<u64>,
}

/// Where reading goes on.
#[derive(Clone, Copy)]
struct Spot {
    offset: u64,
    decoder: Decoder,
    /// How many characters from there on were read already: one sequence of bytes may become
    /// several, which are of ASCII.
    skipped: usize,
}

/// A piece of a file, decoded; or, before anything is decoded, where that begins.
pub(super) struct View {
    settings: Settings,
    start: Point,
    piece: Vec<u8>,
    /// Where the next piece begins: the beginning of a character belongs to that.
    end: Point,
    /// The file ends here, so that nothing waited at the end.
    is_last: bool,
    text: String,
    used: usize,
    /// How many characters of the text to come were read already.
    skipped: usize,
    /// A point before what was read last, and how much text comes before it.
    near: (Point, usize),
}

impl Point {
    /// The point after `bytes`, or after the last character that ends in them.
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
    /// Nothing is decoded yet; reading begins where `place` says.
    pub(super) fn at(settings: Settings, offset: u64, decoder: Decoder, skipped: usize) -> View {
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

    /// The view of the bytes that come next, with which the file ends if they are the last.
    ///
    /// What comes before bytes that are no character can be read; those are an error when their
    /// turn comes.
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
        // It may have grown by doubling.
        text.shrink_to_fit();
        let used = text.chars().take(self.skipped).map(char::len_utf8).sum();
        let skipped = self.skipped - text[..used].chars().count();
        let settings = self.settings;
        Ok(View { settings, start, piece, end, is_last, text, used, skipped, near: (start, 0) })
    }

    /// The view of what comes after this one, of which nothing is known.
    pub(super) fn after(&self) -> View {
        View::at(self.settings, self.end.offset, self.end.decoder, 0)
    }

    /// How much memory it takes.
    pub(super) fn memory(&self) -> usize {
        self.piece.capacity() + self.text.capacity()
    }

    /// Where the next piece begins.
    pub(super) fn end(&self) -> u64 {
        self.end.offset
    }

    /// How many bytes of this piece come again in the next one.
    pub(super) fn pending(&self) -> usize {
        self.piece.len() - (self.end.offset - self.start.offset) as usize
    }

    /// Whether a `\r` at the end of the piece has become no text yet.
    pub(super) fn is_return_pending(&self) -> bool {
        self.end.return_end.is_some()
    }

    /// What is known of the text so far.
    pub(super) fn decoder(&self) -> Decoder {
        self.end.decoder
    }

    /// What can be read.
    pub(super) fn rest(&self) -> &str {
        &self.text[self.used..]
    }

    /// Counts `length` bytes of the rest as read.
    pub(super) fn take(&mut self, length: usize) {
        self.used += length;
    }

    /// How much of the text was read.
    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// Goes back to where `used` was that.
    pub(super) fn reset(&mut self, used: usize) {
        self.used = used;
    }

    /// Where reading goes on.
    pub(super) fn place(&mut self) -> Place {
        let Spot { offset, decoder, skipped } = self.spot();
        Place { offset, decoder: decoder.state().to_bits(), skipped: skipped as u8 }
    }

    /// Where a write goes: after the bytes whose text was read.
    pub(super) fn write_offset(&mut self) -> u64 {
        let Spot { offset, skipped, .. } = self.spot();
        // What is skipped are bytes written as `\xff`.
        offset + skipped.div_ceil(4) as u64
    }

    /// The view at the same place, of which nothing is known.
    pub(super) fn forgotten(&mut self) -> View {
        let Spot { offset, decoder, skipped } = self.spot();
        View::at(self.settings, offset, decoder, skipped)
    }

    fn spot(&mut self) -> Spot {
        let spot = |offset, decoder| Spot { offset, decoder, skipped: 0 };
        if self.used == 0 {
            return Spot { skipped: self.skipped, ..spot(self.start.offset, self.start.decoder) };
        }
        // Bytes at the end that were ignored have not been read.
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
                    // It belongs to the `\r`.
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

    /// Moves `near` close to what was read last, in few steps.
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

    /// How many bytes at `point` are a character, or together are none, and a decoder for them; 0
    /// at the end.
    fn unit(&self, point: Point, rest: &[u8]) -> (usize, Decoder) {
        let Settings { encoding, errors, .. } = self.settings;
        let mut text = String::new();
        for length in 1..=rest.len() {
            let mut strict = point.decoder.strict();
            match strict.decode(&rest[..length], false, &mut text) {
                // It is known by now that they begin no byte-order mark.
                Err(error) => return (error.length, Decoder::after_mark(encoding, errors, strict)),
                Ok(()) if strict.pending() == 0 => return (length, point.decoder),
                Ok(()) => {}
            }
        }
        (if self.is_last { rest.len() } else { 0 }, point.decoder)
    }
}
