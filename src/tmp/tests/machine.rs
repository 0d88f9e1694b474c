//! The filesystem of this machine, with the calls of a private tree.

use std::os::fd::OwnedFd;
use std::rc::Rc;

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::{Errno, pread, pwrite};

use super::programs::{Metadata, System};
use crate::error::ErrorCode;
use crate::filesystem::{Kind, OpenHow, Result};

/// A temporary directory of this machine.
pub(super) struct Machine {
    root: Rc<OwnedFd>,
    _directory: tempfile::TempDir,
}

impl Machine {
    pub(super) fn new() -> Machine {
        let directory = tempfile::tempdir().expect("this machine has a temporary directory");
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let root = fs::open(directory.path(), flags, Mode::empty()).expect("the directory can be opened");
        Machine { root: Rc::new(root), _directory: directory }
    }
}

impl System for Machine {
    type Open = Rc<OwnedFd>;

    fn root(&self) -> Rc<OwnedFd> {
        self.root.clone()
    }

    fn open(&self, base: &Rc<OwnedFd>, path: &str, how: OpenHow) -> Result<Rc<OwnedFd>> {
        let mut flags = if how.write { OFlags::RDWR } else { OFlags::RDONLY };
        flags.set(OFlags::CREATE, how.create);
        flags.set(OFlags::EXCL, how.exclusive);
        flags.set(OFlags::TRUNC, how.truncate);
        flags.set(OFlags::DIRECTORY, how.directory);
        flags.set(OFlags::NOFOLLOW, !how.follow);
        done(fs::openat(base, path, flags, Mode::from_raw_mode(0o777))).map(Rc::new)
    }

    fn read(&self, file: &Rc<OwnedFd>, position: u64, length: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let read = done(pread(file, &mut bytes, position))?;
        bytes.truncate(read);
        Ok(bytes)
    }

    fn write(&self, file: &Rc<OwnedFd>, position: u64, data: Vec<u8>) -> Result<u64> {
        done(pwrite(file, &data, position)).map(|written| written as u64)
    }

    fn set_size(&self, file: &Rc<OwnedFd>, size: u64) -> Result<()> {
        done(fs::ftruncate(file, size))
    }

    fn create_directory(&self, base: &Rc<OwnedFd>, path: &str) -> Result<()> {
        done(fs::mkdirat(base, path, Mode::from_raw_mode(0o777)))
    }

    fn remove_directory(&self, base: &Rc<OwnedFd>, path: &str) -> Result<()> {
        done(fs::unlinkat(base, path, AtFlags::REMOVEDIR))
    }

    fn unlink(&self, base: &Rc<OwnedFd>, path: &str) -> Result<()> {
        done(fs::unlinkat(base, path, AtFlags::empty()))
    }

    fn rename(&self, from: &Rc<OwnedFd>, old: &str, to: &Rc<OwnedFd>, new: &str) -> Result<()> {
        done(fs::renameat(from, old, to, new))
    }

    fn link(&self, from: &Rc<OwnedFd>, old: &str, to: &Rc<OwnedFd>, new: &str) -> Result<()> {
        done(fs::linkat(from, old, to, new, AtFlags::empty()))
    }

    fn symlink(&self, target: &str, base: &Rc<OwnedFd>, path: &str) -> Result<()> {
        done(fs::symlinkat(target, base, path))
    }

    fn readlink(&self, base: &Rc<OwnedFd>, path: &str) -> Result<String> {
        let target = done(fs::readlinkat(base, path, Vec::new()))?;
        Ok(target.into_string().expect("the tests create targets in UTF-8"))
    }

    fn stat(&self, base: &Rc<OwnedFd>, path: &str, follow: bool) -> Result<Metadata> {
        let flags = if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
        done(fs::statat(base, path, flags)).map(metadata)
    }

    fn stat_open(&self, open: &Rc<OwnedFd>) -> Metadata {
        metadata(fs::fstat(open).expect("an open file has metadata"))
    }

    fn list(&self, directory: &Rc<OwnedFd>) -> Result<Vec<(String, Kind)>> {
        let entries = done(fs::Dir::read_from(directory))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = done(entry)?;
            let name = entry.file_name().to_str().expect("the tests create names in UTF-8").to_owned();
            if name != "." && name != ".." {
                names.push((name, kind(entry.file_type())));
            }
        }
        names.sort();
        Ok(names)
    }
}

fn metadata(stat: fs::Stat) -> Metadata {
    let kind = kind(FileType::from_raw_mode(stat.st_mode));
    Metadata::new(kind, stat.st_size as u64, stat.st_nlink)
}

fn kind(kind: FileType) -> Kind {
    match kind {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Directory,
        FileType::Symlink => Kind::SymbolicLink,
        _ => Kind::Other,
    }
}

fn done<T>(outcome: rustix::io::Result<T>) -> Result<T> {
    outcome.map_err(|errno| match errno {
        Errno::ACCESS => ErrorCode::Access,
        Errno::BADF => ErrorCode::NotPermitted,
        Errno::BUSY => ErrorCode::Busy,
        Errno::EXIST => ErrorCode::Exist,
        Errno::FBIG => ErrorCode::FileTooLarge,
        Errno::INVAL => ErrorCode::Invalid,
        Errno::ISDIR => ErrorCode::IsDirectory,
        Errno::LOOP => ErrorCode::Loop,
        Errno::NAMETOOLONG => ErrorCode::NameTooLong,
        Errno::NOENT => ErrorCode::NoEntry,
        Errno::NOTDIR => ErrorCode::NotDirectory,
        Errno::NOTEMPTY => ErrorCode::NotEmpty,
        Errno::PERM => ErrorCode::NotPermitted,
        other => panic!("no other error is expected: {other}"),
    })
}
