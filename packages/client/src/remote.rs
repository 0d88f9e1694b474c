//! A file behind an expensive call boundary.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::Error;

/// A pending call. It owns its arguments and can be kept from one poll to the next.
pub(crate) type Call<T, E = Error> = Pin<Box<dyn Future<Output = Result<T, E>>>>;

/// A pending write. Returns the end offset of the written bytes.
pub(crate) type Write = Call<u64, Cut>;

/// Work that a drop leaves behind.
pub(crate) type Work = Pin<Box<dyn Future<Output = ()>>>;

/// A failed write: the error, and the number of bytes that were stored before it.
#[derive(Debug)]
pub(crate) struct Cut {
    pub(crate) stored: u64,
    pub(crate) error: Error,
}

impl From<Error> for Cut {
    fn from(error: Error) -> Self {
        Self { stored: 0, error }
    }
}

/// The calls of a buffer. Clones are handles of the same file.
///
/// All of them take an offset. The buffer alone has a position, and no failed or dropped call can
/// leave a second position behind that disagrees with it.
pub(crate) trait Remote: Clone {
    /// Reads up to `max` bytes at `offset`, fewer only at the end of the file.
    fn read_at(&self, max: u64, offset: u64) -> Call<Vec<u8>>;

    /// Writes `data` at `offset`, without one at the end of the file.
    fn write(&self, data: Vec<u8>, offset: Option<u64>) -> Write;

    /// Writes all of `data` as `write` does and returns its end, if nothing has to wait. Otherwise
    /// nothing is done.
    fn write_now(&self, data: &[u8], offset: Option<u64>) -> Option<u64>;

    /// Returns the size in bytes.
    fn size(&self) -> Call<u64>;

    /// Cuts or extends the file to `size` bytes.
    fn set_len(&self, size: u64) -> Call<()>;

    /// Waits until the content has reached the disk.
    fn sync(&self) -> Call<()>;

    /// Moves the file to `path` for good. `replace` allows an existing entry to be replaced.
    fn persist(&self, path: String, replace: bool) -> Call<()>;

    /// Returns the path of a file with a name.
    fn path(&self) -> Option<String>;

    /// Leaves the file where it is for good.
    fn keep(&self) -> Call<()>;

    /// Returns whether the content is on disk.
    fn is_rolled(&self) -> bool;

    /// Moves the content to disk.
    fn roll(&self) -> Call<()>;

    /// Closes the file. Can be repeated.
    fn close(&self) -> Call<()>;

    /// Prepares for a second handle that works at the same time.
    fn share(&self);

    /// Returns a number that changes with each write of a handle of this crate that may concern this
    /// file.
    fn version(&self) -> u64;

    /// Runs the work of a dropped handle. Starts it at once and never waits. Outside of any task, work
    /// for a file that is not `lasting` is dropped, because it would defer the removal.
    fn finish(&self, work: Work, lasting: bool);

    /// Waits until the work of dropped handles that may concern this file is done.
    fn poll_finished(&self, cx: &mut Context<'_>) -> Poll<()>;
}
