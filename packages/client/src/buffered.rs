//! One buffer before a remote file, for reading ahead or for small writes.
//!
//! Its functions are polled. A pending call is stored in the buffer and continued by the next poll of
//! any function. A future that is dropped midway neither loses nor repeats anything.
//!
//! [`TempFile`](crate::TempFile) makes them asynchronous functions, `futures_io` the traits of
//! `futures::io`.

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::task::{Context, Poll, ready};

use crate::remote::{Call, Cut, Remote, Write};
use crate::{Access, Error, ErrorCode, Provider, SeekFrom};

/// The last valid position.
const LAST: u64 = i64::MAX as u64;

/// The largest single read or write, in bytes, unless the caller requests more.
pub(crate) const PIECE: usize = 1 << 20;

/// A remote file with a position, read and written through a buffer.
pub(crate) struct Buffered {
    remote: Provider,
    access: Access,
    pub(crate) capacity: usize,
    pub(crate) position: u64,
    /// Bytes of the file from `start` on: read ahead, or not written yet.
    pub(crate) window: Vec<u8>,
    start: u64,
    /// The size of the remote file. `None` if others can change it or a call left it in doubt.
    size: Option<u64>,
    /// Whether `window` is to be written. If the file appends, `start` is then meaningless.
    pub(crate) dirty: bool,
    /// Whether others can read the content when the file is closed.
    lasting: bool,
    closed: bool,
    call: Option<UnderWay>,
}

enum UnderWay {
    Read { offset: u64, call: Call<Vec<u8>> },
    Size(Call<u64>),
    Flush(Write),
    Piece { before: u64, call: Write },
    Close(Call<()>),
}

impl Buffered {
    /// Creates a buffer of `capacity` bytes, at least 1. `lasting` if the content outlives the file.
    pub(crate) fn new(remote: Provider, access: Access, capacity: usize, lasting: bool) -> Self {
        Self {
            remote,
            access,
            capacity: capacity.max(1),
            position: 0,
            window: Vec::new(),
            start: 0,
            size: None,
            dirty: false,
            lasting,
            closed: false,
            call: None,
        }
    }

    /// Marks the file as empty and out of reach for others: its size is known.
    pub(crate) fn private(self) -> Self {
        Self { size: Some(0), ..self }
    }

    pub(crate) fn remote(&self) -> &Provider {
        &self.remote
    }

    /// Empties the buffer and returns the remote file, for calls that bypass the buffer.
    pub(crate) async fn bare(&mut self) -> Result<&Provider, Error> {
        core::future::poll_fn(|cx| self.poll_flush(cx)).await?;
        self.window.clear();
        self.size = None;
        Ok(&self.remote)
    }

    /// Sets whether `close` writes the buffer. Returns the old value.
    pub(crate) fn set_lasting(&mut self, lasting: bool) -> bool {
        core::mem::replace(&mut self.lasting, lasting)
    }

    /// Continues the pending call and applies its result.
    fn poll_call(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let outcome = match &mut self.call {
            None => return Poll::Ready(Ok(())),
            Some(UnderWay::Read { offset, call }) => ready!(call.as_mut().poll(cx)).map(|bytes| {
                self.window = bytes;
                self.start = *offset;
            }),
            Some(UnderWay::Size(call)) => ready!(call.as_mut().poll(cx)).map(|_| ()),
            Some(UnderWay::Flush(call)) => match ready!(call.as_mut().poll(cx)) {
                Ok(end) => {
                    self.window.clear();
                    self.dirty = false;
                    self.reached(end);
                    if self.appends() {
                        self.position = end;
                    }
                    Ok(())
                }
                Err(cut) => {
                    self.size = None;
                    Err(cut.error)
                }
            },
            Some(UnderWay::Piece { before, call }) => match ready!(call.as_mut().poll(cx)) {
                Ok(end) => {
                    self.position = end;
                    self.reached(end);
                    Ok(())
                }
                Err(Cut { stored, error }) => {
                    self.position = *before + stored;
                    self.size = None;
                    Err(error)
                }
            },
            Some(UnderWay::Close(call)) => ready!(call.as_mut().poll(cx)),
        };
        self.call = None;
        Poll::Ready(outcome)
    }

