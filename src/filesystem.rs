//! The calls to a filesystem that the core needs; the edges and the tests' filesystem implement them.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ErrorCode;
use crate::runtime::Runtime;

/// Receives the outcome of a call without a caller.
pub(crate) type OnOutcome = Box<dyn FnOnce(Result<()>)>;

/// A filesystem as WASI offers it: directories by handle, names relative to them.
///
/// A call whose future is dropped may still take effect: hosts can't take back what they began.
#[allow(async_fn_in_trait, reason = "one thread; no future is sent anywhere")]
pub(crate) trait Filesystem: Runtime {
    /// An open file or directory; dropping it closes it.
    type Descriptor: 'static;

    /// The largest file size at which every host stores bytes at the right offset.
    const LARGEST_FILE: u64 = i64::MAX as u64;

    /// Returns the directories that the host has opened for this instance, with the guest's paths.
    fn preopens(&self) -> Vec<(Self::Descriptor, String)>;

    /// Opens the entry at `path`, relative to `directory`; creates it if `how` says so.
    async fn open_at(
        &self,
        directory: &Self::Descriptor,
        path: &str,
        how: OpenHow,
    ) -> Result<Self::Descriptor>;

    /// Creates a directory; `Exist` if there is an entry of that name.
    async fn create_directory_at(&self, directory: &Self::Descriptor, path: &str) -> Result<()>;

    /// Removes the name of an entry that is not a directory.
    async fn unlink_file_at(&self, directory: &Self::Descriptor, path: &str) -> Result<()>;

    /// Starts to unlink `name`, and passes the outcome to `done` when it is known.
    ///
    /// Needs no call.
    fn start_unlink(&self, directory: Rc<Self::Descriptor>, name: String, done: OnOutcome);

    /// Makes sure, from inside a call, that the outcomes of all started unlinks become known as soon
    /// as there are any.
    fn watch_unlinks(&self);

    /// Removes an empty directory.
    async fn remove_directory_at(&self, directory: &Self::Descriptor, path: &str) -> Result<()>;

    /// Moves an entry, replacing a file at the target.
    async fn rename_at(
        &self,
        from: &Self::Descriptor,
        old: &str,
        to: &Self::Descriptor,
        new: &str,
    ) -> Result<()>;

    /// Gives a file a second name; `Exist` if that is taken.
    async fn link_at(
        &self,
        from: &Self::Descriptor,
        old: &str,
        to: &Self::Descriptor,
        new: &str,
    ) -> Result<()>;

    /// Returns the metadata of an open entry.
    async fn stat(&self, descriptor: &Self::Descriptor) -> Result<Stat>;

    /// Returns the metadata of the entry at `path`, without following a symbolic link.
    async fn stat_at(&self, directory: &Self::Descriptor, path: &str) -> Result<Stat>;

    /// Whether two descriptors refer to the same file. On some hosts `false` is inconclusive.
    async fn is_same_object(&self, one: &Self::Descriptor, other: &Self::Descriptor) -> bool;

    /// Shows each entry of an open directory to `visit`, in any order.
    ///
    /// Fails if the listing ended early; the entries before its end were shown.
    async fn read_directory(&self, directory: &Self::Descriptor, visit: &mut dyn FnMut(Listed))
    -> Result<()>;

    /// Reads at `offset` into the spare capacity of `buffer`.
    ///
    /// Leaves capacity unused only at the end of the file.
    async fn read_at(&self, file: &Self::Descriptor, offset: u64, buffer: Vec<u8>) -> Result<Vec<u8>>;

    /// Writes all of `data` at `offset`, and returns its allocation, empty.
    async fn write_at(
        &self,
        file: &Self::Descriptor,
        offset: u64,
        data: Vec<u8>,
    ) -> core::result::Result<Vec<u8>, Unwritten>;

    /// Sets the size of a file; a longer one is filled with zeros.
    async fn set_size(&self, file: &Self::Descriptor, size: u64) -> Result<()>;

    /// Waits until content and metadata are on the disk.
    async fn sync(&self, descriptor: &Self::Descriptor) -> Result<()>;
}

/// The outcome of a call to the host.
pub(crate) type Result<T> = core::result::Result<T, ErrorCode>;

/// A failed write: its error, and the end of the data, which was not stored.
///
/// The data before `rest` was stored.
pub(crate) struct Unwritten {
    pub(crate) code: ErrorCode,
    pub(crate) rest: Vec<u8>,
}

/// The way in which an entry is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OpenHow {
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) create: bool,
    pub(crate) exclusive: bool,
    pub(crate) truncate: bool,
    /// Fail unless the entry is a directory.
    pub(crate) directory: bool,
    /// Follow a symbolic link at the end of the path.
    pub(crate) follow: bool,
}

impl OpenHow {
    /// A new file, for reading and writing.
    pub(crate) const NEW: OpenHow = OpenHow {
        read: true,
        write: true,
        create: true,
        exclusive: true,
        truncate: false,
        directory: false,
        follow: false,
    };

    /// An existing entry, for reading; symbolic links are not followed.
    pub(crate) const READ: OpenHow = OpenHow {
        read: true,
        write: false,
        create: false,
        exclusive: false,
        truncate: false,
        directory: false,
        follow: false,
    };

    /// A directory; symbolic links are not followed.
    pub(crate) const DIRECTORY: OpenHow = OpenHow {
        read: true,
        write: false,
        create: false,
        exclusive: false,
        truncate: false,
        directory: true,
        follow: false,
    };
}

/// The kind of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    File,
    Directory,
    SymbolicLink,
    Other,
}

/// The metadata of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) kind: Kind,
    pub(crate) size: u64,
    /// The number of names; 0 after the last one was removed.
    pub(crate) links: u64,
    /// The latest time at which the entry was used, in nanoseconds since 1970, if the host reports any.
    pub(crate) last_used: Option<u64>,
}

/// The times of an entry, in nanoseconds since 1970, as far as the host reports them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) accessed: Option<u64>,
    pub(crate) modified: Option<u64>,
    /// When its metadata changed last, or on some hosts when it was created.
    pub(crate) changed: Option<u64>,
}

impl Stat {
    pub(crate) fn new(kind: Kind, size: u64, links: u64, times: Times) -> Stat {
        let Times { accessed, modified, changed } = times;
        // A search for leftovers accesses directories itself.
        let accessed = if kind == Kind::Directory { None } else { accessed };
        Stat { kind, size, links, last_used: accessed.max(modified).max(changed) }
    }
}

/// A filter that accepts every name.
pub(crate) fn any_name(_: &str) -> bool {
    true
}

/// A name in a directory; ordered by the name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}
