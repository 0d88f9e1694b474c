//! A temporary file: its operations run one at a time, and to their end.

pub(crate) mod disk;
pub(crate) mod lines;
pub(crate) mod open_file;
pub(crate) mod operation;
mod persist;
pub(crate) mod rollover;
pub(crate) mod spool;
pub(crate) mod status;
pub(crate) mod stream;
mod window;
mod write;

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use crate::error::{Error, Result};
use crate::file::disk::Disk;
use crate::file::lines::LineBlock;
use crate::file::open_file::{Content, Destination, OpenFile};
use crate::file::operation::{Operation, Outcome};
use crate::file::spool::Spool;
use crate::file::status::FileStatus;
use crate::file::stream::Stream;
use crate::filesystem::Filesystem;
use crate::instance::scratch::{NewFile, Scratch};
use crate::limits::budget::{Budget, Memory, OpenHandle};
use crate::options::{Access, FileOptions, Removal, Whence};
use crate::place::name::{Affixes, Mark};
use crate::task::background::Background;
use crate::task::call::Request;
use crate::task::run_to_end::run_to_end;
use crate::task::turns::{Turn, Turns};

const DEFAULT_BUFFER_SIZE: u64 = 64 * 1024;
const LARGEST_BUFFER_SIZE: u64 = 16 * 1024 * 1024;

/// A temporary file of any kind.
pub(crate) struct File<F: Filesystem> {
    background: Background<F>,
    budget: Rc<Budget>,
    status: Rc<FileStatus>,
    turns: Rc<Turns<OpenFile<F>>>,
}

impl<F: Filesystem> File<F> {
    /// Creates a file without a name. With a buffer, its content stays in memory until it outgrows that:
    /// no other process could see it on disk.
    pub(crate) async fn create(scratch: &Rc<Scratch<F>>, options: FileOptions) -> Result<File<F>> {
        let settings = FileSettings::unnamed(options)?;
        // Only the default directory was tried out before.
        if settings.buffer_size == 0 || settings.destination.directory.is_some() {
            return File::create_on_disk(scratch, settings, None).await;
        }
        let (location, handle) = scratch.prepare(None).await?;
        let spool = Spool::standing_in(settings.buffer_size, scratch.charge_file(&location).await?);
        Ok(settings.open(scratch.clone(), Source::Memory(spool), handle))
    }

    /// Creates a file as `create` does, if its content stays in memory for now and the directory is known.
    pub(crate) fn try_create(scratch: &Rc<Scratch<F>>, options: FileOptions) -> Result<Option<File<F>>> {
        let settings = FileSettings::unnamed(options)?;
        let directory = settings.destination.directory.as_deref();
        scratch.check_directory(directory)?;
        if settings.buffer_size == 0 || directory.is_some() {
            return Ok(None);
        }
        Ok(scratch.prepare_now()?.map(|(account, handle)| {
            let spool = Spool::standing_in(settings.buffer_size, account);
            settings.open(scratch.clone(), Source::Memory(spool), handle)
        }))
    }

    /// Creates a file with a name.
    pub(crate) async fn create_named(scratch: &Rc<Scratch<F>>, options: FileOptions) -> Result<File<F>> {
        let kept = options.removal == Some(Removal::Never);
        let mark = if kept { Mark::Foreign } else { Mark::Ours };
        if kept {
            scratch.check_unconfined("removal never")?;
        }
        let file = File::create_marked(scratch, options, mark).await?;
        // Set only now: a file that never reaches its caller is removed.
        if let (true, Some(mut open), Some(path)) = (kept, file.turns.now(), file.path()) {
            open.keep_at(&path, None).await;
        }
        Ok(file)
    }

