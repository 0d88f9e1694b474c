//! The tree in memory: nodes, contents of files, and the resolution of paths.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::error::ErrorCode;
use crate::filesystem::{Kind, Result, Stat, Times};

/// The largest size and position of a file, as in POSIX's `off_t`.
pub(super) const LARGEST: u64 = i64::MAX as u64;

/// The largest number of symbolic links in a path.
const LINKS_FOLLOWED: usize = 40;

/// The number of the first disk that does not tell upper from lower case.
pub(super) const IGNORING_CASE: usize = 1000;

/// A file, a directory or another kind of node. It lives as long as a name or a descriptor of it.
pub(super) struct Node {
    pub(super) body: Body,
    /// The number of its names.
    pub(super) names: Cell<usize>,
    /// The number of its open descriptors.
    pub(super) open: Cell<usize>,
    /// The number of its disk.
    pub(super) disk: usize,
    /// The time of its last change.
    pub(super) modified: Cell<u64>,
    /// When what is in it was last read.
    pub(super) accessed: Cell<u64>,
    /// When it or one of its names last changed.
    pub(super) changed: Cell<u64>,
}

/// The kind of a node, with its content.
pub(super) enum Body {
    File(RefCell<Content>),
    /// A directory. Names are bytes, as on a host; a guest cannot get those that are not UTF-8.
    Directory(RefCell<BTreeMap<Vec<u8>, Rc<Node>>>),
    SymbolicLink(String),
    /// A pipe.
    Other,
}

impl Node {
    pub(super) fn new(body: Body, disk: usize) -> Rc<Node> {
        let (names, open) = (Cell::new(0), Cell::new(0));
        let (modified, accessed, changed) = (Cell::new(0), Cell::new(0), Cell::new(0));
        Rc::new(Node { body, names, open, disk, modified, accessed, changed })
    }

    /// Creates an empty directory.
    pub(super) fn directory(disk: usize) -> Rc<Node> {
        Node::new(Body::Directory(RefCell::default()), disk)
    }

    pub(super) fn kind(&self) -> Kind {
        match self.body {
            Body::File(_) => Kind::File,
            Body::Directory(_) => Kind::Directory,
            Body::SymbolicLink(_) => Kind::SymbolicLink,
            Body::Other => Kind::Other,
        }
    }

    pub(super) fn stat(&self) -> Stat {
        let size = match &self.body {
            Body::File(content) => content.borrow().size,
            Body::SymbolicLink(target) => target.len() as u64,
            Body::Directory(_) | Body::Other => 0,
        };
        let times = Times {
            accessed: Some(self.accessed.get()),
            modified: Some(self.modified.get()),
            changed: Some(self.changed.get()),
        };
        Stat::new(self.kind(), size, self.names.get() as u64, times)
    }

    pub(super) fn content(&self) -> Option<&RefCell<Content>> {
        match &self.body {
            Body::File(content) => Some(content),
            _ => None,
        }
    }

    /// Returns the entries of a directory.
    pub(super) fn entries(&self) -> Result<&RefCell<BTreeMap<Vec<u8>, Rc<Node>>>> {
        match &self.body {
            Body::Directory(entries) => Ok(entries),
            _ => Err(ErrorCode::NotDirectory),
        }
    }

    /// Returns the node of a name in this directory.
    pub(super) fn child(&self, name: &[u8]) -> Result<Option<Rc<Node>>> {
        let name = self.spelling(name)?;
        Ok(self.entries()?.borrow().get(&name).cloned())
    }

    /// Returns the spelling of a name with which it is stored in this directory, if it is.
    fn spelling(&self, name: &[u8]) -> Result<Vec<u8>> {
        let entries = self.entries()?.borrow();
        let mut stored = entries.keys();
        let other = match self.disk >= IGNORING_CASE && !entries.contains_key(name) {
            true => stored.find(|other| other.eq_ignore_ascii_case(name)),
            false => None,
        };
        Ok(other.map_or(name, Vec::as_slice).to_vec())
    }

