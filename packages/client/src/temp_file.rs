//! The content and position of a temporary file of any kind.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::future::poll_fn;

use memchr::memchr;

#[cfg(target_family = "wasm")]
use crate::Builder;
use crate::buffered::{Buffered, PIECE};
use crate::remote::{Call, Remote};
use crate::{Access, Error, ErrorCode, Provider, SeekFrom};

/// A temporary file with a position, read and written through a buffer.
///
/// It has no name, unless it was created in a [`TempDir`](crate::TempDir), and is the counterpart of
/// the `File` that `tempfile::tempfile` returns. Dropping or closing it removes it, unless it was
/// persisted or belongs to a directory. Small reads and writes are operations in memory. The provider
/// is called for a whole buffer at once. Other readers see small writes after [`flush`](Self::flush).
/// **Dropping the file discards unflushed writes.**
///
/// The functions follow `futures`' extension traits and `std::fs::File`. With the feature `std` the
/// file implements the traits of `futures::io` as well. A future of a file may be dropped: an operation
/// that was not reported as done is either not done or, for a piece larger than the buffer, finished by
/// the next call.
///
/// Errors are those of the provider (see `wit/tempfile.wit`), among them
/// [`NotPermitted`](crate::ErrorCode::NotPermitted) for an operation that the access does not allow,
/// [`Quota`](crate::ErrorCode::Quota) and
/// [`InsufficientSpace`](crate::ErrorCode::InsufficientSpace) for lack of room, and
/// [`Closed`](crate::ErrorCode::Closed). An operation that has to flush first fails as
/// [`flush`](Self::flush) does.
pub struct TempFile {
    pub(crate) content: Buffered,
}

/// Creates a file without a name, which nobody else can open, as `tempfile::tempfile` does.
///
/// # Errors
///
/// Fails with `NoEntry` if no directory is usable, with `Quota` at a limit, and as the host does.
#[cfg(target_family = "wasm")]
pub async fn tempfile() -> Result<TempFile, Error> {
    Builder::new().unnamed().await
}

/// Creates a file without a name in `directory`, as `tempfile::tempfile_in` does.
///
/// # Errors
///
/// Fails as [`tempfile`] does, and with `NotPermitted` if the embedder confines its callers.
#[cfg(target_family = "wasm")]
pub async fn tempfile_in(directory: &str) -> Result<TempFile, Error> {
    Builder::new().directory(directory).unnamed().await
}

impl TempFile {
    pub(crate) fn new(remote: Provider, access: Access, buffer_size: usize, lasting: bool) -> Self {
        Self { content: Buffered::new(remote, access, buffer_size, lasting) }
    }

    /// Marks the file as empty and out of reach for others.
    pub(crate) fn private(self) -> Self {
        Self { content: self.content.private() }
    }

