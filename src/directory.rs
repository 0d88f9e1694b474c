//! A private tree: files and directories in it, and its removal as a whole.

use alloc::boxed::Box;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use crate::budget::{Account, NewEntry, OpenHandle};
use crate::error::{Error, ErrorCode, Quoted, Result};
use crate::file::File;
use crate::filesystem::{self, Filesystem, Kind, OpenHow, any_name};
use crate::finish::finish;
use crate::ledger::{Ledger, TOP};
use crate::live::LiveName;
use crate::name::{Affixes, Mark, check_portable};
use crate::options::{Access, DirectoryOptions, OpenFlags, Removal};
use crate::scratch::{Entry, NewDirectory, NewFile, Scratch, is_uncertain};
use crate::tree::{Failures, empty, remove_tree};
use crate::turns::Turns;

/// How often a listing that an entry vanished from is begun again.
const LISTINGS: usize = 8;

/// How often a tree that was dropped is tried to remove.
const ATTEMPTS: usize = 3;

/// A temporary directory.
pub(crate) struct Directory<F: Filesystem> {
    tree: Rc<Tree<F>>,
    ignore_errors: bool,
    closed: Cell<bool>,
}

/// What is needed to use it and to remove it.
struct Tree<F: Filesystem> {
    scratch: Rc<Scratch<F>>,
    entry: Entry<F>,
    path: Rc<str>,
    stays: Cell<bool>,
    /// None once it is removed.
    open: RefCell<Option<Open<F>>>,
    /// What creates and removes entries takes turns, so that each knows what there is.
    ledger: Rc<Turns<Ledger>>,
}

/// A directory that is there.
struct Open<F: Filesystem> {
    directory: Rc<F::Descriptor>,
    charge: NewEntry,
    _handle: OpenHandle,
}

/// An entry as it is listed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) size: u64,
}

impl<F: Filesystem> Directory<F> {
    pub(crate) async fn create(scratch: &Rc<Scratch<F>>, options: DirectoryOptions) -> Result<Directory<F>> {
        let stays = options.removal == Some(Removal::Never);
        let mark = if stays { Mark::Callers } else { Mark::Ours };
        if stays {
            scratch.check_unconfined("removal never")?;
        }
        let directory = Directory::create_marked(scratch, options, mark).await?;
        // Not before somebody has it: a directory that nobody receives is removed.
        directory.tree.stays.set(stays);
        Ok(directory)
    }

    /// Creates a directory whose name tells whose it is.
    pub(crate) async fn create_marked(
        scratch: &Rc<Scratch<F>>,
        options: DirectoryOptions,
        mark: Mark,
    ) -> Result<Directory<F>> {
        let affixes = Affixes::new(options.prefix, options.suffix)?;
        scratch.check_directory(options.directory.as_deref())?;
        let location = scratch.find(options.directory.as_deref()).await?;
        let handle = scratch.open_handle().await?;
        let ignore_errors = options.ignore_errors.unwrap_or(false);
        let scratch = scratch.clone();
        let created = finish(&scratch.filesystem.clone(), async move {
            let NewDirectory { descriptor, entry, charge } =
                scratch.create_directory(&location, &affixes, mark).await?;
            let path = location.join(&entry.name);
            scratch.filesystem.expect_drop();
            let open = Open { directory: Rc::new(descriptor), charge, _handle: handle };
            let tree = Tree {
                scratch,
                entry,
                path,
                stays: Cell::new(false),
                open: RefCell::new(Some(open)),
                ledger: Turns::new(Ledger::default()),
            };
            Ok(Directory { tree: Rc::new(tree), ignore_errors, closed: Cell::new(false) })
        });
        created.await
    }

