//! The calls of a private tree that look up, create, move or remove names.
//!
//! Each has the name and the rules of the method of `wasi:filesystem` that it serves.

use alloc::rc::Rc;
use alloc::string::{String, ToString};

use crate::error::ErrorCode;
use crate::filesystem::{Filesystem, OpenHow, Result};
use crate::tmp::inode::{Inode, Kind};
use crate::tmp::path::{LONGEST_PATH, Last, LastLink, Place, resolve};

/// Returns the entry at `path`.
pub(crate) fn find<F: Filesystem>(base: &Rc<Inode<F>>, path: &str, follow: bool) -> Result<Rc<Inode<F>>> {
    let last_link = if follow { LastLink::Follow } else { LastLink::KeepWithoutSlash };
    resolve(base, path, last_link)?.existing().cloned()
}

/// Returns the file or directory at `path`, which is created or emptied if `how` says so.
pub(crate) fn open_at<F: Filesystem>(base: &Rc<Inode<F>>, path: &str, how: OpenHow) -> Result<Rc<Inode<F>>> {
    let OpenHow { write, create, exclusive, truncate, directory, follow, .. } = how;
    if create && directory {
        return Err(ErrorCode::Invalid);
    }
    let is_new = create && exclusive;
    let last_link = match (create, follow && !is_new) {
        (true, true) => LastLink::FollowWithoutSlash,
        (true, false) => LastLink::Keep,
        (false, true) => LastLink::Follow,
        (false, false) => LastLink::KeepWithoutSlash,
    };
    let place = resolve(base, path, last_link)?;
    if create && place.slash && matches!(place.last, Last::Name(_)) {
        return Err(ErrorCode::IsDirectory);
    }
    if create && place.found.is_none() {
        let name = place.vacant()?;
        let file = Inode::file(base.volume())?;
        check_depth(&place.directory, 0)?;
        place.directory.add(name, &file)?;
        return Ok(file);
    }
    if is_new {
        return Err(ErrorCode::Exist);
    }
    let found = place.existing()?.clone();
    match &found.kind {
        Kind::Link(_) if directory => return Err(ErrorCode::NotDirectory),
        Kind::Link(_) => return Err(ErrorCode::Loop),
        Kind::Directory(_) if write || create || truncate => return Err(ErrorCode::IsDirectory),
        Kind::Directory(_) => {}
        Kind::File(_) if directory => return Err(ErrorCode::NotDirectory),
        Kind::File(content) => {
            if truncate {
                content.borrow_mut().set_length(0)?;
                found.touch(true);
            }
        }
    }
    Ok(found)
}

pub(crate) fn create_directory_at<F: Filesystem>(base: &Rc<Inode<F>>, path: &str) -> Result<()> {
    let place = resolve(base, path, LastLink::Keep)?;
    let name = place.vacant()?;
    let directory = Inode::directory(base.volume())?;
    check_depth(&place.directory, 0)?;
    place.directory.add(name, &directory)
}

pub(crate) fn remove_directory_at<F: Filesystem>(base: &Rc<Inode<F>>, path: &str) -> Result<()> {
    let place = resolve(base, path, LastLink::Keep)?;
    let name = match &place.last {
        Last::Name(name) => name,
        Last::Same => return Err(ErrorCode::Invalid),
        Last::Parent => return Err(ErrorCode::NotEmpty),
    };
    let found = place.found.as_ref().ok_or(ErrorCode::NoEntry)?;
    found.as_directory()?;
    if !found.is_empty() {
        return Err(ErrorCode::NotEmpty);
    }
    place.directory.remove(name)
}

pub(crate) fn unlink_file_at<F: Filesystem>(base: &Rc<Inode<F>>, path: &str) -> Result<()> {
    let place = resolve(base, path, LastLink::Keep)?;
    let Last::Name(name) = &place.last else { return Err(ErrorCode::IsDirectory) };
    let found = place.found.as_ref().ok_or(ErrorCode::NoEntry)?;
    if found.is_directory() {
        return Err(ErrorCode::IsDirectory);
    }
    place.existing()?;
    place.directory.remove(name)
}

/// Gives the entry at `old` another name. A symbolic link at `old` is not followed.
pub(crate) fn link_at<F: Filesystem>(
    from: &Rc<Inode<F>>,
    old: &str,
    to: &Rc<Inode<F>>,
    new: &str,
) -> Result<()> {
    let found = find(from, old, false)?;
    let place = resolve(to, new, LastLink::Keep)?;
    let name = vacant_without_slash(&place)?;
    if found.is_directory() {
        return Err(ErrorCode::NotPermitted);
    }
    check_depth(&place.directory, 0)?;
    place.directory.add(name, &found)
}

