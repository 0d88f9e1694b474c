//! The sizes of the workloads, passed to `peers.py` as well.

/// W1 and W4: the size of a small file.
pub(crate) const SMALL: usize = 1024;

/// W2: small writes to one file.
pub(crate) const WRITES: u32 = 10_000;
pub(crate) const WRITE: usize = 100;

/// W3: a large file, in pieces.
pub(crate) const LARGE: u64 = 256 << 20;
pub(crate) const PIECE: usize = 64 << 10;

/// W4: files open at once.
pub(crate) const MANY: u32 = 1000;

/// W5: a tree of 10,000 entries.
pub(crate) const DIRECTORIES: u32 = 100;
pub(crate) const FILES_EACH: u32 = 99;

/// W6: lines of 40 bytes.
pub(crate) const LINES: u32 = 100_000;

/// W7: a spooled file, and the maximum size that it stays below or exceeds.
pub(crate) const SPOOLED: usize = 16 << 10;
pub(crate) const SPOOLED_PIECE: usize = 256;
pub(crate) const NEVER_ROLLS: usize = 64 << 10;
pub(crate) const ROLLS: usize = 8 << 10;
