//! An open file or directory of a private tree, and the streams of an open file.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use crate::error::{ErrorCode, Limit};
use crate::filesystem::{Filesystem, Kind, OpenHow, Result};
use crate::limits::budget::OpenHandle;
use crate::tmp::inode::{Inode, Times};
use crate::tmp::tree;

/// The largest number of bytes of one read or write. A caller has to continue after a shorter one.
const MOST_AT_ONCE: u64 = 1 << 20;

/// The permitted use of an open file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    pub(crate) read: bool,
    pub(crate) write: bool,
}

/// An open file or directory.
pub(crate) struct Descriptor<F: Filesystem> {
    inode: Rc<Inode<F>>,
    rights: Rights,
    /// None for the root, which the program did not open.
    _handle: Option<OpenHandle>,
}

impl<F: Filesystem> Descriptor<F> {
    /// Returns the root as the program gets it, which is not charged.
    pub(crate) fn root(root: Rc<Inode<F>>) -> Descriptor<F> {
        Descriptor { inode: root, rights: Rights { read: true, write: false }, _handle: None }
    }

    /// Opens the file or directory at `path`.
    pub(crate) fn open_at(&self, path: &str, how: OpenHow) -> Result<Descriptor<F>> {
        // The handle is charged first: a refused call must not create or truncate a file.
        let handle = self.inode.volume().budget()?.open_handle()?;
        let inode = tree::open_at(&self.inode, path, how)?;
        let rights = Rights { read: how.read, write: how.write };
        Ok(Descriptor { inode, rights, _handle: Some(handle) })
    }

    pub(crate) fn inode(&self) -> &Rc<Inode<F>> {
        &self.inode
    }

    pub(crate) fn rights(&self) -> Rights {
        self.rights
    }

    /// Reads up to `max` bytes at `position`, and returns whether they end at the end of the file.
    pub(crate) fn read(&self, position: u64, max: u64) -> Result<(Vec<u8>, bool)> {
        self.check_readable()?;
        let mut content = self.inode.content()?;
        let bytes = content.read(position, max.min(MOST_AT_ONCE))?;
        let is_end = position.saturating_add(bytes.len() as u64) >= content.length();
        Ok((bytes, is_end))
    }

    /// Writes as much of the beginning of `data` as the limits allow, and returns its length.
    pub(crate) fn write(&self, position: u64, mut data: Vec<u8>) -> Result<u64> {
        self.check_writable()?;
        let mut content = self.inode.content()?;
        let room = content.room(position, data.len() as u64);
        if room > 0 {
            data.truncate(room as usize);
        }
        let written = data.len() as u64;
        content.write(position, data)?;
        self.inode.mark_written();
        Ok(written)
    }

    pub(crate) fn set_size(&self, size: u64) -> Result<()> {
        self.check_writable()?;
        self.inode.content()?.set_length(size)?;
        self.inode.touch(true);
        Ok(())
    }

    /// Writes buffered bytes to the host, to report its errors.
    pub(crate) fn sync(&self) -> Result<()> {
        if self.inode.is_directory() { Ok(()) } else { self.inode.content()?.flush() }
    }

    /// Returns a stream that reads from `position` on.
    pub(crate) fn reader(&self, position: u64) -> Result<Reader<F>> {
        self.check_readable()?;
        self.inode.content()?;
        Ok(Reader { inode: self.inode.clone(), position: Cell::new(position) })
    }

    /// Returns a stream that writes from `position` on, or without one appends.
    pub(crate) fn writer(&self, position: Option<u64>) -> Result<Writer<F>> {
        self.check_writable()?;
        self.inode.content()?;
        Ok(Writer { inode: self.inode.clone(), position: position.map(Cell::new) })
    }

    /// Returns a list of the names in this directory.
    pub(crate) fn entries(&self) -> Result<Entries<F>> {
        self.inode.as_directory()?;
        Ok(Entries { directory: self.inode.clone(), last: RefCell::new(None) })
    }