    pub(crate) fn path(&self) -> Rc<str> {
        self.tree.path.clone()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Opens a file in the directory.
    pub(crate) async fn open(
        &self,
        path: String,
        flags: OpenFlags,
        access: Option<Access>,
    ) -> Result<File<F>> {
        self.check_open()?;
        let access = access.unwrap_or_default();
        if flags.truncate && !access.writes() {
            return Err(Error::new(
                ErrorCode::NotPermitted,
                format!("path {}: truncate needs the right to write", Quoted(&path)),
            ));
        }
        if flags.exclusive && !flags.create {
            return Err(Error::invalid("flags", &"exclusive", "it needs create"));
        }
        let names = self.names(&path)?;
        let Some(name) = names.last() else {
            return Err(self.failed(&path, ErrorCode::IsDirectory));
        };
        if flags.create {
            check_portable("path", name)?;
            self.check_depth(names.len(), &path)?;
        }
        let how = OpenHow {
            read: access.reads(),
            write: access.writes(),
            create: flags.create,
            exclusive: flags.exclusive,
            truncate: flags.truncate,
            ..OpenHow::default()
        };
        let handle = self.tree.scratch.open_handle().await?;
        let (tree, path) = (self.tree.clone(), names.join("/"));
        let mut ledger = self.tree.ledger.next().await;
        let opened = finish(&self.tree.scratch.filesystem, async move {
            let new = tree.open(&mut ledger, &path, how).await?;
            let shown = format!("{}/{path}", tree.path).into();
            Ok(File::of_directory(tree.scratch.clone(), new, shown, access, handle))
        });
        opened.await
    }

    /// Creates a directory in the directory.
    pub(crate) async fn create_directory(&self, path: String) -> Result<()> {
        self.check_open()?;
        let names = self.names(&path)?;
        let Some(name) = names.last() else {
            return Err(self.failed(&path, ErrorCode::Exist));
        };
        check_portable("path", name)?;
        self.check_depth(names.len(), &path)?;
        let tree = self.tree.clone();
        let mut ledger = self.tree.ledger.next().await;
        let created =
            finish(
                &self.tree.scratch.filesystem,
                async move { tree.create_directory(&mut ledger, &path).await },
            );
        created.await
    }

    /// Lists a directory in the directory.
    pub(crate) async fn entries(&self, path: String) -> Result<Vec<Found>> {
        self.check_open()?;
        let filesystem = &self.tree.scratch.filesystem;
        let directory = self.tree.walk(&self.names(&path)?, &path).await?;
        let mut listings = 1;
        let listing = loop {
            let listing = filesystem.read_directory(&directory, usize::MAX, any_name).await;
            if listing.error != Some(ErrorCode::NoEntry) || listings == LISTINGS {
                break listing;
            }
            listings += 1;
        };
        if let Some(code) = listing.error {
            return Err(self.failed(&path, code));
        }
        let mut found = Vec::with_capacity(listing.entries.len());
        for entry in listing.entries {
            let size = match entry.kind {
                Kind::File => filesystem.stat_at(&directory, &entry.name).await.map(|stat| stat.size),
                _ => Ok(0),
            };
            match size {
                Ok(size) => found.push(Found { name: entry.name, kind: entry.kind, size }),
                Err(ErrorCode::NoEntry) => {}
                Err(code) => return Err(self.failed(&path, code)),
            }
        }
        Ok(found)
    }

    /// Removes a file, a link or a tree.
    pub(crate) async fn remove(&self, path: String) -> Result<()> {
        self.check_open()?;
        self.names(&path)?;
        let tree = self.tree.clone();
        let mut ledger = self.tree.ledger.next().await;
        let removed =
            finish(&self.tree.scratch.filesystem, async move { tree.remove(&mut ledger, &path).await });
        removed.await
    }

    /// A second descriptor of the directory.
    pub(crate) async fn descriptor(&self) -> Result<F::Descriptor> {
        self.check_open()?;
        let directory = self.tree.top()?;
        let opened = self.tree.scratch.filesystem.open_at(&directory, ".", OpenHow::DIRECTORY).await;
        opened.map_err(|code| self.failed(".", code))
    }

    /// Leaves the directory where it is.
    pub(crate) async fn keep(&self) -> Result<()> {
        self.check_open()?;
        self.tree.scratch.check_unconfined("keep")?;
        self.tree.stays.set(true);
        Ok(())
    }

    /// It is a caller's from now on, and not counted any more.
    pub(crate) fn disown(&self) {
        self.tree.stays.set(true);
        if let Some(open) = self.tree.open.take() {
            open.charge.disown();
        }
    }

    /// Removes the directory; after an error, call it again.
    pub(crate) async fn close(&self) -> Result<()> {
        self.closed.set(true);
        if !self.tree.is_ours() {
            return Ok(());
        }
        let tree = self.tree.clone();
        let mut ledger = self.tree.ledger.next().await;
        let outcome = finish(&self.tree.scratch.filesystem, async move {
            tree.remove_all(&mut ledger).await.report(&format!("directory {}", Quoted(&tree.path)))
        });
        let outcome = outcome.await;
        if self.ignore_errors { Ok(()) } else { outcome }
    }

    fn check_open(&self) -> Result<()> {
        if self.closed.get() { Err(self.tree.closed()) } else { Ok(()) }
    }

    fn check_depth(&self, depth: usize, path: &str) -> Result<()> {
        let checked = self.tree.scratch.budget()?.check_depth(depth);
        checked.map_err(|code| self.tree.failed(path, code))
    }

    /// The names that a path consists of; none for the directory itself.
    fn names<'a>(&self, path: &'a str) -> Result<Vec<&'a str>> {
        let (code, fault) = if path.starts_with('/') {
            (ErrorCode::NotPermitted, "it is absolute")
        } else if path.split('/').any(|name| name == "..") {
            (ErrorCode::NotPermitted, "a part of it is \"..\"")
        } else if path.contains('\\') {
            (ErrorCode::Invalid, "a backslash is not allowed")
        } else if path.contains('\0') {
            (ErrorCode::Invalid, "a NUL is not allowed")
        } else {
            return Ok(parts(path).collect());
        };
        Err(Error::new(code, format!("path {}: {fault}", Quoted(path))))
    }

    fn failed(&self, path: &str, code: ErrorCode) -> Error {
        self.tree.failed(path, code)
    }
}

