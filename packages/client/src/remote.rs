//! A file behind an expensive call boundary.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::pin::Pin;

use crate::Error;

/// A pending call. It owns its arguments and can be kept from one poll to the next.
pub(crate) type Call<T, E = Error> = Pin<Box<dyn Future<Output = Result<T, E>>>>;

/// A pending write. Returns the end offset of the written bytes.
pub(crate) type Write = Call<u64, Cut>;

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

/// The calls of a buffer.
///
/// All of them take an offset. The buffer alone has a position, and no failed or dropped call can
/// leave a second position behind that disagrees with it.
pub(crate) trait Remote {
    /// Reads up to `max` bytes at `offset`. Returns no bytes only at the end of the file.
    fn read_at(&self, max: u64, offset: u64) -> Call<Vec<u8>>;

    /// Writes `data` at `offset`, without one at the end of the file.
    fn write(&self, data: Vec<u8>, offset: Option<u64>) -> Write;

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
}
