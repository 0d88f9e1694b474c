//! Content in memory, up to a size.

use alloc::vec::Vec;

use crate::error::ErrorCode;
use crate::file::disk::copy;
use crate::filesystem::Result;
use crate::limits::budget::Memory;

/// Initial allocation of a spool, in bytes.
const SMALLEST: usize = 64;

/// The content of a spooled file that has not rolled over.
pub(crate) struct Spool {
    bytes: Vec<u8>,
    max_size: Option<u64>,
    memory: Memory,
}

impl Spool {
    pub(crate) fn new(max_size: Option<u64>, memory: Memory) -> Spool {
        Spool { bytes: Vec::new(), max_size, memory }
    }

    pub(crate) fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether content of this length may stay in memory.
    pub(crate) fn may_hold(&self, length: u64) -> bool {
        self.max_size.is_none_or(|max_size| length <= max_size)
    }

    /// Returns the length that the limits allow.
    pub(crate) fn room(&self) -> u64 {
        self.memory.room().min(self.max_size.unwrap_or(u64::MAX))
    }

    /// Whether it may roll over by itself.
    pub(crate) fn may_roll(&self) -> bool {
        self.max_size.is_some()
    }

    /// Writes, with zeros between the end and `position`. An error changes nothing.
    pub(crate) fn put(&mut self, position: u64, data: &[u8]) -> Result<()> {
        let end = usize::try_from(position).ok().and_then(|start| start.checked_add(data.len()));
        let end = end.ok_or(ErrorCode::InsufficientMemory)?;
        let start = end - data.len();
        self.reserve(end)?;
        if start > self.bytes.len() {
            self.bytes.resize(start, 0);
        }
        let inside = data.len().min(self.bytes.len() - start);
        self.bytes[start..start + inside].copy_from_slice(&data[..inside]);
        self.bytes.extend_from_slice(&data[inside..]);
        Ok(())
    }

    /// Reads up to `max` bytes.
    pub(crate) fn get(&self, position: u64, max: u64) -> Result<Vec<u8>> {
        let rest = self.rest(position);
        copy(&rest[..usize::try_from(max).unwrap_or(usize::MAX).min(rest.len())])
    }

    /// Returns the bytes from `position` on.
    pub(crate) fn rest(&self, position: u64) -> &[u8] {
        usize::try_from(position).ok().and_then(|start| self.bytes.get(start..)).unwrap_or_default()
    }

    pub(crate) fn set_length(&mut self, length: u64) -> Result<()> {
        let length = usize::try_from(length).map_err(|_| ErrorCode::InsufficientMemory)?;
        self.reserve(length)?;
        self.bytes.resize(length, 0);
        if length < self.bytes.capacity() / 2 {
            self.bytes.shrink_to(length);
            self.recount();
        }
        Ok(())
    }

    fn reserve(&mut self, length: usize) -> Result<()> {
        let capacity = self.bytes.capacity();
        if length <= capacity {
            return Ok(());
        }
        // Spare capacity saves copies. If memory is short, the exact length suffices.
        let most = self.max_size.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
        let roomy = capacity.saturating_mul(2).clamp(SMALLEST, SMALLEST.max(most)).max(length);
        let reserved = self.reserve_exact(roomy).or_else(|_| self.reserve_exact(length));
        if reserved.is_err() {
            self.recount();
        }
        reserved
    }

    fn reserve_exact(&mut self, capacity: usize) -> Result<()> {
        self.memory.take(capacity)?;
        let missing = capacity - self.bytes.len();
        self.bytes.try_reserve_exact(missing).map_err(|_| ErrorCode::InsufficientMemory)
    }

    fn recount(&mut self) {
        // Taking less memory is never refused.
        let _ = self.memory.take(self.bytes.capacity());
    }
}
