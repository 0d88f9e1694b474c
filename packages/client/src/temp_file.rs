//! The content and position of a temporary file of any kind.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::future::poll_fn;

use memchr::memchr;

#[cfg(target_family = "wasm")]
use crate::Builder;
use crate::buffered::{Buffered, PIECE, append, no_memory};
use crate::error::not_utf8;
use crate::persisted::{PersistError, keep_file};
use crate::remote::{Call, Remote};
use crate::{Access, Error, ErrorCode, Provider, SeekFrom};

/// A temporary file with a position, read and written through a buffer.
///
/// It has no name, unless it was created in a [`TempDir`](crate::TempDir), and is the counterpart of
/// the `File` that `tempfile::tempfile` returns. Dropping or closing it removes it, unless it was
/// persisted or belongs to a directory. The functions follow `futures`' extension traits and
/// `std::fs::File`. With the feature `std` the file implements the traits of `futures::io` as well.
///
/// # Buffer
///
/// Small reads and writes are operations in memory. The provider is called for a whole buffer at
/// once. Reading through a file sees the writes through the same file at once, and those through other
/// handles of this component after their [`flush`](Self::flush). Call `flush` of the reading file to
/// see the writes of other components.
///
/// Unflushed writes of a file that others can open (one with a name, in a directory, or persisted) are
/// written when it is closed or dropped. A drop does not wait and cannot report errors: a task writes
/// the bytes. A directory waits for that task before it opens or lists files. A drop outside of any
/// task, as in the destructor of an exported resource, starts to write at the next call of a file. It
/// discards unflushed writes of a named file that is to be removed.
///
/// # Dropped futures
///
/// A future may be dropped at any time. If it was not finished:
///
/// - [`write`](Self::write), [`write_all`](Self::write_all) and [`write_vec`](Self::write_vec) of less
///   than the buffer have written nothing.
/// - Larger pieces, [`write_at`](Self::write_at), [`set_len`](Self::set_len) and
///   [`persist`](Self::persist) are not begun or else finished by the next call. `write_all` of more
///   than 1 MiB writes several pieces. The position is after the written bytes.
/// - [`flush`](Self::flush), [`sync_all`](Self::sync_all) and [`close`](Self::close) are finished by the
///   next call or by calling them again.
/// - [`read_to_end`](Self::read_to_end) and [`read_until`](Self::read_until) have read the bytes that
///   they appended. All other reads have read nothing.
///
/// If a write fails after its future was dropped, the next call returns its error.
///
/// # Errors
///
/// Errors are those of the provider (see `wit/tempfile.wit`), among them
/// [`NotPermitted`](crate::ErrorCode::NotPermitted) for an operation that the access does not allow,
/// [`Quota`](crate::ErrorCode::Quota) and
/// [`InsufficientSpace`](crate::ErrorCode::InsufficientSpace) for lack of room, and
/// [`Closed`](crate::ErrorCode::Closed). At a limit, stored bytes can still be read, and unflushed bytes
/// can be read, cut by [`set_len`](Self::set_len) and discarded by [`discard`](Self::discard).
pub struct TempFile {
    content: Buffered,
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
pub async fn tempfile_in(directory: impl AsRef<str>) -> Result<TempFile, Error> {
    Builder::new().directory(directory).unnamed().await
}

impl TempFile {
    /// Wraps a file. One that is not `shared` is new and empty, and nobody else can open it.
    pub(crate) fn new(remote: Provider, access: Access, buffer_size: usize, shared: bool) -> Self {
        Self { content: Buffered::new(remote, access, buffer_size, shared) }
    }

    pub(crate) fn content(&mut self) -> &mut Buffered {
        &mut self.content
    }

    pub(crate) fn remote(&self) -> &Provider {
        self.content.remote()
    }

    /// Reads bytes into `buffer` and returns their number, 0 only at the end of the file.
    ///
    /// # Errors
    ///
    /// Fails with `NotPermitted` without the right to read.
    pub async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let mut begun = false;
        poll_fn(|cx| self.content.poll_read(cx, buffer, &mut begun)).await
    }

    /// Fills `buffer`.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does, and with `UnexpectedEnd` if the file ends before. The
    /// position is then as before.
    pub async fn read_exact(&mut self, mut buffer: &mut [u8]) -> Result<(), Error> {
        if self.content.read_from_memory(buffer) {
            return Ok(());
        }
        let reading = Unfinished::new(self).await?;
        while !buffer.is_empty() {
            match reading.file.read(buffer).await? {
                0 => {
                    return Err(Error::new(
                        ErrorCode::UnexpectedEnd,
                        "the file ended before the buffer was full",
                    ));
                }
                amount => buffer = &mut buffer[amount..],
            }
        }
        reading.finish();
        Ok(())
    }

    /// Reads up to `max` bytes, none only at the end of the file. Bytes that are not in the buffer are
    /// returned without a copy.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does, and with `InsufficientMemory`.
    pub async fn read_vec(&mut self, max: usize) -> Result<Vec<u8>, Error> {
        let mut begun = false;
        poll_fn(|cx| self.content.poll_read_vec(cx, max, &mut begun)).await
    }

