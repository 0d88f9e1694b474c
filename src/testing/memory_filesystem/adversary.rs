//! The host's view: preopens directories, changes entries behind the guest's back, inspects the result.
//!
//! All paths are paths of the guest.

use std::rc::Rc;

use super::tree::{Body, Content, IGNORING_CASE, Node};
use super::{MemoryFilesystem, Preopen};
use crate::filesystem::Kind;

impl MemoryFilesystem {
    /// Preopens an empty directory at this path.
    pub(crate) fn preopen(&self, path: &str) -> MemoryFilesystem {
        self.hand_out(path, false, 0)
    }

    /// Preopens a directory in which the guest cannot change anything.
    pub(crate) fn preopen_read_only(&self, path: &str) -> MemoryFilesystem {
        self.hand_out(path, true, 0)
    }

    /// Preopens a directory on another disk. No entry can be moved there from other directories.
    pub(crate) fn preopen_elsewhere(&self, path: &str) -> MemoryFilesystem {
        let disk = 1 + self.world.preopens.borrow().len();
        self.hand_out(path, false, disk)
    }

    /// Preopens a directory on another disk, which does not tell upper from lower case.
    pub(crate) fn preopen_ignoring_case(&self, path: &str) -> MemoryFilesystem {
        let disk = IGNORING_CASE + self.world.preopens.borrow().len();
        self.hand_out(path, false, disk)
    }

    /// Sets an environment variable of the guest.
    pub(crate) fn with_variable(&self, name: &str, value: &str) -> MemoryFilesystem {
        self.world.variables.borrow_mut().push((name.to_owned(), value.to_owned()));
        self.clone()
    }

    /// Creates a file at `path` and its parent directories, and replaces an existing entry.
    pub(crate) fn plant_file(&self, path: &str, bytes: &[u8]) {
        let mut content = Content::new(self.world.used.clone());
        content.write(0, bytes);
        self.plant(path, |disk| {
            let file = Node::new(Body::File(content.into()), disk);
            self.touch(&file);
            file
        });
    }

    /// Creates a symbolic link at `path`.
    pub(crate) fn plant_symbolic_link(&self, path: &str, target: &str) {
        self.plant(path, |disk| Node::new(Body::SymbolicLink(target.to_owned()), disk));
    }

    /// Creates a directory at `path`, unless it exists.
    pub(crate) fn plant_directory(&self, path: &str) {
        self.directory_at(path);
    }

    /// Creates a pipe at `path`.
    pub(crate) fn plant_pipe(&self, path: &str) {
        self.plant(path, |disk| Node::new(Body::Other, disk));
    }

    /// Creates a file in `directory` with a name that is not UTF-8 and is listed after most others.
    pub(crate) fn plant_untellable(&self, directory: &str) {
        self.plant_bytes(directory, b"\xff\xfe");
    }

    /// Creates a file in `directory` with a name that is not UTF-8 and is listed before most others,
    /// which then are not listed.
    pub(crate) fn plant_untellable_first(&self, directory: &str) {
        self.plant_bytes(directory, b"!\xff");
    }

    fn plant_bytes(&self, directory: &str, name: &[u8]) {
        let parent = self.directory_at(directory);
        let file = Node::new(Body::File(Content::new(self.world.used.clone()).into()), parent.disk);
        parent.put(name, file).expect("a directory");
    }

    /// Creates a hard link `new` to the entry at `old`.
    pub(crate) fn plant_link(&self, old: &str, new: &str) {
        let node = self.node_at(old).expect("an entry to link");
        self.plant(new, |_| node);
    }

    /// Moves the entry at `old` with its content to `new`.
    pub(crate) fn move_away(&self, old: &str, new: &str) {
        let (directory, name) = self.split(old);
        let node = directory.take(name.as_bytes()).expect("a directory").expect("an entry to move");
        self.plant(new, |_| node);
    }

    /// Removes the entry at `path` with its content.
    pub(crate) fn take_away(&self, path: &str) {
        let (directory, name) = self.split(path);
        directory.take(name.as_bytes()).expect("a directory").expect("an entry to take away");
    }

