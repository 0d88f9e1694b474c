//! A private tree: its directory, its charges, and the creation and removal of entries.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use crate::error::{Error, ErrorCode, Quoted, Result};
use crate::filesystem::{self, Filesystem, Kind, OpenHow, Stat};
use crate::instance::kept::Kept;
use crate::instance::open_trees::PlaceInTree;
use crate::instance::remove_tree::{Failures, Removed, empty, remove_by_name, remove_tree, unlink};
use crate::instance::scratch::{Entry, NewFile, Scratch};
use crate::instance::spelling;
use crate::limits::budget::{Account, NewEntry, OpenHandle};
use crate::limits::ledger::{DirectoryId, Ledger, TOP};
use crate::place::live::LiveName;
use crate::place::path;
use crate::task::background::Removal;
use crate::task::turns::Turns;

/// Attempts to remove a dropped tree before it waits for the next creation.
const ATTEMPTS: usize = 3;

/// Known files of one size that are compared with a file of several names.
const LINKS: usize = 100;

/// A private tree, with the state that its use and removal need.
pub(crate) struct Tree<F: Filesystem> {
    pub(crate) scratch: Rc<Scratch<F>>,
    /// Changed when the tree is persisted.
    pub(crate) path: RefCell<Rc<str>>,
    pub(crate) is_kept: Cell<bool>,
    /// The place in another private tree where it is kept. Keeping and persisting take turns.
    pub(crate) kept_in: Rc<Turns<Option<PlaceInTree>>>,
    /// None once it is removed.
    pub(crate) open: RefCell<Option<Rc<Open<F>>>>,
    /// Creation and removal of entries take turns, and so find the ledger complete.
    pub(crate) ledger: Rc<Turns<Ledger>>,
}

/// A directory on disk, with the state that its removal needs.
pub(crate) struct Open<F: Filesystem> {
    pub(crate) filesystem: F,
    pub(crate) kept: Rc<Kept>,
    pub(crate) removing: Rc<Turns<()>>,
    /// Changed when the tree is persisted.
    pub(crate) entry: RefCell<Rc<Entry<F>>>,
    pub(crate) directory: Rc<F::Descriptor>,
    pub(crate) charge: Rc<NewEntry>,
    pub(crate) _handle: OpenHandle,
}

impl<F: Filesystem> Open<F> {
    /// Removes the directory and everything in it.
    async fn remove(&self, ledger: &mut Ledger) -> Failures {
        let entry = self.entry.borrow().clone();
        let Entry { directory: parent, name } = &*entry;
        let _turn = self.removing.next().await;
        let (failures, removed) =
            remove_by_name(&self.filesystem, parent, name, &self.directory, ledger).await;
        if failures.is_empty() {
            self.settle(removed, ledger).await;
        }
        failures
    }

    /// Ends the charges for what is gone, and keeps those for what is elsewhere.
    async fn settle(&self, removed: Removed, ledger: &mut Ledger) {
        let charges = core::mem::take(ledger);
        match removed {
            // Entries that the removal did not meet were moved out of the tree, or never existed.
            Removed::Directory => self.kept.add_entries(charges.of_created()),
            Removed::Other if self.is_unlinked().await => drop(charges),
            Removed::Other => self.kept.add_tree(self.charge.clone(), charges),
        }
    }

    /// Whether the directory has no name any more, as after its removal by another process.
    async fn is_unlinked(&self) -> bool {
        self.filesystem.stat(&self.directory).await.is_ok_and(|stat| stat.links == 0)
    }

    /// Returns the removal of a tree without an owner.
    fn removal(self: Rc<Self>, ledger: Rc<Turns<Ledger>>) -> Removal {
        Removal::new(async move {
            let mut turn = ledger.next().await;
            for _ in 0..ATTEMPTS {
                if self.remove(&mut turn).await.is_empty() {
                    return None;
                }
            }
            drop(turn);
            Some(self.removal(ledger))
        })
    }
}

impl<F: Filesystem> Tree<F> {
    pub(crate) fn path(&self) -> Rc<str> {
        self.path.borrow().clone()
    }

