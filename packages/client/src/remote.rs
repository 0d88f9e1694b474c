//! A file on the other side of a boundary that is dear to cross.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::pin::Pin;

use crate::Error;

/// A call under way. It owns what it needs, so that it can be kept from one poll to the next.
pub(crate) type Call<T, E = Error> = Pin<Box<dyn Future<Output = Result<T, E>>>>;

/// A write under way.
pub(crate) type Write = Call<u64, Cut>;

/// Why a write failed, and how many of its bytes were stored all the same, from the first one on.
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

/// The calls that a buffer makes.
///
/// All of them tell where they work: the position is the buffer's, so that no failed or dropped
/// call leaves a second one behind that would have to agree with it.
pub(crate) trait Remote {
    /// Reads up to `max` bytes at `offset`; none only at the end.
    fn read_at(&self, max: u64, offset: u64) -> Call<Vec<u8>>;

    /// Writes `data` at `offset`, or else at the end, and tells where it ends.
    fn write(&self, data: Vec<u8>, offset: Option<u64>) -> Write;

    /// Tells how many bytes there are.
    fn size(&self) -> Call<u64>;

    /// Makes the file `size` bytes long.
    fn set_len(&self, size: u64) -> Call<()>;

    /// Waits until the content has reached the disk.
    fn sync(&self) -> Call<()>;

    /// Moves the file to `path` for good; `replace` says whether over something else.
    fn persist(&self, path: String, replace: bool) -> Call<()>;

    /// Tells the path of a file with a name.
    fn path(&self) -> Option<String>;

    /// Leaves the file where it is for good.
    fn keep(&self) -> Call<()>;

    /// Tells whether the content is on disk.
    fn is_rolled(&self) -> bool;

    /// Moves the content to disk.
    fn roll(&self) -> Call<()>;

    /// Ends the use of the content; may be repeated.
    fn close(&self) -> Call<()>;
}