    /// Reads bytes into `buffer` and returns their number, 0 only at the end of the file.
    ///
    /// # Errors
    ///
    /// Fails with `NotPermitted` without the right to read.
    pub async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        poll_fn(|cx| self.content.poll_read(cx, buffer)).await
    }

    /// Fills `buffer`.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does, and with `UnexpectedEnd` if the file ends before.
    pub async fn read_exact(&mut self, mut buffer: &mut [u8]) -> Result<(), Error> {
        while !buffer.is_empty() {
            match self.read(buffer).await? {
                0 => {
                    return Err(Error::new(
                        ErrorCode::UnexpectedEnd,
                        "the file ended before the buffer was full",
                    ));
                }
                amount => buffer = &mut buffer[amount..],
            }
        }
        Ok(())
    }

    /// Reads up to `max` bytes, none only at the end of the file. Bytes that are not in the buffer are
    /// returned without a copy.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does, and with `InsufficientMemory`.
    pub async fn read_vec(&mut self, max: usize) -> Result<Vec<u8>, Error> {
        if max == 0 {
            return Ok(Vec::new());
        }
        let amount = poll_fn(|cx| self.content.poll_fill(cx, max).map_ok(<[u8]>::len)).await?;
        // Dirty bytes stay in the buffer.
        if !self.content.dirty && amount == self.content.window.len() && amount <= max {
            self.content.position += amount as u64;
            return Ok(core::mem::take(&mut self.content.window));
        }
        let bytes = self.content.unread()[..amount.min(max)].to_vec();
        self.content.consume(bytes.len());
        Ok(bytes)
    }

    /// Reads to the end of the file, appends the bytes to `bytes` and returns their number.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does. The bytes in `bytes` have then been read.
    pub async fn read_to_end(&mut self, bytes: &mut Vec<u8>) -> Result<usize, Error> {
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

    /// Reads up to and including `byte`, or to the end, appends to `bytes` and returns the number of bytes.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does. The bytes in `bytes` have then been read.
    pub async fn read_until(&mut self, byte: u8, bytes: &mut Vec<u8>) -> Result<usize, Error> {
        let before = bytes.len();
        loop {
            let unread = self.fill_buf().await?;
            let found = memchr(byte, unread);
            let amount = found.map_or(unread.len(), |place| place + 1);
            bytes.extend_from_slice(&unread[..amount]);
            self.content.consume(amount);
            if found.is_some() || amount == 0 {
                return Ok(bytes.len() - before);
            }
        }
    }

    /// Reads a line with its `\n`, or the rest of the file, appends it to `line` and returns the number
    /// of bytes, 0 only at the end of the file.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does, and with `IllegalByteSequence` if the line is not UTF-8.
    /// Position and `line` are then as before.
    pub async fn read_line(&mut self, line: &mut String) -> Result<usize, Error> {
        // On a file that appends, this moves the position.
        self.flush().await?;
        let mut reading = Unfinished::new(self);
        let mut bytes = Vec::new();
        reading.file.read_until(b'\n', &mut bytes).await?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Error::new(ErrorCode::IllegalByteSequence, "the line is not UTF-8"))?;
        reading.finish();
        line.push_str(&text);
        Ok(text.len())
    }

    /// Returns bytes at the position, none only at the end of the file. [`consume`](Self::consume)
    /// advances the position.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does.
    pub async fn fill_buf(&mut self) -> Result<&[u8], Error> {
        poll_fn(|cx| self.content.poll_fill(cx, 0).map_ok(|_| ())).await?;
        Ok(self.content.unread())
    }

    /// Advances the position by `amount` bytes, at most by those that [`fill_buf`](Self::fill_buf)
    /// returned.
    pub fn consume(&mut self, amount: usize) {
        self.content.consume(amount);
    }

    /// Reads up to `max` bytes at `offset`, fewer only at the end. Keeps the position.
    ///
    /// # Errors
    ///
    /// Fails as [`read_vec`](Self::read_vec) does.
    pub async fn read_at(&mut self, max: usize, offset: u64) -> Result<Vec<u8>, Error> {
        let mut call = None;
        poll_fn(|cx| self.content.poll_read_at(cx, max, offset, &mut call)).await
    }

    /// Writes all of `data`. Data as large as the buffer bypasses it, in pieces of up to 1 MiB.
    ///
    /// # Errors
    ///
    /// Fails with `NotPermitted` without the right to write, and with `FileTooLarge`, `Quota` or
    /// `InsufficientSpace`. The position is then after the written bytes.
    pub async fn write_all(&mut self, mut data: &[u8]) -> Result<(), Error> {
        while !data.is_empty() {
            let amount = if data.len() < self.content.capacity {
                poll_fn(|cx| self.content.poll_write(cx, data)).await?
            } else {
                // The provider consumes its argument: one copy is needed.
                let amount = data.len().min(PIECE.max(self.content.capacity));
                self.write_vec(data[..amount].to_vec()).await?;
                amount
            };
            data = &data[amount..];
        }
        Ok(())
    }

    /// Writes all of `data`. Data as large as the buffer is handed on without a copy.
    ///
    /// # Errors
    ///
    /// Fails as [`write_all`](Self::write_all) does.
    pub async fn write_vec(&mut self, data: Vec<u8>) -> Result<(), Error> {
        let mut unwritten = Some(data);
        poll_fn(|cx| self.content.poll_write_vec(cx, &mut unwritten)).await
    }

    /// Writes all of `data` at `offset`, bypassing the buffer. Keeps the position.
    ///
    /// # Errors
    ///
    /// Fails as [`write_vec`](Self::write_vec) does, and with `NotPermitted` on a file that appends.
    pub async fn write_at(&mut self, data: Vec<u8>, offset: u64) -> Result<(), Error> {
        if self.content.appends() {
            return Err(Error::new(ErrorCode::NotPermitted, "the file is open for appending"));
        }
        self.content.bare().await?.write(data, Some(offset)).await.map_err(|cut| cut.error)?;
        Ok(())
    }

    /// Moves the position and returns it, in bytes from the beginning. Within the buffer, nothing is
    /// read again.
    ///
    /// # Errors
    ///
    /// Fails with `Invalid` for a position below 0 or above 2^63 - 1.
    pub async fn seek(&mut self, target: impl Into<SeekFrom>) -> Result<u64, Error> {
        let target = target.into();
        poll_fn(|cx| self.content.poll_seek(cx, target)).await
    }

    /// Moves the position to the beginning.
    ///
    /// # Errors
    ///
    /// Fails as [`seek`](Self::seek) does.
    pub async fn rewind(&mut self) -> Result<(), Error> {
        self.seek(SeekFrom::Start(0)).await.map(|_| ())
    }

    /// Returns the position, in bytes from the beginning.
    ///
    /// # Errors
    ///
    /// Fails as [`seek`](Self::seek) does.
    pub async fn stream_position(&mut self) -> Result<u64, Error> {
        self.seek(SeekFrom::Current(0)).await
    }

    /// Returns the size of the file in bytes.
    ///
    /// # Errors
    ///
    /// Fails as the host does.
    pub async fn size(&mut self) -> Result<u64, Error> {
        poll_fn(|cx| self.content.poll_size(cx)).await
    }

    /// Cuts the file to `size` bytes or extends it with zeros. Keeps the position.
    ///
    /// # Errors
    ///
    /// Fails as [`write_all`](Self::write_all) does.
    pub async fn set_len(&mut self, size: u64) -> Result<(), Error> {
        self.content.bare().await?.set_len(size).await
    }

    /// Writes the content of the buffer, so that others see it.
    ///
    /// # Errors
    ///
    /// Fails as writing does. The bytes stay in the buffer. Call `flush` again.
    pub async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.content.poll_flush(cx)).await
    }

    /// Flushes and waits until the content has reached the disk (`File::sync_all`).
    ///
    /// # Errors
    ///
    /// Fails as [`flush`](Self::flush) and the host do.
    pub async fn sync_all(&mut self) -> Result<(), Error> {
        self.content.bare().await?.sync().await
    }

    /// Moves the file to `path` for good and replaces an existing file (`NamedTempFile::persist`). A
    /// file without a name is copied.
    ///
    /// The file stays open. A later drop discards unflushed writes.
    ///
    /// # Errors
    ///
    /// Fails with `NoEntry`, `IsDirectory`, `CrossDevice`, and `NotPermitted` if the embedder confines
    /// its callers. The file is then unchanged.
    pub async fn persist(&mut self, path: &str) -> Result<(), Error> {
        self.leave(|remote| remote.persist(path.into(), true)).await
    }

    /// Moves the file as [`persist`](Self::persist) does, unless `path` exists.
    ///
    /// # Errors
    ///
    /// Fails as [`persist`](Self::persist) does, and with `Exist`.
    pub async fn persist_noclobber(&mut self, path: &str) -> Result<(), Error> {
        self.leave(|remote| remote.persist(path.into(), false)).await
    }

    /// Calls `stay`, which makes the content outlive the file.
    pub(crate) async fn leave(&mut self, stay: impl FnOnce(&Provider) -> Call<()>) -> Result<(), Error> {
        let call = stay(self.content.bare().await?);
        // The call may succeed even if this future is dropped.
        let before = self.content.set_lasting(true);
        let outcome = call.await;
        if outcome.is_err() {
            self.content.set_lasting(before);
        }
        outcome
    }

    /// Closes the file, removes it and reports errors.
    ///
    /// A file that stays is flushed first. Closing again succeeds.
    ///
    /// # Errors
    ///
    /// Fails as [`flush`](Self::flush) does, and if the removal fails. Call it again, or drop the file.
    pub async fn close(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.content.poll_close(cx)).await
    }
}

impl fmt::Debug for TempFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TempFile").field("file", self.content.remote()).finish_non_exhaustive()
    }
}

/// Restores the position if the caller never gets the bytes that were read.
struct Unfinished<'a> {
    file: &'a mut TempFile,
    start: Option<u64>,
}

impl<'a> Unfinished<'a> {
    fn new(file: &'a mut TempFile) -> Self {
        let start = Some(file.content.position);
        Self { file, start }
    }

    fn finish(&mut self) {
        self.start = None;
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if let Some(start) = self.start {
            self.file.content.position = start;
        }
    }
}
