//! The buffer as asynchronous functions.

use alloc::string::String;
use alloc::vec::Vec;
use core::future::poll_fn;

use memchr::memchr;

use super::{Buffered, PIECE};
use crate::remote::Remote;
use crate::{Error, ErrorCode, SeekFrom};

impl<R: Remote> Buffered<R> {
    pub(crate) async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        poll_fn(|cx| self.poll_read(cx, buffer)).await
    }

    pub(crate) async fn read_exact(&mut self, mut buffer: &mut [u8]) -> Result<(), Error> {
        while !buffer.is_empty() {
            match self.read(buffer).await? {
                0 => return Err(Error::new(ErrorCode::UnexpectedEnd, "the file ended too early")),
                amount => buffer = &mut buffer[amount..],
            }
        }
        Ok(())
    }

    /// Reads up to `max` bytes, without a copy where the buffer has none of them.
    pub(crate) async fn read_vec(&mut self, max: usize) -> Result<Vec<u8>, Error> {
        if max == 0 {
            return Ok(Vec::new());
        }
        let amount = poll_fn(|cx| self.poll_fill(cx, max).map_ok(<[u8]>::len)).await?;
        // What is still to be written stays.
        if !self.dirty && amount == self.window.len() && amount <= max {
            self.position += amount as u64;
            return Ok(core::mem::take(&mut self.window));
        }
        let bytes = self.unread()[..amount.min(max)].to_vec();
        self.consume(bytes.len());
        Ok(bytes)
    }

    pub(crate) async fn read_to_end(&mut self, bytes: &mut Vec<u8>) -> Result<usize, Error> {
        let before = bytes.len();
        loop {
            let mut piece = self.read_vec(PIECE).await?;
            if piece.is_empty() {
                return Ok(bytes.len() - before);
            }
            if bytes.is_empty() {
                *bytes = piece;
            } else {
                bytes.append(&mut piece);
            }
        }
    }

    pub(crate) async fn fill_buf(&mut self) -> Result<&[u8], Error> {
        poll_fn(|cx| self.poll_fill(cx, 0).map_ok(|_| ())).await?;
        Ok(self.unread())
    }

    pub(crate) async fn read_until(&mut self, byte: u8, bytes: &mut Vec<u8>) -> Result<usize, Error> {
        let before = bytes.len();
        loop {
            let unread = self.fill_buf().await?;
            let found = memchr(byte, unread);
            let amount = found.map_or(unread.len(), |place| place + 1);
            bytes.extend_from_slice(&unread[..amount]);
            self.consume(amount);
            if found.is_some() || amount == 0 {
                return Ok(bytes.len() - before);
            }
        }
    }

    pub(crate) async fn read_line(&mut self, line: &mut String) -> Result<usize, Error> {
        // Where a file appends, this moves the position.
        self.flush().await?;
        let mut reading = Unfinished::new(self);
        let mut bytes = Vec::new();
        reading.buffered.read_until(b'\n', &mut bytes).await?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Error::new(ErrorCode::IllegalByteSequence, "the line is not UTF-8"))?;
        reading.finish();
        line.push_str(&text);
        Ok(text.len())
    }

    pub(crate) async fn read_at(&mut self, max: usize, offset: u64) -> Result<Vec<u8>, Error> {
        let mut call = None;
        poll_fn(|cx| self.poll_read_at(cx, max, offset, &mut call)).await
    }

    pub(crate) async fn write_all(&mut self, mut data: &[u8]) -> Result<(), Error> {
        while !data.is_empty() {
            let amount = if data.len() < self.capacity {
                poll_fn(|cx| self.poll_write(cx, data)).await?
            } else {
                // Straight to the provider: it consumes what it is given, so that there is one copy.
                let amount = data.len().min(PIECE.max(self.capacity));
                self.write_vec(data[..amount].to_vec()).await?;
                amount
            };
            data = &data[amount..];
        }
        Ok(())
    }

    pub(crate) async fn write_vec(&mut self, data: Vec<u8>) -> Result<(), Error> {
        let mut unwritten = Some(data);
        poll_fn(|cx| self.poll_write_vec(cx, &mut unwritten)).await
    }

    pub(crate) async fn seek(&mut self, target: SeekFrom) -> Result<u64, Error> {
        poll_fn(|cx| self.poll_seek(cx, target)).await
    }

    pub(crate) async fn size(&mut self) -> Result<u64, Error> {
        poll_fn(|cx| self.poll_size(cx)).await
    }

    pub(crate) async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    pub(crate) async fn close(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.poll_close(cx)).await
    }
}

/// Moves the position back if what was read never reaches the caller.
struct Unfinished<'a, R: Remote> {
    buffered: &'a mut Buffered<R>,
    start: Option<u64>,
}

impl<'a, R: Remote> Unfinished<'a, R> {
    fn new(buffered: &'a mut Buffered<R>) -> Self {
        let start = Some(buffered.position);
        Self { buffered, start }
    }

    fn finish(&mut self) {
        self.start = None;
    }
}

impl<R: Remote> Drop for Unfinished<'_, R> {
    fn drop(&mut self) {
        if let Some(start) = self.start {
            self.buffered.position = start;
        }
    }
}