    /// Creates a file without an owner; returns its descriptor and path.
    pub(crate) async fn create_unowned(
        scratch: &Rc<Scratch<F>>,
        options: FileOptions,
    ) -> Result<(F::Descriptor, Rc<str>)> {
        scratch.check_unconfined("mkstemp")?;
        let file = File::create_marked(scratch, options, Mark::Foreign).await?;
        let mut owner = file.turns.now().expect("nobody else has it");
        owner.removal = Removal::Never;
        if let Some(account) = owner.owned.take() {
            account.disown();
        }
        match (mem::replace(&mut owner.content, Content::Closed), file.path()) {
            (Content::Disk(disk), Some(path)) => Ok((disk.into_descriptor(), path)),
            _ => unreachable!("it is on disk and has a name"),
        }
    }

    async fn create_marked(scratch: &Rc<Scratch<F>>, options: FileOptions, mark: Mark) -> Result<File<F>> {
        let mut settings = FileSettings::named(options)?;
        if settings.removal == Removal::Never {
            settings.removal = Removal::OnClose;
        }
        File::create_on_disk(scratch, settings, Some(mark)).await
    }

    /// Creates a file on disk, with a name if `mark` is given.
    async fn create_on_disk(
        scratch: &Rc<Scratch<F>>,
        settings: FileSettings,
        mark: Option<Mark>,
    ) -> Result<File<F>> {
        let (mut location, handle) = scratch.prepare(settings.destination.directory.as_deref()).await?;
        let shared = scratch.clone();
        let created = run_to_end(&scratch.background, async move {
            let affixes = &settings.destination.affixes;
            let (new, path) = match mark {
                None => (shared.create_unnamed(&mut location, affixes, None).await?, None),
                Some(mark) => {
                    let new = shared.create_named(&mut location, affixes, mark).await?;
                    let path = new.entry.as_ref().map(|entry| location.join(&entry.name));
                    (new, path)
                }
            };
            Ok(settings.open(shared, Source::Disk(new, path), handle))
        });
        created.await
    }

    /// Creates a file in memory.
    pub(crate) fn create_spooled(
        scratch: &Rc<Scratch<F>>,
        max_size: Option<u64>,
        options: FileOptions,
    ) -> Result<File<F>> {
        let settings = FileSettings::unnamed(options)?;
        scratch.check_directory(settings.destination.directory.as_deref())?;
        let handle = scratch.open_handle_now()?;
        let spool = Spool::new(max_size, scratch.budget()?.memory());
        Ok(settings.open(scratch.clone(), Source::Memory(spool), handle))
    }

    /// Returns an open file of a private tree, which is removed with the tree.
    pub(crate) fn of_directory(
        scratch: Rc<Scratch<F>>,
        new: NewFile<F>,
        path: Rc<str>,
        access: Access,
        handle: OpenHandle,
    ) -> File<F> {
        let settings = FileSettings {
            destination: Destination::default(),
            access,
            removal: Removal::OnClose,
            buffer_size: DEFAULT_BUFFER_SIZE as usize,
        };
        let file = settings.open(scratch, Source::Disk(new, Some(path.clone())), handle);
        if let Some(mut file) = file.turns.now() {
            // The directory owns it.
            file.owned = None;
            file.outlive();
        }
        file
    }

    fn new(file: OpenFile<F>) -> File<F> {
        let budget = file.scratch.budget().expect("read before any creation").clone();
        let (background, status) = (file.scratch.background.clone(), file.status.clone());
        File { background, budget, status, turns: Turns::new(file) }
    }

    /// Locks the file until the result is dropped, if it is not locked.
    pub(crate) fn take(&self) -> Option<Turn<OpenFile<F>>> {
        self.turns.now()
    }

    pub(crate) fn background(&self) -> &Background<F> {
        &self.background
    }

    /// Returns an account of memory, with nothing taken yet.
    pub(crate) fn memory(&self) -> Memory {
        self.budget.memory()
    }

    // State that can be read at any time

    pub(crate) fn tell(&self) -> u64 {
        self.status.position.get()
    }

    pub(crate) fn is_rolled(&self) -> bool {
        self.status.rolled.get()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.status.closed.get()
    }

    pub(crate) fn path(&self) -> Option<Rc<str>> {
        self.status.path.borrow().clone()
    }

    // One at a time

    pub(crate) fn seek(&self, offset: i64, whence: Whence) -> Request<F, OpenFile<F>, u64> {
        self.request(Operation::Seek(offset, whence))
    }

