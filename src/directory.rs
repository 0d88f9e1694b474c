//! A private tree: files and directories in it, and its removal as a whole.

use alloc::boxed::Box;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;

use crate::error::{Error, ErrorCode, Quoted, Result};
use crate::file::File;
use crate::filesystem::{Filesystem, Kind, OpenHow};
use crate::finish::finish;
use crate::name::{Affixes, Mark, check_portable};
use crate::options::{Access, DirectoryOptions, OpenFlags, Removal};
use crate::scratch::{Entry, Scratch};
use crate::tree::{Failures, empty, remove_tree};

/// How often a listing that an entry vanished from is begun again.
const LISTINGS: usize = 8;

/// How often a tree that was dropped is tried to remove.
const ATTEMPTS: usize = 3;

/// A temporary directory.
pub(crate) struct Directory<F: Filesystem> {
    tree: Rc<Tree<F>>,
    ignore_errors: bool,
    stays: Cell<bool>,
    closed: Cell<bool>,
    removed: Rc<Cell<bool>>,
}

/// What is needed to remove it.
struct Tree<F: Filesystem> {
    scratch: Rc<Scratch<F>>,
    entry: Entry<F>,
    directory: Rc<F::Descriptor>,
    path: Rc<str>,
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
        let directory = Directory::create_marked(scratch, options, mark).await?;
        // Not before somebody has it: a directory that nobody receives is removed.
        directory.stays.set(stays);
        Ok(directory)
    }

    /// Creates a directory whose name tells whose it is.
    pub(crate) async fn create_marked(
        scratch: &Rc<Scratch<F>>,
        options: DirectoryOptions,
        mark: Mark,
    ) -> Result<Directory<F>> {
        let affixes = Affixes::new(options.prefix, options.suffix)?;
        let location = scratch.find(options.directory.as_deref()).await?;
        let ignore_errors = options.ignore_errors.unwrap_or(false);
        let scratch = scratch.clone();
        let created = finish(&scratch.filesystem.clone(), async move {
            let (directory, entry) = scratch.create_directory(&location, &affixes, mark).await?;
            let path = location.join(&entry.name);
            scratch.filesystem.expect_drop();
            Ok(Directory {
                tree: Rc::new(Tree { scratch, entry, directory: Rc::new(directory), path }),
                ignore_errors,
                stays: Cell::new(false),
                closed: Cell::new(false),
                removed: Rc::new(Cell::new(false)),
            })
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
        }
        let how = OpenHow {
            read: access.reads(),
            write: access.writes(),
            create: flags.create,
            exclusive: flags.exclusive,
            truncate: flags.truncate,
            ..OpenHow::default()
        };
        let (tree, path) = (self.tree.clone(), names.join("/"));
        let opened = finish(&self.tree.scratch.filesystem, async move {
            let (descriptor, entry) = tree.open(&path, how).await?;
            let shown = format!("{}/{path}", tree.path).into();
            Ok(File::of_directory(tree.scratch.clone(), descriptor, entry, shown, access))
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
        let parent = self.tree.parent(&path).await?;
        let created = self.tree.scratch.filesystem.create_directory_at(&parent, name).await;
        created.map_err(|code| self.failed(&path, code))
    }

    /// Lists a directory in the directory.
    pub(crate) async fn entries(&self, path: String) -> Result<Vec<Found>> {
        self.check_open()?;
        let filesystem = &self.tree.scratch.filesystem;
        let directory = self.tree.walk(&self.names(&path)?, &path).await?;
        let mut listings = 1;
        let listing = loop {
            let listing = filesystem.read_directory(&directory, usize::MAX).await;
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
        finish(&self.tree.scratch.filesystem, async move { tree.remove(&path).await }).await
    }

    /// A second descriptor of the directory.
    pub(crate) async fn descriptor(&self) -> Result<F::Descriptor> {
        self.check_open()?;
        let opened =
            self.tree.scratch.filesystem.open_at(&self.tree.directory, ".", OpenHow::DIRECTORY).await;
        opened.map_err(|code| self.failed(".", code))
    }

    /// Leaves the directory where it is.
    pub(crate) async fn keep(&self) -> Result<()> {
        self.check_open()?;
        self.stay();
        Ok(())
    }

    /// From now on nothing removes it.
    pub(crate) fn stay(&self) {
        self.stays.set(true);
    }

    /// Removes the directory; after an error, call it again.
    pub(crate) async fn close(&self) -> Result<()> {
        self.closed.set(true);
        if self.stays.get() || self.removed.get() {
            return Ok(());
        }
        let (tree, removed) = (self.tree.clone(), self.removed.clone());
        let outcome = finish(&self.tree.scratch.filesystem, async move {
            let outcome = tree.remove_all().await.report(&format!("directory {}", Quoted(&tree.path)));
            removed.set(outcome.is_ok());
            outcome
        });
        let outcome = outcome.await;
        if self.ignore_errors { Ok(()) } else { outcome }
    }

    fn check_open(&self) -> Result<()> {
        if self.closed.get() {
            let message = format!("directory {}: it is closed", Quoted(&self.tree.path));
            return Err(Error::new(ErrorCode::Closed, message));
        }
        Ok(())
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
        Error::host(format_args!("path {}", Quoted(path)), code)
    }
}

impl<F: Filesystem> Tree<F> {
    /// Opens the directory that holds the last part of a path.
    async fn parent(&self, path: &str) -> Result<Rc<F::Descriptor>> {
        let mut names: Vec<&str> = parts(path).collect();
        names.pop();
        self.walk(&names, path).await
    }

    /// Opens one directory after the other, none of them through a link.
    async fn walk(&self, names: &[&str], path: &str) -> Result<Rc<F::Descriptor>> {
        let mut directory = self.directory.clone();
        for name in names {
            let opened = self.scratch.filesystem.open_at(&directory, name, OpenHow::DIRECTORY).await;
            directory =
                Rc::new(opened.map_err(|code| Error::host(format_args!("path {}", Quoted(path)), code))?);
        }
        Ok(directory)
    }

    async fn open(&self, path: &str, how: OpenHow) -> Result<(F::Descriptor, Entry<F>)> {
        let filesystem = &self.scratch.filesystem;
        let directory = self.parent(path).await?;
        let name = String::from(parts(path).last().unwrap_or_default());
        let failed = |code| Error::host(format_args!("path {}", Quoted(path)), code);
        if !how.exclusive {
            // Opening a pipe would wait for its other end.
            let kind = filesystem.stat_at(&directory, &name).await.map(|stat| stat.kind);
            match kind {
                Ok(Kind::File) | Err(ErrorCode::NoEntry) => {}
                Ok(Kind::Directory) => return Err(failed(ErrorCode::IsDirectory)),
                Ok(Kind::SymbolicLink) => return Err(failed(ErrorCode::Loop)),
                Ok(Kind::Other) => return Err(failed(ErrorCode::Unsupported)),
                Err(code) => return Err(failed(code)),
            }
        }
        let descriptor = filesystem.open_at(&directory, &name, how).await.map_err(failed)?;
        Ok((descriptor, Entry { directory, name }))
    }

    async fn remove(&self, path: &str) -> Result<()> {
        let filesystem = &self.scratch.filesystem;
        let subject = format!("path {}", Quoted(path));
        let Some(name) = parts(path).last() else {
            let mut failures = Failures::default();
            empty(filesystem, self.directory.clone(), &mut failures).await;
            return failures.report(&subject);
        };
        let failed = |code| Error::host(&subject, code);
        let parent = match self.parent(path).await {
            Err(error) if error.code == ErrorCode::NoEntry => return Ok(()),
            parent => parent?,
        };
        let kind = match filesystem.stat_at(&parent, name).await {
            Err(ErrorCode::NoEntry) => return Ok(()),
            stat => stat.map_err(failed)?.kind,
        };
        if kind != Kind::Directory {
            return match filesystem.unlink_file_at(&parent, name).await {
                Err(ErrorCode::NoEntry) => Ok(()),
                outcome => outcome.map_err(failed),
            };
        }
        match filesystem.open_at(&parent, name, OpenHow::DIRECTORY).await {
            Ok(directory) => {
                remove_tree(filesystem, &parent, name, Rc::new(directory)).await.report(&subject)
            }
            Err(ErrorCode::NoEntry) => Ok(()),
            Err(code) => Err(failed(code)),
        }
    }

    async fn remove_all(&self) -> Failures {
        let Entry { directory: parent, name } = &self.entry;
        remove_tree(&self.scratch.filesystem, parent, name, self.directory.clone()).await
    }
}

fn parts(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|name| !matches!(*name, "" | "."))
}

impl<F: Filesystem> Drop for Directory<F> {
    fn drop(&mut self) {
        let tree = self.tree.clone();
        let work = !self.stays.get() && !self.removed.get();
        let work = work.then(|| {
            Box::pin(async move {
                // Nobody is there to be told, or to try again.
                for _ in 0..ATTEMPTS {
                    if tree.remove_all().await.is_empty() {
                        return;
                    }
                }
            }) as crate::filesystem::Work
        });
        self.tree.scratch.filesystem.drop_happened(work);
    }
}
