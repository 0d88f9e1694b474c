//! The effects of calls on the tree, without faults or delays.

use std::rc::Rc;

use super::faults::Effect;
use super::tree::{Body, Content, LARGEST, Node, Place, walk};
use super::{Handle, MemoryFilesystem};
use crate::error::ErrorCode;
use crate::filesystem::{Kind, Listed, OpenHow, Result, Unwritten};

impl MemoryFilesystem {
    pub(super) fn open(&self, base: &Handle, path: &str, how: OpenHow) -> Result<Handle> {
        if how.directory && (how.create || how.exclusive || how.truncate) || how.truncate && !how.write {
            return Err(ErrorCode::Invalid);
        }
        if base.read_only && (how.write || how.create || how.truncate) {
            return Err(ErrorCode::NotPermitted);
        }
        let place = walk(&base.node, path, how.follow && !how.exclusive)?;
        let existing = place.node()?;
        if existing.is_some() && how.create && how.exclusive {
            return Err(ErrorCode::Exist);
        }
        let node = match existing {
            Some(node) => node,
            None if how.create && place.directory_only => return Err(ErrorCode::IsDirectory),
            None if how.create => {
                let content = Content::new(self.world.used.clone());
                self.add(&place, Node::new(Body::File(content.into()), place.directory.disk))?
            }
            None => return Err(ErrorCode::NoEntry),
        };
        match node.kind() {
            Kind::Directory if how.write || how.create => return Err(ErrorCode::IsDirectory),
            Kind::Directory => {}
            _ if how.directory || place.directory_only => return Err(ErrorCode::NotDirectory),
            Kind::SymbolicLink => return Err(ErrorCode::Loop),
            Kind::Other => return Err(ErrorCode::Unsupported),
            Kind::File => {}
        }
        if how.truncate
            && let Some(content) = node.content()
        {
            content.borrow_mut().set_size(0);
        }
        // Hosts open a file that they create for writing, even if the caller does not request it.
        let write = how.write || how.create;
        Ok(Handle { node, read: how.read || !how.write, write, read_only: base.read_only })
    }

    pub(super) fn create_directory(&self, base: &Handle, path: &str) -> Result<()> {
        let place = self.changeable(base, path)?;
        if place.node()?.is_some() {
            return Err(ErrorCode::Exist);
        }
        self.add(&place, Node::directory(place.directory.disk))?;
        Ok(())
    }

    pub(super) fn unlink(&self, base: &Handle, path: &str) -> Result<()> {
        let place = self.changeable(base, path)?;
        let node = place.existing()?;
        let Some(name) = &place.name else {
            return Err(ErrorCode::IsDirectory);
        };
        if node.kind() == Kind::Directory {
            return Err(ErrorCode::IsDirectory);
        }
        self.refuse_if_open(&node)?;
        self.take(&place.directory, name)
    }

    pub(super) fn remove_directory(&self, base: &Handle, path: &str) -> Result<()> {
        let place = self.changeable(base, path)?;
        let node = place.existing()?;
        let Some(name) = &place.name else {
            return Err(ErrorCode::Invalid);
        };
        if !node.entries()?.borrow().is_empty() {
            return Err(ErrorCode::NotEmpty);
        }
        self.take(&place.directory, name)
    }

    pub(super) fn rename(&self, from: &Handle, old: &str, to: &Handle, new: &str) -> Result<()> {
        let (source, target) = (self.changeable(from, old)?, self.changeable(to, new)?);
        let node = source.existing()?;
        let (Some(old), Some(new)) = (&source.name, &target.name) else {
            return Err(ErrorCode::Busy);
        };
        if node.disk != target.directory.disk {
            return Err(ErrorCode::CrossDevice);
        }
        let directory = node.kind() == Kind::Directory;
        if directory && node.contains(&target.directory) {
            return Err(ErrorCode::Invalid);
        }
        self.refuse_if_open(&node)?;
        match target.node()? {
            Some(replaced) if Rc::ptr_eq(&replaced, &node) => return Ok(()),
            Some(replaced) => match (directory, replaced.entries()) {
                (false, Ok(_)) => return Err(ErrorCode::IsDirectory),
                (true, Err(_)) => return Err(ErrorCode::NotDirectory),
                (true, Ok(entries)) if !entries.borrow().is_empty() => return Err(ErrorCode::NotEmpty),
                _ => self.refuse_if_open(&replaced)?,
            },
            None if target.directory_only && !directory => return Err(ErrorCode::NotDirectory),
            None => {}
        }
        if target.directory.names.get() == 0 {
            return Err(ErrorCode::NoEntry);
        }
        self.take(&source.directory, old)?;
        self.touch(&target.directory);
        target.directory.put(new, node)
    }

    pub(super) fn link(&self, from: &Handle, old: &str, to: &Handle, new: &str) -> Result<()> {
        if self.world.linkless.get() {
            return Err(ErrorCode::Unsupported);
        }
        let (source, target) = (self.changeable(from, old)?, self.changeable(to, new)?);
        let node = source.existing()?;
        if target.node()?.is_some() {
            return Err(ErrorCode::Exist);
        }
        if node.disk != target.directory.disk {
            return Err(ErrorCode::CrossDevice);
        }
        match node.kind() {
            Kind::Directory => Err(ErrorCode::NotPermitted),
            _ if target.directory_only => Err(ErrorCode::NoEntry),
            _ => self.add(&target, node).map(drop),
        }
    }