    pub(crate) fn size(&self) -> Request<F, OpenFile<F>, u64> {
        self.request(Operation::Size)
    }

    pub(crate) fn read(&self, max: u64) -> Request<F, OpenFile<F>, Vec<u8>> {
        self.request(Operation::Read(max))
    }

    pub(crate) fn read_at(&self, max: u64, offset: u64) -> Request<F, OpenFile<F>, Vec<u8>> {
        self.request(Operation::ReadAt(max, offset))
    }

    pub(crate) fn read_line(&self, limit: Option<u64>) -> Request<F, OpenFile<F>, Vec<u8>> {
        self.request(Operation::ReadLine(limit.unwrap_or(u64::MAX)))
    }

    pub(crate) fn read_lines(&self, hint: Option<u64>) -> Request<F, OpenFile<F>, Vec<Vec<u8>>> {
        self.request(Operation::ReadLines(hint.filter(|hint| *hint > 0).unwrap_or(u64::MAX)))
    }

    pub(crate) fn read_block(&self, hint: Option<u64>) -> Request<F, OpenFile<F>, LineBlock> {
        self.request(Operation::ReadBlock(hint.filter(|hint| *hint > 0).unwrap_or(u64::MAX)))
    }

    pub(crate) fn write(&self, data: Vec<u8>) -> Request<F, OpenFile<F>, ()> {
        self.request(Operation::Write(data))
    }

    pub(crate) fn write_lines(&self, lines: Vec<Vec<u8>>) -> Request<F, OpenFile<F>, ()> {
        self.request(Operation::WriteLines(lines))
    }

    pub(crate) fn write_at(&self, data: Vec<u8>, offset: u64) -> Request<F, OpenFile<F>, ()> {
        self.request(Operation::WriteAt(data, offset))
    }

    pub(crate) fn truncate(&self, size: Option<u64>) -> Request<F, OpenFile<F>, ()> {
        self.request(Operation::Truncate(size))
    }

    pub(crate) fn flush(&self) -> Request<F, OpenFile<F>, ()> {
        self.request(Operation::Flush)
    }

    pub(crate) fn sync(&self) -> Request<F, OpenFile<F>, ()> {
        self.request(Operation::Sync)
    }

    pub(crate) fn rollover(&self) -> Request<F, OpenFile<F>, ()> {
        self.request(Operation::Rollover)
    }

    pub(crate) fn persist(&self, path: String, replace: bool) -> Request<F, OpenFile<F>, ()> {
        self.request(Operation::Persist(path, replace))
    }

    pub(crate) fn keep(&self) -> Request<F, OpenFile<F>, ()> {
        self.request(Operation::Keep)
    }

    pub(crate) async fn descriptor(&self) -> Result<F::Descriptor> {
        match self.request(Operation::Descriptor).await? {
            Outcome::Descriptor(descriptor) => Ok(descriptor),
            _ => unreachable!("the operation returns a descriptor"),
        }
    }

    pub(crate) fn close(&self) -> Request<F, OpenFile<F>, ()> {
        self.request(Operation::Close(self.status.close_requested()))
    }

    fn request<T>(&self, operation: Operation) -> Request<F, OpenFile<F>, T> {
        Request::new(&self.background, self.turns.next(), operation, self.memory())
    }

    // Without waiting

    /// Runs an operation if no other is running and it needs no waiting. Otherwise nothing is done.
    fn now<T>(&self, work: impl FnOnce(&mut OpenFile<F>) -> Result<Option<T>>) -> Result<Option<T>> {
        self.turns.now().map_or(Ok(None), |mut file| work(&mut file))
    }

    pub(crate) fn try_write(&self, data: &[u8]) -> Result<bool> {
        Ok(self.now(|file| file.write_now(data).map(|done| done.then_some(())))?.is_some())
    }

    pub(crate) fn try_write_at(&self, data: &[u8], offset: u64) -> Result<bool> {
        Ok(self.now(|file| file.write_at_now(data, offset).map(|done| done.then_some(())))?.is_some())
    }

