//! A file as its owner holds it: each operation takes its turn, and ends what it has begun.

pub(crate) mod disk;
mod lines;
pub(crate) mod open_file;
pub(crate) mod operation;
mod persist;
mod rollover;
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
use crate::file::open_file::{Content, Destination, OpenFile};
use crate::file::operation::{Operation, Outcome};
use crate::file::spool::Spool;
use crate::file::status::Visible;
use crate::file::stream::Stream;
use crate::filesystem::Filesystem;
use crate::instance::scratch::{NewFile, Scratch};
use crate::limits::budget::OpenHandle;
use crate::options::{Access, FileOptions, Removal, Whence};
use crate::place::name::{Affixes, Mark};
use crate::task::background::Background;
use crate::task::call::Asked;
use crate::task::run_to_end::finish;
use crate::task::turns::{Turn, Turns};

const DEFAULT_BUFFER_SIZE: u64 = 64 * 1024;
const LARGEST_BUFFER_SIZE: u64 = 16 * 1024 * 1024;

/// A temporary file of any kind.
pub(crate) struct File<F: Filesystem> {
    background: Background<F>,
    visible: Rc<Visible>,
    turns: Rc<Turns<OpenFile<F>>>,
}

impl<F: Filesystem> File<F> {
    /// Creates a file without a name.
    pub(crate) async fn create(scratch: &Rc<Scratch<F>>, options: FileOptions) -> Result<File<F>> {
        File::create_on_disk(scratch, Settings::unnamed(options)?, None).await
    }

    /// Creates a file with a name.
    pub(crate) async fn create_named(scratch: &Rc<Scratch<F>>, options: FileOptions) -> Result<File<F>> {
        let stays = options.removal == Some(Removal::Never);
        let mark = if stays { Mark::Callers } else { Mark::Ours };
        if stays {
            scratch.check_unconfined("removal never")?;
        }
        let file = File::create_marked(scratch, options, mark).await?;
        // Not before somebody has it: a file that nobody receives is removed.
        if let (true, Some(mut open), Some(path)) = (stays, file.turns.now(), file.path()) {
            open.stay(&path);
        }
        Ok(file)
    }

    /// Creates a file, and returns no more than what is open of it, and its path.
    pub(crate) async fn create_unowned(
        scratch: &Rc<Scratch<F>>,
        options: FileOptions,
    ) -> Result<(F::Descriptor, Rc<str>)> {
        scratch.check_unconfined("mkstemp")?;
        let file = File::create_marked(scratch, options, Mark::Callers).await?;
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
        let mut settings = Settings::named(options)?;
        if settings.removal == Removal::Never {
            settings.removal = Removal::OnClose;
        }
        File::create_on_disk(scratch, settings, Some(mark)).await
    }

