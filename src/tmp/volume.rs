//! The state that all files of a private tree share.

use alloc::rc::Rc;
use core::cell::Cell;

use crate::error::ErrorCode;
use crate::filesystem::{Filesystem, Result};
use crate::instance::scratch::Scratch;
use crate::limits::budget::{Budget, Memory};

/// The memory that an inode is charged for, in bytes.
const INODE_SIZE: usize = 256;

/// The memory that a name is charged for, in bytes, beside its characters.
const NAME_SIZE: usize = 64;

/// The instance of the core, the size at which contents leave memory, and the last inode number.
pub(crate) struct Volume<F: Filesystem> {
    pub(crate) scratch: Rc<Scratch<F>>,
    /// The largest content in memory, in bytes. None if the host has no directory for larger ones.
    pub(crate) largest_in_memory: Option<u64>,
    last_number: Cell<u64>,
}

impl<F: Filesystem> Volume<F> {
    pub(crate) fn new(scratch: Rc<Scratch<F>>, largest_in_memory: Option<u64>) -> Rc<Volume<F>> {
        Rc::new(Volume { scratch, largest_in_memory, last_number: Cell::new(0) })
    }

    pub(crate) fn budget(&self) -> Result<&Rc<Budget>> {
        self.scratch.budget().map_err(|error| error.code)
    }

    /// Returns the code that the program sees, and counts refusals.
    pub(crate) fn reported(&self, code: ErrorCode) -> ErrorCode {
        self.scratch.reported(code)
    }

    /// Returns the time, in nanoseconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        self.scratch.filesystem.now()
    }

    pub(crate) fn next_number(&self) -> u64 {
        let number = self.last_number.get() + 1;
        self.last_number.set(number);
        number
    }

    /// Charges the memory of an inode, and of the target of a symbolic link.
    pub(crate) fn inode_memory(&self, target: usize) -> Result<Memory> {
        self.memory(INODE_SIZE + target)
    }

    /// Charges the memory of a name in a directory.
    pub(crate) fn name_memory(&self, name: &str) -> Result<Memory> {
        self.memory(NAME_SIZE + name.len())
    }

    fn memory(&self, bytes: usize) -> Result<Memory> {
        let mut memory = self.budget()?.memory();
        memory.take(bytes)?;
        Ok(memory)
    }
}
