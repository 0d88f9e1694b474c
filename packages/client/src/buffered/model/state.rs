//! The content and position that a file should have.

use crate::SeekFrom;

/// A state that the file may be in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct State {
    pub(super) content: Vec<u8>,
    pub(super) position: u64,
}

impl State {
    pub(super) fn rest(&self) -> &[u8] {
        &self.content[self.content.len().min(self.position as usize)..]
    }

    pub(super) fn put(&mut self, data: &[u8], start: usize) {
        if data.is_empty() {
            return;
        }
        let end = start + data.len();
        if self.content.len() < end {
            self.content.resize(end, 0);
        }
        self.content[start..end].copy_from_slice(data);
    }

    pub(super) fn write(&mut self, data: &[u8], appends: bool) {
        if data.is_empty() {
            return;
        }
        let start = if appends { self.content.len() } else { self.position as usize };
        self.put(data, start);
        self.position = (start + data.len()) as u64;
    }

    /// Moves the position over bytes that were read. Returns whether they are those of the file, and
    /// whether there are none only at its end.
    pub(super) fn has_read(&mut self, wanted: usize, bytes: &[u8]) -> bool {
        let is_right =
            self.rest().starts_with(bytes) && (!bytes.is_empty() || wanted == 0 || self.rest().is_empty());
        self.position += bytes.len() as u64;
        is_right
    }

    /// Returns the target of a seek, if it is valid.
    pub(super) fn target(&self, target: SeekFrom) -> Option<u64> {
        match target {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => (self.content.len() as u64).checked_add_signed(offset),
        }
    }
}
