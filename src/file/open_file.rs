//! A file in the hands of one operation: position, content, and the rules for both.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{Error, ErrorCode, Quoted, Result};
use crate::file::disk::{Disk, copy};
use crate::file::spool::Spool;
use crate::file::status::Visible;
use crate::filesystem::Filesystem;
use crate::instance::scratch::{Entry, Scratch};
use crate::limits::budget::{Account, OpenHandle};
use crate::options::{Access, Removal, Whence};
use crate::place::name::Affixes;

/// POSIX's off_t ends here, and with it what hosts accept.
pub(crate) const LAST_POSITION: u64 = i64::MAX as u64;

/// Where the bytes are.
pub(crate) enum Content<F: Filesystem> {
    Spool(Spool),
    Disk(Disk<F>),
    Closed,
}

/// All that there is of a file; dropping it removes the name that it still owns.
pub(crate) struct OpenFile<F: Filesystem> {
    pub(crate) scratch: Rc<Scratch<F>>,
    pub(crate) visible: Rc<Visible>,
    pub(crate) content: Content<F>,
    pub(crate) access: Access,
    pub(crate) buffer_size: usize,
    pub(crate) removal: Removal,
    /// The name, unless the file has none or it is gone.
    pub(crate) entry: Option<Entry<F>>,
    /// What is charged for the file on disk, as long as this file is what removes it.
    pub(crate) owned: Option<Rc<Account>>,
    /// None once it is closed.
    pub(crate) handle: Option<OpenHandle>,
    /// Where a spool goes when it rolls over.
    pub(crate) destination: Destination,
}

/// Where, and under what passing name, content without a name is put on disk.
#[derive(Default)]
pub(crate) struct Destination {
    pub(crate) directory: Option<String>,
    pub(crate) affixes: Affixes,
}

impl<F: Filesystem> OpenFile<F> {
    // Position

    pub(crate) fn position(&self) -> u64 {
        self.visible.position.get()
    }

    pub(crate) fn set_position(&self, position: u64) {
        self.visible.position.set(position);
    }

    /// Seeks if that takes no asking.
    pub(crate) fn seek_now(&mut self, offset: i64, whence: Whence) -> Result<Option<u64>> {
        let base = match (whence, &self.content) {
            (_, Content::Closed) => return Err(self.closed()),
            (Whence::Start, _) => 0,
            (Whence::Current, _) => self.position(),
            (Whence::End, Content::Spool(spool)) => spool.length(),
            (Whence::End, Content::Disk(disk)) => match disk.known_length() {
                Some(length) => length,
                None => return Ok(None),
            },
        };
        self.seek_from(base, offset).map(Some)
    }

    pub(crate) async fn seek(&mut self, offset: i64, whence: Whence) -> Result<u64> {
        if let Some(position) = self.seek_now(offset, whence)? {
            return Ok(position);
        }
        let length = self.size().await?;
        self.seek_from(length, offset)
    }

    fn seek_from(&mut self, base: u64, offset: i64) -> Result<u64> {
        let position = base.checked_add_signed(offset).filter(|position| *position <= LAST_POSITION);
        let Some(position) = position else {
            let fault = match offset {
                ..0 => "the position would lie before the beginning of the file",
                0.. => "the position would lie above 2^63 - 1",
            };
            return Err(Error::invalid("offset", &offset, fault));
        };
        if let Content::Disk(disk) = &mut self.content
            && !disk.is_sole()
        {
            disk.forget_clean();
        }
        self.set_position(position);
        Ok(position)
    }

    pub(crate) async fn size(&mut self) -> Result<u64> {
        let length = match &mut self.content {
            Content::Spool(spool) => Ok(spool.length()),
            Content::Disk(disk) => disk.length().await,
            Content::Closed => return Err(self.closed()),
        };
        length.map_err(|code| self.failed("telling its size", code))
    }

    // Reading

    /// Reads if that takes no asking.
    pub(crate) fn read_now(&mut self, max: u64) -> Result<Option<Vec<u8>>> {
        let read = self.get(self.position(), max)?;
        if let Some(bytes) = &read {
            self.set_position(self.position() + bytes.len() as u64);
        }
        Ok(read)
    }

    pub(crate) async fn read(&mut self, max: u64) -> Result<Vec<u8>> {
        let position = self.position();
        let bytes = self.read_from(position, max, true).await?;
        self.set_position(position + bytes.len() as u64);
        Ok(bytes)
    }

    /// Reads at `offset` if that takes no asking.
    pub(crate) fn read_at_now(&self, max: u64, offset: u64) -> Result<Option<Vec<u8>>> {
        check_offset(offset)?;
        self.get(offset, max)
    }