    /// Adds `child` to this directory under a name, and replaces an existing entry.
    pub(super) fn put(&self, name: &[u8], child: Rc<Node>) -> Result<()> {
        child.names.set(child.names.get() + 1);
        let name = self.spelling(name)?;
        if let Some(replaced) = self.entries()?.borrow_mut().insert(name, child) {
            replaced.names.set(replaced.names.get() - 1);
        }
        Ok(())
    }

    /// Removes a name from this directory.
    pub(super) fn take(&self, name: &[u8]) -> Result<Option<Rc<Node>>> {
        let name = self.spelling(name)?;
        let taken = self.entries()?.borrow_mut().remove(&name);
        if let Some(taken) = &taken {
            taken.names.set(taken.names.get() - 1);
        }
        Ok(taken)
    }

    /// Whether `other` is this directory or below it.
    pub(super) fn contains(self: &Rc<Node>, other: &Rc<Node>) -> bool {
        let mut open = vec![self.clone()];
        while let Some(node) = open.pop() {
            if Rc::ptr_eq(&node, other) {
                return true;
            }
            if let Ok(entries) = node.entries() {
                open.extend(entries.borrow().values().cloned());
            }
        }
        false
    }
}

impl Drop for Node {
    // Without recursion, because a tree may be deeper than the stack.
    fn drop(&mut self) {
        let mut orphans = Vec::new();
        let collect = |body: &mut Body| {
            let Body::Directory(entries) = body else {
                return Vec::new();
            };
            std::mem::take(entries.get_mut()).into_values().collect::<Vec<_>>()
        };
        orphans.extend(collect(&mut self.body));
        while let Some(node) = orphans.pop() {
            if let Some(mut node) = Rc::into_inner(node) {
                orphans.extend(collect(&mut node.body));
            }
        }
    }
}

/// The size of one page of a file, in bytes.
const PAGE: u64 = 4096;

/// The present and the largest total size of all files, in bytes.
#[derive(Default)]
pub(super) struct Used {
    now: Cell<u64>,
    most: Cell<u64>,
}

impl Used {
    pub(super) fn now(&self) -> u64 {
        self.now.get()
    }

    pub(super) fn most(&self) -> u64 {
        self.most.get()
    }

    fn add(&self, bytes: u64) {
        self.now.set(self.now.get() + bytes);
        self.most.set(self.most.get().max(self.now.get()));
    }

    fn subtract(&self, bytes: u64) {
        self.now.set(self.now.get() - bytes);
    }
}

/// The written pages of a file.
pub(super) struct Content {
    pages: BTreeMap<u64, Box<[u8; PAGE as usize]>>,
    size: u64,
    /// The total size of all files of the filesystem.
    used: Rc<Used>,
}

