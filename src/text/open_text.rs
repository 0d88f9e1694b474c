//! A text during one operation: its file, its decoded piece and its position.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use super::decoder::{Decoder, State};
use super::encoder::Encoder;
use super::encoding::{Encoding, ErrorHandling};
use super::newline::Newline;
use super::position::{Place, TextPosition};
use super::view::View;
use crate::error::{Error, ErrorCode, Result};
use crate::file::open_file::{LAST_POSITION, OpenFile};
use crate::file::operation::LINE;
use crate::filesystem::Filesystem;
use crate::limits::budget::{Memory, largest};
use crate::options::Whence;
use crate::task::turns::Turn;

/// The number of bytes that are decoded at a time.
const DECODED_AT_ONCE: u64 = 32 * 1024;

/// The number of bytes that are decoded at a time if memory is short.
const SHORT_STEP: u64 = 512;

/// The largest memory for one decoded byte: the byte itself and up to four characters.
const MOST_MEMORY_PER_BYTE: usize = 5;

/// The settings for converting text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextSettings {
    pub(crate) encoding: Encoding,
    pub(crate) errors: ErrorHandling,
    pub(crate) newline: Newline,
}

/// The target of `seek`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    Start,
    End,
    Position(TextPosition),
}

/// The state of a text file. Dropping it sets the position of the file to the position of the text.
pub(crate) struct OpenText<F: Filesystem> {
    pub(super) file: Turn<OpenFile<F>>,
    settings: TextSettings,
    view: View,
    /// The view at the start of the operation, to which an error returns.
    before: Option<View>,
    /// A decoder that has read the byte-order mark, if any has.
    seen: Decoder,
    decoded_at_once: u64,
    /// The charge for the memory of the views.
    memory: Memory,
}

impl<F: Filesystem> OpenText<F> {
    pub(super) fn new(file: Turn<OpenFile<F>>, settings: TextSettings, memory: Memory) -> OpenText<F> {
        let decoder = Decoder::new(settings.encoding, settings.errors);
        let start = file.position();
        let view = View::at(settings, start, decoder, 0);
        let decoded_at_once = DECODED_AT_ONCE;
        let mut text =
            OpenText { file, settings, view, before: None, seen: decoder, decoded_at_once, memory };
        text.go_on_at(start);
        text
    }

    /// Sets the number of bytes that are decoded at a time.
    #[cfg(any(test, fuzzing))]
    pub(super) fn decode_at_once(&mut self, bytes: u64) {
        self.decoded_at_once = bytes;
    }

    // Reading

    /// Reads `max` characters if they are decoded already.
    pub(super) fn read_now(&mut self, max: u64) -> Result<Option<String>> {
        self.file.check_reading()?;
        let (length, characters) = prefix(self.view.rest(), max);
        if characters < max {
            return Ok(None);
        }
        let mut text = String::new();
        self.take(length, &mut text)?;
        Ok(Some(text))
    }

    /// Reads up to `max` characters; fewer only at the end of the file.
    pub(super) async fn read(&mut self, max: u64) -> Result<String> {
        self.restoring(async |text| {
            let mut read = String::new();
            let mut left = max;
            while left > 0 && text.fill().await? {
                let (length, characters) = prefix(text.view.rest(), left);
                text.take(length, &mut read)?;
                left -= characters;
            }
            Ok(read)
        })
        .await
    }

    /// Reads a line if it is decoded already.
    pub(super) fn read_line_now(&mut self, limit: u64) -> Result<Option<String>> {
        self.file.check_reading()?;
        let rest = self.view.rest();
        let Some(end) = self.settings.newline.find_line_end(rest) else { return Ok(None) };
        let (length, _) = prefix(&rest[..end], limit);
        let mut line = String::new();
        self.take(length, &mut line)?;
        Ok(Some(line))
    }

    /// Reads a line with its line end, or up to `limit` characters of it.
    pub(super) async fn read_line(&mut self, limit: u64) -> Result<String> {
        self.restoring(async |text| text.next_line(limit).await).await
    }

    /// Reads lines until their total length reaches `hint` characters, or to the end of the file.
    pub(super) async fn read_lines(&mut self, hint: u64) -> Result<Vec<String>> {
        self.restoring(async |text| {
            let mut lines = Vec::new();
            let mut characters = 0;
            let mut taken = 0;
            let mut memory = text.memory.budget().memory();
            while lines.is_empty() || characters < hint {
                let line = text.next_line(u64::MAX).await?;
                if line.is_empty() {
                    break;
                }
                if hint < u64::MAX {
                    characters += line.chars().count() as u64;
                }
                lines.try_reserve(1).map_err(|_| text.no_memory())?;
                taken += line.len() + LINE;
                memory.take(taken).map_err(|code| text.file.failed("read lines", code))?;
                lines.push(line);
            }
            Ok(lines)
        })
        .await
    }

