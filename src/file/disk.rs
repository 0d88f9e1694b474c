//! Content on disk: a descriptor, a window over it, its known length and its charge.

use alloc::rc::Rc;
use alloc::vec::Vec;

use crate::error::ErrorCode;
use crate::file::window::Window;
use crate::filesystem::{Filesystem, Result, Unwritten};
use crate::limits::budget::{Account, Memory, largest};
use crate::task::background::Background;

/// Bytes per read if the length is not known beforehand.
const STEP: usize = 64 * 1024;

/// Smaller numbers of bytes per read, for when memory is short.
const SHORT_STEPS: [usize; 2] = [4096, 512];

/// The content of a file on disk.
pub(crate) struct Disk<F: Filesystem> {
    filesystem: F,
    background: Background<F>,
    descriptor: Rc<F::Descriptor>,
    /// Whether no other process can reach the content; the known length is exact then.
    exclusive: bool,
    /// The length including the window; exact while `exclusive`.
    length: u64,
    /// Whether a refused write left bytes past the end, which must be cut before the file grows.
    tail_to_cut: bool,
    account: Rc<Account>,
    window: Window,
    read_ahead: usize,
    write_behind: usize,
}

impl<F: Filesystem> Disk<F> {
    /// The content of a new, empty file.
    pub(crate) fn new(
        background: &Background<F>,
        descriptor: F::Descriptor,
        account: Rc<Account>,
        exclusive: bool,
        buffer_size: usize,
    ) -> Disk<F> {
        let (read_ahead, write_behind) = (buffer_size, buffer_size);
        let window = Window::new(account.budget());
        Disk {
            filesystem: background.filesystem().clone(),
            background: background.clone(),
            descriptor: Rc::new(descriptor),
            exclusive,
            length: 0,
            tail_to_cut: false,
            account,
            window,
            read_ahead,
            write_behind,
        }
    }

    /// Stops buffering writes.
    pub(crate) fn write_through(&mut self) {
        self.write_behind = 0;
    }

    /// Marks the file as shared: stops buffering and distrusts the cached length.
    pub(crate) fn share(&mut self) {
        self.exclusive = false;
        self.read_ahead = 0;
        self.write_behind = 0;
        self.window.forget_clean();
    }

    pub(crate) fn is_exclusive(&self) -> bool {
        self.exclusive
    }

    pub(crate) fn into_descriptor(self) -> F::Descriptor {
        Rc::into_inner(self.descriptor).expect("this file alone has it")
    }

    pub(crate) fn descriptor(&self) -> &Rc<F::Descriptor> {
        &self.descriptor
    }

    /// Returns the end of the content if the host need not be called for it.
    pub(crate) fn known_length(&self) -> Option<u64> {
        if self.exclusive {
            Some(self.length)
        } else {
            self.window.dirty_end().filter(|end| *end == self.length)
        }
    }

    pub(crate) async fn length(&mut self) -> Result<u64> {
        if !self.exclusive {
            let on_disk = self.filesystem.stat(&self.descriptor).await?.size;
            self.length = on_disk.max(self.window.dirty_end().unwrap_or(0));
        }
        Ok(self.length)
    }

    /// Writes to the window, if it has room; returns whether it had.
    pub(crate) fn put(&mut self, position: u64, data: &[u8]) -> bool {
        let end = position + data.len() as u64;
        // Only the host knows whether an offset past the end is writable.
        if position > self.length || data.len() >= self.write_behind || self.account.grow(end).is_err() {
            return false;
        }
        if !self.window.put(position, data, self.write_behind) {
            self.settle();
            return false;
        }
        self.length = self.length.max(end);
        true
    }

    /// Returns the account of the file.
    pub(crate) fn account(&self) -> &Rc<Account> {
        &self.account
    }

    /// Returns the length that the content can reach, at most `wanted`.
    pub(crate) fn room(&self, wanted: u64) -> u64 {
        self.account.room(wanted)
    }

    /// Credits bytes that are neither stored nor buffered.
    fn settle(&self) {
        self.account.settle(self.window.dirty_end().unwrap_or(0));
    }

