//! The resolution of a path: from a directory, through directories and symbolic links, to an entry.
//!
//! A path never leaves the directory at which it begins, as WASI demands. All other rules are those of
//! Linux.

use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::ErrorCode;
use crate::filesystem::{Filesystem, Result};
use crate::tmp::inode::{Inode, Kind};

/// The largest number of bytes of a name.
const LONGEST_NAME: usize = 255;

/// The largest number of bytes of a path or of the target of a symbolic link.
pub(crate) const LONGEST_PATH: usize = 4095;

/// The largest number of symbolic links in one resolution.
const MOST_LINKS: usize = 40;

/// The treatment of a symbolic link at the end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LastLink {
    /// It is the result, also if a slash follows.
    Keep,
    /// It is the result, unless a slash follows.
    KeepWithoutSlash,
    Follow,
    /// It is followed, unless a slash follows.
    FollowWithoutSlash,
}

/// The end of a path.
pub(crate) struct Place<F: Filesystem> {
    /// The directory that contains the last name.
    pub(crate) directory: Rc<Inode<F>>,
    pub(crate) last: Last,
    /// The entry at the end, if there is one.
    pub(crate) found: Option<Rc<Inode<F>>>,
    /// Whether a slash follows the last name.
    pub(crate) slash: bool,
}

/// The last part of a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Last {
    Name(String),
    /// `.`
    Same,
    /// `..`
    Parent,
}

impl<F: Filesystem> Place<F> {
    /// Returns the entry, which has to be a directory if a slash follows its name.
    pub(crate) fn existing(&self) -> Result<&Rc<Inode<F>>> {
        let found = self.found.as_ref().ok_or(ErrorCode::NoEntry)?;
        if self.slash {
            found.as_directory()?;
        }
        Ok(found)
    }

    /// Returns the name of an entry to be created. A directory that was removed takes no entry.
    pub(crate) fn vacant(&self) -> Result<&str> {
        match (&self.last, &self.found) {
            (Last::Name(_), None) if self.directory.links.get() == 0 => Err(ErrorCode::NoEntry),
            (Last::Name(name), None) => Ok(name),
            _ => Err(ErrorCode::Exist),
        }
    }
}

/// Resolves `path` from the directory `base`.
///
/// Fails if a part of it other than the last does not exist.
pub(crate) fn resolve<F: Filesystem>(
    base: &Rc<Inode<F>>,
    path: &str,
    last_link: LastLink,
) -> Result<Place<F>> {
    check(path)?;
    base.as_directory()?;
    // The directories from the base to the present one.
    let mut directories = alloc::vec![base.clone()];
    let mut ahead = Vec::new();
    push(&mut ahead, path);
    let mut slash = path.ends_with('/');
    let mut links = 0;
    loop {
        let directory = directories.last().ok_or(ErrorCode::NotPermitted)?.clone();
        let Some(name) = ahead.pop() else {
            // Only `.` and a path of empty names end here.
            return Ok(Place { found: Some(directory.clone()), directory, last: Last::Same, slash });
        };
        let is_last = ahead.is_empty();
        if name == "." {
            continue;
        }
        if name == ".." {
            directories.pop();
            let parent = directories.last().ok_or(ErrorCode::NotPermitted)?;
            if is_last {
                let (directory, found) = (parent.clone(), Some(parent.clone()));
                return Ok(Place { directory, last: Last::Parent, found, slash });
            }
            continue;
        }
        if name.len() > LONGEST_NAME {
            return Err(ErrorCode::NameTooLong);
        }
        let found = directory.get(&name)?;
        if let Some(Kind::Link(target)) = found.as_ref().map(|inode| &inode.kind)
            && (!is_last || follows(last_link, slash))
        {
            links += 1;
            if links > MOST_LINKS {
                return Err(ErrorCode::Loop);
            }
            check(target)?;
            slash |= is_last && target.ends_with('/');
            push(&mut ahead, target);
            continue;
        }
        if is_last {
            return Ok(Place { directory, last: Last::Name(name), found, slash });
        }
        let next = found.ok_or(ErrorCode::NoEntry)?;
        next.as_directory()?;
        directories.push(next);
    }
}

fn follows(last_link: LastLink, slash: bool) -> bool {
    match last_link {
        LastLink::Keep => false,
        LastLink::KeepWithoutSlash => slash,
        LastLink::Follow => true,
        LastLink::FollowWithoutSlash => !slash,
    }
}

/// Puts the names of a path on the stack of those to be resolved.
fn push(ahead: &mut Vec<String>, path: &str) {
    ahead.extend(path.split('/').rev().filter(|name| !name.is_empty()).map(ToString::to_string));
}

fn check(path: &str) -> Result<()> {
    if path.is_empty() {
        Err(ErrorCode::NoEntry)
    } else if path.starts_with('/') {
        Err(ErrorCode::NotPermitted)
    } else if path.contains('\0') {
        Err(ErrorCode::IllegalByteSequence)
    } else if path.len() > LONGEST_PATH {
        Err(ErrorCode::NameTooLong)
    } else {
        Ok(())
    }
}