impl Content {
    pub(super) fn new(used: Rc<Used>) -> Content {
        Content { pages: BTreeMap::new(), size: 0, used }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Appends up to `limit` bytes at `offset` to `buffer`.
    pub(super) fn read(&self, mut offset: u64, mut limit: usize, buffer: &mut Vec<u8>) {
        while limit > 0 && offset < self.size {
            let start = offset % PAGE;
            let here = (PAGE - start).min(self.size - offset).min(limit as u64) as usize;
            match self.pages.get(&(offset / PAGE)) {
                Some(page) => buffer.extend_from_slice(&page[start as usize..start as usize + here]),
                None => buffer.resize(buffer.len() + here, 0),
            }
            offset += here as u64;
            limit -= here;
        }
    }

    /// Stores `data`, which must not end above `LARGEST`.
    pub(super) fn write(&mut self, mut offset: u64, mut data: &[u8]) {
        if !data.is_empty() {
            self.grow(offset + data.len() as u64);
        }
        while !data.is_empty() {
            let start = (offset % PAGE) as usize;
            let here = data.len().min(PAGE as usize - start);
            let page = self.pages.entry(offset / PAGE).or_insert_with(|| Box::new([0; PAGE as usize]));
            page[start..start + here].copy_from_slice(&data[..here]);
            offset += here as u64;
            data = &data[here..];
        }
    }

    pub(super) fn set_size(&mut self, size: u64) {
        if size >= self.size {
            return self.grow(size);
        }
        self.used.subtract(self.size - size);
        self.size = size;
        self.pages.split_off(&size.div_ceil(PAGE));
        if let Some(page) = self.pages.get_mut(&(size / PAGE)) {
            page[(size % PAGE) as usize..].fill(0);
        }
    }

    fn grow(&mut self, size: u64) {
        let growth = size.saturating_sub(self.size);
        self.used.add(growth);
        self.size += growth;
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        self.used.subtract(self.size);
    }
}

/// The target of a path: a directory, and a name in it, which need not exist.
pub(super) struct Place {
    pub(super) directory: Rc<Node>,
    /// The name; none for the directory itself.
    pub(super) name: Option<Vec<u8>>,
    /// Whether the end of the path requires a directory.
    pub(super) directory_only: bool,
}

impl Place {
    /// Returns the node at this place, if it exists.
    pub(super) fn node(&self) -> Result<Option<Rc<Node>>> {
        match &self.name {
            Some(name) => self.directory.child(name),
            None => Ok(Some(self.directory.clone())),
        }
    }

    /// Returns the node at this place; fails if there is none.
    pub(super) fn existing(&self) -> Result<Rc<Node>> {
        let node = self.node()?.ok_or(ErrorCode::NoEntry)?;
        if self.directory_only && node.kind() != Kind::Directory {
            return Err(ErrorCode::NotDirectory);
        }
        Ok(node)
    }
}

/// Resolves `path` from `base`. The path must not leave `base`.
pub(super) fn walk(base: &Rc<Node>, path: &str, follow: bool) -> Result<Place> {
    if path.is_empty() {
        return Err(ErrorCode::NoEntry);
    }
    if path.contains('\0') {
        return Err(ErrorCode::Invalid);
    }
    if path.starts_with('/') {
        return Err(ErrorCode::NotPermitted);
    }
    if path.len() > 4095 {
        return Err(ErrorCode::NameTooLong);
    }
    let directory_only = path.ends_with('/') || path.ends_with("/.") || path == ".";
    let mut ahead: VecDeque<String> = parts(path).collect();
    let mut way = vec![base.clone()];
    let mut followed = 0;
    while let Some(part) = ahead.pop_front() {
        let Some(here) = way.last().cloned() else {
            return Err(ErrorCode::NotPermitted);
        };
        here.entries()?;
        match part.as_str() {
            "." => continue,
            ".." => {
                way.pop();
                if way.is_empty() {
                    return Err(ErrorCode::NotPermitted);
                }
                continue;
            }
            _ if part.len() > 255 => return Err(ErrorCode::NameTooLong),
            _ => {}
        }
        let child = here.child(part.as_bytes())?;
        let last = ahead.is_empty();
        let place =
            || Place { directory: here.clone(), name: Some(part.clone().into_bytes()), directory_only };
        match child.as_ref().map(|child| &child.body) {
            None if last => return Ok(place()),
            None => return Err(ErrorCode::NoEntry),
            Some(Body::SymbolicLink(target)) if !last || follow || directory_only => {
                followed += 1;
                if followed > LINKS_FOLLOWED {
                    return Err(ErrorCode::Loop);
                }
                if target.starts_with('/') {
                    return Err(ErrorCode::NotPermitted);
                }
                parts(target).rev().for_each(|part| ahead.push_front(part));
            }
            Some(_) if last => return Ok(place()),
            Some(_) => way.extend(child),
        }
    }
    let Some(directory) = way.pop() else {
        return Err(ErrorCode::NotPermitted);
    };
    directory.entries()?;
    Ok(Place { directory, name: None, directory_only })
}

fn parts(path: &str) -> impl DoubleEndedIterator<Item = String> {
    path.split('/').filter(|part| !part.is_empty()).map(str::to_owned)
}