    /// Writes data that `put` refused, or was not called for.
    pub(crate) async fn write(&mut self, position: u64, data: Vec<u8>) -> Result<()> {
        self.flush().await?;
        if position > self.length {
            self.cut_tail().await?;
        }
        if self.put(position, &data) {
            return Ok(());
        }
        self.window.forget_clean();
        let end = position + data.len() as u64;
        self.grow(end).await?;
        self.account.begin();
        let written = self.filesystem.write_at(&self.descriptor, position, data).await;
        let Err(Unwritten { code, rest }) = written else {
            self.account.wrote(end);
            self.settle();
            self.length = self.length.max(end);
            return Ok(());
        };
        if !self.exclusive {
            self.length = self.length.max(end - rest.len() as u64);
        }
        self.find_out(end).await;
        Err(code)
    }

    /// Charges for this length before the host is called.
    async fn grow(&self, length: u64) -> Result<()> {
        self.background.charge(|| self.account.grow(length)).await
    }

    /// Determines the length of the file after a failed call, which may have extended it to `longest`.
    async fn find_out(&mut self, longest: u64) {
        if !self.exclusive {
            let stat = self.filesystem.stat(&self.descriptor).await;
            self.account.wrote(stat.map_or(longest, |stat| stat.size.min(longest)));
        } else if longest > self.length {
            self.account.wrote(longest);
            self.tail_to_cut = true;
            // If this fails too, it is tried again before the file grows.
            let _ = self.cut_tail().await;
        } else {
            self.account.wrote(0);
        }
        self.settle();
    }

    /// Cuts off the bytes that a refused write left past the end.
    pub(crate) async fn cut_tail(&mut self) -> Result<()> {
        if self.tail_to_cut {
            let change = self.account.begin();
            if let Err(code) = self.filesystem.set_size(&self.descriptor, self.length).await {
                self.account.wrote(0);
                return Err(code);
            }
            self.tail_to_cut = false;
            self.account.resized(self.length, change);
            self.settle();
        }
        Ok(())
    }

    /// Reads from the window, if it holds all the bytes.
    pub(crate) fn get(&self, position: u64, max: u64) -> Result<Option<Vec<u8>>> {
        let left = self.length.saturating_sub(position);
        let wanted = if self.exclusive { max.min(left) } else { max };
        match self.window.get(position).get(..usize::try_from(wanted).unwrap_or(usize::MAX)) {
            Some(bytes) => Ok(Some(copy(bytes)?)),
            None => Ok(None),
        }
    }

    /// Reads up to `max` bytes, fewer only at the end. With `ahead` it may read more into the window.
    pub(crate) async fn read(&mut self, position: u64, max: u64, ahead: bool) -> Result<Vec<u8>> {
        if let Some(bytes) = self.get(position, max)? {
            return Ok(bytes);
        }
        self.flush().await?;
        let left = self.length().await?.saturating_sub(position);
        if left == 0 {
            // Some hosts fail to read far past the end, where there is nothing to read.
            return Ok(Vec::new());
        }
        let mut bytes = Vec::new();
        let mut wanted = max.min(left);
        loop {
            self.read_into(&mut bytes, position, wanted, ahead).await?;
            let missing = wanted - bytes.len() as u64;
            if self.exclusive && missing > 0 {
                // The host lost bytes that it had acknowledged.
                return Err(ErrorCode::Io);
            }
            if self.exclusive || missing > 0 || wanted == max {
                return Ok(bytes);
            }
            // Another process may have extended the file meanwhile.
            wanted = max.min(wanted.saturating_add(STEP as u64));
        }
    }

    /// Appends to `bytes` until it holds the first `wanted` bytes at `position`.
    async fn read_into(
        &mut self,
        bytes: &mut Vec<u8>,
        position: u64,
        wanted: u64,
        ahead: bool,
    ) -> Result<()> {
        let missing = usize::try_from(wanted).map_err(|_| ErrorCode::InsufficientMemory)? - bytes.len();
        bytes.try_reserve_exact(missing).map_err(|_| ErrorCode::InsufficientMemory)?;
        let held = self.window.get(position + bytes.len() as u64);
        bytes.extend_from_slice(&held[..held.len().min(missing)]);

        let missing = (wanted - bytes.len() as u64) as usize;
        let next = position + bytes.len() as u64;
        if missing == 0 {
            return Ok(());
        }
        if ahead && missing < self.read_ahead {
            let left = if self.exclusive { self.length - next } else { u64::MAX };
            let amount = left.min(self.read_ahead as u64) as usize;
            if let Ok((buffer, memory)) = self.buffer(amount) {
                let held = self.filesystem.read_at(&self.descriptor, next, buffer).await?;
                bytes.extend_from_slice(&held[..held.len().min(missing)]);
                self.window.hold(next, held, memory);
                return Ok(());
            }
        }
        let taken = core::mem::take(bytes);
        *bytes = self.filesystem.read_at(&self.descriptor, next, taken).await?;
        // An allocator may return more room than requested.
        bytes.truncate(wanted as usize);
        Ok(())
    }

