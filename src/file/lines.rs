//! Reading by lines, from bytes held in memory.

use alloc::vec::Vec;

use crate::error::{ErrorCode, Result};
use crate::file::disk::copy;
use crate::file::open_file::{Content, OpenFile};
use crate::file::operation::LINE;
use crate::filesystem::{self, Filesystem};
use crate::limits::budget::Memory;

impl<F: Filesystem> OpenFile<F> {
    /// Reads a line if that needs no call to the host.
    pub(crate) fn read_line_now(&mut self, limit: u64) -> Result<Option<Vec<u8>>> {
        self.check_reading()?;
        let held = match &self.content {
            Content::Spool(spool) => spool.rest(self.position()),
            Content::Disk(disk) => disk.held(self.position()),
            Content::Closed => &[],
        };
        let held = &held[..held.len().min(usize::try_from(limit).unwrap_or(usize::MAX))];
        let Some(end) = memchr(b'\n', held) else {
            return Ok(None);
        };
        let line = copy(&held[..=end]).map_err(|code| self.failed("read", code))?;
        self.set_position(self.position() + line.len() as u64);
        Ok(Some(line))
    }

    /// Reads up to and including the next `\n`, or `limit` bytes, or to the end.
    pub(crate) async fn read_line(&mut self, limit: u64) -> Result<Vec<u8>> {
        let start = self.position();
        let mut line = Vec::new();
        let outcome = self.extend_line(&mut line, limit).await;
        if outcome.is_err() {
            self.set_position(start);
        }
        outcome.map(|()| line)
    }

    /// Reads lines until they reach `hint` bytes, or to the end.
    pub(crate) async fn read_lines(&mut self, hint: u64) -> Result<Vec<Vec<u8>>> {
        let start = self.position();
        let mut lines = Vec::new();
        let mut taken = 0;
        let mut memory = self.scratch.budget()?.memory();
        while lines.is_empty() || self.position() - start < hint {
            let mut line = Vec::new();
            let outcome = match self.extend_line(&mut line, u64::MAX).await {
                Ok(()) => {
                    taken += line.len() + LINE;
                    let reserved = lines.try_reserve(1).map_err(|_| ErrorCode::InsufficientMemory);
                    let charged = reserved.and_then(|()| memory.take(taken));
                    charged.map_err(|code| self.failed("read lines", code))
                }
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                self.set_position(start);
                return Err(error);
            }
            if line.is_empty() {
                break;
            }
            lines.push(line);
        }
        Ok(lines)
    }

    /// Reads lines as `read_lines` does, into one block.
    pub(crate) async fn read_block(&mut self, hint: u64) -> Result<LineBlock> {
        let start = self.position();
        let mut block = LineBlock { bytes: Vec::new(), ends: Vec::new() };
        let mut memory = self.scratch.budget()?.memory();
        let outcome = self.fill_block(&mut block, hint, &mut memory).await;
        if outcome.is_err() {
            self.set_position(start);
        }
        outcome.map(|()| block)
    }

    async fn fill_block(&mut self, block: &mut LineBlock, hint: u64, memory: &mut Memory) -> Result<()> {
        self.check_reading()?;
        loop {
            let position = self.position();
            let held = match &mut self.content {
                Content::Spool(spool) => Ok(spool.rest(position)),
                Content::Disk(disk) => disk.fill(position).await,
                Content::Closed => Ok(&[][..]),
            };
            let taken = held.and_then(|held| block.take(held, hint));
            let charged = taken.and_then(|taken| memory.take(block.memory()).map(|()| taken));
            let taken = charged.map_err(|code| self.failed("read lines", code))?;
            self.set_position(position + taken as u64);
            if taken == 0 || block.is_whole(hint) {
                return block.end().map_err(|code| self.failed("read", code));
            }
        }
    }