    /// Whether the directory exists and is to be removed.
    pub(crate) fn is_ours(&self) -> bool {
        !self.is_kept.get() && self.open.borrow().is_some()
    }

    /// Returns the descriptor of the directory.
    pub(crate) fn top(&self) -> Result<Rc<F::Descriptor>> {
        let open = self.open.borrow();
        open.as_ref().map(|open| open.directory.clone()).ok_or_else(|| self.closed())
    }

    pub(crate) fn closed(&self) -> Error {
        let message = format!("directory {}: closed", Quoted(&self.path()));
        Error::new(ErrorCode::Closed, message)
    }

    pub(crate) fn failed(&self, path: &str, code: ErrorCode) -> Error {
        let code = self.scratch.reported(code);
        Error::host(format_args!("path {}", Quoted(path)), code)
    }

    /// Opens one directory after the other, without following links.
    pub(crate) async fn walk(&self, names: &[&str], path: &str) -> Result<Rc<F::Descriptor>> {
        let mut directory = self.top()?;
        for name in names {
            let opened = self.scratch.filesystem.open_at(&directory, name, OpenHow::DIRECTORY).await;
            directory = Rc::new(opened.map_err(|code| self.failed(path, code))?);
        }
        Ok(directory)
    }

    /// Opens one directory after the other, and returns the last with the names by which the ledger
    /// knows them.
    async fn walk_known(
        &self,
        ledger: &Ledger,
        names: &[&str],
        path: &str,
    ) -> Result<(Rc<F::Descriptor>, Vec<String>)> {
        let walked = spelling::walk(&self.scratch.filesystem, ledger, self.top()?, names).await;
        walked.map_err(|code| self.failed(path, code))
    }

    /// Returns the name by which the ledger knows an existing entry.
    async fn known_name(
        &self,
        ledger: &Ledger,
        parent: Option<DirectoryId>,
        directory: &F::Descriptor,
        name: &str,
        kind: Kind,
    ) -> String {
        spelling::known_name(&self.scratch.filesystem, ledger, parent, directory, name, kind).await
    }

    pub(crate) async fn create_directory(&self, ledger: &mut Ledger, path: &str) -> Result<()> {
        let failed = |code| self.failed(path, code);
        let names: Vec<&str> = path::names(path).collect();
        let (name, parents) = names.split_last().expect("it is not the directory itself");
        let (parent, parents) = self.walk_known(ledger, parents, path).await?;
        let charge = self.scratch.new_entry().await.map_err(failed)?;
        let made = self.scratch.filesystem.create_directory_at(&parent, name).await;
        let is_known = ledger.knows(ledger.find(&parents), name);
        if made.is_ok() || !is_known && self.may_be_there(made, &parent, name).await {
            if made.is_ok() {
                charge.created();
            }
            let id = ledger.learn(&parents);
            spelling::displace(&self.scratch.filesystem, ledger, id, &parent, name, Kind::Directory).await;
            ledger.add_directory(id, name, Some(Rc::new(charge)));
        }
        made.map_err(failed)
    }