    /// Returns the bytes at `position` that the window holds.
    pub(crate) fn held(&self, position: u64) -> &[u8] {
        self.window.get(position)
    }

    /// Fills the window at `position`, and returns the bytes that it holds there.
    pub(crate) async fn fill(&mut self, position: u64) -> Result<&[u8]> {
        if self.window.get(position).is_empty() {
            self.flush().await?;
            let amount = if self.read_ahead == 0 { STEP } else { self.read_ahead };
            let left = self.length().await?.saturating_sub(position);
            let amount = left.min(amount as u64) as usize;
            // The bytes held now are of no use here; their memory is.
            self.window.release_clean();
            let shorter = SHORT_STEPS.into_iter().filter(|step| *step < amount);
            let (buffer, memory) = largest([amount].into_iter().chain(shorter), |size| self.buffer(size))?;
            if buffer.capacity() > 0 {
                let bytes = self.filesystem.read_at(&self.descriptor, position, buffer).await?;
                self.window.hold(position, bytes, memory);
            }
        }
        Ok(self.window.get(position))
    }

    /// Allocates a buffer to read into, and takes its memory.
    fn buffer(&self, capacity: usize) -> Result<(Vec<u8>, Memory)> {
        let mut memory = self.account.budget().memory();
        memory.take(capacity)?;
        Ok((with_capacity(capacity)?, memory))
    }

    /// Whether bytes in the window have not reached the host.
    pub(crate) fn is_dirty(&self) -> bool {
        self.window.is_dirty()
    }

    /// Writes the dirty bytes of the window to the host.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        if !self.window.is_dirty() {
            return Ok(());
        }
        let (position, bytes) = self.window.take_dirty();
        let end = position + bytes.len() as u64;
        self.account.begin();
        match self.filesystem.write_at(&self.descriptor, position, bytes).await {
            Ok(allocation) => {
                self.account.wrote(end);
                self.window.reuse(allocation);
                Ok(())
            }
            Err(Unwritten { code, rest }) => {
                // Bytes that the host stored unknowingly are still in the window.
                self.account.wrote(end - rest.len() as u64);
                self.window.put_back(end - rest.len() as u64, rest);
                Err(code)
            }
        }
    }

    /// Forgets bytes that were read ahead, so that the next read sees those of other writers.
    pub(crate) fn forget_clean(&mut self) {
        self.window.forget_clean();
    }

    pub(crate) async fn set_length(&mut self, length: u64) -> Result<()> {
        if length > self.length {
            self.cut_tail().await?;
        }
        self.grow(length).await?;
        let change = self.account.begin();
        if let Err(code) = self.filesystem.set_size(&self.descriptor, length).await
            && !(code.is_uncertain() && self.is_of(length).await)
        {
            self.find_out(length).await;
            return Err(code);
        }
        self.window.cut(length);
        self.length = length;
        self.tail_to_cut = false;
        self.account.resized(length, change);
        self.settle();
        Ok(())
    }

    /// Whether the file has this length.
    async fn is_of(&self, length: u64) -> bool {
        self.filesystem.stat(&self.descriptor).await.is_ok_and(|stat| stat.size == length)
    }

    pub(crate) async fn sync(&mut self) -> Result<()> {
        self.flush().await?;
        self.filesystem.sync(&self.descriptor).await
    }
}

/// Returns an empty vector with exactly this capacity, or an error instead of a trap.
pub(crate) fn with_capacity(capacity: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(capacity).map_err(|_| ErrorCode::InsufficientMemory)?;
    Ok(bytes)
}

/// Returns a copy, or an error instead of a trap.
pub(crate) fn copy(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut copy = with_capacity(bytes.len())?;
    copy.extend_from_slice(bytes);
    Ok(copy)
}