    async fn extend_line(&mut self, line: &mut Vec<u8>, limit: u64) -> Result<()> {
        self.check_reading()?;
        loop {
            let position = self.position();
            let left = limit - line.len() as u64;
            let held = match &mut self.content {
                Content::Spool(spool) => Ok(spool.rest(position)),
                Content::Disk(disk) if left > 0 => disk.fill(position).await,
                _ => Ok(&[][..]),
            };
            let taken = held.and_then(|held| {
                let held = &held[..held.len().min(usize::try_from(left).unwrap_or(usize::MAX))];
                let length = memchr(b'\n', held).map_or(held.len(), |end| end + 1);
                line.try_reserve(length).map_err(|_| ErrorCode::InsufficientMemory)?;
                line.extend_from_slice(&held[..length]);
                Ok(length)
            });
            let taken = taken.map_err(|code| self.failed("read", code))?;
            self.set_position(position + taken as u64);
            if taken == 0 || line.last() == Some(&b'\n') {
                return Ok(());
            }
        }
    }
}

/// Lines one after the other, and where each of them ends.
pub(crate) struct LineBlock {
    pub(crate) bytes: Vec<u8>,
    pub(crate) ends: Vec<u32>,
}

impl LineBlock {
    /// Appends lines of `held` until the block reaches `hint` bytes, and the beginning of the line that
    /// `held` ends in. Returns the number of bytes.
    fn take(&mut self, held: &[u8], hint: u64) -> filesystem::Result<usize> {
        let mut taken = 0;
        while !self.is_whole(hint)
            && let Some(end) = memchr(b'\n', &held[taken..])
        {
            taken += end + 1;
            self.push_end(self.bytes.len() + taken)?;
        }
        if !self.is_whole(hint) {
            taken = held.len();
        }
        self.bytes.try_reserve(taken).map_err(|_| ErrorCode::InsufficientMemory)?;
        self.bytes.extend_from_slice(&held[..taken]);
        Ok(taken)
    }

    /// Returns the memory of the block, in bytes.
    fn memory(&self) -> usize {
        self.bytes.len() + size_of_val(&*self.ends)
    }

    /// Whether the last whole line reaches `hint` bytes.
    fn is_whole(&self, hint: u64) -> bool {
        self.ends.last().is_some_and(|end| u64::from(*end) >= hint)
    }

    /// Ends the last line, which may have no `\n`.
    fn end(&mut self) -> filesystem::Result<()> {
        let length = self.bytes.len();
        if self.ends.last().map_or(0, |end| *end as usize) < length { self.push_end(length) } else { Ok(()) }
    }

    fn push_end(&mut self, end: usize) -> filesystem::Result<()> {
        let end = u32::try_from(end).map_err(|_| ErrorCode::InsufficientMemory)?;
        self.ends.try_reserve(1).map_err(|_| ErrorCode::InsufficientMemory)?;
        self.ends.push(end);
        Ok(())
    }
}

/// Returns the index of the first `byte`; compares eight bytes at a time.
fn memchr(byte: u8, bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    let pattern = ONES * u64::from(byte);
    let mut words = bytes.chunks_exact(8);
    let skipped = words.by_ref().take_while(|word| {
        let difference = u64::from_le_bytes((*word).try_into().expect("eight bytes")) ^ pattern;
        difference.wrapping_sub(ONES) & !difference & (ONES << 7) == 0
    });
    let start = skipped.count() * 8;
    bytes[start..].iter().position(|other| *other == byte).map(|place| start + place)
}

#[cfg(test)]
mod tests {
    use super::memchr;

    #[test]
    fn a_byte_is_found_at_its_first_place() {
        let mut bytes = [0xff_u8; 40];
        assert_eq!(memchr(b'\n', &bytes), None);
        for place in (0..40).rev() {
            bytes[place] = b'\n';
            assert_eq!(memchr(b'\n', &bytes), Some(place));
            assert_eq!(memchr(b'\n', &bytes[..place]), None);
        }
    }
}
