//! The lines of a file.

use alloc::string::String;
use alloc::vec::Vec;
use core::future::poll_fn;
use core::mem::{swap, take};
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures::Stream;
use memchr::memchr;

use crate::buffered::append;
use crate::error::not_utf8;
use crate::{Error, TempFile};

impl TempFile {
    /// Returns the lines from the position on, without their `\n` or `\r\n`.
    pub fn lines(&mut self) -> Lines<'_> {
        Lines::new(self)
    }
}

/// The lines of a file from its position on, as [`TempFile::lines`] returns them.
///
/// It is a `futures::Stream`. A line that is not UTF-8 is an `IllegalByteSequence` error, and the next
/// line follows. Dropping it leaves the position after the last line that it returned.
#[derive(Debug)]
pub struct Lines<'a> {
    file: &'a mut TempFile,
    /// The beginning of the next line, which has been read.
    line: Vec<u8>,
    /// The line that was returned last.
    last: Vec<u8>,
    begun: bool,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(file: &'a mut TempFile) -> Self {
        Self { file, line: Vec::new(), last: Vec::new(), begun: false }
    }

    /// Returns the next line without its `\n` or `\r\n`, nothing at the end of the file.
    ///
    /// # Errors
    ///
    /// Fails as [`TempFile::read`] does, and with `IllegalByteSequence` if the line is not UTF-8.
    pub async fn next_line(&mut self) -> Result<Option<String>, Error> {
        poll_fn(|cx| self.poll_next_line(cx)).await
    }

    /// Returns the next line as [`next_line`](Self::next_line) does, without an allocation for each: the
    /// line is valid until the next call.
    ///
    /// # Errors
    ///
    /// Fails as `next_line` does.
    pub async fn next_str(&mut self) -> Result<Option<&str>, Error> {
        if poll_fn(|cx| self.poll_line(cx)).await? {
            return str::from_utf8(&self.last).map(Some).map_err(|_| not_utf8("the line"));
        }
        Ok(None)
    }

    fn poll_next_line(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<String>, Error>> {
        if ready!(self.poll_line(cx))? {
            let line = String::from_utf8(take(&mut self.last));
            return Poll::Ready(line.map(Some).map_err(|_| not_utf8("the line")));
        }
        Poll::Ready(Ok(None))
    }

    /// Puts the next line into `last`. Returns `false` at the end of the file.
    fn poll_line(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, Error>> {
        let content = self.file.content();
        if let (true, Some(unread)) = (self.line.is_empty(), content.unread_until(b'\n')) {
            self.last.clear();
            append(&mut self.last, unread);
            let amount = unread.len();
            content.consume(amount);
        } else {
            loop {
                let unread = ready!(content.poll_fill(cx, 0, &mut self.begun))?;
                let found = memchr(b'\n', unread);
                let amount = found.map_or(unread.len(), |place| place + 1);
                self.line.extend_from_slice(&unread[..amount]);
                content.consume(amount);
                if found.is_some() || amount == 0 {
                    break;
                }
            }
            swap(&mut self.line, &mut self.last);
            self.line.clear();
        }
        if self.last.is_empty() {
            return Poll::Ready(Ok(false));
        }
        if self.last.pop_if(|byte| *byte == b'\n').is_some() {
            self.last.pop_if(|byte| *byte == b'\r');
        }
        Poll::Ready(Ok(true))
    }
}

impl Stream for Lines<'_> {
    type Item = Result<String, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_next_line(cx).map(Result::transpose)
    }
}

impl Drop for Lines<'_> {
    fn drop(&mut self) {
        let position = self.file.content().position() - self.line.len() as u64;
        self.file.content().restore(position);
    }
}
