//! From memory to disk: when content has to roll over, how it does, and what of it fits.

use alloc::rc::Rc;
use alloc::vec::Vec;

use crate::error::Result;
use crate::file::disk::{Disk, copy};
use crate::file::open_file::{Content, OpenFile};
use crate::file::spool::Spool;
use crate::filesystem::{self, Filesystem};
use crate::instance::scratch::Entry;
use crate::limits::budget::Account;

/// How much of a spool is copied at a time.
const COPIED_AT_ONCE: usize = 1024 * 1024;

impl<F: Filesystem> OpenFile<F> {
    /// Writes as much as the limits allow, from the beginning on; what remains is refused.
    pub(crate) async fn write_fitting(&mut self, mut data: Vec<u8>) -> Result<()> {
        self.check_writing()?;
        loop {
            let position = match self.write_position() {
                Some(position) => position,
                None => self.size().await?,
            };
            let end = self.end_of_write(position, data.len())?;
            // If this is refused, some of it may still fit into memory.
            let _ = self.make_room(end).await;
            let fitting = self.room(end)?.saturating_sub(position);
            if fitting == 0 || fitting >= data.len() as u64 {
                return self.write(data).await;
            }
            let rest = data.split_off(fitting as usize);
            self.write(data).await?;
            data = rest;
        }
    }

    /// How long the content can become, at most `wanted`.
    fn room(&self, wanted: u64) -> Result<u64> {
        Ok(match &self.content {
            Content::Spool(spool) => {
                let limit = self.scratch.budget()?.limits().max_file_bytes;
                wanted.min(spool.room()).min(limit.unwrap_or(u64::MAX))
            }
            Content::Disk(disk) => disk.room(wanted),
            Content::Closed => wanted,
        })
    }

    /// Refuses what no file may hold, in memory either.
    pub(crate) fn check_size(&self, size: u64, doing: &str) -> Result<()> {
        match &self.content {
            Content::Spool(spool) if size > spool.length() => {
                let checked = self.scratch.budget()?.check_file_size(size);
                checked.map_err(|code| self.failed(doing, code))
            }
            _ => Ok(()),
        }
    }

    /// Rolls a spool over that may not hold content of this length.
    pub(crate) async fn make_room(&mut self, length: u64) -> Result<()> {
        match &self.content {
            Content::Spool(spool) if !spool.may_hold(length.max(spool.length())) => self.rollover().await,
            _ => Ok(()),
        }
    }

    pub(crate) async fn rollover(&mut self) -> Result<()> {
        let spool = match &self.content {
            Content::Spool(spool) => spool,
            Content::Disk(_) => return Ok(()),
            Content::Closed => return Err(self.closed()),
        };
        let location = self.scratch.find(self.destination.directory.as_deref()).await?;
        let new = self.scratch.create_unnamed(&location, &self.destination.affixes).await?;
        let mut disk =
            Disk::new(&self.scratch.background, new.descriptor, new.account.clone(), true, self.buffer_size);
        if let Err(code) = copy_spool(spool, &mut disk).await {
            drop(disk);
            if let Some(entry) = new.entry {
                self.scratch.start_removal(entry, new.account);
            }
            return Err(self.failed("rolling over", code));
        }
        self.move_to(disk, new.entry, new.account);
        Ok(())
    }

    /// The content is on this disk now, with a name that nobody is told, if the host insists on one.
    pub(crate) fn move_to(&mut self, disk: Disk<F>, hidden: Option<Entry<F>>, account: Rc<Account>) {
        self.content = Content::Disk(disk);
        self.visible.rolled.set(true);
        self.remove_entry();
        self.entry = hidden;
        self.owned = Some(account);
    }

    /// Starts to remove the name that this file still has and owns.
    pub(crate) fn remove_entry(&mut self) {
        if let (Some(entry), Some(account)) = (self.entry.take(), self.owned.take()) {
            self.scratch.start_removal(entry, account);
        }
    }
}

/// Copies what is in memory to a disk, all the way; the memory keeps it.
pub(crate) async fn copy_spool<F: Filesystem>(spool: &Spool, disk: &mut Disk<F>) -> filesystem::Result<()> {
    let mut position = 0;
    for piece in spool.bytes().chunks(COPIED_AT_ONCE) {
        disk.write(position, copy(piece)?).await?;
        position += piece.len() as u64;
    }
    disk.flush().await
}
