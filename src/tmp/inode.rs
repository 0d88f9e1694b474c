//! An entry of a private tree, which may have several names, or none while it is open.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::rc::{Rc, Weak};
use alloc::vec::Vec;
use core::cell::{Cell, RefCell, RefMut};

use crate::error::ErrorCode;
use crate::filesystem::{self, Filesystem, Result};
use crate::limits::budget::{Account, Memory};
use crate::tmp::content::Content;
use crate::tmp::volume::Volume;

/// A file, a directory or a symbolic link. Dropping the last reference ends its charge.
pub(crate) struct Inode<F: Filesystem> {
    pub(crate) number: u64,
    pub(crate) kind: Kind<F>,
    volume: Rc<Volume<F>>,
    /// The number of names; 0 after the last one was removed.
    pub(crate) links: Cell<u64>,
    pub(crate) times: Cell<Times>,
    /// Whether the content was changed after the times were set.
    written: Cell<bool>,
    /// The charge for the entry, and for the bytes of a file.
    _account: Rc<Account>,
    _memory: Memory,
}

/// The part of an inode that depends on its kind.
pub(crate) enum Kind<F: Filesystem> {
    File(RefCell<Content<F>>),
    Directory(Directory<F>),
    Link(Box<str>),
}

/// The names in a directory, and the directory that contains it.
pub(crate) struct Directory<F: Filesystem> {
    names: RefCell<BTreeMap<Box<str>, Named<F>>>,
    /// Without a target for the root.
    pub(crate) parent: RefCell<Weak<Inode<F>>>,
}

/// The target of a name, and the charge for the name.
struct Named<F: Filesystem> {
    inode: Rc<Inode<F>>,
    _memory: Memory,
}

/// A name in a directory, with its target.
pub(crate) type Entry<F> = (Box<str>, Rc<Inode<F>>);

/// The times of an inode, in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    /// When the inode was created, unless a program set it. Reading does not change it.
    pub(crate) accessed: u64,
    pub(crate) modified: u64,
    pub(crate) changed: u64,
}

/// The metadata of an inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) kind: filesystem::Kind,
    pub(crate) size: u64,
    pub(crate) links: u64,
    pub(crate) times: Times,
    pub(crate) number: u64,
}

impl<F: Filesystem> Inode<F> {
    /// Creates the root of a tree, which is not charged.
    pub(crate) fn root(volume: &Rc<Volume<F>>) -> Result<Rc<Inode<F>>> {
        let budget = volume.budget()?;
        let directory = Directory { names: RefCell::default(), parent: RefCell::default() };
        let (account, memory) = (Account::foreign(budget), budget.memory());
        let root = Inode::with_charge(volume, Kind::Directory(directory), account, memory);
        root.links.set(1);
        Ok(root)
    }

    pub(crate) fn file(volume: &Rc<Volume<F>>) -> Result<Rc<Inode<F>>> {
        Inode::new(volume, 0, |account| {
            Kind::File(RefCell::new(Content::new(volume.clone(), account.clone())))
        })
    }

    pub(crate) fn directory(volume: &Rc<Volume<F>>) -> Result<Rc<Inode<F>>> {
        Inode::new(volume, 0, |_| {
            Kind::Directory(Directory { names: RefCell::default(), parent: RefCell::default() })
        })
    }

    pub(crate) fn link(volume: &Rc<Volume<F>>, target: &str) -> Result<Rc<Inode<F>>> {
        Inode::new(volume, target.len(), |_| Kind::Link(target.into()))
    }

    /// Creates an inode without a name, charged as an entry.
    fn new(
        volume: &Rc<Volume<F>>,
        target: usize,
        kind: impl FnOnce(&Rc<Account>) -> Kind<F>,
    ) -> Result<Rc<Inode<F>>> {
        let memory = volume.inode_memory(target)?;
        let account = Account::new(volume.budget()?.new_entry()?);
        account.created();
        Ok(Inode::with_charge(volume, kind(&account), account, memory))
    }

    fn with_charge(
        volume: &Rc<Volume<F>>,
        kind: Kind<F>,
        account: Rc<Account>,
        memory: Memory,
    ) -> Rc<Inode<F>> {
        let now = volume.now();
        Rc::new(Inode {
            number: volume.next_number(),
            kind,
            volume: volume.clone(),
            links: Cell::new(0),
            times: Cell::new(Times { accessed: now, modified: now, changed: now }),
            written: Cell::new(false),
            _account: account,
            _memory: memory,
        })
    }

    pub(crate) fn volume(&self) -> &Rc<Volume<F>> {
        &self.volume
    }

    // Kinds

    pub(crate) fn as_directory(&self) -> Result<&Directory<F>> {
        match &self.kind {
            Kind::Directory(directory) => Ok(directory),
            _ => Err(ErrorCode::NotDirectory),
        }
    }

