//! Writing at the position, at an offset, line by line, or as far as the limits allow; truncating.

use alloc::vec::Vec;

use crate::error::{Error, ErrorCode, Result};
use crate::file::open_file::{Content, LAST_POSITION, OpenFile};
use crate::filesystem::Filesystem;

impl<F: Filesystem> OpenFile<F> {
    /// Writes if that needs no call to the host and the memory allows it.
    pub(crate) fn write_now(&mut self, data: &[u8]) -> Result<bool> {
        self.check_writing()?;
        let Some(position) = self.write_position() else {
            return Ok(false);
        };
        let written = self.put(position, data)?;
        if written && !data.is_empty() {
            self.set_position(position + data.len() as u64);
        }
        Ok(written)
    }

    pub(crate) async fn write(&mut self, data: Vec<u8>) -> Result<()> {
        if self.write_now(&data)? {
            return Ok(());
        }
        self.write_slowly(data).await
    }

    /// Writes what `write_now` could not.
    pub(crate) async fn write_slowly(&mut self, data: Vec<u8>) -> Result<()> {
        self.check_writing()?;
        let position = match self.write_position() {
            Some(position) => position,
            None => self.size().await?,
        };
        let length = data.len() as u64;
        self.write_from(position, data).await?;
        if length > 0 {
            self.set_position(position + length);
        }
        Ok(())
    }

    /// Writes one line after the other.
    pub(crate) async fn write_lines(&mut self, lines: Vec<Vec<u8>>) -> Result<()> {
        self.check_writing()?;
        for line in lines {
            self.write(line).await?;
        }
        Ok(())
    }

    /// Writes as much of the beginning as the limits allow, and refuses the rest.
    pub(crate) async fn write_fitting(&mut self, mut data: Vec<u8>) -> Result<()> {
        self.check_writing()?;
        loop {
            let position = match self.write_position() {
                Some(position) => position,
                None => self.size().await?,
            };
            let end = self.end_of_write(position, data.len())?;
            // If the rollover fails, a part may still fit into memory.
            let _ = self.make_room_or_roll(end).await;
            let fitting = self.room(end)?.saturating_sub(position);
            if fitting == 0 || fitting >= data.len() as u64 {
                return self.write(data).await;
            }
            let rest = data.split_off(fitting as usize);
            self.write(data).await?;
            data = rest;
        }
    }

    /// Writes at `offset` if that needs no call to the host and the memory allows it.
    pub(crate) fn write_at_now(&mut self, data: &[u8], offset: u64) -> Result<bool> {
        self.check_writing_at(offset)?;
        self.put(offset, data)
    }

    pub(crate) async fn write_at(&mut self, data: Vec<u8>, offset: u64) -> Result<()> {
        if self.write_at_now(&data, offset)? {
            return Ok(());
        }
        self.write_at_slowly(data, offset).await
    }

    /// Writes at `offset` what `write_at_now` could not.
    pub(crate) async fn write_at_slowly(&mut self, data: Vec<u8>, offset: u64) -> Result<()> {
        self.check_writing_at(offset)?;
        self.write_from(offset, data).await
    }

    /// Returns the offset of the next write, unless the host has to be called for it.
    fn write_position(&self) -> Option<u64> {
        match &self.content {
            Content::Spool(spool) if self.access.appends() => Some(spool.length()),
            Content::Disk(disk) if self.access.appends() => disk.known_length(),
            _ => Some(self.position()),
        }
    }

    fn put(&mut self, position: u64, data: &[u8]) -> Result<bool> {
        if data.is_empty() {
            return Ok(true);
        }
        let end = self.end_of_write(position, data.len())?;
        Ok(match &mut self.content {
            // If memory is short, the slow path rolls over or fails.
            Content::Spool(spool) => {
                spool.may_hold(end.max(spool.length()))
                    && self.scratch.budget()?.check_file_size(end).is_ok()
                    && spool.put(position, data).is_ok()
            }
            Content::Disk(disk) => disk.put(position, data),
            Content::Closed => false,
        })
    }

    async fn write_from(&mut self, position: u64, data: Vec<u8>) -> Result<()> {
        if data.is_empty() {
            return Ok(());
        }
        let end = self.end_of_write(position, data.len())?;
        self.check_size(end, "write")?;
        self.make_room(end).await?;
        self.charge_in_memory(end, "write").await?;
        if let Content::Spool(spool) = &mut self.content {
            match spool.put(position, &data) {
                // Memory is short before `max_size` is reached: the content rolls over.
                Err(_) if spool.may_roll() => self.rollover().await?,
                put => return put.map_err(|code| self.failed("write", code)),
            }
        }
        match &mut self.content {
            Content::Disk(disk) => disk.write(position, data).await,
            _ => Err(ErrorCode::Closed),
        }
        .map_err(|code| self.failed("write", code))
    }

    fn end_of_write(&self, position: u64, length: usize) -> Result<u64> {
        let end = position.checked_add(length as u64).filter(|end| *end <= F::LARGEST_FILE);
        end.ok_or_else(|| self.failed("write", ErrorCode::FileTooLarge))
    }

    /// Returns the length that the content can reach, at most `wanted`.
    fn room(&self, wanted: u64) -> Result<u64> {
        Ok(match &self.content {
            Content::Spool(spool) => {
                let limit = self.scratch.budget()?.limits().max_file_bytes;
                spool.room(wanted).min(limit.unwrap_or(u64::MAX))
            }
            Content::Disk(disk) => disk.room(wanted),
            Content::Closed => wanted,
        })
    }

    /// Truncates content in memory that may stay there; otherwise returns none.
    pub(crate) fn truncate_now(&mut self, size: Option<u64>) -> Result<Option<()>> {
        self.check_writing()?;
        let size = size.unwrap_or_else(|| self.position());
        let budget = self.scratch.budget()?;
        Ok(match &mut self.content {
            Content::Spool(spool) if spool.may_hold(size) && budget.check_file_size(size).is_ok() => {
                spool.set_length(size).ok()
            }
            _ => None,
        })
    }

    pub(crate) async fn truncate(&mut self, size: Option<u64>) -> Result<()> {
        self.check_writing()?;
        let size = size.unwrap_or_else(|| self.position());
        if size > LAST_POSITION {
            return Err(Error::invalid("size", &size, "above 2^63 - 1"));
        }
        if size > F::LARGEST_FILE {
            return Err(self.failed("truncate", ErrorCode::FileTooLarge));
        }
        self.check_size(size, "truncate")?;
        self.make_room(size).await?;
        self.charge_in_memory(size, "truncate").await?;
        if let Content::Spool(spool) = &mut self.content {
            match spool.set_length(size) {
                Err(_) if spool.may_roll() => self.rollover().await?,
                set => return set.map_err(|code| self.failed("truncate", code)),
            }
        }
        match &mut self.content {
            Content::Disk(disk) => disk.set_length(size).await,
            _ => Err(ErrorCode::Closed),
        }
        .map_err(|code| self.failed("truncate", code))
    }
}
