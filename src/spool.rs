//! Content in memory, up to a size.

use alloc::vec::Vec;

use crate::disk::copy;
use crate::error::ErrorCode;
use crate::filesystem::Result;

/// The content of a spooled file that has not rolled over.
pub(crate) struct Spool {
    bytes: Vec<u8>,
    max_size: Option<u64>,
}

impl Spool {
    pub(crate) fn new(max_size: Option<u64>) -> Spool {
        Spool { bytes: Vec::new(), max_size }
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

    /// Whether it may go to disk without being asked to.
    pub(crate) fn may_roll(&self) -> bool {
        self.max_size.is_some()
    }

    /// Writes, with zeros between the end and `position`; on an error everything is as it was.
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

    /// What there is from `position` on.
    pub(crate) fn rest(&self, position: u64) -> &[u8] {
        usize::try_from(position).ok().and_then(|start| self.bytes.get(start..)).unwrap_or_default()
    }

    pub(crate) fn set_length(&mut self, length: u64) -> Result<()> {
        let length = usize::try_from(length).map_err(|_| ErrorCode::InsufficientMemory)?;
        self.reserve(length)?;
        self.bytes.resize(length, 0);
        Ok(())
    }

    fn reserve(&mut self, length: usize) -> Result<()> {
        let growth = length.saturating_sub(self.bytes.len());
        // Room for more saves copies; where there is none, exactly enough will do.
        let reserved = self.bytes.try_reserve(growth).or_else(|_| self.bytes.try_reserve_exact(growth));
        reserved.map_err(|_| ErrorCode::InsufficientMemory)
    }
}