    pub(crate) fn entry_kind(&self) -> filesystem::Kind {
        match &self.kind {
            Kind::File(_) => filesystem::Kind::File,
            Kind::Directory(_) => filesystem::Kind::Directory,
            Kind::Link(_) => filesystem::Kind::SymbolicLink,
        }
    }

    pub(crate) fn is_directory(&self) -> bool {
        matches!(self.kind, Kind::Directory(_))
    }

    /// Returns the content of a file.
    pub(crate) fn content(&self) -> Result<RefMut<'_, Content<F>>> {
        match &self.kind {
            Kind::File(content) => Ok(content.borrow_mut()),
            Kind::Directory(_) => Err(ErrorCode::IsDirectory),
            Kind::Link(_) => Err(ErrorCode::Loop),
        }
    }

    // Names

    pub(crate) fn get(&self, name: &str) -> Result<Option<Rc<Inode<F>>>> {
        Ok(self.as_directory()?.names.borrow().get(name).map(|named| named.inode.clone()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.as_directory().is_ok_and(|directory| directory.names.borrow().is_empty())
    }

    /// Returns the first name after `last`, with its target. Names that come or go meanwhile change no
    /// other result.
    pub(crate) fn name_after(&self, last: Option<&str>) -> Result<Option<Entry<F>>> {
        use core::ops::Bound::{Excluded, Unbounded};
        let names = self.as_directory()?.names.borrow();
        let after = last.map_or(Unbounded, Excluded);
        let next = names.range::<str, _>((after, Unbounded)).next();
        Ok(next.map(|(name, named)| (name.clone(), named.inode.clone())))
    }

    /// Returns the targets of all names.
    pub(crate) fn targets(&self) -> Vec<Rc<Inode<F>>> {
        let Kind::Directory(directory) = &self.kind else { return Vec::new() };
        directory.names.borrow().values().map(|named| named.inode.clone()).collect()
    }

    /// Adds a name, in the place of one with the same characters.
    ///
    /// Fails if this directory was removed, or if the memory of the name exceeds a limit.
    pub(crate) fn add(self: &Rc<Self>, name: &str, inode: &Rc<Inode<F>>) -> Result<()> {
        if self.links.get() == 0 {
            return Err(ErrorCode::NoEntry);
        }
        let directory = self.as_directory()?;
        let named = Named { inode: inode.clone(), _memory: self.volume.name_memory(name)? };
        let replaced = directory.names.borrow_mut().insert(name.into(), named);
        if let Some(replaced) = replaced {
            replaced.inode.lose_name();
        }
        inode.links.set(inode.links.get() + 1);
        if let Kind::Directory(added) = &inode.kind {
            *added.parent.borrow_mut() = Rc::downgrade(self);
        }
        inode.touch(false);
        self.touch(true);
        Ok(())
    }

    /// Removes a name. Its target ends with its last handle.
    pub(crate) fn remove(&self, name: &str) -> Result<()> {
        let removed = self.as_directory()?.names.borrow_mut().remove(name);
        removed.ok_or(ErrorCode::NoEntry)?.inode.lose_name();
        self.touch(true);
        Ok(())
    }

    fn lose_name(&self) {
        self.links.set(self.links.get() - 1);
        self.touch(false);
    }

    /// Returns the directory that contains this directory.
    pub(crate) fn parent(&self) -> Option<Rc<Inode<F>>> {
        self.as_directory().ok()?.parent.borrow().upgrade()
    }

    /// Returns the number of names in the path from the root to this directory.
    pub(crate) fn depth(&self) -> usize {
        core::iter::successors(self.parent(), |directory| directory.parent()).count()
    }

    // Metadata

    /// Sets the time of the last change, and with `modified` that of the last modification.
    pub(crate) fn touch(&self, modified: bool) {
        let now = self.volume.now();
        let times = self.times.get();
        let modified = if modified { now } else { times.modified };
        self.times.set(Times { modified, changed: now, ..times });
    }

    /// Marks the content as changed. The clock is called once for many writes: by `settle`.
    pub(crate) fn mark_written(&self) {
        self.written.set(true);
    }

    /// Sets the times of an inode whose content was changed.
    pub(crate) fn settle(&self) {
        if self.written.take() {
            self.touch(true);
        }
    }

    pub(crate) fn stat(&self) -> Stat {
        self.settle();
        let size = match &self.kind {
            Kind::File(content) => content.borrow().length(),
            Kind::Directory(_) => 0,
            Kind::Link(target) => target.len() as u64,
        };
        Stat {
            kind: self.entry_kind(),
            size,
            links: self.links.get(),
            times: self.times.get(),
            number: self.number,
        }
    }
}