    pub(crate) async fn read_at(&mut self, max: u64, offset: u64) -> Result<Vec<u8>> {
        check_offset(offset)?;
        self.read_from(offset, max, false).await
    }

    fn get(&self, position: u64, max: u64) -> Result<Option<Vec<u8>>> {
        self.check_reading()?;
        let read = match &self.content {
            _ if max == 0 => Ok(Some(Vec::new())),
            Content::Spool(spool) => spool.get(position, max).map(Some),
            Content::Disk(disk) => disk.get(position, max),
            Content::Closed => Ok(None),
        };
        read.map_err(|code| self.failed("reading", code))
    }

    async fn read_from(&mut self, position: u64, max: u64, ahead: bool) -> Result<Vec<u8>> {
        if let Some(bytes) = self.get(position, max)? {
            return Ok(bytes);
        }
        match &mut self.content {
            Content::Disk(disk) => disk.read(position, max, ahead).await,
            _ => Ok(Vec::new()),
        }
        .map_err(|code| self.failed("reading", code))
    }

    /// The next bytes at the position, at least one unless the file is at its end. What `ahead` reads
    /// stays in memory for whoever reads next; without it, bytes that are not there are not copied.
    pub(crate) async fn peek(&mut self, max: usize, ahead: bool) -> Result<Vec<u8>> {
        self.check_reading()?;
        let position = self.position();
        if let Content::Disk(disk) = &mut self.content
            && !ahead
            && disk.held(position).is_empty()
        {
            let read = disk.read(position, max as u64, false).await;
            return read.map_err(|code| self.failed("reading", code));
        }
        let peeked = match &mut self.content {
            Content::Spool(spool) => Ok(spool.rest(position)),
            Content::Disk(disk) => disk.fill(position).await,
            Content::Closed => Ok(&[][..]),
        };
        let copied = peeked.and_then(|bytes| copy(&bytes[..bytes.len().min(max)]));
        copied.map_err(|code| self.failed("reading", code))
    }

    // Writing

    /// Writes if that takes no asking and stays within what may be in memory.
    pub(crate) fn write_now(&mut self, data: &[u8]) -> Result<bool> {
        self.check_writing()?;
        let Some(position) = self.write_position() else {
            return Ok(false);
        };
        let written = self.put(position, data)?;
        if written && !data.is_empty() {
            self.set_position(position + data.len() as u64);
        }
        Ok(written)
    }

    pub(crate) async fn write(&mut self, data: Vec<u8>) -> Result<()> {
        if self.write_now(&data)? {
            return Ok(());
        }
        self.write_slowly(data).await
    }

    /// Writes what `write_now` could not.
    pub(crate) async fn write_slowly(&mut self, data: Vec<u8>) -> Result<()> {
        self.check_writing()?;
        let position = match self.write_position() {
            Some(position) => position,
            None => self.size().await?,
        };
        let length = data.len() as u64;
        self.write_from(position, data).await?;
        if length > 0 {
            self.set_position(position + length);
        }
        Ok(())
    }

    /// Writes one line after the other.
    pub(crate) async fn write_lines(&mut self, lines: Vec<Vec<u8>>) -> Result<()> {
        self.check_writing()?;
        for line in lines {
            self.write(line).await?;
        }
        Ok(())
    }

    /// Writes at `offset` if that takes no asking and stays within what may be in memory.
    pub(crate) fn write_at_now(&mut self, data: &[u8], offset: u64) -> Result<bool> {
        self.check_writing_at(offset)?;
        self.put(offset, data)
    }

    pub(crate) async fn write_at(&mut self, data: Vec<u8>, offset: u64) -> Result<()> {
        if self.write_at_now(&data, offset)? {
            return Ok(());
        }
        self.write_at_slowly(data, offset).await
    }

    /// Writes at `offset` what `write_at_now` could not.
    pub(crate) async fn write_at_slowly(&mut self, data: Vec<u8>, offset: u64) -> Result<()> {
        self.check_writing_at(offset)?;
        self.write_from(offset, data).await
    }

    /// Where a write goes, unless that has to be asked for.
    pub(crate) fn write_position(&self) -> Option<u64> {
        match &self.content {
            Content::Spool(spool) if self.access.appends() => Some(spool.length()),
            Content::Disk(disk) if self.access.appends() => disk.known_length(),
            _ => Some(self.position()),
        }
    }

    fn put(&mut self, position: u64, data: &[u8]) -> Result<bool> {
        if data.is_empty() {
            return Ok(true);
        }
        let end = self.end_of_write(position, data.len())?;
        Ok(match &mut self.content {
            // Without memory for it the slow path decides between the disk and an error.
            Content::Spool(spool) => {
                spool.may_hold(end.max(spool.length()))
                    && self.scratch.budget()?.check_file_size(end).is_ok()
                    && spool.put(position, data).is_ok()
            }
            Content::Disk(disk) => disk.put(position, data),
            Content::Closed => false,
        })
    }

