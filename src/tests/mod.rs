//! Tests of the core on a filesystem in memory.
//!
//! `Instance` is one component with its filesystem, and creates `TestFile`s and `TestDirectory`s. Their
//! functions run to their end. Concurrent tests call the fields `file` and `directory` instead.

mod files;
mod limits;
mod programs;
mod sweeps;
mod text;
mod trees;

use std::future::Future;
use std::rc::Rc;

use crate::directory::{Directory, Found};
use crate::error::{ErrorCode, Result};
use crate::file::File;
use crate::instance::scratch::Scratch;
use crate::limits::budget::Usage;
use crate::limits::settings::Limits;
use crate::options::{Access, DirectoryOptions, FileOptions, OpenFlags, Removal, Whence};
use crate::testing::memory_filesystem::MemoryFilesystem;

/// One instance of the component.
struct Instance {
    disk: MemoryFilesystem,
    scratch: Rc<Scratch<MemoryFilesystem>>,
}

impl Instance {
    /// Creates an instance whose only directory is an empty `/tmp`.
    fn new() -> Instance {
        Instance::on(MemoryFilesystem::new())
    }

    /// Creates an instance with these limits.
    fn limited(limits: Limits) -> Instance {
        let instance = Instance::new();
        instance.scratch.set_limits(limits).unwrap();
        instance
    }

    fn on(disk: MemoryFilesystem) -> Instance {
        Instance { scratch: Scratch::new(disk.clone()), disk }
    }

    /// Finds the default directory, and resets the count of calls.
    fn warmed_up(self) -> Instance {
        self.disk.run(self.scratch.find(None)).unwrap();
        self.disk.forget_calls();
        self
    }

    fn try_unnamed(&self, options: FileOptions) -> Result<TestFile> {
        self.hold(self.disk.run(File::create(&self.scratch, options)))
    }

    fn try_named(&self, options: FileOptions) -> Result<TestFile> {
        self.hold(self.disk.run(File::create_named(&self.scratch, options)))
    }

    fn try_spooled(&self, max_size: Option<u64>, options: FileOptions) -> Result<TestFile> {
        self.hold(File::create_spooled(&self.scratch, max_size, options))
    }

    fn try_directory(&self, options: DirectoryOptions) -> Result<TestDirectory> {
        let directory = self.disk.run(Directory::create(&self.scratch, options))?;
        Ok(TestDirectory { disk: self.disk.clone(), directory: Rc::new(directory) })
    }

    #[track_caller]
    fn unnamed(&self) -> TestFile {
        self.try_unnamed(options()).unwrap()
    }

    #[track_caller]
    fn named(&self) -> TestFile {
        self.try_named(options()).unwrap()
    }

    #[track_caller]
    fn spooled(&self, max_size: u64) -> TestFile {
        self.try_spooled(Some(max_size), options()).unwrap()
    }

    #[track_caller]
    fn directory(&self) -> TestDirectory {
        self.try_directory(DirectoryOptions::default()).unwrap()
    }

    fn hold(&self, file: Result<File<MemoryFilesystem>>) -> Result<TestFile> {
        Ok(TestFile { disk: self.disk.clone(), file: Rc::new(file?) })
    }

    /// Returns the usage.
    #[track_caller]
    fn usage(&self) -> Usage {
        self.scratch.budget().unwrap().usage()
    }

    /// Asserts that nothing is in use, and that all created entries were removed.
    #[track_caller]
    fn assert_nothing_used(&self) {
        let Usage { bytes, entries, handles, memory, created, removed, .. } = self.usage();
        assert_eq!(
            [bytes.now, entries.now, handles.now, memory.now],
            [0; 4],
            "bytes, entries, handles, memory"
        );
        assert_eq!(created, removed, "created and removed");
    }

    /// Ends the instance, and asserts that no entry and no descriptor is left.
    #[track_caller]
    fn assert_clean(self) {
        self.disk.settle();
        // Persisted and kept entries stay charged, even after another process has removed them.
        if self.scratch.budget().is_ok() && !self.scratch.has_left() {
            self.assert_nothing_used();
        }
        let Instance { disk, scratch } = self;
        drop(scratch);
        disk.assert_empty();
        disk.assert_balanced();
        assert_eq!(disk.open_descriptors(), 0, "descriptors are left open");
        assert_eq!(disk.used(), 0, "bytes are left on the disk");
    }
}

/// A file whose functions run to their end.
struct TestFile {
    disk: MemoryFilesystem,
    file: Rc<File<MemoryFilesystem>>,
}

impl TestFile {
    fn run<T>(&self, call: impl Future<Output = T>) -> T {
        self.disk.run(call)
    }

    fn write(&self, data: &[u8]) -> Result<()> {
        self.run(self.file.write(data.to_vec()))
    }

    fn write_at(&self, data: &[u8], offset: u64) -> Result<()> {
        self.run(self.file.write_at(data.to_vec(), offset))
    }

    fn write_lines(&self, lines: &[&[u8]]) -> Result<()> {
        self.run(self.file.write_lines(lines.iter().map(|line| line.to_vec()).collect()))
    }

    fn read(&self, max: u64) -> Result<Vec<u8>> {
        self.run(self.file.read(max))
    }