    /// Sets the times of access and modification at `path`, as an archive's extraction does.
    pub(crate) fn backdate(&self, path: &str, time: u64) {
        let node = self.node_at(path).expect("an entry to backdate");
        node.modified.set(time);
        node.accessed.set(time);
        node.changed.set(self.world.clock.get());
    }

    /// Sets all times at `path`.
    pub(crate) fn set_times(&self, path: &str, accessed: u64, modified: u64, changed: u64) {
        let node = self.node_at(path).expect("an entry with times");
        node.accessed.set(accessed);
        node.modified.set(modified);
        node.changed.set(changed);
    }

    /// Returns the content of the file at `path`, without following links.
    pub(crate) fn contents(&self, path: &str) -> Option<Vec<u8>> {
        let node = self.node_at(path)?;
        let content = node.content()?.borrow();
        let mut bytes = Vec::new();
        content.read(0, usize::MAX, &mut bytes);
        Some(bytes)
    }

    /// Returns the kind of the entry at `path`, without following links.
    pub(crate) fn kind(&self, path: &str) -> Option<Kind> {
        Some(self.node_at(path)?.kind())
    }

    /// Returns the sorted paths of all entries below the preopened directories.
    pub(crate) fn entries(&self) -> Vec<String> {
        let preopens = self.world.preopens.borrow();
        let mut ahead: Vec<_> =
            preopens.iter().map(|preopen| (preopen.path.clone(), preopen.root.clone())).collect();
        let mut paths = Vec::new();
        while let Some((path, directory)) = ahead.pop() {
            let Ok(entries) = directory.entries() else {
                continue;
            };
            for (name, node) in entries.borrow().iter() {
                let path = format!("{}/{}", path.trim_end_matches('/'), String::from_utf8_lossy(name));
                paths.push(path.clone());
                ahead.push((path, node.clone()));
            }
        }
        paths.sort();
        paths
    }

    /// Asserts that no entry is left in any directory.
    #[track_caller]
    pub(crate) fn assert_empty(&self) {
        assert_eq!(self.entries(), [""; 0], "entries are left");
    }

    fn hand_out(&self, path: &str, read_only: bool, disk: usize) -> MemoryFilesystem {
        let root = Node::directory(disk);
        // The directory has a name on the host.
        root.names.set(1);
        self.world.preopens.borrow_mut().push(Preopen { path: path.to_owned(), root, read_only });
        self.clone()
    }

    fn plant(&self, path: &str, node: impl FnOnce(usize) -> Rc<Node>) {
        let (directory, name) = self.split(path);
        directory.put(name.as_bytes(), node(directory.disk)).expect("a directory");
    }

    fn split<'a>(&self, path: &'a str) -> (Rc<Node>, &'a str) {
        let (directory, name) = path.rsplit_once('/').expect("an absolute path");
        assert!(!name.is_empty(), "a path that ends with a name");
        (self.directory_at(directory), name)
    }

    /// Returns the directory at `path`, and creates it if necessary.
    fn directory_at(&self, path: &str) -> Rc<Node> {
        let (mut directory, rest) = self.preopen_of(path).expect("a path below a preopened directory");
        for name in names(rest) {
            let child = directory.child(name.as_bytes()).expect("a directory");
            let child = child.unwrap_or_else(|| {
                let child = Node::directory(directory.disk);
                directory.put(name.as_bytes(), child.clone()).expect("a directory");
                child
            });
            directory = child;
        }
        directory
    }

    fn node_at(&self, path: &str) -> Option<Rc<Node>> {
        let (mut node, rest) = self.preopen_of(path)?;
        for name in names(rest) {
            node = node.child(name.as_bytes()).ok()??;
        }
        Some(node)
    }

    /// Returns the preopened directory that contains `path`, and the rest of the path.
    fn preopen_of<'a>(&self, path: &'a str) -> Option<(Rc<Node>, &'a str)> {
        let preopens = self.world.preopens.borrow();
        let below = preopens.iter().filter_map(|preopen| {
            let rest = path.strip_prefix(preopen.path.trim_end_matches('/'))?;
            (rest.is_empty() || rest.starts_with('/')).then(|| (preopen.root.clone(), rest))
        });
        below.min_by_key(|(_, rest)| rest.len())
    }
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|name| !name.is_empty())
}
