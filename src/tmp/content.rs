//! The bytes of one file: in memory, or in a file of the host that has no name.

use alloc::rc::Rc;
use alloc::vec::Vec;

use crate::error::ErrorCode;
use crate::file::disk::Disk;
use crate::file::rollover::copy_spool;
use crate::file::spool::Spool;
use crate::filesystem::{Filesystem, Result};
use crate::instance::scratch::Entry;
use crate::limits::budget::Account;
use crate::place::name::Affixes;
use crate::task::finished::finished;
use crate::tmp::volume::Volume;

/// The size of the buffer of a file on the host's disk, in bytes.
const BUFFER_SIZE: usize = 64 * 1024;

/// The content of a file, charged by its length wherever it is.
pub(crate) struct Content<F: Filesystem> {
    volume: Rc<Volume<F>>,
    bytes: Bytes<F>,
    account: Rc<Account>,
}

enum Bytes<F: Filesystem> {
    Memory(Spool),
    Spilled(Spilled<F>),
}

/// A file of the host. It has an entry only if the host refused to remove the name of an open file.
struct Spilled<F: Filesystem> {
    disk: Disk<F>,
    entry: Option<Entry<F>>,
}

impl<F: Filesystem> Content<F> {
    /// The content of a new file, which `account` pays for.
    pub(crate) fn new(volume: Rc<Volume<F>>, account: Rc<Account>) -> Content<F> {
        let bytes = Bytes::Memory(empty(&volume, &account));
        Content { volume, bytes, account }
    }

    pub(crate) fn length(&self) -> u64 {
        match &self.bytes {
            Bytes::Memory(spool) => spool.length(),
            // Nobody else can reach the file, so the length is always known.
            Bytes::Spilled(spilled) => spilled.disk.known_length().unwrap_or_default(),
        }
    }

    /// Reads up to `max` bytes, fewer only at the end.
    pub(crate) fn read(&mut self, position: u64, max: u64) -> Result<Vec<u8>> {
        match &mut self.bytes {
            Bytes::Memory(spool) => spool.get(position, max),
            Bytes::Spilled(spilled) => finished(spilled.disk.read(position, max, true)),
        }
    }

    /// Returns the number of bytes, at most `wanted`, that the limits allow to be written at `position`.
    pub(crate) fn room(&self, position: u64, wanted: u64) -> u64 {
        let end = position.saturating_add(wanted).min(F::LARGEST_FILE);
        let room = match &self.bytes {
            Bytes::Memory(spool) if !spool.may_roll() => self.account.room(end).min(spool.room(end)),
            _ => self.account.room(end),
        };
        room.saturating_sub(position)
    }

    /// Writes all of `data`, with zeros between the end and `position`. After an error the length is the
    /// same as before.
    pub(crate) fn write(&mut self, position: u64, data: Vec<u8>) -> Result<()> {
        if data.is_empty() {
            return Ok(());
        }
        let end = position.checked_add(data.len() as u64).filter(|end| *end <= F::LARGEST_FILE);
        let end = end.ok_or(ErrorCode::FileTooLarge)?;
        if let Bytes::Memory(spool) = &mut self.bytes {
            self.account.grow(end)?;
            let put = if spool.may_hold(end.max(spool.length())) {
                spool.put(position, &data)
            } else {
                Err(ErrorCode::InsufficientMemory)
            };
            self.account.set_stored(spool.length());
            match put {
                Err(_) if spool.may_roll() => self.spill()?,
                put => return put,
            }
        }
        let Bytes::Spilled(Spilled { disk, .. }) = &mut self.bytes else { return Ok(()) };
        if disk.put(position, &data) { Ok(()) } else { finished(disk.write(position, data)) }
    }

    pub(crate) fn set_length(&mut self, length: u64) -> Result<()> {
        if length > F::LARGEST_FILE {
            return Err(ErrorCode::FileTooLarge);
        }
        if length == 0 && !self.has_entry() {
            // The file of the host, if there is one, ends here.
            self.bytes = Bytes::Memory(empty(&self.volume, &self.account));
            self.account.set_stored(0);
            return Ok(());
        }
        if let Bytes::Memory(spool) = &mut self.bytes {
            self.account.grow(length)?;
            let set = if spool.may_hold(length) {
                spool.set_length(length)
            } else {
                Err(ErrorCode::InsufficientMemory)
            };
            self.account.set_stored(spool.length());
            match set {
                Err(_) if spool.may_roll() => self.spill()?,
                set => return set,
            }
        }
        let Bytes::Spilled(Spilled { disk, .. }) = &mut self.bytes else { return Ok(()) };
        finished(disk.set_length(length))
    }

    /// Whether the host has a name of the content that is still to be removed.
    fn has_entry(&self) -> bool {
        matches!(&self.bytes, Bytes::Spilled(Spilled { entry: Some(_), .. }))
    }

    /// Writes buffered bytes to the file of the host, and cuts off what a failed write left there, to report
    /// errors. The bytes need not reach a disk, because the content ends with the instance.
    pub(crate) fn flush(&mut self) -> Result<()> {
        match &mut self.bytes {
            Bytes::Memory(_) => Ok(()),
            Bytes::Spilled(Spilled { disk, .. }) => finished(async {
                disk.flush().await?;
                disk.cut_tail().await
            }),
        }
    }

    /// Moves the content to a file of the host.
    fn spill(&mut self) -> Result<()> {
        let Bytes::Memory(spool) = &self.bytes else { return Ok(()) };
        let stored = spool.length();
        let spilled = self.copy_to_host(spool);
        // A failed write may have changed what the account takes for stored.
        self.account.set_stored(stored);
        self.bytes = Bytes::Spilled(spilled?);
        Ok(())
    }

    fn copy_to_host(&self, spool: &Spool) -> Result<Spilled<F>> {
        let scratch = &self.volume.scratch;
        let new = finished(async {
            let mut location = scratch.find(None).await?;
            scratch.create_unnamed(&mut location, &Affixes::default(), Some(self.account.clone())).await
        });
        let new = new.map_err(|error| error.code)?;
        let disk = Disk::new(&scratch.background, new.descriptor, self.account.clone(), true, BUFFER_SIZE);
        let mut spilled = Spilled { disk, entry: new.entry };
        match finished(copy_spool(spool, &mut spilled.disk)) {
            Ok(()) => Ok(spilled),
            Err(code) => {
                self.discard(Bytes::Spilled(spilled));
                Err(code)
            }
        }
    }

    fn discard(&self, bytes: Bytes<F>) {
        if let Bytes::Spilled(Spilled { disk, entry }) = bytes {
            // Some hosts refuse to unlink an open file.
            drop(disk);
            if let Some(entry) = entry {
                self.volume.scratch.start_removal(entry, self.account.clone());
            }
        }
    }
}

fn empty<F: Filesystem>(volume: &Volume<F>, account: &Account) -> Spool {
    Spool::new(volume.largest_in_memory, account.budget().memory())
}

impl<F: Filesystem> Drop for Content<F> {
    fn drop(&mut self) {
        let emptied = Bytes::Memory(empty(&self.volume, &self.account));
        let bytes = core::mem::replace(&mut self.bytes, emptied);
        self.discard(bytes);
    }
}