    fn check_readable(&self) -> Result<()> {
        self.inode.content()?;
        if self.rights.read { Ok(()) } else { Err(ErrorCode::NotPermitted) }
    }

    fn check_writable(&self) -> Result<()> {
        self.inode.content()?;
        if self.rights.write { Ok(()) } else { Err(ErrorCode::NotPermitted) }
    }
}

impl<F: Filesystem> Drop for Descriptor<F> {
    fn drop(&mut self) {
        self.inode.settle();
    }
}

/// Changes times; `None` leaves one as it is.
pub(crate) fn set_times<F: Filesystem>(inode: &Inode<F>, accessed: Option<u64>, modified: Option<u64>) {
    inode.settle();
    let times = inode.times.get();
    let (accessed, modified) = (accessed.unwrap_or(times.accessed), modified.unwrap_or(times.modified));
    inode.times.set(Times { accessed, modified, changed: inode.volume().now() });
}

/// A stream that reads a file.
pub(crate) struct Reader<F: Filesystem> {
    inode: Rc<Inode<F>>,
    position: Cell<u64>,
}

impl<F: Filesystem> Reader<F> {
    /// Reads up to `max` bytes; none only at the end of the file.
    pub(crate) fn read(&self, max: u64) -> Result<Vec<u8>> {
        let bytes = self.inode.content()?.read(self.position.get(), max.min(MOST_AT_ONCE))?;
        self.position.set(self.position.get() + bytes.len() as u64);
        Ok(bytes)
    }

    /// Skips up to `max` bytes, and returns how many; none only at the end of the file.
    pub(crate) fn skip(&self, max: u64) -> Result<u64> {
        let left = self.inode.content()?.length().saturating_sub(self.position.get());
        let skipped = left.min(max);
        self.position.set(self.position.get() + skipped);
        Ok(skipped)
    }
}

/// A stream that writes a file.
pub(crate) struct Writer<F: Filesystem> {
    inode: Rc<Inode<F>>,
    /// None if it appends.
    position: Option<Cell<u64>>,
}

impl<F: Filesystem> Writer<F> {
    /// Returns the number of bytes that can be written at once, at least one.
    ///
    /// Fails if there is no room: a program that is told to write 0 bytes would ask for ever.
    pub(crate) fn room(&self) -> Result<u64> {
        let content = self.inode.content()?;
        match content.room(self.position(content.length()), MOST_AT_ONCE) {
            0 => Err(ErrorCode::Quota(Limit::Bytes)),
            room => Ok(room),
        }
    }

    /// Writes all of `data`.
    pub(crate) fn write(&self, data: Vec<u8>) -> Result<()> {
        let mut content = self.inode.content()?;
        let position = self.position(content.length());
        let end = position.saturating_add(data.len() as u64);
        content.write(position, data)?;
        self.inode.mark_written();
        if let Some(position) = &self.position {
            position.set(end);
        }
        Ok(())
    }

    fn position(&self, length: u64) -> u64 {
        self.position.as_ref().map_or(length, Cell::get)
    }
}

impl<F: Filesystem> Drop for Writer<F> {
    fn drop(&mut self) {
        self.inode.settle();
    }
}

/// A list of the names in a directory, in their order.
///
/// A name that is there from the beginning to the end of the list is listed exactly once. The list takes
/// the memory of one name, however many there are.
pub(crate) struct Entries<F: Filesystem> {
    directory: Rc<Inode<F>>,
    last: RefCell<Option<Box<str>>>,
}

impl<F: Filesystem> Entries<F> {
    pub(crate) fn next(&self) -> Result<Option<(Box<str>, Kind)>> {
        let mut last = self.last.borrow_mut();
        let next = self.directory.name_after(last.as_deref())?;
        Ok(next.map(|(name, inode)| {
            *last = Some(name.clone());
            (name, inode.entry_kind())
        }))
    }
}