    async fn next_line(&mut self, limit: u64) -> Result<String> {
        if let Some(line) = self.read_line_now(limit)? {
            return Ok(line);
        }
        let newline = self.settings.newline;
        let mut line = String::new();
        let mut left = limit;
        while left > 0 && self.fill().await? {
            let rest = self.view.rest();
            let is_pair_split = newline == Newline::CrLf && line.ends_with('\r') && rest.starts_with('\n');
            let end = if is_pair_split { Some(1) } else { newline.find_line_end(rest) };
            let (length, characters) = prefix(&rest[..end.unwrap_or(rest.len())], left);
            self.take(length, &mut line)?;
            left -= characters;
            if end == Some(length) {
                break;
            }
        }
        Ok(line)
    }

    /// Reads `length` bytes of the decoded text.
    fn take(&mut self, length: usize, text: &mut String) -> Result<()> {
        text.try_reserve(length).map_err(|_| self.no_memory())?;
        text.push_str(&self.view.rest()[..length]);
        self.view.take(length);
        Ok(())
    }

    /// Decodes the next piece if no decoded text is left; returns `false` at the end of the file.
    async fn fill(&mut self) -> Result<bool> {
        self.file.check_reading()?;
        while self.view.rest().is_empty() {
            // An incomplete character is read again with the bytes that complete it.
            let pending = self.view.pending();
            let step = self.take_memory(pending)?;
            let piece = self.file.read_at(step + pending as u64, self.view.end()).await?;
            let is_last = piece.len() <= pending;
            if piece.is_empty() && !self.view.is_return_pending() {
                self.move_on(self.view.after());
                return Ok(false);
            }
            let base = self.view.end();
            let next = self.view.next(piece, is_last).map_err(|error| {
                let message = format!("{}: {}", self.file.subject(), error.describe(base));
                Error::new(ErrorCode::IllegalByteSequence, message)
            })?;
            self.move_on(next);
        }
        Ok(true)
    }

    /// Charges memory for the next piece, and returns the number of bytes to decode.
    fn take_memory(&mut self, pending: usize) -> Result<u64> {
        let held = self.held();
        let steps = [self.decoded_at_once, SHORT_STEP.min(self.decoded_at_once)];
        let step = largest(steps.map(|step| step as usize), |step| {
            let most = (step + pending).saturating_mul(MOST_MEMORY_PER_BYTE);
            self.memory.take(held.saturating_add(most)).map(|()| step as u64)
        });
        step.map_err(|code| self.file.failed("read", code))
    }

    /// Credits memory that is not needed any more.
    fn recount_memory(&mut self) {
        // A smaller charge is never refused.
        let _ = self.memory.take(self.held());
    }

    /// Returns the memory of the views, in bytes.
    fn held(&self) -> usize {
        self.view.memory() + self.before.as_ref().map_or(0, View::memory)
    }

    fn move_on(&mut self, view: View) {
        let before = self.show(view);
        self.before.get_or_insert(before);
    }

    fn show(&mut self, view: View) -> View {
        if view.end() > 0 {
            self.seen = view.decoder();
        }
        let before = mem::replace(&mut self.view, view);
        self.recount_memory();
        before
    }

    /// Runs `read`, and restores the position after an error.
    async fn restoring<T>(&mut self, read: impl AsyncFnOnce(&mut OpenText<F>) -> Result<T>) -> Result<T> {
        let used = self.view.used();
        let outcome = read(self).await;
        let before = self.before.take();
        if outcome.is_err() {
            if let Some(before) = before {
                self.view = before;
            }
            self.view.reset(used);
        }
        self.recount_memory();
        outcome
    }

    // Positions

    /// Continues reading at `offset`, after an operation other than reading.
    fn go_on_at(&mut self, offset: u64) {
        let TextSettings { encoding, errors, .. } = self.settings;
        let decoder = if offset == 0 {
            Decoder::new(encoding, errors)
        } else {
            Decoder::after_mark(encoding, errors, self.seen)
        };
        self.show(View::at(self.settings, offset, decoder, 0));
    }

    /// Returns a view for reading at a place, or nothing if the place is impossible.
    fn view_at(&self, place: Place) -> Option<View> {
        let TextSettings { encoding, errors, .. } = self.settings;
        let decoder = Decoder::from_state(encoding, errors, State::from_bits(place.decoder))?;
        let is_possible = decoder.pending() == 0
            && place.offset <= LAST_POSITION
            // Only with this error handling one sequence of bytes becomes several characters.
            && (place.skipped == 0 || errors == ErrorHandling::BackslashReplace);
        is_possible.then(|| View::at(self.settings, place.offset, decoder, place.skipped.into()))
    }

