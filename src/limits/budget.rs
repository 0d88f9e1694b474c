//! What an instance uses, held against its limits: charged before the host is called, and credited
//! when what was charged for is dropped.

use alloc::rc::Rc;
use core::cell::Cell;

use crate::error::{ErrorCode, Limit};
use crate::filesystem::Result;
use crate::limits::settings::Limits;

/// Limits and what is used of them.
#[derive(Default)]
pub(crate) struct Budget {
    limits: Cell<Limits>,
    bytes: Meter,
    entries: Meter,
    handles: Meter,
    memory: Meter,
    created: Cell<u64>,
    removed: Cell<u64>,
    refused: Cell<u64>,
}

/// How much of something is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gauge {
    pub(crate) now: u64,
    pub(crate) peak: u64,
}

/// What an instance uses and has used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) bytes: Gauge,
    pub(crate) entries: Gauge,
    pub(crate) handles: Gauge,
    pub(crate) memory: Gauge,
    pub(crate) created: u64,
    pub(crate) removed: u64,
    pub(crate) refused: u64,
}

#[derive(Default)]
struct Meter(Cell<Gauge>);

impl Meter {
    fn now(&self) -> u64 {
        self.0.get().now
    }

    /// Whether `amount` more stays within `limit`.
    fn has_room(&self, amount: u64, limit: Option<u64>) -> bool {
        amount == 0
            || limit.is_none_or(|limit| self.now().checked_add(amount).is_some_and(|sum| sum <= limit))
    }

    fn charge(&self, amount: u64) {
        let Gauge { now, peak } = self.0.get();
        let now = now.saturating_add(amount);
        self.0.set(Gauge { now, peak: peak.max(now) });
    }

    fn credit(&self, amount: u64) {
        let Gauge { now, peak } = self.0.get();
        self.0.set(Gauge { now: now - amount, peak });
    }
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Rc<Budget> {
        Rc::new(Budget { limits: Cell::new(limits), ..Budget::default() })
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits.get()
    }

    /// Replaces the limits; what exceeds them already stays.
    pub(crate) fn set_limits(&self, limits: Limits) {
        self.limits.set(limits);
    }

    pub(crate) fn usage(&self) -> Usage {
        Usage {
            bytes: self.bytes.0.get(),
            entries: self.entries.0.get(),
            handles: self.handles.0.get(),
            memory: self.memory.0.get(),
            created: self.created.get(),
            removed: self.removed.get(),
            refused: self.refused.get(),
        }
    }

    /// The code under which a caller learns of an error: a full disk may have to look like a limit.
    pub(crate) fn shown(&self, code: ErrorCode) -> ErrorCode {
        match code {
            ErrorCode::InsufficientSpace if self.limits().hide_disk_full => ErrorCode::Quota(Limit::Bytes),
            _ => code,
        }
    }

    /// The same for an error that ends a call; refusals for a limit are counted.
    pub(crate) fn reported(&self, code: ErrorCode) -> ErrorCode {
        let shown = self.shown(code);
        if let ErrorCode::Quota(_) = shown {
            self.refused.set(self.refused.get() + 1);
        }
        shown
    }

    /// Allows one more open file or directory.
    pub(crate) fn open_handle(self: &Rc<Self>) -> Result<OpenHandle> {
        if !self.handles.has_room(1, self.limits().max_handles) {
            return Err(ErrorCode::Quota(Limit::Handles));
        }
        self.handles.charge(1);
        Ok(OpenHandle(self.clone()))
    }

    /// Allows one more file or directory on disk.
    pub(crate) fn new_entry(self: &Rc<Self>) -> Result<NewEntry> {
        if !self.entries.has_room(1, self.limits().max_entries) {
            return Err(ErrorCode::Quota(Limit::Entries));
        }
        self.entries.charge(1);
        Ok(NewEntry { budget: self.clone(), exists: Cell::new(false) })
    }

    /// Memory of which nothing is taken yet.
    pub(crate) fn memory(self: &Rc<Self>) -> Memory {
        Memory { budget: self.clone(), bytes: 0 }
    }

    /// Allows something at this depth of a private tree.
    pub(crate) fn check_depth(&self, depth: usize) -> Result<()> {
        match self.limits().max_depth {
            Some(deepest) if depth as u64 > deepest => Err(ErrorCode::Quota(Limit::Depth)),
            _ => Ok(()),
        }
    }

    /// Allows one file, wherever it is, to hold so many bytes.
    pub(crate) fn check_file_size(&self, size: u64) -> Result<()> {
        match self.limits().max_file_bytes {
            Some(largest) if size > largest => Err(ErrorCode::Quota(Limit::FileBytes)),
            _ => Ok(()),
        }
    }

    /// How many bytes of memory can still be taken.
    fn memory_left(&self) -> u64 {
        let limit = self.limits().max_memory.unwrap_or(u64::MAX);
        limit.saturating_sub(self.memory.now())
    }
}

/// An open file or directory, as long as it lives.
pub(crate) struct OpenHandle(Rc<Budget>);

impl Drop for OpenHandle {
    fn drop(&mut self) {
        self.0.handles.credit(1);
    }
}

/// A file or directory on disk, as long as it lives.
pub(crate) struct NewEntry {
    budget: Rc<Budget>,
    exists: Cell<bool>,
}

impl NewEntry {
    /// The host has made it.
    pub(crate) fn created(&self) {
        if !self.exists.replace(true) {
            self.budget.created.set(self.budget.created.get() + 1);
        }
    }

    /// It is a caller's from now on, as if it had never been counted.
    pub(crate) fn disown(&self) {
        if self.exists.replace(false) {
            self.budget.created.set(self.budget.created.get() - 1);
        }
    }
}

