//! An open file, used by one operation at a time: position, content, the rules for both, and its end by
//! close or drop.

use alloc::boxed::Box;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::mem;

use crate::error::{Error, ErrorCode, Quoted, Result};
use crate::file::disk::{Disk, copy};
use crate::file::spool::Spool;
use crate::file::status::FileStatus;
use crate::filesystem::Filesystem;
use crate::instance::scratch::{Entry, Scratch};
use crate::limits::budget::{Account, OpenHandle};
use crate::options::{Access, Removal, Whence};
use crate::place::name::Affixes;
use crate::task::background::{self, Background};

/// The largest offset of POSIX, and so of hosts.
pub(crate) const LAST_POSITION: u64 = i64::MAX as u64;

/// The content of a file.
pub(crate) enum Content<F: Filesystem> {
    Spool(Spool),
    Disk(Disk<F>),
    Closed,
}

/// The state of a file. Dropping it removes the name that it still owns.
pub(crate) struct OpenFile<F: Filesystem> {
    pub(crate) scratch: Rc<Scratch<F>>,
    pub(crate) status: Rc<FileStatus>,
    pub(crate) content: Content<F>,
    pub(crate) access: Access,
    pub(crate) buffer_size: usize,
    pub(crate) removal: Removal,
    /// The name; none if the file never had one or it was removed.
    pub(crate) entry: Option<Entry<F>>,
    /// The charge for the file on disk, if this handle removes it.
    pub(crate) owned: Option<Rc<Account>>,
    /// Whether the drop was announced, so that it may leave work behind.
    pub(crate) announced: bool,
    /// None once it is closed.
    pub(crate) handle: Option<OpenHandle>,
    /// The directory and name for content that moves to disk.
    pub(crate) destination: Destination,
}

/// The directory of content without a name, and the affixes of its passing name.
#[derive(Default)]
pub(crate) struct Destination {
    pub(crate) directory: Option<String>,
    pub(crate) affixes: Affixes,
}

impl<F: Filesystem> OpenFile<F> {
    // Position

    pub(crate) fn position(&self) -> u64 {
        self.status.position.get()
    }

    pub(crate) fn set_position(&self, position: u64) {
        self.status.position.set(position);
    }

