//! A run of bytes of a file, kept in memory.

use alloc::vec::Vec;

use crate::{Error, ErrorCode};

/// Bytes of a file from an offset on.
#[derive(Debug, Default)]
pub(super) struct Window {
    pub(super) start: u64,
    pub(super) bytes: Vec<u8>,
}

impl Window {
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Returns the end offset.
    pub(super) fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// Returns the bytes from `offset` on, none if it lies outside.
    pub(super) fn from(&self, offset: u64) -> &[u8] {
        let skipped = offset.checked_sub(self.start).and_then(|skipped| usize::try_from(skipped).ok());
        skipped.and_then(|skipped| self.bytes.get(skipped..)).unwrap_or_default()
    }

    /// Removes the bytes from the offset `end` on.
    pub(super) fn cut(&mut self, end: u64) {
        if end <= self.start {
            self.clear();
        } else if end < self.end() {
            self.bytes.truncate((end - self.start) as usize);
        }
    }

    /// Removes all bytes and frees their memory.
    pub(super) fn clear(&mut self) {
        self.bytes = Vec::new();
    }

    /// Puts these bytes over `bytes`, up to `max` bytes that were read at `offset`. A gap before
    /// these bytes is filled with zeros.
    pub(super) fn overlay(&self, bytes: &mut Vec<u8>, max: usize, offset: u64) -> Result<(), Error> {
        if self.is_empty() || self.end() <= offset {
            return Ok(());
        }
        let length = usize::try_from(self.end() - offset).unwrap_or(usize::MAX).min(max);
        if bytes.len() < length {
            bytes.try_reserve_exact(length - bytes.len()).map_err(|_| no_memory())?;
            bytes.resize(length, 0);
        }
        let skipped = usize::try_from(self.start.saturating_sub(offset)).unwrap_or(usize::MAX);
        if skipped < length {
            let own = self.from(offset.max(self.start));
            let amount = own.len().min(length - skipped);
            bytes[skipped..][..amount].copy_from_slice(&own[..amount]);
        }
        Ok(())
    }
}

/// Returns the error of a read that does not fit into memory.
pub(crate) fn no_memory() -> Error {
    Error::new(ErrorCode::InsufficientMemory, "cannot read: the bytes do not fit into memory")
}
