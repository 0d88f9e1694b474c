//! Content in memory, up to a size: that of a file without a name before it moves to disk.

use alloc::rc::Rc;
use alloc::vec::Vec;

use crate::error::ErrorCode;
use crate::file::disk::copy;
use crate::filesystem::Result;
use crate::limits::budget::{Account, Memory};

/// Initial allocation of a spool, in bytes.
const SMALLEST: usize = 64;

/// The content of a file without a name that has not moved to disk.
pub(crate) struct Spool {
    bytes: Vec<u8>,
    max_size: Option<u64>,
    /// The charge for the file on disk that it stands for. None if the caller asked for memory.
    account: Option<Rc<Account>>,
    memory: Memory,
}

impl Spool {
    /// The content of a spooled file, which without a `max_size` never moves by itself.
    pub(crate) fn new(max_size: Option<u64>, memory: Memory) -> Spool {
        Spool { bytes: Vec::new(), max_size, account: None, memory }
    }

    /// The content of a file that moves to disk when it outgrows its buffer, and is charged as if it
    /// were there already.
    pub(crate) fn standing_in(buffer_size: usize, account: Rc<Account>) -> Spool {
        let memory = account.budget().memory();
        Spool { bytes: Vec::new(), max_size: Some(buffer_size as u64), account: Some(account), memory }
    }

    /// Returns the charge for the file on disk, unless the caller asked for memory.
    pub(crate) fn account(&self) -> Option<&Rc<Account>> {
        self.account.as_ref()
    }

    /// Returns the charge for a move to disk. None if there is none, or if it still covers what an
    /// earlier move left behind.
    pub(crate) fn charge_of_move(&mut self) -> Option<Rc<Account>> {
        if Rc::strong_count(self.account.as_ref()?) > 1 {
            return None;
        }
        let budget = self.account.take()?.budget().clone();
        // An earlier move may have counted a file that is gone.
        self.account = Some(Account::charged_before(&budget, self.length()));
        self.account.clone()
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

    /// Returns the length that the limits allow, at most `wanted`.
    pub(crate) fn room(&self, wanted: u64) -> u64 {
        let wanted = wanted.min(self.memory.room()).min(self.max_size.unwrap_or(u64::MAX));
        self.account.as_ref().map_or(wanted, |account| account.room(wanted))
    }

    /// Whether the limit of memory allows content of this length.
    pub(crate) fn has_memory(&self, length: u64) -> bool {
        length.max(self.length()) <= self.memory.room()
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
        self.prepare(end)?;
        if start > self.bytes.len() {
            self.bytes.resize(start, 0);
        }
        let inside = data.len().min(self.bytes.len() - start);
        self.bytes[start..start + inside].copy_from_slice(&data[..inside]);
        self.bytes.extend_from_slice(&data[inside..]);
        self.settle();
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
        self.prepare(length)?;
        self.bytes.resize(length, 0);
        if length < self.bytes.capacity() / 2 {
            self.bytes.shrink_to(length);
            self.recount();
        }
        self.settle();
        Ok(())
    }

    /// Charges for this length, and reserves the memory. An error changes nothing.
    fn prepare(&mut self, length: usize) -> Result<()> {
        if let Some(account) = &self.account {
            account.grow(length as u64)?;
        }
        let reserved = self.reserve(length);
        if reserved.is_err() {
            self.settle();
        }
        reserved
    }

    /// Makes the charge that of the present length.
    fn settle(&self) {
        if let Some(account) = &self.account {
            account.hold(self.length());
        }
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

impl Drop for Spool {
    fn drop(&mut self) {
        if let Some(account) = &self.account {
            // The charge may go on for a file on disk.
            account.hold(0);
        }
    }
}