impl Drop for NewEntry {
    fn drop(&mut self) {
        self.budget.entries.credit(1);
        if self.exists.get() {
            self.budget.removed.set(self.budget.removed.get() + 1);
        }
    }
}

/// Bytes of memory that contents and buffers take, as long as it lives.
pub(crate) struct Memory {
    budget: Rc<Budget>,
    bytes: u64,
}

impl Memory {
    /// Takes `bytes` in all, or leaves everything as it was.
    pub(crate) fn take(&mut self, bytes: usize) -> Result<()> {
        let bytes = bytes as u64;
        let growth = bytes.saturating_sub(self.bytes);
        if !self.budget.memory.has_room(growth, self.budget.limits().max_memory) {
            return Err(ErrorCode::Quota(Limit::Memory));
        }
        self.budget.memory.charge(growth);
        self.budget.memory.credit(self.bytes.saturating_sub(bytes));
        self.bytes = bytes;
        Ok(())
    }

    /// How many bytes it can have taken in all.
    pub(crate) fn room(&self) -> u64 {
        self.bytes.saturating_add(self.budget.memory_left())
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.budget.memory.credit(self.bytes);
    }
}

/// What the first of these sizes brings, from large to small, for which there is memory.
pub(crate) fn largest<T>(
    sizes: impl IntoIterator<Item = usize>,
    mut take: impl FnMut(usize) -> Result<T>,
) -> Result<T> {
    let mut refusal = ErrorCode::InsufficientMemory;
    for size in sizes {
        match take(size) {
            Ok(taken) => return Ok(taken),
            Err(code) => refusal = code,
        }
    }
    Err(refusal)
}

/// The content of one file on disk, shared by all who have it open and by whoever removes it.
///
/// It is charged for the largest size that the file can have after what is under way.
pub(crate) struct Account {
    budget: Rc<Budget>,
    /// None if it was there before, and so is not this instance's to pay for.
    entry: Option<NewEntry>,
    /// What was there before, and is free.
    free: u64,
    charged: Cell<u64>,
    /// What the file holds on disk for sure.
    stored: Cell<u64>,
    writers: Cell<usize>,
}

impl Account {
    /// A file that this instance creates.
    pub(crate) fn new(entry: NewEntry) -> Rc<Account> {
        let budget = entry.budget.clone();
        Rc::new(Account {
            budget,
            entry: Some(entry),
            free: 0,
            charged: Cell::new(0),
            stored: Cell::new(0),
            writers: Cell::new(0),
        })
    }

    /// A file of this size that somebody else made.
    pub(crate) fn foreign(budget: &Rc<Budget>, size: u64) -> Rc<Account> {
        let (charged, stored) = (Cell::new(size), Cell::new(size));
        let budget = budget.clone();
        Rc::new(Account { budget, entry: None, free: size, charged, stored, writers: Cell::new(0) })
    }

    /// The host has made it.
    pub(crate) fn created(&self) {
        if let Some(entry) = &self.entry {
            entry.created();
        }
    }

    /// It is a caller's from now on, and not counted any more once it is dropped.
    pub(crate) fn disown(&self) {
        if let Some(entry) = &self.entry {
            entry.disown();
        }
    }

    pub(crate) fn budget(&self) -> &Rc<Budget> {
        &self.budget
    }

    /// Lets the file have `size` bytes, or says why not; nothing is charged then.
    pub(crate) fn grow(&self, size: u64) -> Result<()> {
        let charged = self.charged.get();
        if size > charged {
            self.budget.check_file_size(size)?;
            let growth = self.cost(size) - self.cost(charged);
            if !self.budget.bytes.has_room(growth, self.budget.limits().max_bytes) {
                return Err(ErrorCode::Quota(Limit::Bytes));
            }
            self.budget.bytes.charge(growth);
            self.charged.set(size);
        }
        Ok(())
    }

    /// How large the file may become, at most `wanted`.
    pub(crate) fn room(&self, wanted: u64) -> u64 {
        let Limits { max_bytes, max_file_bytes, .. } = self.budget.limits();
        let left = max_bytes.map_or(u64::MAX, |limit| limit.saturating_sub(self.budget.bytes.now()));
        let charged = self.charged.get();
        let most = charged.max(self.free).saturating_add(left);
        wanted.min(most.min(max_file_bytes.unwrap_or(u64::MAX)).max(charged))
    }

    fn cost(&self, size: u64) -> u64 {
        size.saturating_sub(self.free)
    }

    // What the host did

    /// A call that may make the file larger begins; `wrote` or `failed` ends it.
    pub(crate) fn begin(&self) {
        self.writers.set(self.writers.get() + 1);
    }

    /// A call has ended, after which the file has `size` bytes or more.
    pub(crate) fn wrote(&self, size: u64) {
        self.stored.set(self.stored.get().max(size));
        self.writers.set(self.writers.get() - 1);
    }

    /// A call has ended, after which the file has exactly `size` bytes.
    pub(crate) fn resized(&self, size: u64) {
        self.stored.set(size);
        self.writers.set(self.writers.get() - 1);
    }

    /// Gives back what is not on disk and not in a buffer either, which ends at `buffered`.
    ///
    /// As long as somebody else is writing, only that call knows what comes of it.
    pub(crate) fn settle(&self, buffered: u64) {
        let needed = self.stored.get().max(buffered);
        let charged = self.charged.get();
        if self.writers.get() == 0 && needed < charged {
            self.budget.bytes.credit(self.cost(charged) - self.cost(needed));
            self.charged.set(needed);
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.budget.bytes.credit(self.cost(self.charged.get()));
    }
}