    pub(crate) async fn open(&self, ledger: &mut Ledger, path: &str, how: OpenHow) -> Result<NewFile<F>> {
        let filesystem = &self.scratch.filesystem;
        let names: Vec<&str> = path::names(path).collect();
        let (name, parents) = names.split_last().expect("it is not the directory itself");
        let (directory, parents) = self.walk_known(ledger, parents, path).await?;
        let failed = |code| self.failed(path, code);
        let stat = if how.exclusive { None } else { self.file_at(&directory, name).await.map_err(failed)? };
        let size = stat.map(|stat| stat.size);
        let parent = ledger.find(&parents);
        let name = match size {
            Some(_) => &*self.known_name(ledger, parent, &directory, name, Kind::File).await,
            None => name,
        };
        let known = match &stat {
            Some(stat) => self.known_file(ledger, parent, &directory, name, stat).await,
            None => None,
        };
        // The charge for a file that existed before is held by the ledger.
        let is_known = known.as_ref().is_some_and(|account| !account.is_foreign());
        let account = match (size, known) {
            (Some(_), Some(account)) => account,
            (Some(_), None) => Account::foreign(self.scratch.budget()?),
            (None, _) if how.create => Account::new(self.scratch.new_entry().await.map_err(failed)?),
            (None, _) => return Err(failed(ErrorCode::NoEntry)),
        };
        // The name may be another one of a file of this instance, so what can be written is charged.
        if let (Some(size), true) = (size, how.write && !how.truncate) {
            self.scratch.background.charge(|| account.found(size)).await.map_err(failed)?;
        }
        let truncation = how.truncate.then(|| account.begin());
        let opened = filesystem.open_at(&directory, name, how).await;
        let made = opened.as_ref().map(drop).map_err(|code| *code);
        let is_there = size.is_some() || ledger.knows(parent, name);
        if made.is_ok() || !is_there && self.may_be_there(made, &directory, name).await {
            if made.is_ok() {
                account.created();
            }
            // An older file that is only read stays unknown, and is charged when it is opened for writing.
            if size.is_none() || how.write && !is_known {
                let id = ledger.learn(&parents);
                if size.is_none() {
                    spelling::displace(filesystem, ledger, id, &directory, name, Kind::File).await;
                }
                ledger.add_file(id, name, account.clone());
            }
        }
        match truncation {
            Some(truncation) if made.is_ok() => {
                account.resized(0, truncation);
                account.settle(0);
            }
            Some(_) => account.wrote(0),
            None => {}
        }
        let descriptor = opened.map_err(failed)?;
        let entry = Entry { directory, name: LiveName::foreign(name) };
        Ok(NewFile { descriptor, entry: Some(entry), account })
    }

    /// Whether a failed call may have created the entry, which then has to be charged.
    async fn may_be_there(
        &self,
        made: filesystem::Result<()>,
        directory: &F::Descriptor,
        name: &str,
    ) -> bool {
        made.is_err_and(ErrorCode::is_uncertain) && !self.is_missing(directory, name).await
    }

    /// Whether a directory has no entry of that name.
    async fn is_missing(&self, directory: &F::Descriptor, name: &str) -> bool {
        matches!(self.scratch.filesystem.stat_at(directory, name).await, Err(ErrorCode::NoEntry))
    }

    /// Returns the account of an existing file: that of its name, of an open file, or of another link.
    async fn known_file(
        &self,
        ledger: &Ledger,
        parent: Option<DirectoryId>,
        directory: &F::Descriptor,
        name: &str,
        stat: &Stat,
    ) -> Option<Rc<Account>> {
        let Scratch { filesystem, open_files, .. } = &*self.scratch;
        // A file of another size may have taken the name.
        if let Some(account) = parent.and_then(|parent| ledger.file(parent, name))
            && (account.may_have_size(stat.size)
                || open_files.is_open_as(filesystem, directory, name, &account).await)
        {
            return Some(account);
        }
        match open_files.find(filesystem, directory, name, stat.size).await {
            None if stat.links > 1 => self.linked_file(ledger, directory, name, stat.size).await,
            found => found,
        }
    }

    /// Returns the account of the known file that also has the name `name` in `directory`.
    async fn linked_file(
        &self,
        ledger: &Ledger,
        directory: &F::Descriptor,
        name: &str,
        size: u64,
    ) -> Option<Rc<Account>> {
        let filesystem = &self.scratch.filesystem;
        let found = filesystem.open_at(directory, name, OpenHow::READ).await.ok()?;
        for (path, account) in ledger.files_of_size(size).into_iter().take(LINKS) {
            let names: Vec<&str> = path.iter().map(String::as_str).collect();
            let (name, parents) = names.split_last()?;
            if let Ok(parent) = self.walk(parents, name).await
                && let Ok(known) = filesystem.open_at(&parent, name, OpenHow::READ).await
                && filesystem.is_same_object(&known, &found).await
            {
                return Some(account);
            }
        }
        None
    }

