//! The lines of a file.

use alloc::string::String;
use alloc::vec::Vec;
use core::future::poll_fn;
use core::mem::take;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures::Stream;
use memchr::memchr;

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
    /// The bytes of the next line that have been read, and where it began.
    line: Vec<u8>,
    begun: bool,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(file: &'a mut TempFile) -> Self {
        Self { file, line: Vec::new(), begun: false }
    }

    /// Returns the next line without its `\n` or `\r\n`, nothing at the end of the file.
    ///
    /// # Errors
    ///
    /// Fails as [`TempFile::read`] does, and with `IllegalByteSequence` if the line is not UTF-8.
    pub async fn next_line(&mut self) -> Result<Option<String>, Error> {
        poll_fn(|cx| self.poll_line(cx)).await
    }

    fn poll_line(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<String>, Error>> {
        loop {
            let content = self.file.content();
            let unread = ready!(content.poll_fill(cx, 0, &mut self.begun))?;
            let found = memchr(b'\n', unread);
            let amount = found.map_or(unread.len(), |place| place + 1);
            self.line.extend_from_slice(&unread[..amount]);
            content.consume(amount);
            if found.is_some() || amount == 0 {
                break;
            }
        }
        let mut line = take(&mut self.line);
        if line.is_empty() {
            return Poll::Ready(Ok(None));
        }
        if line.pop_if(|byte| *byte == b'\n').is_some() {
            line.pop_if(|byte| *byte == b'\r');
        }
        Poll::Ready(String::from_utf8(line).map(Some).map_err(|_| not_utf8("the line")))
    }
}

impl Stream for Lines<'_> {
    type Item = Result<String, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_line(cx).map(Result::transpose)
    }
}

impl Drop for Lines<'_> {
    fn drop(&mut self) {
        let position = self.file.content().position() - self.line.len() as u64;
        self.file.content().restore(position);
    }
}
