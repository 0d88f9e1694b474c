//! Content on disk: a descriptor, a window over it, what is known of its length and charged for it.

use alloc::rc::Rc;
use alloc::vec::Vec;

use crate::error::ErrorCode;
use crate::file::window::Window;
use crate::filesystem::{Filesystem, Result, Unwritten};
use crate::limits::budget::{Account, Memory, largest};
use crate::task::background::Background;

/// How much is read at a time where the length is not known beforehand.
const STEP: usize = 64 * 1024;

/// How much is read at a time where memory is short, as long as there is any.
const SHORT_STEPS: [usize; 2] = [4096, 512];

/// The content of a file on disk.
pub(crate) struct Disk<F: Filesystem> {
    filesystem: F,
    background: Background<F>,
    descriptor: F::Descriptor,
    /// Nobody else can reach the content, so that what is known of it stays true.
    exclusive: bool,
    /// The length with what is in the window; exact while `exclusive`.
    length: u64,
    /// Bytes of a refused write lie behind the end, where nobody must come to see them.
    tail_to_cut: bool,
    account: Rc<Account>,
    window: Window,
    read_ahead: usize,
    write_behind: usize,
}

impl<F: Filesystem> Disk<F> {
    /// A new, empty file.
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
            descriptor,
            exclusive,
            length: 0,
            tail_to_cut: false,
            account,
            window,
            read_ahead,
            write_behind,
        }
    }

    /// From now on no write waits in memory.
    pub(crate) fn write_through(&mut self) {
        self.write_behind = 0;
    }

    /// From now on somebody else may write too: nothing waits in memory, nothing is known.
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
        self.descriptor
    }

    pub(crate) fn descriptor(&self) -> &F::Descriptor {
        &self.descriptor
    }

    /// The end of the content, if it is known without asking.
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

    /// Writes without the host, if the window can take it.
    pub(crate) fn put(&mut self, position: u64, data: &[u8]) -> bool {
        let end = position + data.len() as u64;
        // Whether a place far away can be written at all, the host has to say.
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

    /// What is charged for it.
    pub(crate) fn account(&self) -> &Rc<Account> {
        &self.account
    }

    /// How long the content can become, at most `wanted`.
    pub(crate) fn room(&self, wanted: u64) -> u64 {
        self.account.room(wanted)
    }

    /// Gives back what is charged for nothing.
    fn settle(&self) {
        self.account.settle(self.window.dirty_end().unwrap_or(0));
    }

    /// Writes what `put` could not, or not yet.
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

    /// Charges for content of this length before the host is called.
    async fn grow(&self, length: u64) -> Result<()> {
        self.background.charge(|| self.account.grow(length)).await
    }

    /// Finds out how long the file is after a call that failed, which may have made it that long.
    async fn find_out(&mut self, longest: u64) {
        if !self.exclusive {
            let stat = self.filesystem.stat(&self.descriptor).await;
            self.account.wrote(stat.map_or(longest, |stat| stat.size.min(longest)));
        } else if longest > self.length {
            self.account.wrote(longest);
            self.tail_to_cut = true;
            // If this fails too, it is tried again before it matters.
            let _ = self.cut_tail().await;
        } else {
            self.account.wrote(0);
        }
        self.settle();
    }

    /// Cuts off what a refused write left behind the end.
    pub(crate) async fn cut_tail(&mut self) -> Result<()> {
        if self.tail_to_cut {
            self.filesystem.set_size(&self.descriptor, self.length).await?;
            self.tail_to_cut = false;
            self.account.begin();
            self.account.resized(self.length);
            self.settle();
        }
        Ok(())
    }

    /// Reads without the host, if the window has all of it.
    pub(crate) fn get(&self, position: u64, max: u64) -> Result<Option<Vec<u8>>> {
        let left = self.length.saturating_sub(position);
        let wanted = if self.exclusive { max.min(left) } else { max };
        match self.window.get(position).get(..usize::try_from(wanted).unwrap_or(usize::MAX)) {
            Some(bytes) => Ok(Some(copy(bytes)?)),
            None => Ok(None),
        }
    }

    /// Reads up to `max` bytes, fewer only at the end; `ahead` allows to hold more for later.
    pub(crate) async fn read(&mut self, position: u64, max: u64, ahead: bool) -> Result<Vec<u8>> {
        if let Some(bytes) = self.get(position, max)? {
            return Ok(bytes);
        }
        self.flush().await?;
        let left = self.length().await?.saturating_sub(position);
        if left == 0 {
            // Hosts refuse to read far beyond the end, where there is nothing anyway.
            return Ok(Vec::new());
        }
        let mut bytes = Vec::new();
        let mut wanted = max.min(left);
        loop {
            self.read_into(&mut bytes, position, wanted, ahead).await?;
            let missing = wanted - bytes.len() as u64;
            if self.exclusive && missing > 0 {
                // The host lost what it acknowledged.
                return Err(ErrorCode::Io);
            }
            if self.exclusive || missing > 0 || wanted == max {
                return Ok(bytes);
            }
            // Somebody else may have written beyond the end meanwhile.
            wanted = max.min(wanted.saturating_add(STEP as u64));
        }
    }

    /// Appends what is missing to make `bytes` the first `wanted` ones at `position`.
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
        // An allocator may have given more room than was asked for.
        bytes.truncate(wanted as usize);
        Ok(())
    }

    /// The bytes at `position` that the window has.
    pub(crate) fn held(&self, position: u64) -> &[u8] {
        self.window.get(position)
    }

    /// Has the window hold the bytes at `position`, and returns as many as it has.
    pub(crate) async fn fill(&mut self, position: u64) -> Result<&[u8]> {
        if self.window.get(position).is_empty() {
            self.flush().await?;
            let amount = if self.read_ahead == 0 { STEP } else { self.read_ahead };
            let left = self.length().await?.saturating_sub(position);
            let amount = left.min(amount as u64) as usize;
            // What is held is of no use here, and its memory is.
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

    /// Room to read into, and the memory that it takes.
    fn buffer(&self, capacity: usize) -> Result<(Vec<u8>, Memory)> {
        let mut memory = self.account.budget().memory();
        memory.take(capacity)?;
        Ok((with_capacity(capacity)?, memory))
    }

    /// Hands what waits in the window to the host.
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
                // What was stored without the host knowing it is in the window still.
                self.account.wrote(end - rest.len() as u64);
                self.window.put_back(end - rest.len() as u64, rest);
                Err(code)
            }
        }
    }

    /// Forgets what was read ahead, so that the next read sees what others wrote.
    pub(crate) fn forget_clean(&mut self) {
        self.window.forget_clean();
    }

    pub(crate) async fn set_length(&mut self, length: u64) -> Result<()> {
        if length > self.length {
            self.cut_tail().await?;
        }
        self.grow(length).await?;
        self.account.begin();
        if let Err(code) = self.filesystem.set_size(&self.descriptor, length).await
            && !(code.is_uncertain() && self.is_of(length).await)
        {
            self.find_out(length).await;
            return Err(code);
        }
        self.window.cut(length);
        self.length = length;
        self.tail_to_cut = false;
        self.account.resized(length);
        self.settle();
        Ok(())
    }

    /// Whether the file is that long by now.
    async fn is_of(&self, length: u64) -> bool {
        self.filesystem.stat(&self.descriptor).await.is_ok_and(|stat| stat.size == length)
    }

    pub(crate) async fn sync(&mut self) -> Result<()> {
        self.flush().await?;
        self.filesystem.sync(&self.descriptor).await
    }
}

/// An empty vector with exactly this capacity, or an error instead of a trap.
pub(crate) fn with_capacity(capacity: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(capacity).map_err(|_| ErrorCode::InsufficientMemory)?;
    Ok(bytes)
}

/// A copy, or an error instead of a trap.
pub(crate) fn copy(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut copy = with_capacity(bytes.len())?;
    copy.extend_from_slice(bytes);
    Ok(copy)
}
