//! Reading through the buffer.

use alloc::vec::Vec;
use core::mem::take;
use core::task::{Context, Poll, ready};

use super::copies::copy;
use super::{Buffered, LAST, PIECE, Pending};
use memchr::memchr;

use crate::remote::{Call, Remote};
use crate::{Access, Error, ErrorCode, SeekFrom};

/// The number of bytes that reading by lines reads ahead without a buffer.
const LINE: usize = 1 << 10;

impl Buffered {
    /// Returns the bytes at the position, at least one unless the file is at its end. If the buffer
    /// has none, reads up to `max` bytes or the capacity of the buffer, whichever is larger, or 1 KiB if both are 0.
    ///
    /// `begun` belongs to the caller's operation. It is `false` at first, and whether the pending
    /// read is that operation's own from then on.
    pub(crate) fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        max: usize,
        begun: &mut bool,
    ) -> Poll<Result<&[u8], Error>> {
        self.check_reading()?;
        if self.is_quiet() && !self.unread().is_empty() {
            return Poll::Ready(Ok(self.unread()));
        }
        if !*begun {
            ready!(self.poll_settled(cx))?;
            let end = self.end();
            if self.unread().is_empty() && end.is_none_or(|end| self.position < end) {
                let rest = end.map_or(u64::MAX, |end| end - self.position);
                let max = if max.max(self.capacity) == 0 { LINE } else { max.max(self.capacity) };
                let max = max.min(usize::try_from(rest).unwrap_or(usize::MAX));
                let (offset, version) = (self.position, self.remote.version());
                let call = self.remote.read_at(max as u64, offset);
                self.call = Some(Pending::Read { offset, max, version, call });
                *begun = true;
            }
        }
        if *begun {
            let outcome = ready!(self.poll_call(cx));
            *begun = false;
            outcome?;
            // A write of another handle that ended meanwhile may be seen or not.
            self.version = self.remote.version();
        }
        if self.unread().is_empty() {
            self.ahead.clear();
        }
        Poll::Ready(Ok(self.unread()))
    }

    /// Whether a read at the position is pending, for the traits of `futures::io`. Their functions have
    /// no state that tells a first poll from a later one.
    #[cfg(feature = "std")]
    pub(crate) fn is_reading(&self) -> bool {
        matches!(&self.call, Some(Pending::Read { offset, .. }) if *offset == self.position)
    }

    /// Whether a request for the size is pending, for the traits of `futures::io`.
    #[cfg(feature = "std")]
    pub(crate) fn is_measuring(&self) -> bool {
        !self.at_end && matches!(&self.call, Some(Pending::Size(_)))
    }

    /// Returns the readable bytes of the buffer from the position on.
    pub(crate) fn unread(&self) -> &[u8] {
        self.at(self.position)
    }

    /// Returns the readable bytes of the buffer from `offset` on: read ahead, or dirty.
    fn at(&self, offset: u64) -> &[u8] {
        if self.at_end {
            return &[];
        }
        let ahead = if self.is_fresh() { self.ahead.from(offset) } else { &[] };
        if ahead.is_empty() { self.dirty.from(offset) } else { ahead }
    }

    /// Whether no call is pending, of this handle or another, that a read has to wait for.
    fn is_quiet(&self) -> bool {
        self.call.is_none() && !self.shared
    }

    /// Whether the bytes that were read ahead are still those of the file.
    fn is_fresh(&self) -> bool {
        !self.shared || self.version == self.remote.version()
    }

    /// Advances the position over bytes that [`unread`](Self::unread) returned.
    pub(crate) fn consume(&mut self, amount: usize) {
        self.position += amount.min(self.unread().len()) as u64;
        let is_used_up = self.position >= self.ahead.end();
        if is_used_up && (self.ahead.bytes.len() > self.capacity || self.end() == Some(self.position)) {
            self.ahead.clear();
        }
    }

    /// Fills `buffer` if all bytes are in memory. Returns whether they are. Small reads are mostly of
    /// this kind, and need nothing that a pending one does.
    pub(crate) fn read_from_memory(&mut self, buffer: &mut [u8]) -> bool {
        if !self.is_quiet() || self.check_reading().is_err() {
            return false;
        }
        let Some(bytes) = self.unread().get(..buffer.len()) else { return false };
        copy(buffer, bytes);
        self.consume(buffer.len());
        true
    }

    /// Returns the bytes from the position through the next `byte`, if they are in memory.
    pub(crate) fn unread_until(&self, byte: u8) -> Option<&[u8]> {
        if !self.is_quiet() || self.check_reading().is_err() {
            return None;
        }
        let unread = self.unread();
        Some(&unread[..=memchr(byte, unread)?])
    }

    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
        begun: &mut bool,
    ) -> Poll<Result<usize, Error>> {
        if buffer.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let bytes = ready!(self.poll_fill(cx, buffer.len().min(PIECE), begun))?;
        let amount = bytes.len().min(buffer.len());
        copy(&mut buffer[..amount], &bytes[..amount]);
        self.consume(amount);
        Poll::Ready(Ok(amount))
    }

    /// Reads up to `max` bytes, without a copy if the buffer has none of them.
    pub(crate) fn poll_read_vec(
        &mut self,
        cx: &mut Context<'_>,
        max: usize,
        begun: &mut bool,
    ) -> Poll<Result<Vec<u8>, Error>> {
        if max == 0 {
            return Poll::Ready(Ok(Vec::new()));
        }
        let amount = ready!(self.poll_fill(cx, max, begun))?.len().min(max);
        let whole = self.is_fresh() && self.ahead.start == self.position && self.ahead.bytes.len() == amount;
        if whole {
            self.position += amount as u64;
            return Poll::Ready(Ok(take(&mut self.ahead.bytes)));
        }
        let bytes = self.unread()[..amount].to_vec();
        self.consume(amount);
        Poll::Ready(Ok(bytes))
    }

    /// Reads at `offset`, from the buffer if it has all bytes. Fewer than `max` only at the end.
    pub(crate) fn poll_read_at(
        &mut self,
        cx: &mut Context<'_>,
        max: usize,
        offset: u64,
        call: &mut Option<Call<Vec<u8>>>,
    ) -> Poll<Result<Vec<u8>, Error>> {
        let call = match call {
            Some(call) => call,
            None => {
                self.check_reading()?;
                ready!(self.poll_settled(cx))?;
                let rest = self.end().map_or(u64::MAX, |end| end.saturating_sub(offset));
                let max = usize::try_from(rest).unwrap_or(usize::MAX).min(max);
                if let Some(bytes) = self.at(offset).get(..max) {
                    return Poll::Ready(Ok(bytes.to_vec()));
                }
                call.insert(self.remote.read_at(max as u64, offset))
            }
        };
        let mut bytes = ready!(call.as_mut().poll(cx))?;
        self.dirty.overlay(&mut bytes, max, offset)?;
        bytes.shrink_to_fit();
        Poll::Ready(Ok(bytes))
    }

    /// Waits until the position is known, and returns it.
    pub(crate) fn poll_position(&mut self, cx: &mut Context<'_>) -> Poll<Result<u64, Error>> {
        ready!(self.poll_settled(cx))?;
        Poll::Ready(Ok(self.position))
    }

    pub(crate) fn poll_seek(
        &mut self,
        cx: &mut Context<'_>,
        target: SeekFrom,
        begun: &mut bool,
    ) -> Poll<Result<u64, Error>> {
        let position = match target {
            SeekFrom::End(offset) => ready!(self.poll_size(cx, begun))?.checked_add_signed(offset),
            SeekFrom::Current(offset) => ready!(self.poll_position(cx))?.checked_add_signed(offset),
            SeekFrom::Start(offset) => ready!(self.poll_position(cx)).map(|_| Some(offset))?,
        };
        let Some(position) = position.filter(|position| *position <= LAST) else {
            let message = "cannot seek: the position must lie between 0 and 2^63 - 1";
            return Poll::Ready(Err(Error::new(ErrorCode::Invalid, message)));
        };
        self.position = position;
        Poll::Ready(Ok(position))
    }

    /// Returns the size of the file, dirty bytes included. `begun` is as in
    /// [`poll_fill`](Self::poll_fill).
    pub(crate) fn poll_size(&mut self, cx: &mut Context<'_>, begun: &mut bool) -> Poll<Result<u64, Error>> {
        if !*begun {
            self.check_open()?;
            ready!(self.poll_settled(cx))?;
            if let Some(end) = self.end() {
                return Poll::Ready(Ok(end));
            }
            self.call = Some(Pending::Size(self.remote.size()));
            *begun = true;
        }
        let outcome = ready!(self.poll_call(cx));
        *begun = false;
        outcome?;
        let size = self.size.unwrap_or_default();
        Poll::Ready(Ok(if self.dirty.is_empty() { size } else { size.max(self.dirty.end()) }))
    }

    /// Checks the right to read. Dirty bytes must not be returned without it.
    fn check_reading(&self) -> Result<(), Error> {
        self.check_open()?;
        if matches!(self.access, Access::WriteOnly | Access::AppendOnly) {
            return Err(Error::new(ErrorCode::NotPermitted, "the file is not open for reading"));
        }
        Ok(())
    }
}
