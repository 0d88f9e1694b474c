//! Reading by lines, from bytes held in memory.

use alloc::vec::Vec;

use crate::error::{ErrorCode, Result};
use crate::file::disk::copy;
use crate::file::open_file::{Content, OpenFile};
use crate::file::operation::LINE;
use crate::filesystem::Filesystem;

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
