//! A temporary directory: files and directories in it, and its removal as a whole.

mod persist;
pub(crate) mod private_tree;

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use crate::directory::private_tree::{Open, Tree};
use crate::error::{Error, ErrorCode, Quoted, Result};
use crate::file::File;
use crate::filesystem::{Filesystem, Kind, OpenHow};
use crate::instance::listing::list_all;
use crate::instance::scratch::{NewDirectory, Scratch};
use crate::limits::ledger::Ledger;
use crate::options::{Access, DirectoryOptions, OpenFlags, Removal};
use crate::place::name::{Affixes, Mark, check_portable};
use crate::place::path;
use crate::task::run_to_end::run_to_end;
use crate::task::turns::Turns;

/// A temporary directory.
pub(crate) struct Directory<F: Filesystem> {
    tree: Rc<Tree<F>>,
    ignore_errors: bool,
    closed: Cell<bool>,
}

/// An entry of a listing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) size: u64,
}

impl<F: Filesystem> Directory<F> {
    pub(crate) async fn create(scratch: &Rc<Scratch<F>>, options: DirectoryOptions) -> Result<Directory<F>> {
        let kept = options.removal == Some(Removal::Never);
        let mark = if kept { Mark::Foreign } else { Mark::Ours };
        if kept {
            scratch.check_unconfined("removal never")?;
        }
        let directory = Directory::create_marked(scratch, options, mark).await?;
        // Set only now: a directory that never reaches its caller is removed.
        if kept {
            directory.tree.keep().await;
        }
        Ok(directory)
    }

    /// Creates a directory under a name with this mark.
    pub(crate) async fn create_marked(
        scratch: &Rc<Scratch<F>>,
        options: DirectoryOptions,
        mark: Mark,
    ) -> Result<Directory<F>> {
        let affixes = Affixes::new(options.prefix, options.suffix)?;
        let (mut location, handle) = scratch.prepare(options.directory.as_deref()).await?;
        let ignore_errors = options.ignore_errors.unwrap_or(false);
        let scratch = scratch.clone();
        let created = run_to_end(&scratch.background.clone(), async move {
            let NewDirectory { descriptor, entry, charge } =
                scratch.create_directory(&mut location, &affixes, mark).await?;
            let path = location.join(&entry.name);
            scratch.filesystem.expect_drop();
            let open = Open {
                filesystem: scratch.filesystem.clone(),
                kept: scratch.kept.clone(),
                removing: scratch.removing.clone(),
                entry: RefCell::new(Rc::new(entry)),
                directory: Rc::new(descriptor),
                charge: Rc::new(charge),
                _handle: handle,
            };
            let ledger = Turns::new(Ledger::default());
            scratch.open_trees.add(path.clone(), &open.directory, &ledger);
            let tree = Tree {
                scratch,
                path: RefCell::new(path),
                is_kept: Cell::new(false),
                kept_in: Turns::new(None),
                open: RefCell::new(Some(Rc::new(open))),
                ledger,
            };
            Ok(Directory { tree: Rc::new(tree), ignore_errors, closed: Cell::new(false) })
        });
        created.await
    }

    pub(crate) fn path(&self) -> Rc<str> {
        self.tree.path()
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
                format!("path {}: truncate requires write access", Quoted(&path)),
            ));
        }
        if flags.exclusive && !flags.create {
            return Err(Error::invalid("flags", &"exclusive", "requires create"));
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
        let opened = run_to_end(&self.tree.scratch.background, async move {
            let new = tree.open(&mut ledger, &path, how).await?;
            let shown = format!("{}/{path}", tree.path()).into();
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
        let created = run_to_end(&self.tree.scratch.background, async move {
            tree.create_directory(&mut ledger, &path).await
        });
        created.await
    }

    /// Lists the directory at a path below this one.
    pub(crate) async fn entries(&self, path: String) -> Result<Vec<Found>> {
        self.check_open()?;
        let filesystem = &self.tree.scratch.filesystem;
        let names = self.names(&path)?;
        let _turn = self.tree.scratch.listing.next().await;
        let directory = self.tree.walk(&names, &path).await?;
        let listing = list_all(filesystem, &directory).await;
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
            run_to_end(&self.tree.scratch.background, async move { tree.remove(&mut ledger, &path).await });
        removed.await
    }

    /// Opens a second descriptor of the directory.
    pub(crate) async fn descriptor(&self) -> Result<F::Descriptor> {
        self.check_open()?;
        let directory = self.tree.top()?;
        let opened = self.tree.scratch.filesystem.open_at(&directory, ".", OpenHow::DIRECTORY).await;
        opened.map_err(|code| self.failed(".", code))
    }

    /// Keeps the directory: neither closing nor dropping removes it.
    pub(crate) async fn keep(&self) -> Result<()> {
        self.check_open()?;
        self.tree.scratch.check_unconfined("keep")?;
        self.tree.keep().await;
        Ok(())
    }

    /// Moves the directory to `path`, and keeps it there.
    pub(crate) async fn persist(&self, path: String) -> Result<()> {
        self.check_open()?;
        let tree = self.tree.clone();
        tree.scratch.check_unconfined(&format!("path {}", Quoted(&path)))?;
        let kept_in = tree.kept_in.next().await;
        let ledger = tree.ledger.next().await;
        // It may have been closed meanwhile.
        self.check_open()?;
        let background = &self.tree.scratch.background;
        run_to_end(background, async move { tree.persist(kept_in, ledger, &path).await }).await
    }

    /// Hands the directory over to the caller, and ends its charges.
    pub(crate) fn disown(&self) {
        self.tree.is_kept.set(true);
        if let Some(open) = self.tree.open.take() {
            open.charge.disown();
        }
    }

    /// Removes the directory. After an error it can be called again.
    pub(crate) async fn close(&self) -> Result<()> {
        self.closed.set(true);
        if !self.tree.is_ours() {
            return Ok(());
        }
        let tree = self.tree.clone();
        let mut ledger = self.tree.ledger.next().await;
        let outcome = run_to_end(&self.tree.scratch.background, async move {
            let failures = tree.remove_all(&mut ledger).await;
            tree.report(failures, &format!("directory {}", Quoted(&tree.path())))
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

    /// Splits a path into names; the directory itself has none.
    fn names<'a>(&self, path: &'a str) -> Result<Vec<&'a str>> {
        let (code, fault) = if path.starts_with('/') {
            (ErrorCode::NotPermitted, "an absolute path is not allowed")
        } else if path.split('/').any(|name| name == "..") {
            (ErrorCode::NotPermitted, "\"..\" is not allowed")
        } else if path.contains('\\') {
            (ErrorCode::Invalid, "a backslash is not allowed")
        } else if path.contains('\0') {
            (ErrorCode::Invalid, "a NUL is not allowed")
        } else {
            return Ok(path::names(path).collect());
        };
        Err(Error::new(code, format!("path {}: {fault}", Quoted(path))))
    }

    fn failed(&self, path: &str, code: ErrorCode) -> Error {
        self.tree.failed(path, code)
    }
}