    /// Waits until no call is pending. A read's error is dropped with its caller; a write's error is
    /// reported to the next call.
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let writes = matches!(self.call, Some(UnderWay::Flush(_) | UnderWay::Piece { .. }));
        let outcome = ready!(self.poll_call(cx));
        Poll::Ready(if writes { outcome } else { Ok(()) })
    }

    /// Writes the content of the buffer. After an error it is still there.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            ready!(self.poll_idle(cx))?;
            if !self.dirty {
                return Poll::Ready(Ok(()));
            }
            // The call consumes its argument and may fail: it gets a copy.
            let copy = self.window.clone();
            self.call = Some(UnderWay::Flush(self.remote.write(copy, self.offset(self.start))));
        }
    }

    /// Returns the bytes at the position, at least one unless the file is at its end. If the buffer
    /// has none, reads up to `max` bytes or the size of the buffer, whichever is larger.
    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>, max: usize) -> Poll<Result<&[u8], Error>> {
        loop {
            let answers = matches!(&self.call,
                Some(UnderWay::Read { offset, .. }) if *offset == self.position);
            if answers {
                ready!(self.poll_call(cx))?;
            } else {
                ready!(self.poll_idle(cx))?;
            }
            if answers || !self.unread().is_empty() || self.end().is_some_and(|end| end <= self.position) {
                return Poll::Ready(Ok(self.unread()));
            }
            ready!(self.poll_flush(cx))?;
            let call = self.remote.read_at(max.max(self.capacity) as u64, self.position);
            self.call = Some(UnderWay::Read { offset: self.position, call });
        }
    }

    /// Returns the readable bytes of the buffer from the position on.
    pub(crate) fn unread(&self) -> &[u8] {
        self.ahead(self.position)
    }

    /// Returns the readable bytes of the buffer from `offset` on: read ahead, or dirty.
    fn ahead(&self, offset: u64) -> &[u8] {
        // The offset of appended bytes is unknown, and a file without read access is not read.
        if self.dirty && self.access != Access::ReadWrite {
            return &[];
        }
        let skipped = offset.checked_sub(self.start).and_then(|skipped| usize::try_from(skipped).ok());
        skipped.and_then(|skipped| self.window.get(skipped..)).unwrap_or_default()
    }

    /// Advances the position over bytes that [`unread`](Self::unread) returned.
    pub(crate) fn consume(&mut self, amount: usize) {
        self.position += amount.min(self.unread().len()) as u64;
    }

    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<Result<usize, Error>> {
        if buffer.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let bytes = ready!(self.poll_fill(cx, buffer.len().min(PIECE)))?;
        let amount = bytes.len().min(buffer.len());
        buffer[..amount].copy_from_slice(&bytes[..amount]);
        self.consume(amount);
        Poll::Ready(Ok(amount))
    }

    /// Copies as much of `data` as fits into the buffer.
    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>, data: &[u8]) -> Poll<Result<usize, Error>> {
        self.check_writing()?;
        ready!(self.poll_idle(cx))?;
        let follows = self.appends() || self.position == self.start + self.window.len() as u64;
        if self.dirty && (!follows || self.window.len() >= self.capacity) {
            ready!(self.poll_flush(cx))?;
        }
        let room = if self.dirty { self.capacity - self.window.len() } else { self.capacity };
        let amount = room.min(data.len());
        let end = self.end_of_write(amount)?;
        if !self.dirty {
            self.window.clear();
            self.start = self.position;
            self.dirty = amount > 0;
        }
        self.window.extend_from_slice(&data[..amount]);
        self.position = end;
        Poll::Ready(Ok(amount))
    }

    /// Writes all of `data`, bypassing the buffer if it would fill it. Once that has begun, `data` is
    /// `None`. After an error the position is after the written bytes.
    pub(crate) fn poll_write_vec(
        &mut self,
        cx: &mut Context<'_>,
        data: &mut Option<Vec<u8>>,
    ) -> Poll<Result<(), Error>> {
        while let Some(bytes) = data {
            if bytes.len() < self.capacity {
                let amount = ready!(self.poll_write(cx, bytes))?;
                bytes.drain(..amount);
                if bytes.is_empty() {
                    return Poll::Ready(Ok(()));
                }
            } else {
                self.check_writing()?;
                ready!(self.poll_flush(cx))?;
                let before = self.position;
                self.position = self.end_of_write(bytes.len())?;
                self.window.clear();
                let call = self.remote.write(core::mem::take(bytes), self.offset(before));
                self.call = Some(UnderWay::Piece { before, call });
                *data = None;
            }
        }
        self.poll_call(cx)
    }

    /// Reads at `offset`, from the buffer if it has all bytes. Fewer than `max` only at the end.
    pub(crate) fn poll_read_at(
        &mut self,
        cx: &mut Context<'_>,
        max: usize,
        offset: u64,
        call: &mut Option<Call<Vec<u8>>>,
    ) -> Poll<Result<Vec<u8>, Error>> {
        if call.is_none() {
            ready!(self.poll_idle(cx))?;
            let rest = self.end().map_or(u64::MAX, |end| end.saturating_sub(offset));
            if let Some(bytes) = self.ahead(offset).get(..rest.min(max as u64) as usize) {
                return Poll::Ready(Ok(bytes.to_vec()));
            }
            ready!(self.poll_flush(cx))?;
        }
        call.get_or_insert_with(|| self.remote.read_at(max as u64, offset)).as_mut().poll(cx)
    }

    pub(crate) fn poll_seek(&mut self, cx: &mut Context<'_>, target: SeekFrom) -> Poll<Result<u64, Error>> {
        let position = match target {
            SeekFrom::End(offset) => ready!(self.poll_size(cx))?.checked_add_signed(offset),
            // A flush would move the position again.
            _ if self.appends() => {
                ready!(self.poll_flush(cx))?;
                self.seek_in_memory(target)
            }
            _ => {
                ready!(self.poll_idle(cx))?;
                self.seek_in_memory(target)
            }
        };
        let position = position.filter(|position| *position <= LAST);
        Poll::Ready(match position {
            Some(position) => {
                self.position = position;
                Ok(position)
            }
            None => Err(Error::new(ErrorCode::Invalid, "the position must lie between 0 and 2^63 - 1")),
        })
    }

    fn seek_in_memory(&self, target: SeekFrom) -> Option<u64> {
        match target {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(_) => None,
        }
    }

    /// Returns the size of the file, dirty bytes included.
    pub(crate) fn poll_size(&mut self, cx: &mut Context<'_>) -> Poll<Result<u64, Error>> {
        loop {
            if let Some(UnderWay::Size(call)) = &mut self.call {
                let size = ready!(call.as_mut().poll(cx));
                self.call = None;
                return Poll::Ready(size);
            }
            ready!(self.poll_idle(cx))?;
            if let Some(end) = self.end() {
                return Poll::Ready(Ok(end));
            }
            ready!(self.poll_flush(cx))?;
            self.call = Some(UnderWay::Size(self.remote.size()));
        }
    }

    /// Closes the file. Dirty bytes that nobody could read afterwards are discarded.
    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if !matches!(self.call, Some(UnderWay::Close(_))) {
            if self.lasting {
                ready!(self.poll_flush(cx))?;
            } else {
                let _ = ready!(self.poll_idle(cx));
                self.dirty = false;
            }
            self.window = Vec::new();
            self.closed = true;
            self.call = Some(UnderWay::Close(self.remote.close()));
        }
        self.poll_call(cx)
    }

    /// Records that the remote file reaches to `end`.
    fn reached(&mut self, end: u64) {
        self.size = self.size.map(|size| size.max(end));
    }

    /// Returns the end of the content, dirty bytes included, if no call is needed.
    fn end(&self) -> Option<u64> {
        let readable = !self.closed && matches!(self.access, Access::ReadWrite | Access::ReadOnly);
        let written = if self.dirty { self.start + self.window.len() as u64 } else { 0 };
        self.size.filter(|_| readable).map(|size| size.max(written))
    }

    /// Checks the right to write. Bytes that no flush can write must not get into the buffer.
    fn check_writing(&self) -> Result<(), Error> {
        if self.closed {
            return Err(Error::new(ErrorCode::Closed, "the file is closed"));
        }
        if self.access == Access::ReadOnly {
            return Err(Error::new(ErrorCode::NotPermitted, "the file is not open for writing"));
        }
        Ok(())
    }

    fn end_of_write(&self, amount: usize) -> Result<u64, Error> {
        if self.appends() {
            return Ok(self.position);
        }
        let end = self.position.checked_add(amount as u64).filter(|end| *end <= LAST);
        end.ok_or_else(|| Error::new(ErrorCode::FileTooLarge, "the write would end above 2^63 - 1"))
    }

    /// Returns the offset of a write, or `None` for the end of the file.
    fn offset(&self, position: u64) -> Option<u64> {
        (!self.appends()).then_some(position)
    }

    pub(crate) fn appends(&self) -> bool {
        matches!(self.access, Access::Append | Access::AppendOnly)
    }
}
