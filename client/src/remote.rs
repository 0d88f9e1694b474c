//! A file on the other side of a boundary that is dear to cross.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::pin::Pin;

use crate::Error;

/// A call under way. It owns what it needs, so that it can be kept from one poll to the next.
pub(crate) type Call<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

/// The calls that a buffer makes.
///
/// All of them tell where they work: the position is the buffer's, so that no failed or dropped
/// call leaves a second one behind that would have to agree with it.
pub(crate) trait Remote: Unpin {
    /// Reads up to `max` bytes at `offset`; none only at the end.
    fn read_at(&self, max: u64, offset: u64) -> Call<Vec<u8>>;

    /// Writes all of `data` or none, at `offset` or else at the end, and tells where it ends.
    fn write(&self, data: Vec<u8>, offset: Option<u64>) -> Call<u64>;

    /// Writes all of `data` at `offset`, and tells where it ends; after an error some of it may have
    /// been written, so that it is for who still has it.
    fn store(&self, data: Vec<u8>, offset: u64) -> Call<u64> {
        self.write(data, Some(offset))
    }

    /// Tells how many bytes there are.
    fn size(&self) -> Call<u64>;

    /// Ends the use of the content; may be repeated.
    fn close(&self) -> Call<()>;
}
