//! A temporary file as such: content and a position, whatever its name.

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

/// A temporary file with a position, read and written through a buffer; it has no name, unless it
/// was made in a [`TempDir`](crate::TempDir).
///
/// It is what `tempfile::tempfile` returns. Dropping or closing it removes it, except where it was
/// persisted or belongs to a directory. Small reads and writes are operations in memory; the
/// provider is called for a whole buffer at once. Nothing but [`flush`](Self::flush) and what says
/// so takes small writes to where others see them: **dropping the file drops them**.
///
/// The functions are those of `futures`' extension traits and of `std::fs::File`, and so is
/// what they do. With the feature `std` the file implements the traits of `futures::io` as well.
/// A future of a file may be dropped: what was not reported as done is either as before, or, for
/// a piece that passes the buffer, finished by the next call.
///
/// Errors are those of the provider (see `wit/tempfile.wit`), among them
/// [`NotPermitted`](crate::ErrorCode::NotPermitted) for what the access does not allow,
/// [`Quota`](crate::ErrorCode::Quota) and
/// [`InsufficientSpace`](crate::ErrorCode::InsufficientSpace) for what there is no room for, and
/// [`Closed`](crate::ErrorCode::Closed). What needs the buffer to be written first fails as
/// [`flush`](Self::flush) does.
pub struct TempFile {
    pub(crate) content: Buffered,
}

/// Creates a file that has no name and that nobody else can find, as `tempfile::tempfile` does.
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
/// Fails as [`tempfile`] does, and with `NotPermitted` where the embedder chooses directories.
#[cfg(target_family = "wasm")]
pub async fn tempfile_in(directory: &str) -> Result<TempFile, Error> {
    Builder::new().directory(directory).unnamed().await
}

impl TempFile {
    pub(crate) fn new(remote: Provider, access: Access, buffer_size: usize, lasting: bool) -> Self {
        Self { content: Buffered::new(remote, access, buffer_size, lasting) }
    }

    /// The same for a file that is empty and that nobody else can reach.
    pub(crate) fn private(self) -> Self {
        Self { content: self.content.private() }
    }