    /// Reads to the end of the file, appends the bytes to `bytes` and returns their number.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does, and with `InsufficientMemory`. The bytes in `bytes` have then
    /// been read.
    pub async fn read_to_end(&mut self, bytes: &mut Vec<u8>) -> Result<usize, Error> {
        let before = bytes.len();
        loop {
            let mut piece = self.read_vec(PIECE).await?;
            if piece.is_empty() {
                return Ok(bytes.len() - before);
            }
            if bytes.capacity() == 0 {
                *bytes = piece;
            } else if bytes.try_reserve(piece.len()).is_ok() {
                bytes.append(&mut piece);
            } else {
                let position = self.content.position() - piece.len() as u64;
                self.content.restore(position);
                return Err(no_memory());
            }
        }
    }

    /// Reads to the end of the file, appends the text to `text` and returns the number of bytes.
    ///
    /// # Errors
    ///
    /// Fails as [`read_to_end`](Self::read_to_end) does, and with `IllegalByteSequence` if the bytes are
    /// not UTF-8. Position and `text` are then as before.
    pub async fn read_to_string(&mut self, text: &mut String) -> Result<usize, Error> {
        let reading = Unfinished::new(self).await?;
        let mut bytes = Vec::new();
        reading.file.read_to_end(&mut bytes).await?;
        let read = String::from_utf8(bytes).map_err(|_| not_utf8("the content"))?;
        reading.finish();
        let amount = read.len();
        if text.capacity() == 0 {
            *text = read
        } else {
            text.push_str(&read)
        }
        Ok(amount)
    }

    /// Reads up to and including `byte`, or to the end, appends to `bytes` and returns the number of
    /// bytes. Without a buffer, reads up to 1 KiB ahead.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does. The bytes in `bytes` have then been read.
    pub async fn read_until(&mut self, byte: u8, bytes: &mut Vec<u8>) -> Result<usize, Error> {
        let before = bytes.len();
        if let Some(unread) = self.content.unread_until(byte) {
            let amount = unread.len();
            append(bytes, unread);
            self.consume(amount);
            return Ok(amount);
        }
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

    /// Reads a line with its `\n`, or the rest of the file, appends it to `line` and returns the number
    /// of bytes, 0 only at the end of the file.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does, and with `IllegalByteSequence` if the line is not UTF-8.
    /// Position and `line` are then as before.
    pub async fn read_line(&mut self, line: &mut String) -> Result<usize, Error> {
        if let Some(unread) = self.content.unread_until(b'\n') {
            let text = str::from_utf8(unread).map_err(|_| not_utf8("the line"))?;
            line.push_str(text);
            let amount = text.len();
            self.consume(amount);
            return Ok(amount);
        }
        let reading = Unfinished::new(self).await?;
        let mut bytes = Vec::new();
        reading.file.read_until(b'\n', &mut bytes).await?;
        let text = String::from_utf8(bytes).map_err(|_| not_utf8("the line"))?;
        reading.finish();
        line.push_str(&text);
        Ok(text.len())
    }

    /// Returns bytes at the position, none only at the end of the file. [`consume`](Self::consume)
    /// advances the position. Without a buffer, reads up to 1 KiB ahead.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does.
    pub async fn fill_buf(&mut self) -> Result<&[u8], Error> {
        let mut begun = false;
        poll_fn(|cx| self.content.poll_fill(cx, 0, &mut begun).map_ok(|_| ())).await?;
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

    /// Writes up to 1 MiB of `data` and returns the number of bytes, 0 only if `data` is empty.
    ///
    /// # Errors
    ///
    /// Fails as [`write_all`](Self::write_all) does.
    pub async fn write(&mut self, data: &[u8]) -> Result<usize, Error> {
        let amount = data.len().min(PIECE.max(self.content.capacity()));
        self.write_all(&data[..amount]).await?;
        Ok(amount)
    }

    /// Writes all of `data`. Data as large as the buffer bypasses it, in pieces of up to 1 MiB.
    ///
    /// # Errors
    ///
    /// Fails with `NotPermitted` without the right to write, and with `FileTooLarge`, `Quota` or
    /// `InsufficientSpace`. The position is then after the written bytes.
    pub async fn write_all(&mut self, mut data: &[u8]) -> Result<(), Error> {
        if self.content.write_to_memory(data) {
            return Ok(());
        }
        while !data.is_empty() {
            let amount = data.len().min(PIECE.max(self.content.capacity()));
            if data.len() < self.content.capacity() {
                poll_fn(|cx| self.content.poll_take(cx, data, true)).await?;
            } else {
                // The provider consumes its argument: one copy is needed.
                self.content.write_piece(data[..amount].to_vec()).await?;
            }
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
        if data.is_empty() || data.len() < self.content.capacity() {
            poll_fn(|cx| self.content.poll_take(cx, &data, true)).await?;
            return Ok(());
        }
        self.content.write_piece(data).await
    }

    /// Writes all of `data` at `offset`, bypassing the buffer. Keeps the position.
    ///
    /// # Errors
    ///
    /// Fails as [`write_vec`](Self::write_vec) does, with `Invalid` for an offset above 2^63 - 1, and
    /// with `NotPermitted` on a file that appends.
    pub async fn write_at(&mut self, data: Vec<u8>, offset: u64) -> Result<(), Error> {
        self.content.write_at(data, offset).await
    }

    /// Moves the position and returns it, in bytes from the beginning. Within the buffer, nothing is
    /// read again.
    ///
    /// # Errors
    ///
    /// Fails with `Invalid` for a position below 0 or above 2^63 - 1.
    pub async fn seek(&mut self, target: impl Into<SeekFrom>) -> Result<u64, Error> {
        let (target, mut begun) = (target.into(), false);
        poll_fn(|cx| self.content.poll_seek(cx, target, &mut begun)).await
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
        poll_fn(|cx| self.content.poll_position(cx)).await
    }

    /// Returns the size of the file in bytes, unflushed writes included.
    ///
    /// # Errors
    ///
    /// Fails as the host does.
    pub async fn size(&mut self) -> Result<u64, Error> {
        let mut begun = false;
        poll_fn(|cx| self.content.poll_size(cx, &mut begun)).await
    }

    /// Cuts the file to `size` bytes or extends it with zeros. Keeps the position. Does not flush:
    /// unflushed bytes are cut in memory.
    ///
    /// # Errors
    ///
    /// Fails as [`write_all`](Self::write_all) does. The file is then unchanged.
    pub async fn set_len(&mut self, size: u64) -> Result<(), Error> {
        self.content.set_len(size).await
    }

    /// Writes the content of the buffer, so that others see it, and frees its memory. The next read sees
    /// the writes of others.
    ///
    /// # Errors
    ///
    /// Fails as writing does. The bytes stay in the buffer. Call `flush` again, or
    /// [`discard`](Self::discard).
    pub async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.content.poll_flush(cx)).await
    }

    /// Discards unflushed writes. A position within the discarded bytes moves to their beginning.
    ///
    /// A write whose future was dropped is waited for.
    ///
    /// # Errors
    ///
    /// Fails with `Closed`.
    pub async fn discard(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.content.poll_discard(cx)).await
    }

