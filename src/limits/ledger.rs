//! Charges by name, for private trees above all; they end when the entry is removed.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use crate::filesystem::{Kind, Listed, Stat};
use crate::limits::budget::{Account, NewEntry};

/// The identity of a directory of a tree, which survives moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DirectoryId(u64);

/// The top directory of every tree.
pub(crate) const TOP: DirectoryId = DirectoryId(0);

/// The files and directories of a tree that an instance has created or opened.
///
/// It is flat, because a tree may be deeper than a stack.
#[derive(Default)]
pub(crate) struct Ledger {
    records: BTreeMap<(DirectoryId, Box<str>), Record>,
    /// Entries that others have moved or removed before their names were used again.
    missing: Vec<Record>,
    last: u64,
}

/// An entry, with its charge.
pub(crate) enum Record {
    File(Rc<Account>),
    /// Without a charge if the directory existed before. The charge ends with the record.
    Directory(DirectoryId, Option<Rc<NewEntry>>),
}

impl Record {
    /// Whether the entry certainly existed.
    fn is_created(&self) -> bool {
        match self {
            Record::File(account) => account.exists(),
            Record::Directory(_, charge) => charge.as_ref().is_some_and(|charge| charge.exists()),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Record::File(_) => Kind::File,
            Record::Directory(..) => Kind::Directory,
        }
    }
}