    async fn write_from(&mut self, position: u64, data: Vec<u8>) -> Result<()> {
        if data.is_empty() {
            return Ok(());
        }
        let end = self.end_of_write(position, data.len())?;
        self.check_size(end, "writing")?;
        self.make_room(end).await?;
        if let Content::Spool(spool) = &mut self.content {
            match spool.put(position, &data) {
                // Less memory than the caller thought: the disk serves as well.
                Err(_) if spool.may_roll() => self.rollover().await?,
                put => return put.map_err(|code| self.failed("writing", code)),
            }
        }
        match &mut self.content {
            Content::Disk(disk) => disk.write(position, data).await,
            _ => Err(ErrorCode::Closed),
        }
        .map_err(|code| self.failed("writing", code))
    }

    pub(crate) fn end_of_write(&self, position: u64, length: usize) -> Result<u64> {
        let end = position.checked_add(length as u64).filter(|end| *end <= F::LARGEST_FILE);
        end.ok_or_else(|| self.failed("writing", ErrorCode::FileTooLarge))
    }

    pub(crate) async fn truncate(&mut self, size: Option<u64>) -> Result<()> {
        self.check_writing()?;
        let size = size.unwrap_or_else(|| self.position());
        if size > LAST_POSITION {
            return Err(Error::invalid("size", &size, "above 2^63 - 1"));
        }
        if size > F::LARGEST_FILE {
            return Err(self.failed("truncating", ErrorCode::FileTooLarge));
        }
        self.check_size(size, "truncating")?;
        self.make_room(size).await?;
        if let Content::Spool(spool) = &mut self.content {
            match spool.set_length(size) {
                Err(_) if spool.may_roll() => self.rollover().await?,
                set => return set.map_err(|code| self.failed("truncating", code)),
            }
        }
        match &mut self.content {
            Content::Disk(disk) => disk.set_length(size).await,
            _ => Err(ErrorCode::Closed),
        }
        .map_err(|code| self.failed("truncating", code))
    }

    // To the host

    pub(crate) async fn flush(&mut self) -> Result<()> {
        match &mut self.content {
            Content::Spool(_) => Ok(()),
            Content::Disk(disk) => disk.flush().await,
            Content::Closed => return Err(self.closed()),
        }
        .map_err(|code| self.failed("writing", code))
    }

    pub(crate) async fn sync(&mut self) -> Result<()> {
        match &mut self.content {
            Content::Spool(_) => Ok(()),
            Content::Disk(disk) => disk.sync().await,
            Content::Closed => return Err(self.closed()),
        }
        .map_err(|code| self.failed("syncing", code))
    }

    // Rules and errors

    pub(crate) fn check_reading(&self) -> Result<()> {
        if let Content::Closed = self.content {
            return Err(self.closed());
        }
        if !self.access.reads() {
            return Err(self.not_permitted("it is not open for reading"));
        }
        Ok(())
    }

    pub(crate) fn check_writing(&self) -> Result<()> {
        if let Content::Closed = self.content {
            return Err(self.closed());
        }
        if !self.access.writes() {
            return Err(self.not_permitted("it is not open for writing"));
        }
        Ok(())
    }

    fn check_writing_at(&self, offset: u64) -> Result<()> {
        self.check_writing()?;
        if self.access.appends() {
            return Err(self.not_permitted("it is open for appending, which ignores offsets"));
        }
        check_offset(offset)
    }

    pub(crate) fn closed(&self) -> Error {
        Error::new(ErrorCode::Closed, format!("{}: it is closed", self.subject()))
    }

    fn not_permitted(&self, why: &str) -> Error {
        Error::new(ErrorCode::NotPermitted, format!("{}: {why}", self.subject()))
    }

    pub(crate) fn failed(&self, doing: &str, code: ErrorCode) -> Error {
        let code = self.scratch.reported(code);
        Error::new(code, format!("{}: {doing} failed: {code}", self.subject()))
    }

    /// What messages call the file.
    pub(crate) fn subject(&self) -> String {
        match (&*self.visible.path.borrow(), &self.content) {
            (Some(path), _) => format!("file {}", Quoted(path)),
            (None, Content::Spool(_)) => "spooled file".into(),
            (None, _) => "unnamed file".into(),
        }
    }
}

fn check_offset(offset: u64) -> Result<()> {
    if offset > LAST_POSITION {
        return Err(Error::invalid("offset", &offset, "above 2^63 - 1"));
    }
    Ok(())
}
