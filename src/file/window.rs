//! The part of a file held in memory: read ahead of the caller, or written and not yet on disk.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::mem;
use core::ops::Range;

use crate::limits::budget::{Budget, Memory};

/// A run of the file's bytes; those in `dirty` have not reached the disk.
pub(crate) struct Window {
    start: u64,
    bytes: Vec<u8>,
    dirty: Range<usize>,
    /// The memory of the bytes, also while they are being written to the disk.
    memory: Memory,
}

impl Window {
    pub(crate) fn new(budget: &Rc<Budget>) -> Window {
        Window { start: 0, bytes: Vec::new(), dirty: 0..0, memory: budget.memory() }
    }

    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    pub(crate) fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// End offset of the dirty bytes.
    pub(crate) fn dirty_end(&self) -> Option<u64> {
        self.is_dirty().then(|| self.start + self.dirty.end as u64)
    }

    /// Writes `data` if the window then stays within `capacity`, with its dirty bytes in one run.
    pub(crate) fn put(&mut self, position: u64, data: &[u8], capacity: usize) -> bool {
        let touches = position >= self.start && position <= self.end();
        let adjoins = |dirty: &Range<usize>| {
            let (from, to) = (self.start + dirty.start as u64, self.start + dirty.end as u64);
            position <= to && position + data.len() as u64 >= from
        };
        let usable = touches && position - self.start + data.len() as u64 <= capacity as u64;
        if self.is_dirty() {
            if !usable || !adjoins(&self.dirty) {
                return false;
            }
        } else if !usable {
            if data.len() > capacity {
                return false;
            }
            self.move_to(position);
        }
        let offset = (position - self.start) as usize;
        let end = offset + data.len();
        let growth = end.saturating_sub(self.bytes.len());
        if !self.reserve(end, capacity) {
            return false;
        }
        let (inside, beyond) = data.split_at(data.len() - growth);
        self.bytes[offset..offset + inside.len()].copy_from_slice(inside);
        self.bytes.extend_from_slice(beyond);
        self.dirty =
            if self.is_dirty() { self.dirty.start.min(offset)..self.dirty.end.max(end) } else { offset..end };
        true
    }

    /// Reserves `length` bytes; returns whether there is memory for them.
    fn reserve(&mut self, length: usize, most: usize) -> bool {
        let capacity = self.bytes.capacity();
        // Doubling saves copies. If memory is short, the exact length suffices.
        let wanted = [length.max(capacity.saturating_mul(2)).min(most), length];
        let reserved = length <= capacity
            || wanted.into_iter().any(|wanted| {
                let missing = wanted - self.bytes.len();
                self.memory.take(wanted).is_ok() && self.bytes.try_reserve_exact(missing).is_ok()
            });
        if !reserved {
            self.recount();
        }
        reserved
    }

    fn recount(&mut self) {
        // Taking less memory is never refused.
        let _ = self.memory.take(self.bytes.capacity());
    }

    /// Returns the bytes at `position` that the window holds.
    pub(crate) fn get(&self, position: u64) -> &[u8] {
        if position < self.start || position >= self.end() {
            return &[];
        }
        &self.bytes[(position - self.start) as usize..]
    }

    /// Takes out the dirty bytes, and returns them with their offset.
    pub(crate) fn take_dirty(&mut self) -> (u64, Vec<u8>) {
        let dirty = mem::take(&mut self.dirty);
        let position = self.start + dirty.start as u64;
        let mut bytes = mem::take(&mut self.bytes);
        bytes.truncate(dirty.end);
        bytes.drain(..dirty.start);
        self.start = position;
        (position, bytes)
    }

    /// Restores dirty bytes that did not reach the disk.
    pub(crate) fn put_back(&mut self, position: u64, bytes: Vec<u8>) {
        self.start = position;
        self.dirty = 0..bytes.len();
        self.bytes = bytes;
        self.recount();
    }

    /// Replaces the window by bytes that were read, and their memory. Nothing may be dirty.
    pub(crate) fn hold(&mut self, position: u64, bytes: Vec<u8>, memory: Memory) {
        *self = Window { start: position, dirty: 0..0, bytes, memory };
    }

    /// Forgets the bytes at and past `length`.
    pub(crate) fn cut(&mut self, length: u64) {
        let kept = usize::try_from(length.saturating_sub(self.start)).unwrap_or(usize::MAX);
        self.bytes.truncate(kept);
        self.dirty = self.dirty.start.min(kept)..self.dirty.end.min(kept);
    }

    /// Forgets all bytes unless some are dirty. Keeps the allocation for the next bytes.
    pub(crate) fn forget_clean(&mut self) {
        if !self.is_dirty() {
            self.move_to(self.start);
        }
    }

    /// Forgets all bytes, and frees their allocation. Nothing may be dirty.
    pub(crate) fn release_clean(&mut self) {
        self.bytes = Vec::new();
        self.recount();
    }

    /// Adopts an allocation, if the window has none.
    pub(crate) fn reuse(&mut self, allocation: Vec<u8>) {
        if self.bytes.capacity() == 0 {
            self.bytes = allocation;
            self.bytes.clear();
        }
        self.recount();
    }

    fn move_to(&mut self, position: u64) {
        self.start = position;
        self.bytes.clear();
        self.dirty = 0..0;
    }
}
