//! Writing through the buffer.

use alloc::vec::Vec;
use core::mem::take;
use core::task::{Context, Poll, ready};

use super::copies::append;
use super::{Buffered, LAST, PIECE, Pending};
use crate::remote::{Remote, Write};
use crate::{Access, Error, ErrorCode, Provider};

impl Buffered {
    /// Writes the content of the buffer. After an error it is still there.
    pub(crate) fn poll_write_back(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            ready!(self.poll_idle(cx))?;
            if self.dirty.is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.check_open()?;
            let offset = self.offset(self.dirty.start);
            if let Some(end) = self.remote.write_now(&self.dirty.bytes, offset) {
                self.flushed(end);
                return Poll::Ready(Ok(()));
            }
            // The call consumes its argument and may fail: it gets a copy.
            let copy = self.dirty.bytes.clone();
            self.call = Some(Pending::Flush(self.remote.write(copy, offset)));
        }
    }

    /// Copies `data` into the buffer, all of it at once or, if `whole` is `false`, as much as fits.
    /// Returns the number of bytes. Flushes first if there is no room.
    ///
    /// Nothing was copied as long as it is pending, or after an error.
    pub(crate) fn poll_take(
        &mut self,
        cx: &mut Context<'_>,
        data: &[u8],
        whole: bool,
    ) -> Poll<Result<usize, Error>> {
        self.check_writing()?;
        ready!(self.poll_idle(cx))?;
        let capacity = if self.capacity == 0 { PIECE } else { self.capacity };
        let amount = data.len().min(capacity);
        let fits = |room: usize| if whole { amount <= room } else { room > 0 };
        let follows = self.appends() || self.position == self.dirty.end();
        let mut room = capacity.saturating_sub(self.dirty.bytes.len());
        if !self.dirty.is_empty() && (!follows || !fits(room)) {
            ready!(self.poll_write_back(cx))?;
            room = capacity;
        }
        let amount = amount.min(room);
        let end = self.end_of_write(amount)?;
        if amount == 0 {
            return Poll::Ready(Ok(0));
        }
        if self.appends() {
            self.begin_append();
        } else if self.dirty.is_empty() {
            self.dirty.start = self.position;
        }
        self.ahead.cut(if self.appends() { self.dirty.start } else { self.position });
        append(&mut self.dirty.bytes, &data[..amount]);
        self.position = if self.appends() { self.dirty.end() } else { end };
        if self.capacity == 0 {
            // The bytes stay in the buffer after an error, and the next call tries again.
            let _ = self.poll_write_back(cx);
        }
        Poll::Ready(Ok(amount))
    }

    /// Adds `data` to the dirty bytes if it continues them and fits. Returns whether it does. Small
    /// writes are mostly of this kind, and need nothing that others do.
    pub(crate) fn write_to_memory(&mut self, data: &[u8]) -> bool {
        let room = self.capacity.saturating_sub(self.dirty.bytes.len());
        if self.call.is_some()
            || self.dirty.is_empty()
            || data.len() > room
            || self.position != self.dirty.end()
            || self.appends()
            || self.check_writing().is_err()
        {
            return false;
        }
        let Ok(end) = self.end_of_write(data.len()) else { return false };
        self.ahead.cut(self.position);
        append(&mut self.dirty.bytes, data);
        self.position = end;
        true
    }

    /// Decides where appended bytes begin: where dirty bytes do, at a known end, or at whatever the
    /// end is.
    fn begin_append(&mut self) {
        if !self.dirty.is_empty() {
            return;
        }
        match self.end() {
            Some(end) => self.dirty.start = end,
            None => {
                self.at_end = true;
                self.dirty.start = 0;
            }
        }
    }

    /// Writes all of `data` at the position, bypassing the buffer.
    pub(crate) async fn write_piece(&mut self, data: Vec<u8>) -> Result<(), Error> {
        let length = data.len();
        self.write_by(length, |remote, offset| remote.write(data, offset)).await
    }

    /// Writes `length` bytes at the position by a call that bypasses the buffer.
    ///
    /// If the future is dropped, either nothing is done or the next call finishes it. After an error
    /// the position is after the written bytes.
    pub(crate) async fn write_by(
        &mut self,
        length: usize,
        call: impl FnOnce(&Provider, Option<u64>) -> Write,
    ) -> Result<(), Error> {
        self.check_writing()?;
        let begin = |file: &mut Self| {
            file.end_of_write(length)?;
            let before = file.position;
            file.ahead.clear();
            Ok(Some(Pending::Piece { before, call: call(&file.remote, file.offset(before)) }))
        };
        self.run(Self::poll_write_back, begin).await
    }

    /// Writes all of `data` at `offset`, bypassing the buffer. Keeps the position.
    pub(crate) async fn write_at(&mut self, data: Vec<u8>, offset: u64) -> Result<(), Error> {
        self.check_writing()?;
        if self.appends() {
            return Err(Error::new(ErrorCode::NotPermitted, "the file is open for appending"));
        }
        let end = offset.saturating_add(data.len() as u64);
        if offset > LAST {
            return Err(Error::new(ErrorCode::Invalid, "cannot write: the offset is above 2^63 - 1"));
        }
        if end > LAST {
            return Err(too_large());
        }
        let prepare = |file: &mut Self, cx: &mut Context<'_>| {
            let is_dirty = !file.dirty.is_empty() && offset < file.dirty.end() && file.dirty.start < end;
            if is_dirty { file.poll_write_back(cx) } else { file.poll_idle(cx) }
        };
        let begin = |file: &mut Self| {
            if data.is_empty() {
                return Ok(None);
            }
            file.ahead.cut(offset);
            Ok(Some(Pending::WriteAt(file.remote.write(data, Some(offset)))))
        };
        self.run(prepare, begin).await
    }

    /// Cuts the file to `size` bytes or extends it with zeros. Dirty bytes are not flushed but cut.
    pub(crate) async fn set_len(&mut self, size: u64) -> Result<(), Error> {
        self.check_writing()?;
        let prepare = |file: &mut Self, cx: &mut Context<'_>| {
            ready!(file.poll_settled(cx))?;
            // Dirty bytes of a file that appends must reach the end before that moves away.
            if file.appends() && size > file.dirty.end() {
                file.poll_write_back(cx)
            } else {
                Poll::Ready(Ok(()))
            }
        };
        let begin = |file: &mut Self| {
            if file.appends() && !file.dirty.is_empty() && size >= file.dirty.start {
                file.ahead.cut(size);
                file.dirty.cut(size);
                return Ok(None);
            }
            Ok(Some(Pending::SetLen { size, call: file.remote.set_len(size) }))
        };
        self.run(prepare, begin).await
    }

    /// Discards the dirty bytes. A position within them or at their end moves to their beginning.
    pub(crate) fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.check_open()?;
        // The error of a write whose bytes are discarded concerns nobody.
        let _ = ready!(self.poll_idle(cx));
        let dirty = take(&mut self.dirty);
        if !dirty.is_empty() {
            self.ahead.clear();
            if !self.at_end && (dirty.start..=dirty.end()).contains(&self.position) {
                self.position = dirty.start;
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Checks the right to write. Bytes that no flush can write must not get into the buffer.
    fn check_writing(&self) -> Result<(), Error> {
        self.check_open()?;
        if self.access == Access::ReadOnly {
            return Err(Error::new(ErrorCode::NotPermitted, "the file is not open for writing"));
        }
        Ok(())
    }

    /// Returns the end of a write of `amount` bytes at the position, if it appends 0.
    fn end_of_write(&self, amount: usize) -> Result<u64, Error> {
        if self.appends() {
            return Ok(0);
        }
        let end = self.position.checked_add(amount as u64).filter(|end| *end <= LAST);
        end.ok_or_else(too_large)
    }
}

fn too_large() -> Error {
    Error::new(ErrorCode::FileTooLarge, "cannot write: the end would lie above 2^63 - 1")
}