impl<F: Filesystem> Tree<F> {
    /// Whether it is there, and to be removed.
    fn is_ours(&self) -> bool {
        !self.stays.get() && self.open.borrow().is_some()
    }

    /// The directory itself.
    fn top(&self) -> Result<Rc<F::Descriptor>> {
        let open = self.open.borrow();
        open.as_ref().map(|open| open.directory.clone()).ok_or_else(|| self.closed())
    }

    fn closed(&self) -> Error {
        let message = format!("directory {}: it is closed", Quoted(&self.path));
        Error::new(ErrorCode::Closed, message)
    }

    fn failed(&self, path: &str, code: ErrorCode) -> Error {
        self.scratch.count(code);
        Error::host(format_args!("path {}", Quoted(path)), code)
    }

    /// Opens the directory that holds the last part of a path.
    async fn parent(&self, path: &str) -> Result<Rc<F::Descriptor>> {
        let mut names: Vec<&str> = parts(path).collect();
        names.pop();
        self.walk(&names, path).await
    }

    /// Opens one directory after the other, none of them through a link.
    async fn walk(&self, names: &[&str], path: &str) -> Result<Rc<F::Descriptor>> {
        let mut directory = self.top()?;
        for name in names {
            let opened = self.scratch.filesystem.open_at(&directory, name, OpenHow::DIRECTORY).await;
            directory = Rc::new(opened.map_err(|code| self.failed(path, code))?);
        }
        Ok(directory)
    }

    async fn create_directory(&self, ledger: &mut Ledger, path: &str) -> Result<()> {
        let failed = |code| self.failed(path, code);
        let parent = self.parent(path).await?;
        let charge = self.scratch.new_entry().await.map_err(failed)?;
        let names: Vec<&str> = parts(path).collect();
        let (name, parents) = names.split_last().expect("it is not the directory itself");
        let made = self.scratch.filesystem.create_directory_at(&parent, name).await;
        let is_known = ledger.knows(parents, name);
        if made.is_ok() || !is_known && self.may_be_there(made, &parent, name).await {
            charge.created();
            let parent = ledger.learn(parents);
            ledger.add_directory(parent, name, Some(charge));
        }
        made.map_err(failed)
    }

    async fn open(&self, ledger: &mut Ledger, path: &str, how: OpenHow) -> Result<NewFile<F>> {
        let filesystem = &self.scratch.filesystem;
        let directory = self.parent(path).await?;
        let names: Vec<&str> = parts(path).collect();
        let (name, parents) = names.split_last().expect("it is not the directory itself");
        let failed = |code| self.failed(path, code);
        let size = if how.exclusive { None } else { self.size_at(&directory, name).await.map_err(failed)? };
        let known = ledger.find(parents).and_then(|parent| ledger.file(parent, name));
        let account = match (size, known) {
            (Some(_), Some(account)) => account,
            // It was there before, and is free.
            (Some(size), None) => Account::of_stranger(self.scratch.budget()?, size),
            (None, _) if how.create => Account::new(self.scratch.new_entry().await.map_err(failed)?),
            (None, _) => return Err(failed(ErrorCode::NoEntry)),
        };
        let opened = filesystem.open_at(&directory, name, how).await;
        let made = opened.as_ref().map(drop).map_err(|code| *code);
        let is_known = size.is_some() || ledger.knows(parents, name);
        if made.is_ok() || !is_known && self.may_be_there(made, &directory, name).await {
            account.created();
            let parent = ledger.learn(parents);
            ledger.add_file(parent, name, account.clone());
        }
        let descriptor = opened.map_err(failed)?;
        if how.truncate {
            account.begin();
            account.resized(0);
            account.settle(0);
        }
        let entry = Entry { directory, name: LiveName::of_caller(name) };
        Ok(NewFile { descriptor, entry: Some(entry), account })
    }