    pub(crate) fn try_read(&self, max: u64) -> Result<Option<Vec<u8>>> {
        self.now(|file| file.read_now(max))
    }

    pub(crate) fn try_read_at(&self, max: u64, offset: u64) -> Result<Option<Vec<u8>>> {
        self.now(|file| file.read_at_now(max, offset))
    }

    pub(crate) fn try_read_line(&self, limit: Option<u64>) -> Result<Option<Vec<u8>>> {
        self.now(|file| file.read_line_now(limit.unwrap_or(u64::MAX)))
    }

    pub(crate) fn try_seek(&self, offset: i64, whence: Whence) -> Result<Option<u64>> {
        self.now(|file| file.seek_now(offset, whence))
    }

    pub(crate) fn try_size(&self) -> Result<Option<u64>> {
        self.now(|file| file.size_now())
    }

    pub(crate) fn try_truncate(&self, size: Option<u64>) -> Result<bool> {
        Ok(self.now(|file| file.truncate_now(size))?.is_some())
    }

    pub(crate) fn try_close(&self) -> Result<bool> {
        Ok(self.now(|file| Ok(file.close_now()))?.is_some())
    }

    // Through streams

    /// Waits for the file, and locks it until the result is dropped.
    pub(crate) async fn stream(&self) -> Stream<F> {
        let turn = self.turns.next().await;
        Stream::new(self.background.clone(), self.status.clone(), turn)
    }
}

/// The content of a new file.
enum Source<F: Filesystem> {
    Memory(Spool),
    /// On disk. Other processes can reach a file only if it has a path.
    Disk(NewFile<F>, Option<Rc<str>>),
}

/// Validated options.
struct FileSettings {
    destination: Destination,
    access: Access,
    removal: Removal,
    buffer_size: usize,
}

impl FileSettings {
    fn named(options: FileOptions) -> Result<FileSettings> {
        let affixes = Affixes::new(options.prefix, options.suffix)?;
        let buffer_size = options.buffer_size.unwrap_or(DEFAULT_BUFFER_SIZE).min(LARGEST_BUFFER_SIZE);
        Ok(FileSettings {
            destination: Destination { directory: options.directory, affixes },
            access: options.access.unwrap_or_default(),
            removal: options.removal.unwrap_or_default(),
            buffer_size: buffer_size as usize,
        })
    }

    fn unnamed(options: FileOptions) -> Result<FileSettings> {
        let settings = FileSettings::named(options)?;
        if settings.removal == Removal::Never {
            return Err(Error::invalid(
                "removal",
                &"never",
                "a file without a name cannot outlive its handle",
            ));
        }
        Ok(settings)
    }

    fn open<F: Filesystem>(self, scratch: Rc<Scratch<F>>, source: Source<F>, handle: OpenHandle) -> File<F> {
        let (content, entry, owned, path) = match source {
            Source::Memory(spool) => (Content::Spool(spool), None, None, None),
            Source::Disk(NewFile { descriptor, entry, account }, path) => {
                let exclusive = path.is_none();
                let owned = account.clone();
                let disk = Disk::new(&scratch.background, descriptor, account, exclusive, self.buffer_size);
                if let (Some(_), Some(entry)) = (&path, &entry) {
                    scratch.open_files.add(disk.descriptor(), entry, &owned);
                }
                (Content::Disk(disk), entry, Some(owned), path)
            }
        };
        let status = FileStatus::default();
        status.rolled.set(matches!(content, Content::Disk(_)));
        *status.path.borrow_mut() = path;
        // A drop may leave bytes of a named file behind, which other processes can see.
        let announced = status.path.borrow().is_some();
        if announced {
            scratch.filesystem.expect_drop();
        }
        File::new(OpenFile {
            scratch,
            announced,
            status: Rc::new(status),
            content,
            access: self.access,
            buffer_size: self.buffer_size,
            removal: self.removal,
            entry,
            owned,
            handle: Some(handle),
            destination: self.destination,
        })
    }
}
