//! Tests of the private tree on a host in memory, and against the filesystem of this machine.

mod contents;
mod descriptors;
mod faults;
mod limits;
#[cfg(target_os = "linux")]
mod machine;
mod paths;
#[cfg(target_os = "linux")]
mod programs;

use std::rc::Rc;

use crate::error::ErrorCode;
use crate::filesystem::{OpenHow, Result};
use crate::instance::scratch::Scratch;
use crate::limits::budget::Usage;
use crate::limits::settings::{LimitSettings, Limits};
use crate::testing::memory_filesystem::MemoryFilesystem;
use crate::tmp::inode::{Inode, Stat};
use crate::tmp::open::Descriptor;
use crate::tmp::tree;
use crate::tmp::volume::Volume;

/// A file to read and write, which is created if it does not exist.
const CREATE: OpenHow = OpenHow {
    read: true,
    write: true,
    create: true,
    exclusive: false,
    truncate: false,
    directory: false,
    follow: true,
};

/// An existing file to read and write.
const OPEN: OpenHow = OpenHow { create: false, ..CREATE };

/// A private tree, with the root as a program gets it, and its host.
struct Private {
    host: MemoryFilesystem,
    scratch: Rc<Scratch<MemoryFilesystem>>,
    root: Descriptor<MemoryFilesystem>,
}

impl Private {
    /// A tree without limits. Contents of more than 16 bytes move to the host's `/tmp`.
    fn new() -> Private {
        Private::limited(Limits::default())
    }

    fn limited(limits: Limits) -> Private {
        Private::on(MemoryFilesystem::new(), limits, Some(16))
    }

    /// A tree whose contents stay in memory.
    fn in_memory(limits: Limits) -> Private {
        Private::on(MemoryFilesystem::without_preopens(), limits, None)
    }

    fn on(host: MemoryFilesystem, limits: Limits, largest_in_memory: Option<u64>) -> Private {
        let directory = largest_in_memory.map(|_| "/tmp".to_owned());
        let settings = LimitSettings { limits, directory, ..LimitSettings::default() };
        let scratch = Scratch::with_settings(host.clone(), settings);
        let root = Inode::root(&Volume::new(scratch.clone(), largest_in_memory)).unwrap();
        Private { host, scratch, root: Descriptor::root(root) }
    }

    fn top(&self) -> &Rc<Inode<MemoryFilesystem>> {
        self.root.inode()
    }

    /// Runs a call of the program.
    fn run<T>(&self, call: impl FnOnce() -> T) -> T {
        self.host.run(async { call() })
    }

    fn open(&self, path: &str, how: OpenHow) -> Result<Descriptor<MemoryFilesystem>> {
        self.run(|| self.root.open_at(path, how))
    }

    /// Creates a file with this content.
    #[track_caller]
    fn create(&self, path: &str, content: &[u8]) -> Descriptor<MemoryFilesystem> {
        let file = self.open(path, CREATE).unwrap();
        assert_eq!(self.run(|| file.write(0, content.to_vec())), Ok(content.len() as u64));
        file
    }

    #[track_caller]
    fn create_directory(&self, path: &str) {
        tree::create_directory_at(self.top(), path).unwrap();
    }

    #[track_caller]
    fn create_link(&self, target: &str, path: &str) {
        tree::symlink_at(target, self.top(), path).unwrap();
    }

    fn unlink(&self, path: &str) -> Result<()> {
        self.run(|| tree::unlink_file_at(self.top(), path))
    }

    fn rename(&self, old: &str, new: &str) -> Result<()> {
        self.run(|| tree::rename_at(self.top(), old, self.top(), new))
    }

    fn stat(&self, path: &str) -> Result<Stat> {
        Ok(tree::find(self.top(), path, false)?.stat())
    }

    /// Returns the names in a directory.
    #[track_caller]
    fn names(&self, path: &str) -> Vec<String> {
        let entries = self.open(path, OpenHow { follow: true, ..OpenHow::DIRECTORY }).unwrap();
        let entries = entries.entries().unwrap();
        std::iter::from_fn(|| entries.next().unwrap()).map(|(name, _)| name.into()).collect()
    }

    fn usage(&self) -> Usage {
        self.scratch.budget().unwrap().usage()
    }

    /// Ends the instance as a host does, and asserts that nothing is left.
    #[track_caller]
    fn assert_leaves_nothing(self) {
        let Private { host, scratch, root } = self;
        drop(root);
        host.settle();
        let Usage { bytes, entries, handles, memory, created, removed, .. } =
            scratch.budget().unwrap().usage();
        assert_eq!([bytes.now, entries.now, handles.now, memory.now], [0; 4], "still charged");
        assert_eq!(created, removed, "created and removed");
        drop(scratch);
        host.assert_empty();
        assert_eq!((host.open_descriptors(), host.used()), (0, 0), "left on the host");
    }
}

/// Returns the whole content of a file.
#[track_caller]
fn contents(private: &Private, file: &Descriptor<MemoryFilesystem>) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let (bytes, is_end) = private.run(|| file.read(all.len() as u64, u64::MAX)).unwrap();
        all.extend(bytes);
        if is_end {
            return all;
        }
    }
}