    /// Flushes and waits until the content has reached the disk (`File::sync_all`).
    ///
    /// # Errors
    ///
    /// Fails as [`flush`](Self::flush) and the host do.
    pub async fn sync_all(&mut self) -> Result<(), Error> {
        self.content.settle(Remote::sync).await
    }

    /// Flushes the file, moves it to `path` for good and replaces an existing file
    /// (`NamedTempFile::persist`). A file without a name is copied. Returns the open file.
    ///
    /// # Errors
    ///
    /// Fails as [`flush`](Self::flush) does, with `NoEntry`, `IsDirectory`, `CrossDevice`, and with
    /// `NotPermitted` if the embedder confines its callers. The error contains the file, unchanged.
    pub async fn persist(self, path: impl AsRef<str>) -> Result<Self, PersistError<Self>> {
        keep_file(self, |file| file, |remote| remote.persist(path.as_ref().into(), true)).await
    }

    /// Persists the file as [`persist`](Self::persist) does, unless `path` exists.
    ///
    /// # Errors
    ///
    /// Fails as [`persist`](Self::persist) does, and with `Exist`.
    pub async fn persist_noclobber(self, path: impl AsRef<str>) -> Result<Self, PersistError<Self>> {
        keep_file(self, |file| file, |remote| remote.persist(path.as_ref().into(), false)).await
    }

    /// Flushes the file and runs a call that makes it outlive its handle.
    pub(crate) async fn stay(&mut self, call: impl FnOnce(&Provider) -> Call<()>) -> Result<(), Error> {
        self.content.stay(call).await
    }

    /// Flushes the file and returns a second handle with a position of its own.
    pub(crate) async fn reopen(&mut self) -> Result<Self, Error> {
        self.flush().await?;
        self.remote().share();
        let Self { content } = self;
        let mut second = Self::new(content.remote().clone(), content.access(), content.capacity(), true);
        if !content.is_lasting() {
            second.content.set_removed_on_drop();
        }
        Ok(second)
    }

    /// Closes the file, removes it and reports errors.
    ///
    /// A file that others can open is flushed first. Closing again succeeds.
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
        formatter.debug_struct("TempFile").field("file", self.remote()).finish_non_exhaustive()
    }
}

/// Restores the position if the caller never gets the bytes that were read.
struct Unfinished<'a> {
    file: &'a mut TempFile,
    start: Option<u64>,
}

impl<'a> Unfinished<'a> {
    async fn new(file: &'a mut TempFile) -> Result<Self, Error> {
        let start = Some(file.stream_position().await?);
        Ok(Self { file, start })
    }

    fn finish(mut self) {
        self.start = None;
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if let Some(start) = self.start {
            self.file.content.restore(start);
        }
    }
}