pub(crate) fn symlink_at<F: Filesystem>(target: &str, base: &Rc<Inode<F>>, path: &str) -> Result<()> {
    if target.is_empty() {
        return Err(ErrorCode::NoEntry);
    }
    if target.starts_with('/') {
        return Err(ErrorCode::NotPermitted);
    }
    if target.len() > LONGEST_PATH {
        return Err(ErrorCode::NameTooLong);
    }
    if target.contains('\0') {
        return Err(ErrorCode::IllegalByteSequence);
    }
    let place = resolve(base, path, LastLink::Keep)?;
    let name = vacant_without_slash(&place)?;
    let link = Inode::link(base.volume(), target)?;
    check_depth(&place.directory, 0)?;
    place.directory.add(name, &link)
}

/// Returns the target of a symbolic link.
pub(crate) fn readlink_at<F: Filesystem>(base: &Rc<Inode<F>>, path: &str) -> Result<String> {
    match &find(base, path, false)?.kind {
        Kind::Link(target) => Ok(target.to_string()),
        _ => Err(ErrorCode::Invalid),
    }
}

/// Moves an entry, in the place of a file or of an empty directory.
pub(crate) fn rename_at<F: Filesystem>(
    from: &Rc<Inode<F>>,
    old: &str,
    to: &Rc<Inode<F>>,
    new: &str,
) -> Result<()> {
    let source = resolve(from, old, LastLink::Keep)?;
    let target = resolve(to, new, LastLink::Keep)?;
    let (Last::Name(old), Last::Name(new)) = (&source.last, &target.last) else {
        return Err(ErrorCode::Busy);
    };
    let moved = source.found.as_ref().ok_or(ErrorCode::NoEntry)?;
    if target.found.is_none() {
        target.vacant()?;
    }
    if !moved.is_directory() && (source.slash || target.slash) {
        return Err(ErrorCode::NotDirectory);
    }
    if is_within(&target.directory, moved) {
        return Err(ErrorCode::Invalid);
    }
    if let Some(replaced) = &target.found {
        if is_within(&source.directory, replaced) {
            return Err(ErrorCode::NotEmpty);
        }
        if Rc::ptr_eq(replaced, moved) {
            return Ok(());
        }
        match (moved.is_directory(), replaced.is_directory()) {
            (true, false) => return Err(ErrorCode::NotDirectory),
            (false, true) => return Err(ErrorCode::IsDirectory),
            (true, true) if !replaced.is_empty() => return Err(ErrorCode::NotEmpty),
            _ => {}
        }
    }
    check_depth(&target.directory, height(moved))?;
    target.directory.add(new, moved)?;
    source.directory.remove(old)
}

/// Returns the name of an entry to be created that can't be a directory.
fn vacant_without_slash<F: Filesystem>(place: &Place<F>) -> Result<&str> {
    let name = place.vacant()?;
    if place.slash { Err(ErrorCode::NoEntry) } else { Ok(name) }
}

/// Whether `directory` is `ancestor` or below it.
fn is_within<F: Filesystem>(directory: &Rc<Inode<F>>, ancestor: &Rc<Inode<F>>) -> bool {
    let mut next = Some(directory.clone());
    while let Some(current) = next {
        if Rc::ptr_eq(&current, ancestor) {
            return true;
        }
        next = current.parent();
    }
    false
}

/// Checks the depth of an entry of `directory` below which there are `height` levels.
fn check_depth<F: Filesystem>(directory: &Rc<Inode<F>>, height: usize) -> Result<()> {
    let budget = directory.volume().budget()?;
    if budget.limits().max_depth.is_none() {
        return Ok(());
    }
    budget.check_depth(directory.depth() + 1 + height)
}

/// Returns the number of levels below an entry, or 0 if no limit needs it.
fn height<F: Filesystem>(top: &Rc<Inode<F>>) -> usize {
    let limits = top.volume().budget().map(|budget| budget.limits());
    if limits.is_ok_and(|limits| limits.max_depth.is_none()) {
        return 0;
    }
    // A list of levels instead of a recursion: a tree may be deeper than a stack.
    let mut level = top.targets();
    let mut height = 0;
    while !level.is_empty() {
        height += 1;
        level = level.iter().flat_map(|inode| inode.targets()).collect();
    }
    height
}