    /// Seeks if that needs no call to the host.
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
                ..0 => "the position would be before the start of the file",
                0.. => "the position would be above 2^63 - 1",
            };
            return Err(Error::invalid("offset", &offset, fault));
        };
        if let Content::Disk(disk) = &mut self.content
            && !disk.is_exclusive()
        {
            disk.forget_clean();
        }
        self.set_position(position);
        Ok(position)
    }

    /// Returns the size if the host need not be called for it.
    pub(crate) fn size_now(&self) -> Result<Option<u64>> {
        match &self.content {
            Content::Spool(spool) => Ok(Some(spool.length())),
            Content::Disk(disk) => Ok(disk.known_length()),
            Content::Closed => Err(self.closed()),
        }
    }

    pub(crate) async fn size(&mut self) -> Result<u64> {
        let length = match &mut self.content {
            Content::Spool(spool) => Ok(spool.length()),
            Content::Disk(disk) => disk.length().await,
            Content::Closed => return Err(self.closed()),
        };
        length.map_err(|code| self.failed("get its size", code))
    }

    // Reading

    /// Reads if that needs no call to the host.
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

    /// Reads at `offset` if that needs no call to the host.
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
        read.map_err(|code| self.failed("read", code))
    }

    async fn read_from(&mut self, position: u64, max: u64, ahead: bool) -> Result<Vec<u8>> {
        if let Some(bytes) = self.get(position, max)? {
            return Ok(bytes);
        }
        match &mut self.content {
            Content::Disk(disk) => disk.read(position, max, ahead).await,
            _ => Ok(Vec::new()),
        }
        .map_err(|code| self.failed("read", code))
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
            return read.map_err(|code| self.failed("read", code));
        }
        let peeked = match &mut self.content {
            Content::Spool(spool) => Ok(spool.rest(position)),
            Content::Disk(disk) => disk.fill(position).await,
            Content::Closed => Ok(&[][..]),
        };
        let copied = peeked.and_then(|bytes| copy(&bytes[..bytes.len().min(max)]));
        copied.map_err(|code| self.failed("read", code))
    }

    // To the host

    pub(crate) async fn flush(&mut self) -> Result<()> {
        match &mut self.content {
            Content::Spool(_) => Ok(()),
            Content::Disk(disk) => disk.flush().await,
            Content::Closed => return Err(self.closed()),
        }
        .map_err(|code| self.failed("write", code))
    }

    pub(crate) async fn sync(&mut self) -> Result<()> {
        if let Content::Spool(spool) = &self.content
            && spool.account().is_some()
        {
            self.rollover().await?;
        }
        match &mut self.content {
            Content::Spool(_) => Ok(()),
            Content::Disk(disk) => disk.sync().await,
            Content::Closed => return Err(self.closed()),
        }
        .map_err(|code| self.failed("sync", code))
    }

    // The end

    /// Closes a file whose name is not to be removed or flushed by this; otherwise returns none.
    pub(crate) fn close_now(&mut self) -> Option<()> {
        if self.entry.is_some() || (self.is_open() && self.status.path.borrow().is_some()) {
            return None;
        }
        self.release();
        self.owned = None;
        Some(())
    }

    fn is_open(&self) -> bool {
        !matches!(self.content, Content::Closed)
    }

    fn release(&mut self) {
        self.content = Content::Closed;
        self.handle = None;
        self.status.closed.set(true);
    }

    /// Closes the content, and removes the file if it is to be removed. After an error it can be called
    /// again.
    pub(crate) async fn close(&mut self) -> Result<()> {
        let outlives = self.is_named() && self.removal != Removal::OnClose;
        if self.is_named() {
            // Other processes may have the file open or have moved it.
            self.flush_if_open().await?;
        }
        // Some hosts refuse to unlink open files.
        self.release();
        if outlives {
            return Ok(());
        }
        if let Some(entry) = &self.entry {
            match self.scratch.filesystem.unlink_file_at(&entry.directory, &entry.name).await {
                Ok(()) | Err(ErrorCode::NoEntry) => self.entry = None,
                Err(code) => return Err(self.failed("remove it", code)),
            }
        }
        self.owned = None;
        Ok(())
    }

    // Identity

    /// Replaces the content by one on disk, whose hidden name the host may have refused to remove.
    pub(crate) fn move_to(&mut self, disk: Disk<F>, hidden: Option<Entry<F>>, account: Rc<Account>) {
        self.content = Content::Disk(disk);
        self.status.rolled.set(true);
        self.remove_entry(None);
        self.entry = hidden;
        self.owned = Some(account);
    }

    /// Starts to remove the name, if the file still owns one, after the end of its handle.
    pub(crate) fn remove_entry(&mut self, handle: Option<OpenHandle>) {
        if let (Some(entry), Some(account)) = (self.entry.take(), self.owned.take()) {
            let handle = entry.kept_handle(handle);
            self.scratch.start_removal(entry, (account, handle));
        }
    }

    // Rules and errors

    pub(crate) fn check_reading(&self) -> Result<()> {
        if let Content::Closed = self.content {
            return Err(self.closed());
        }
        if !self.access.reads() {
            return Err(self.not_permitted("not open for reading"));
        }
        Ok(())
    }

    pub(crate) fn check_writing(&self) -> Result<()> {
        if let Content::Closed = self.content {
            return Err(self.closed());
        }
        if !self.access.writes() {
            return Err(self.not_permitted("not open for writing"));
        }
        Ok(())
    }

    pub(crate) fn check_writing_at(&self, offset: u64) -> Result<()> {
        self.check_writing()?;
        if self.access.appends() {
            return Err(self.not_permitted("open for appending, which ignores offsets"));
        }
        check_offset(offset)
    }

    /// Charges content in memory as the file on disk that it stands for.
    pub(crate) async fn charge_in_memory(&self, length: u64, action: &str) -> Result<()> {
        let Content::Spool(spool) = &self.content else { return Ok(()) };
        let Some(account) = spool.account() else { return Ok(()) };
        let charged = self.scratch.background.charge(|| account.grow(length)).await;
        charged.map_err(|code| self.failed(action, code))
    }

    /// Refuses a size above the limit of one file, also in memory.
    pub(crate) fn check_size(&self, size: u64, action: &str) -> Result<()> {
        match &self.content {
            Content::Spool(spool) if size > spool.length() => {
                let checked = self.scratch.budget()?.check_file_size(size);
                checked.map_err(|code| self.failed(action, code))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn closed(&self) -> Error {
        Error::new(ErrorCode::Closed, format!("{}: closed", self.subject()))
    }

    fn not_permitted(&self, why: &str) -> Error {
        Error::new(ErrorCode::NotPermitted, format!("{}: {why}", self.subject()))
    }

    pub(crate) fn failed(&self, action: &str, code: ErrorCode) -> Error {
        let code = self.scratch.reported(code);
        Error::new(code, format!("{}: cannot {action}: {code}", self.subject()))
    }

    /// The name of the file in messages.
    pub(crate) fn subject(&self) -> String {
        match (&*self.status.path.borrow(), &self.content) {
            (Some(path), _) => format!("file {}", Quoted(path)),
            (None, Content::Spool(spool)) if spool.account().is_none() => "spooled file".into(),
            (None, _) => "unnamed file".into(),
        }
    }
}

impl<F: Filesystem> Drop for OpenFile<F> {
    fn drop(&mut self) {
        let content = mem::replace(&mut self.content, Content::Closed);
        let background = self.scratch.background.clone();
        match content {
            Content::Disk(disk) if self.announced && disk.is_dirty() => {
                let entry = self.entry.take().zip(self.owned.take());
                background.drop_happened(Some(flush_and_remove(
                    &background,
                    disk,
                    entry,
                    self.handle.take(),
                )));
            }
            content => {
                // Some hosts refuse to unlink an open file.
                drop(content);
                let handle = self.handle.take();
                self.remove_entry(handle);
                if self.announced {
                    background.drop_happened(None);
                }
            }
        }
    }
}

/// The end of a named file that was dropped with bytes in its buffer: other processes may have the
/// file open or have moved it, so the bytes are written before the name is removed.
fn flush_and_remove<F: Filesystem>(
    background: &Background<F>,
    mut disk: Disk<F>,
    entry: Option<(Entry<F>, Rc<Account>)>,
    handle: Option<OpenHandle>,
) -> background::Removal {
    let filesystem = background.filesystem().clone();
    background::Removal::new(async move {
        // No caller is left to whom an error could be reported.
        let _ = disk.flush().await;
        drop(disk);
        let (entry, account) = entry?;
        let handle = entry.kept_handle(handle);
        let (directory, name) = (entry.directory.clone(), entry.name.to_string());
        background::Removal::of_name(filesystem, directory, name, Box::new((entry, account, handle))).await
    })
}

fn check_offset(offset: u64) -> Result<()> {
    if offset > LAST_POSITION {
        return Err(Error::invalid("offset", &offset, "above 2^63 - 1"));
    }
    Ok(())
}
