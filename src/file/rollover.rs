//! Rollover: content in memory moves to disk when it would outgrow its maximum or the memory.

use alloc::rc::Rc;

use crate::error::Result;
use crate::file::disk::{Disk, copy};
use crate::file::open_file::{Content, OpenFile};
use crate::file::spool::Spool;
use crate::filesystem::{self, Filesystem};
use crate::limits::budget::Account;

/// Bytes of a spool copied at a time.
const COPIED_AT_ONCE: usize = 1024 * 1024;

impl<F: Filesystem> OpenFile<F> {
    /// Rolls a spool over if it may not hold content of this length.
    pub(crate) async fn make_room(&mut self, length: u64) -> Result<()> {
        match &self.content {
            Content::Spool(spool) if !spool.may_hold(length.max(spool.length())) => self.rollover().await,
            _ => Ok(()),
        }
    }

    /// Rolls a spool over if it may not hold content of this length, or has no memory for it.
    pub(crate) async fn make_room_or_roll(&mut self, length: u64) -> Result<()> {
        match &self.content {
            Content::Spool(spool) if spool.may_roll() && !spool.has_memory(length) => self.rollover().await,
            _ => self.make_room(length).await,
        }
    }

    /// Moves content in memory to disk. After an error it is in memory as before.
    pub(crate) async fn rollover(&mut self) -> Result<()> {
        let account = match &mut self.content {
            Content::Spool(spool) => spool.charge_of_move(),
            Content::Disk(_) => return Ok(()),
            Content::Closed => return Err(self.closed()),
        };
        let moved = self.move_to_disk(account).await;
        if let (Err(_), Content::Spool(spool)) = (&moved, &mut self.content) {
            spool.charge_of_move();
        }
        moved
    }

    async fn move_to_disk(&mut self, account: Option<Rc<Account>>) -> Result<()> {
        let Content::Spool(spool) = &self.content else { return Ok(()) };
        let mut location = self.scratch.find(self.destination.directory.as_deref()).await?;
        let affixes = &self.destination.affixes;
        let new = self.scratch.create_unnamed(&mut location, affixes, account).await?;
        let mut disk =
            Disk::new(&self.scratch.background, new.descriptor, new.account.clone(), true, self.buffer_size);
        if let Err(code) = copy_spool(spool, &mut disk).await {
            drop(disk);
            if let Some(entry) = new.entry {
                self.scratch.start_removal(entry, new.account);
            }
            return Err(self.failed("roll over", code));
        }
        self.move_to(disk, new.entry, new.account);
        Ok(())
    }
}

/// Copies the content in memory to the disk, and flushes it. The memory keeps it.
pub(crate) async fn copy_spool<F: Filesystem>(spool: &Spool, disk: &mut Disk<F>) -> filesystem::Result<()> {
    let mut position = 0;
    for piece in spool.bytes().chunks(COPIED_AT_ONCE) {
        disk.write(position, copy(piece)?).await?;
        position += piece.len() as u64;
    }
    disk.flush().await
}