    fn read_at(&self, max: u64, offset: u64) -> Result<Vec<u8>> {
        self.run(self.file.read_at(max, offset))
    }

    fn read_line(&self, limit: Option<u64>) -> Result<Vec<u8>> {
        self.run(self.file.read_line(limit))
    }

    fn read_lines(&self, hint: Option<u64>) -> Result<Vec<Vec<u8>>> {
        self.run(self.file.read_lines(hint))
    }

    fn seek(&self, offset: i64, whence: Whence) -> Result<u64> {
        self.run(self.file.seek(offset, whence))
    }

    fn truncate(&self, size: Option<u64>) -> Result<()> {
        self.run(self.file.truncate(size))
    }

    fn size(&self) -> Result<u64> {
        self.run(self.file.size())
    }

    fn flush(&self) -> Result<()> {
        self.run(self.file.flush())
    }

    fn sync(&self) -> Result<()> {
        self.run(self.file.sync())
    }

    fn rollover(&self) -> Result<()> {
        self.run(self.file.rollover())
    }

    fn persist(&self, path: &str, replace: bool) -> Result<()> {
        self.run(self.file.persist(path.to_owned(), replace))
    }

    fn keep(&self) -> Result<()> {
        self.run(self.file.keep())
    }

    fn close(&self) -> Result<()> {
        self.run(self.file.close())
    }

    /// Returns the path of a named file.
    #[track_caller]
    fn path(&self) -> String {
        self.file.path().expect("a named file").to_string()
    }

    /// Returns the whole content, independent of the position.
    #[track_caller]
    fn contents(&self) -> Vec<u8> {
        self.read_at(u64::MAX, 0).unwrap()
    }

    #[track_caller]
    fn assert_closes(self) {
        self.close().unwrap();
    }
}

/// A directory whose functions run to their end.
struct TestDirectory {
    disk: MemoryFilesystem,
    directory: Rc<Directory<MemoryFilesystem>>,
}

impl TestDirectory {
    fn path(&self) -> String {
        self.directory.path().to_string()
    }

    /// Returns the path of an entry of the directory.
    fn join(&self, path: &str) -> String {
        format!("{}/{path}", self.directory.path())
    }

    fn open(&self, path: &str, flags: OpenFlags, access: Access) -> Result<TestFile> {
        let file = self.disk.run(self.directory.open(path.to_owned(), flags, Some(access)))?;
        Ok(TestFile { disk: self.disk.clone(), file: Rc::new(file) })
    }

    fn create_file(&self, path: &str) -> Result<TestFile> {
        self.open(path, OpenFlags { create: true, ..OpenFlags::default() }, Access::ReadWrite)
    }

    fn create_directory(&self, path: &str) -> Result<()> {
        self.disk.run(self.directory.create_directory(path.to_owned()))
    }

    fn entries(&self, path: &str) -> Result<Vec<Found>> {
        self.disk.run(self.directory.entries(path.to_owned()))
    }

    fn remove(&self, path: &str) -> Result<()> {
        self.disk.run(self.directory.remove(path.to_owned()))
    }

    fn keep(&self) -> Result<()> {
        self.disk.run(self.directory.keep())
    }

    fn persist(&self, path: &str) -> Result<()> {
        self.disk.run(self.directory.persist(path.to_owned()))
    }

    fn close(&self) -> Result<()> {
        self.disk.run(self.directory.close())
    }
}

fn options() -> FileOptions {
    FileOptions::default()
}

fn in_directory(path: &str) -> FileOptions {
    FileOptions { directory: Some(path.to_owned()), ..options() }
}

fn with_access(access: Access) -> FileOptions {
    FileOptions { access: Some(access), ..options() }
}

fn with_removal(removal: Removal) -> FileOptions {
    FileOptions { removal: Some(removal), ..options() }
}

fn with_buffer(bytes: u64) -> FileOptions {
    FileOptions { buffer_size: Some(bytes), ..options() }
}

/// Returns the code of an error, for comparisons.
fn code<T>(outcome: Result<T>) -> Option<ErrorCode> {
    outcome.err().map(|error| error.code)
}

/// Runs a test on a file of each kind with each buffer size, and asserts that nothing is left.
#[track_caller]
fn with_every_kind(test: impl Fn(&TestFile, &str)) {
    for buffer in [0, 1, 7, 65536] {
        for kind in 0..6 {
            let instance = Instance::new();
            let (name, file) = match kind {
                0 => ("unnamed", instance.try_unnamed(with_buffer(buffer))),
                1 => ("named", instance.try_named(with_buffer(buffer))),
                2 => ("in memory", instance.try_spooled(None, with_buffer(buffer))),
                3 => ("rolling over at 5", instance.try_spooled(Some(5), with_buffer(buffer))),
                4 => ("rolling over at 0", instance.try_spooled(Some(0), with_buffer(buffer))),
                _ => ("shared", instance.try_unnamed(with_buffer(buffer))),
            };
            let file = file.unwrap();
            let shared = (kind == 5).then(|| file.run(file.file.descriptor()).unwrap());
            test(&file, &format!("{name}, buffer of {buffer}"));
            drop(shared);
            file.assert_closes();
            instance.assert_clean();
        }
    }
}