    /// Returns the position.
    pub(super) fn tell(&mut self) -> Result<TextPosition> {
        self.check_open()?;
        Ok(self.view.place().tell(self.settings.encoding, self.settings.newline))
    }

    pub(super) async fn seek(&mut self, target: Target) -> Result<()> {
        self.check_open()?;
        match target {
            Target::Start => self.go_on_at(0),
            Target::End => {
                let size = self.file.size().await?;
                self.go_on_at(size);
            }
            Target::Position(position) => {
                let place = Place::find(position, self.settings.encoding, self.settings.newline);
                let view = place.and_then(|place| self.view_at(place));
                self.show(view.ok_or_else(|| {
                    Error::invalid("position", &position.offset, "not returned by tell() of this text")
                })?);
            }
        }
        Ok(())
    }

    // Writing

    /// Writes a text at the position, or at the end if the file is open for appending.
    pub(super) async fn write(&mut self, text: String) -> Result<()> {
        self.file.check_writing()?;
        let appends = self.file.access.appends();
        let offset = if appends { self.file.size().await? } else { self.view.write_offset() };
        let bytes = self.encode(text, offset)?;
        let length = bytes.len() as u64;
        if length == 0 {
            return Ok(());
        }
        if appends {
            self.file.write(bytes).await?;
        } else {
            self.file.write_at(bytes, offset).await?;
        }
        self.wrote(offset, length);
        Ok(())
    }

    pub(super) async fn write_lines(&mut self, lines: Vec<String>) -> Result<()> {
        self.file.check_writing()?;
        for line in lines {
            self.write(line).await?;
        }
        Ok(())
    }

    /// Returns the bytes of `text` for writing at `offset`.
    fn encode(&self, text: String, offset: u64) -> Result<Vec<u8>> {
        let TextSettings { encoding, errors, newline } = self.settings;
        // A text that was read as big-endian is also written as big-endian.
        let encoding = if offset > 0 { self.seen.settled(encoding) } else { encoding };
        let translated = newline.translate(&text).map_err(|_| self.no_memory())?;
        let has_mark = encoding == Encoding::Utf8Sig && offset == 0;
        if matches!(encoding, Encoding::Utf8 | Encoding::Utf8Sig) && !has_mark {
            return Ok(match translated {
                Cow::Borrowed(_) => text.into_bytes(),
                Cow::Owned(translated) => translated.into_bytes(),
            });
        }
        let most = translated.len().saturating_mul(Encoder::most_bytes(encoding, errors)).saturating_add(3);
        let mut bytes = Vec::new();
        bytes.try_reserve(most).map_err(|_| self.no_memory())?;
        Encoder::new(encoding, errors, offset == 0)
            .encode(&translated, &mut bytes)
            .map_err(|error| Error::new(ErrorCode::IllegalByteSequence, format!("text: {error}")))?;
        Ok(bytes)
    }

    fn wrote(&mut self, offset: u64, length: u64) {
        if offset == 0 {
            // The write has replaced the byte-order mark.
            self.seen = Decoder::new(self.settings.encoding, self.settings.errors);
        }
        self.go_on_at(offset + length);
    }

    /// Makes the file `size` bytes long, by default as long as the position.
    pub(super) async fn truncate(&mut self, size: Option<u64>) -> Result<()> {
        self.check_open()?;
        let size = size.unwrap_or_else(|| self.view.write_offset());
        self.file.truncate(Some(size)).await?;
        // The truncation may have removed decoded bytes.
        self.view = self.view.forgotten();
        self.recount_memory();
        Ok(())
    }

    fn check_open(&self) -> Result<()> {
        if self.file.status.closed.get() { Err(self.file.closed()) } else { Ok(()) }
    }

    fn no_memory(&self) -> Error {
        self.file.failed("convert text", ErrorCode::InsufficientMemory)
    }
}

impl<F: Filesystem> Drop for OpenText<F> {
    fn drop(&mut self) {
        let offset = self.view.write_offset();
        // A closed file has no position to set.
        let _ = self.file.seek_now(offset as i64, Whence::Start);
    }
}

/// Returns the number of bytes and the number of the first `limit` characters of a text.
///
/// Without a limit the characters are not counted.
fn prefix(text: &str, limit: u64) -> (usize, u64) {
    if limit == u64::MAX {
        return (text.len(), 0);
    }
    let mut characters = 0;
    let mut end = 0;
    for (at, character) in text.char_indices() {
        if characters == limit {
            break;
        }
        characters += 1;
        end = at + character.len_utf8();
    }
    (end, characters)
}