    /// Reads some bytes into `buffer` and tells how many; none only at the end of the file.
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
                0 => return Err(Error::new(ErrorCode::UnexpectedEnd, "the file ended too early")),
                amount => buffer = &mut buffer[amount..],
            }
        }
        Ok(())
    }

    /// Reads up to `max` bytes, none only at the end of the file. What comes straight from the
    /// provider is not copied.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does, and with `InsufficientMemory`.
    pub async fn read_vec(&mut self, max: usize) -> Result<Vec<u8>, Error> {
        if max == 0 {
            return Ok(Vec::new());
        }
        let amount = poll_fn(|cx| self.content.poll_fill(cx, max).map_ok(<[u8]>::len)).await?;
        // What is still to be written stays.
        if !self.content.dirty && amount == self.content.window.len() && amount <= max {
            self.content.position += amount as u64;
            return Ok(core::mem::take(&mut self.content.window));
        }
        let bytes = self.content.unread()[..amount.min(max)].to_vec();
        self.content.consume(bytes.len());
        Ok(bytes)
    }

    /// Appends what is left of the file to `bytes` and tells how many bytes that was.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does; what is in `bytes` then has been read.
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

    /// Appends bytes up to and including `byte`, or to the end, and tells how many.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does; what is in `bytes` then has been read.
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

    /// Appends a line with its `\n`, or the rest of the file, and tells how many bytes; none only
    /// at the end of the file.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does, and with `IllegalByteSequence` if the line is not UTF-8.
    /// Position and `line` are then as before.
    pub async fn read_line(&mut self, line: &mut String) -> Result<usize, Error> {
        // Where a file appends, this moves the position.
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

    /// Shows bytes at the position, none only at the end of the file. [`consume`](Self::consume)
    /// advances the position.
    ///
    /// # Errors
    ///
    /// Fails as [`read`](Self::read) does.
    pub async fn fill_buf(&mut self) -> Result<&[u8], Error> {
        poll_fn(|cx| self.content.poll_fill(cx, 0).map_ok(|_| ())).await?;
        Ok(self.content.unread())
    }

    /// Advances the position over `amount` bytes, at most those that
    /// [`fill_buf`](Self::fill_buf) showed.
    pub fn consume(&mut self, amount: usize) {
        self.content.consume(amount);
    }

    /// Reads up to `max` bytes at `offset`, fewer only at the end; the position stays.
    ///
    /// # Errors
    ///
    /// Fails as [`read_vec`](Self::read_vec) does.
    pub async fn read_at(&mut self, max: usize, offset: u64) -> Result<Vec<u8>, Error> {
        let mut call = None;
        poll_fn(|cx| self.content.poll_read_at(cx, max, offset, &mut call)).await
    }

    /// Writes all of `data`. What would fill the buffer passes it, in pieces of up to 1 MiB.
    ///
    /// # Errors
    ///
    /// Fails with `NotPermitted` without the right to write, and with `FileTooLarge`, `Quota` or
    /// `InsufficientSpace`. The position then tells how much was taken.
    pub async fn write_all(&mut self, mut data: &[u8]) -> Result<(), Error> {
        while !data.is_empty() {
            let amount = if data.len() < self.content.capacity {
                poll_fn(|cx| self.content.poll_write(cx, data)).await?
            } else {
                // Straight to the provider: it consumes what it is given, so that there is one copy.
                let amount = data.len().min(PIECE.max(self.content.capacity));
                self.write_vec(data[..amount].to_vec()).await?;
                amount
            };
            data = &data[amount..];
        }
        Ok(())
    }

    /// Writes all of `data`, which is handed on without a copy if it would fill the buffer.
    ///
    /// # Errors
    ///
    /// Fails as [`write_all`](Self::write_all) does. What was not written is gone.
    pub async fn write_vec(&mut self, data: Vec<u8>) -> Result<(), Error> {
        let mut unwritten = Some(data);
        poll_fn(|cx| self.content.poll_write_vec(cx, &mut unwritten)).await
    }

    /// Writes all of `data` at `offset`, past the buffer; the position stays.
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

    /// Moves the position and tells it, in bytes from the beginning. Where the target lies in the
    /// buffer, nothing is read again.
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

    /// Tells the position, in bytes from the beginning.
    ///
    /// # Errors
    ///
    /// Fails as [`seek`](Self::seek) does.
    pub async fn stream_position(&mut self) -> Result<u64, Error> {
        self.seek(SeekFrom::Current(0)).await
    }

    /// Tells how many bytes the file has.
    ///
    /// # Errors
    ///
    /// Fails as the host does.
    pub async fn size(&mut self) -> Result<u64, Error> {
        poll_fn(|cx| self.content.poll_size(cx)).await
    }

    /// Makes the file `size` bytes long, with zeros where it grows; the position stays.
    ///
    /// # Errors
    ///
    /// Fails as [`write_all`](Self::write_all) does.
    pub async fn set_len(&mut self, size: u64) -> Result<(), Error> {
        self.content.bare().await?.set_len(size).await
    }

    /// Writes what is in the buffer, so that others see it.
    ///
    /// # Errors
    ///
    /// Fails as writing does. The bytes stay, and `flush` can be tried again.
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

    /// Moves the file to `path` for good, replacing what is there (`NamedTempFile::persist`). A file
    /// without a name is copied.
    ///
    /// The file stays open. From then on dropping it drops what was not flushed.
    ///
    /// # Errors
    ///
    /// Fails with `NoEntry`, `IsDirectory`, `CrossDevice`, and `NotPermitted` where the embedder
    /// allows nothing to stay. The file is then what and where it was.
    pub async fn persist(&mut self, path: &str) -> Result<(), Error> {
        self.leave(|remote| remote.persist(path.into(), true)).await
    }

    /// As [`persist`](Self::persist), unless there is something at `path` already.
    ///
    /// # Errors
    ///
    /// Fails as [`persist`](Self::persist) does, and with `Exist`.
    pub async fn persist_noclobber(&mut self, path: &str) -> Result<(), Error> {
        self.leave(|remote| remote.persist(path.into(), false)).await
    }

    /// Does what has the content outlive the file.
    pub(crate) async fn leave(&mut self, stay: impl FnOnce(&Provider) -> Call<()>) -> Result<(), Error> {
        let call = stay(self.content.bare().await?);
        // Before it is so, as it may become so although this future is dropped.
        let before = self.content.set_lasting(true);
        let outcome = call.await;
        if outcome.is_err() {
            self.content.set_lasting(before);
        }
        outcome
    }

    /// Ends the use of the content, removes what is to be removed and reports the outcome.
    ///
    /// What was not flushed is written before, if the content stays. Closing again succeeds.
    ///
    /// # Errors
    ///
    /// Fails as [`flush`](Self::flush) does, or with what the removal failed with. It can be tried
    /// again, or the file dropped.
    pub async fn close(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.content.poll_close(cx)).await
    }
}

impl fmt::Debug for TempFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TempFile").field("file", self.content.remote()).finish_non_exhaustive()
    }
}

/// Moves the position back if what was read never reaches the caller.
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