    pub(super) fn list(&self, directory: &Handle, effect: Effect) -> (Vec<Listed>, Result<()>) {
        if !directory.read {
            return (Vec::new(), Err(ErrorCode::NotPermitted));
        }
        let (told, mut outcome) = match effect {
            Effect::Whole => (usize::MAX, Ok(())),
            Effect::Lost(code) => (usize::MAX, Err(code)),
            Effect::First(count, code) => (count, Err(code)),
            Effect::Nothing(code) => return (Vec::new(), Err(code)),
        };
        let nodes = match directory.node.entries() {
            Ok(nodes) => nodes.borrow(),
            Err(code) => return (Vec::new(), Err(code)),
        };
        let mut entries = Vec::new();
        for (name, node) in nodes.iter() {
            if entries.len() == told {
                break;
            }
            match String::from_utf8(name.clone()) {
                Ok(name) => entries.push(Listed { name, kind: node.kind() }),
                Err(_) => {
                    outcome = Err(ErrorCode::IllegalByteSequence);
                    break;
                }
            }
        }
        directory.node.accessed.set(self.world.clock.get());
        (entries, outcome)
    }

    pub(super) fn read(&self, file: &Handle, offset: u64, mut buffer: Vec<u8>) -> Result<Vec<u8>> {
        if !file.read {
            return Err(ErrorCode::NotPermitted);
        }
        if offset > LARGEST {
            return Err(ErrorCode::Invalid);
        }
        let content = file.node.content().ok_or(ErrorCode::IsDirectory)?;
        let spare = buffer.capacity() - buffer.len();
        content.borrow().read(offset, spare, &mut buffer);
        file.node.accessed.set(self.world.clock.get());
        Ok(buffer)
    }

    pub(super) fn write(
        &self,
        file: &Handle,
        offset: u64,
        mut data: Vec<u8>,
        effect: Effect,
    ) -> core::result::Result<Vec<u8>, Unwritten> {
        let (length, refusal) = match self.room(file, offset, data.len()) {
            Err(code) => (0, Some(code)),
            Ok(room) if room < data.len() => (room, Some(ErrorCode::InsufficientSpace)),
            Ok(room) => (room, None),
        };
        let (length, refusal, rest) = match effect {
            Effect::Whole => (length, refusal, length),
            // The host does not know that it stored the bytes.
            Effect::Lost(code) => (length, Some(code), 0),
            Effect::First(count, code) if count < length => (count, Some(code), count),
            Effect::First(_, code) => (length, Some(refusal.unwrap_or(code)), length),
            Effect::Nothing(code) => (0, Some(code), 0),
        };
        if let Some(content) = file.node.content() {
            content.borrow_mut().write(offset, &data[..length]);
            self.touch(&file.node);
        }
        match refusal {
            Some(code) => Err(Unwritten { code, rest: data.split_off(rest) }),
            None => {
                data.clear();
                Ok(data)
            }
        }
    }

    pub(super) fn resize(&self, file: &Handle, size: u64) -> Result<()> {
        if !file.write {
            return Err(ErrorCode::NotPermitted);
        }
        let content = file.node.content().ok_or(ErrorCode::Invalid)?;
        if size > LARGEST {
            return Err(ErrorCode::Invalid);
        }
        let growth = size.saturating_sub(content.borrow().size());
        if growth > self.free() {
            return Err(ErrorCode::InsufficientSpace);
        }
        content.borrow_mut().set_size(size);
        self.touch(&file.node);
        Ok(())
    }

    /// Sets the time of the last change to the present.
    pub(super) fn touch(&self, node: &Node) {
        node.modified.set(self.world.clock.get());
        node.changed.set(self.world.clock.get());
    }

    /// Removes a name from a directory.
    fn take(&self, directory: &Node, name: &[u8]) -> Result<()> {
        if let Some(node) = directory.take(name)? {
            node.changed.set(self.world.clock.get());
        }
        self.touch(directory);
        Ok(())
    }

    /// Returns how many of `length` bytes can be stored at `offset`.
    fn room(&self, file: &Handle, offset: u64, length: usize) -> Result<usize> {
        if !file.write {
            return Err(ErrorCode::NotPermitted);
        }
        let content = file.node.content().ok_or(ErrorCode::IsDirectory)?.borrow();
        if offset > LARGEST {
            return Err(ErrorCode::Invalid);
        }
        if length as u64 > LARGEST - offset {
            return Err(ErrorCode::FileTooLarge);
        }
        let end = content.size().saturating_add(self.free());
        Ok(end.saturating_sub(offset).min(length as u64) as usize)
    }

    /// Returns the free space of the disk, in bytes.
    fn free(&self) -> u64 {
        self.world.capacity.get().saturating_sub(self.used())
    }

    /// Returns the place of `path`; fails if `base` is read-only.
    fn changeable(&self, base: &Handle, path: &str) -> Result<Place> {
        if base.read_only {
            return Err(ErrorCode::NotPermitted);
        }
        walk(&base.node, path, false)
    }

    /// Adds `node` to the tree at a place.
    fn add(&self, place: &Place, node: Rc<Node>) -> Result<Rc<Node>> {
        let Some(name) = &place.name else {
            return Err(ErrorCode::Exist);
        };
        // A removed directory that is still open accepts no new entries.
        if place.directory.names.get() == 0 {
            return Err(ErrorCode::NoEntry);
        }
        place.directory.put(name, node.clone())?;
        self.touch(&place.directory);
        if node.names.get() == 1 {
            self.touch(&node);
            node.accessed.set(self.world.clock.get());
        }
        node.changed.set(self.world.clock.get());
        Ok(node)
    }

    fn refuse_if_open(&self, node: &Node) -> Result<()> {
        match self.world.holding_open_files.get() && node.kind() == Kind::File && node.open.get() > 0 {
            true => Err(ErrorCode::Access),
            false => Ok(()),
        }
    }
}