    /// Creates a file, under a name if that is to have a mark.
    async fn create_on_disk(
        scratch: &Rc<Scratch<F>>,
        settings: Settings,
        mark: Option<Mark>,
    ) -> Result<File<F>> {
        let (mut location, handle) = scratch.prepare(settings.destination.directory.as_deref()).await?;
        let shared = scratch.clone();
        let created = finish(&scratch.background, async move {
            let affixes = &settings.destination.affixes;
            let (new, path) = match mark {
                None => (shared.create_unnamed(&mut location, affixes).await?, None),
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
        let settings = Settings::unnamed(options)?;
        scratch.check_directory(settings.destination.directory.as_deref())?;
        let handle = scratch.open_handle_now()?;
        let spool = Spool::new(max_size, scratch.budget()?.memory());
        Ok(settings.open(scratch.clone(), Source::Memory(spool), handle))
    }

    /// A file of somebody else's, which its directory removes.
    pub(crate) fn of_directory(
        scratch: Rc<Scratch<F>>,
        new: NewFile<F>,
        path: Rc<str>,
        access: Access,
        handle: OpenHandle,
    ) -> File<F> {
        let settings = Settings {
            destination: Destination::default(),
            access,
            removal: Removal::OnClose,
            buffer_size: DEFAULT_BUFFER_SIZE as usize,
        };
        let file = settings.open(scratch, Source::Disk(new, Some(path.clone())), handle);
        if let Some(mut file) = file.turns.now() {
            // The directory owns it.
            file.owned = None;
            file.stay(&path);
        }
        file
    }

    fn new(file: OpenFile<F>) -> File<F> {
        let (background, visible) = (file.scratch.background.clone(), file.visible.clone());
        File { background, visible, turns: Turns::new(file) }
    }

    /// Takes the file from everybody else, for as long as the answer lives.
    pub(crate) fn take(&self) -> Option<Turn<OpenFile<F>>> {
        self.turns.now()
    }

    pub(crate) fn background(&self) -> &Background<F> {
        &self.background
    }

    // Told at any time

    pub(crate) fn tell(&self) -> u64 {
        self.visible.position.get()
    }

    pub(crate) fn is_rolled(&self) -> bool {
        self.visible.rolled.get()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.visible.closed.get()
    }

    pub(crate) fn path(&self) -> Option<Rc<str>> {
        self.visible.path.borrow().clone()
    }

    // One at a time

    pub(crate) fn seek(&self, offset: i64, whence: Whence) -> Asked<F, OpenFile<F>, u64> {
        self.ask(Operation::Seek(offset, whence))
    }

    pub(crate) fn size(&self) -> Asked<F, OpenFile<F>, u64> {
        self.ask(Operation::Size)
    }

    pub(crate) fn read(&self, max: u64) -> Asked<F, OpenFile<F>, Vec<u8>> {
        self.ask(Operation::Read(max))
    }

    pub(crate) fn read_at(&self, max: u64, offset: u64) -> Asked<F, OpenFile<F>, Vec<u8>> {
        self.ask(Operation::ReadAt(max, offset))
    }

    pub(crate) fn read_line(&self, limit: Option<u64>) -> Asked<F, OpenFile<F>, Vec<u8>> {
        self.ask(Operation::ReadLine(limit.unwrap_or(u64::MAX)))
    }

    pub(crate) fn read_lines(&self, hint: Option<u64>) -> Asked<F, OpenFile<F>, Vec<Vec<u8>>> {
        self.ask(Operation::ReadLines(hint.filter(|hint| *hint > 0).unwrap_or(u64::MAX)))
    }

    pub(crate) fn write(&self, data: Vec<u8>) -> Asked<F, OpenFile<F>, ()> {
        self.ask(Operation::Write(data))
    }

    pub(crate) fn write_lines(&self, lines: Vec<Vec<u8>>) -> Asked<F, OpenFile<F>, ()> {
        self.ask(Operation::WriteLines(lines))
    }

    pub(crate) fn write_at(&self, data: Vec<u8>, offset: u64) -> Asked<F, OpenFile<F>, ()> {
        self.ask(Operation::WriteAt(data, offset))
    }

    pub(crate) fn truncate(&self, size: Option<u64>) -> Asked<F, OpenFile<F>, ()> {
        self.ask(Operation::Truncate(size))
    }

    pub(crate) fn flush(&self) -> Asked<F, OpenFile<F>, ()> {
        self.ask(Operation::Flush)
    }

    pub(crate) fn sync(&self) -> Asked<F, OpenFile<F>, ()> {
        self.ask(Operation::Sync)
    }

    pub(crate) fn rollover(&self) -> Asked<F, OpenFile<F>, ()> {
        self.ask(Operation::Rollover)
    }

    pub(crate) fn persist(&self, path: String, replace: bool) -> Asked<F, OpenFile<F>, ()> {
        self.ask(Operation::Persist(path, replace))
    }

    pub(crate) fn keep(&self) -> Asked<F, OpenFile<F>, ()> {
        self.ask(Operation::Keep)
    }

    pub(crate) async fn descriptor(&self) -> Result<F::Descriptor> {
        match self.ask(Operation::Descriptor).await? {
            Outcome::Descriptor(descriptor) => Ok(descriptor),
            _ => unreachable!("the operation returns a descriptor"),
        }
    }

    pub(crate) fn close(&self) -> Asked<F, OpenFile<F>, ()> {
        self.ask(Operation::Close(self.visible.close_requested()))
    }

    fn ask<T>(&self, operation: Operation) -> Asked<F, OpenFile<F>, T> {
        Asked::new(&self.background, self.turns.next(), operation)
    }

    // Without waiting

    pub(crate) fn try_write(&self, data: &[u8]) -> Result<bool> {
        self.turns.now().map_or(Ok(false), |mut file| file.write_now(data))
    }

    pub(crate) fn try_read(&self, max: u64) -> Result<Option<Vec<u8>>> {
        self.turns.now().map_or(Ok(None), |mut file| file.read_now(max))
    }

    // Through streams

    /// Takes the file for as long as the answer lives.
    pub(crate) async fn stream(&self) -> Stream<F> {
        let turn = self.turns.next().await;
        Stream::new(self.background.clone(), self.visible.clone(), turn)
    }
}

/// Where the content of a new file is.
enum Source<F: Filesystem> {
    Memory(Spool),
    /// On disk; only a file with a path can be reached by others.
    Disk(NewFile<F>, Option<Rc<str>>),
}

/// Options, checked.
struct Settings {
    destination: Destination,
    access: Access,
    removal: Removal,
    buffer_size: usize,
}

impl Settings {
    fn named(options: FileOptions) -> Result<Settings> {
        let affixes = Affixes::new(options.prefix, options.suffix)?;
        let buffer_size = options.buffer_size.unwrap_or(DEFAULT_BUFFER_SIZE).min(LARGEST_BUFFER_SIZE);
        Ok(Settings {
            destination: Destination { directory: options.directory, affixes },
            access: options.access.unwrap_or_default(),
            removal: options.removal.unwrap_or_default(),
            buffer_size: buffer_size as usize,
        })
    }

    fn unnamed(options: FileOptions) -> Result<Settings> {
        let settings = Settings::named(options)?;
        if settings.removal == Removal::Never {
            return Err(Error::invalid(
                "removal",
                &"never",
                "a file without a name can't outlive its handle",
            ));
        }
        Ok(settings)
    }

    fn open<F: Filesystem>(self, scratch: Rc<Scratch<F>>, source: Source<F>, handle: OpenHandle) -> File<F> {
        let (content, entry, owned, path) = match source {
            Source::Memory(spool) => (Content::Spool(spool), None, None, None),
            Source::Disk(NewFile { descriptor, entry, account }, path) => {
                let sole = path.is_none();
                let owned = account.clone();
                let disk = Disk::new(&scratch.background, descriptor, account, sole, self.buffer_size);
                (Content::Disk(disk), entry, Some(owned), path)
            }
        };
        let visible = Visible::default();
        visible.rolled.set(matches!(content, Content::Disk(_)));
        *visible.path.borrow_mut() = path;
        File::new(OpenFile {
            scratch,
            visible: Rc::new(visible),
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