    /// Returns the metadata of the file with this name, if it exists; fails if it is not a file.
    async fn file_at(&self, directory: &F::Descriptor, name: &str) -> filesystem::Result<Option<Stat>> {
        match self.scratch.filesystem.stat_at(directory, name).await {
            Ok(stat) => match stat.kind {
                Kind::File => Ok(Some(stat)),
                Kind::Directory => Err(ErrorCode::IsDirectory),
                Kind::SymbolicLink => Err(ErrorCode::Loop),
                // Opening a pipe would wait for its other end.
                Kind::Other => Err(ErrorCode::Unsupported),
            },
            Err(ErrorCode::NoEntry) => Ok(None),
            Err(code) => Err(code),
        }
    }

    pub(crate) async fn remove(&self, ledger: &mut Ledger, path: &str) -> Result<()> {
        let filesystem = &self.scratch.filesystem;
        let subject = format!("path {}", Quoted(path));
        let names: Vec<&str> = path::names(path).collect();
        let Some((name, parents)) = names.split_last() else {
            let mut failures = Failures::default();
            let _turn = self.scratch.removing.next().await;
            empty(filesystem, self.top()?, (&mut *ledger, Some(TOP)), &mut failures).await;
            return self.report(failures, &subject);
        };
        let failed = |code| self.failed(path, code);
        let (parent, parents) = match self.walk_known(ledger, parents, path).await {
            Err(error) if error.code == ErrorCode::NoEntry => return Ok(()),
            found => found?,
        };
        let id = ledger.find(&parents);
        let stat = match filesystem.stat_at(&parent, name).await {
            Ok(stat) => stat,
            // Another process may have moved it, so its charge stays until the tree is removed.
            Err(ErrorCode::NoEntry) => return Ok(()),
            Err(code) => return Err(failed(code)),
        };
        let mut known_name = String::from(*name);
        if stat.kind == Kind::Directory {
            let _turn = self.scratch.removing.next().await;
            let opened = filesystem.open_at(&parent, name, OpenHow::DIRECTORY).await;
            if !matches!(opened, Err(ErrorCode::NoEntry)) {
                let directory = Rc::new(opened.map_err(failed)?);
                known_name = self.known_name(ledger, id, &parent, name, Kind::Directory).await;
                let known = ledger.directory(id, &known_name);
                let failures = remove_tree(filesystem, &parent, name, directory, (ledger, known)).await;
                self.report(failures, &subject)?;
            }
        } else {
            if stat.kind == Kind::File {
                known_name = self.known_name(ledger, id, &parent, name, Kind::File).await;
            }
            unlink(filesystem, &parent, name).await.map_err(failed)?;
        }
        // A file that has another name, or that others have replaced, is not gone with this one.
        match id.and_then(|id| ledger.file(id, &known_name)) {
            Some(account) if !account.is_file_of(&stat) => ledger.misses(id, &known_name),
            _ => drop(ledger.removed(id, &known_name)),
        }
        Ok(())
    }

    /// Removes the directory, unless it is kept.
    pub(crate) async fn remove_all(&self, ledger: &mut Ledger) -> Failures {
        let open = self.open.borrow().clone().filter(|_| !self.is_kept.get());
        let Some(open) = open else { return Failures::default() };
        let failures = open.remove(ledger).await;
        if failures.is_empty() {
            self.open.take();
        }
        failures
    }

    pub(crate) fn report(&self, failures: Failures, subject: &str) -> Result<()> {
        failures.report(subject, |code| self.scratch.reported(code))
    }
}

impl<F: Filesystem> Drop for Tree<F> {
    fn drop(&mut self) {
        let mut removal = None;
        if let Some(open) = self.open.take() {
            if !self.is_kept.get() {
                removal = Some(open.removal(self.ledger.clone()));
            } else if let Some(mut ledger) = self.ledger.now() {
                let entries = core::mem::take(&mut *ledger);
                let kept_in = self.kept_in.now().and_then(|mut kept_in| kept_in.take());
                let rest = match kept_in {
                    Some(place) => place.add_tree(&open.entry.borrow().name, open.charge.clone(), entries),
                    None => Some(entries),
                };
                if let Some(entries) = rest {
                    self.scratch.kept.add_tree(open.charge.clone(), entries);
                }
            }
        }
        self.scratch.background.drop_happened(removal);
    }
}