    /// Whether a call that failed may have made what was not there, which then is charged for.
    async fn may_be_there(
        &self,
        made: filesystem::Result<()>,
        directory: &F::Descriptor,
        name: &str,
    ) -> bool {
        made.is_err_and(is_uncertain)
            && !matches!(self.scratch.filesystem.stat_at(directory, name).await, Err(ErrorCode::NoEntry))
    }

    /// How large the file of that name is, if there is one, and nothing else.
    async fn size_at(&self, directory: &F::Descriptor, name: &str) -> filesystem::Result<Option<u64>> {
        match self.scratch.filesystem.stat_at(directory, name).await {
            Ok(stat) => match stat.kind {
                Kind::File => Ok(Some(stat.size)),
                Kind::Directory => Err(ErrorCode::IsDirectory),
                Kind::SymbolicLink => Err(ErrorCode::Loop),
                // Opening a pipe would wait for its other end.
                Kind::Other => Err(ErrorCode::Unsupported),
            },
            Err(ErrorCode::NoEntry) => Ok(None),
            Err(code) => Err(code),
        }
    }

    async fn remove(&self, ledger: &mut Ledger, path: &str) -> Result<()> {
        let filesystem = &self.scratch.filesystem;
        let subject = format!("path {}", Quoted(path));
        let names: Vec<&str> = parts(path).collect();
        let Some((name, parents)) = names.split_last() else {
            let mut failures = Failures::default();
            empty(filesystem, self.top()?, (&mut *ledger, Some(TOP)), &mut failures).await;
            if failures.is_empty() {
                *ledger = Ledger::default();
                self.scratch.forget(&self.path);
            }
            return failures.report(&subject);
        };
        let failed = |code| Error::host(&subject, code);
        let parent = match self.parent(path).await {
            Err(error) if error.code == ErrorCode::NoEntry => return Ok(()),
            parent => parent?,
        };
        let id = ledger.find(parents);
        let kind = match filesystem.stat_at(&parent, name).await {
            Ok(stat) => Some(stat.kind),
            Err(ErrorCode::NoEntry) => None,
            Err(code) => return Err(failed(code)),
        };
        if kind == Some(Kind::Directory) {
            let opened = filesystem.open_at(&parent, name, OpenHow::DIRECTORY).await;
            if !matches!(opened, Err(ErrorCode::NoEntry)) {
                let directory = Rc::new(opened.map_err(failed)?);
                let known = ledger.directory(id, name);
                let failures = remove_tree(filesystem, &parent, name, directory, (ledger, known)).await;
                failures.report(&subject)?;
            }
        } else if kind.is_some()
            && let Err(code) = filesystem.unlink_file_at(&parent, name).await
            && code != ErrorCode::NoEntry
        {
            return Err(failed(code));
        }
        ledger.removed(id, name);
        self.scratch.forget(&format!("{}/{}", self.path, names.join("/")));
        Ok(())
    }

    async fn remove_all(&self, ledger: &mut Ledger) -> Failures {
        let Ok(directory) = self.top() else { return Failures::default() };
        let Entry { directory: parent, name } = &self.entry;
        let tree = (&mut *ledger, Some(TOP));
        let failures = remove_tree(&self.scratch.filesystem, parent, name, directory, tree).await;
        if failures.is_empty() {
            *ledger = Ledger::default();
            self.scratch.forget(&self.path);
            self.open.take();
        }
        failures
    }
}

impl<F: Filesystem> Drop for Tree<F> {
    fn drop(&mut self) {
        // It stays, or could not be removed: either way it is still there.
        if let (Some(open), Some(mut ledger)) = (self.open.take(), self.ledger.now()) {
            self.scratch.leave_tree(open.charge, core::mem::take(&mut *ledger));
        }
    }
}

fn parts(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|name| !matches!(*name, "" | "."))
}

impl<F: Filesystem> Drop for Directory<F> {
    fn drop(&mut self) {
        let tree = self.tree.clone();
        let work = tree.is_ours().then(|| {
            Box::pin(async move {
                let mut ledger = tree.ledger.next().await;
                // Nobody is there to be told, or to try again.
                for _ in 0..ATTEMPTS {
                    if tree.remove_all(&mut ledger).await.is_empty() {
                        return;
                    }
                }
            }) as filesystem::Work
        });
        self.tree.scratch.filesystem.drop_happened(work);
    }
}