impl Ledger {
    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty() && self.missing.is_empty()
    }

    fn record(&self, parent: DirectoryId, name: &str) -> Option<&Record> {
        self.records.get(&(parent, name.into()))
    }

    /// Whether an entry with this name is known.
    pub(crate) fn knows(&self, parent: Option<DirectoryId>, name: &str) -> bool {
        parent.is_some_and(|parent| self.record(parent, name).is_some())
    }

    /// Returns the other known names of a directory that a filesystem could take for `name`.
    pub(crate) fn spellings(&self, parent: DirectoryId, name: &str) -> Vec<Listed> {
        let others = self.entries(parent).into_iter().filter(|entry| entry.name != name);
        others.filter(|entry| may_be_same(name, &entry.name)).collect()
    }

    /// Returns the kind of the entry with this name, if it is known.
    pub(crate) fn kind(&self, parent: Option<DirectoryId>, name: &str) -> Option<Kind> {
        self.record(parent?, name).map(Record::kind)
    }

    /// Notes that the entry with this name is not there any more; it stays charged.
    pub(crate) fn misses(&mut self, parent: Option<DirectoryId>, name: &str) {
        let earlier = self.removed(parent, name);
        self.missing.extend(earlier.filter(Record::is_created));
    }

    /// Returns the account of the file with this name, if it is known.
    pub(crate) fn file(&self, parent: DirectoryId, name: &str) -> Option<Rc<Account>> {
        match self.record(parent, name)? {
            Record::File(account) => Some(account.clone()),
            Record::Directory(..) => None,
        }
    }

    /// Returns the directory with this name, if it is known. An unknown one has no known entries.
    pub(crate) fn directory(&self, parent: Option<DirectoryId>, name: &str) -> Option<DirectoryId> {
        match self.record(parent?, name)? {
            Record::Directory(id, _) => Some(*id),
            Record::File(_) => None,
        }
    }

    /// Returns the directory at this path, if it is known.
    pub(crate) fn find(&self, names: &[impl AsRef<str>]) -> Option<DirectoryId> {
        names.iter().try_fold(TOP, |parent, name| self.directory(Some(parent), name.as_ref()))
    }

    /// Returns the directory at this path, and adds what is unknown of it.
    pub(crate) fn learn(&mut self, names: &[impl AsRef<str>]) -> DirectoryId {
        let mut parent = TOP;
        for name in names {
            let name = name.as_ref();
            parent = match self.directory(Some(parent), name) {
                Some(known) => known,
                None => self.add_directory(parent, name, None),
            };
        }
        parent
    }

    /// Strikes a file that was replaced; `replaced` is what had the name before.
    pub(crate) fn replaced(&mut self, parent: DirectoryId, name: &str, replaced: &Stat) {
        if self.file(parent, name).is_some_and(|account| account.is_file_of(replaced)) {
            self.removed(Some(parent), name);
        }
    }

    /// Adds a file. An earlier entry with this name stays charged, because it may be elsewhere.
    pub(crate) fn add_file(&mut self, parent: DirectoryId, name: &str, account: Rc<Account>) {
        self.add(parent, name, Record::File(account));
    }

    /// Adds a directory. An earlier entry with this name stays charged, because it may be elsewhere.
    pub(crate) fn add_directory(
        &mut self,
        parent: DirectoryId,
        name: &str,
        charge: Option<Rc<NewEntry>>,
    ) -> DirectoryId {
        self.last += 1;
        let id = DirectoryId(self.last);
        self.add(parent, name, Record::Directory(id, charge));
        id
    }

    fn add(&mut self, parent: DirectoryId, name: &str, record: Record) {
        let earlier = self.records.insert((parent, name.into()), record);
        self.missing.extend(earlier.filter(Record::is_created));
    }

    /// Drops the entries that perhaps never existed.
    pub(crate) fn of_created(mut self) -> Ledger {
        self.records.retain(|_, record| record.is_created());
        self.missing.retain(Record::is_created);
        self
    }

    /// Strikes the entry of that name, and returns it with its charge.
    ///
    /// The entries in a directory keep their charges until they are struck themselves: they may have
    /// been moved out of it before.
    pub(crate) fn removed(&mut self, parent: Option<DirectoryId>, name: &str) -> Option<Record> {
        self.records.remove(&(parent?, name.into()))
    }

    /// Adds a directory with the entries of a ledger of its own.
    pub(crate) fn add_tree(
        &mut self,
        parent: DirectoryId,
        name: &str,
        charge: Rc<NewEntry>,
        entries: Ledger,
    ) {
        let top = self.add_directory(parent, name, Some(charge));
        let moved = |DirectoryId(id)| DirectoryId(top.0 + id);
        self.last = top.0 + entries.last;
        self.missing.extend(entries.missing);
        for ((parent, name), record) in entries.records {
            let record = match record {
                Record::Directory(id, charge) => Record::Directory(moved(id), charge),
                file => file,
            };
            self.records.insert((moved(parent), name), record);
        }
    }

    /// Returns the known entries of a directory.
    pub(crate) fn entries(&self, parent: DirectoryId) -> Vec<Listed> {
        let from = (parent, Box::<str>::default());
        let known = self.records.range(from..).take_while(|((directory, _), _)| *directory == parent);
        known.map(|((_, name), record)| Listed { name: (**name).into(), kind: record.kind() }).collect()
    }

    /// Returns the paths of the known files that can have this size, with their accounts.
    pub(crate) fn files_of_size(&self, size: u64) -> Vec<(Vec<String>, Rc<Account>)> {
        let mut parents = BTreeMap::new();
        for ((parent, name), record) in &self.records {
            if let Record::Directory(id, _) = record {
                parents.insert(*id, (*parent, &**name));
            }
        }
        let path = |mut directory: DirectoryId, name: &str| {
            let mut names = Vec::from([String::from(name)]);
            while let Some((parent, name)) = parents.get(&directory) {
                names.push((*name).into());
                directory = *parent;
            }
            names.reverse();
            names
        };
        let files = self.records.iter().filter_map(|((parent, name), record)| match record {
            Record::File(account) if account.may_have_size(size) => {
                Some((path(*parent, name), account.clone()))
            }
            _ => None,
        });
        files.collect()
    }

    /// Returns the account of the file with this name if it has bytes, or is open and can get some.
    pub(crate) fn file_with_bytes(&self, parent: Option<DirectoryId>, name: &str) -> Option<Rc<Account>> {
        // The record and the returned account are two.
        self.file(parent?, name).filter(|account| account.charged() > 0 || Rc::strong_count(account) > 2)
    }

    /// Moves a directory.
    pub(crate) fn moved(&mut self, from: Option<DirectoryId>, old: &str, to: Option<DirectoryId>, new: &str) {
        if let (Some(from), Some(to)) = (from, to)
            && let Some(record) = self.records.remove(&(from, old.into()))
        {
            self.records.insert((to, new.into()), record);
        }
    }
}

/// Whether a filesystem that ignores case may find the same entry under both names.
pub(crate) fn may_be_same(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}
