//! The counters of bytes, entries, open handles and memory, held against the limits: charged before the host is called, credited
//! when the charge is dropped.

use alloc::rc::Rc;
use core::cell::Cell;

use crate::error::{ErrorCode, Limit};
use crate::filesystem::{Kind, Result, Stat};
use crate::limits::settings::Limits;

/// Limits, and how much of them is used.
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

/// The current and the highest usage of a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gauge {
    pub(crate) now: u64,
    pub(crate) peak: u64,
}

/// The usage of an instance.
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

    /// Replaces the limits. Entries that exceed them are kept.
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

    /// Returns the code that callers see: a full disk may have to look like a limit.
    pub(crate) fn shown(&self, code: ErrorCode) -> ErrorCode {
        match code {
            ErrorCode::InsufficientSpace if self.limits().hide_disk_full => ErrorCode::Quota(Limit::Bytes),
            _ => code,
        }
    }

    /// Returns the code that callers see of an error that ends their call, and counts refusals.
    pub(crate) fn reported(&self, code: ErrorCode) -> ErrorCode {
        let shown = self.shown(code);
        if let ErrorCode::Quota(_) = shown {
            self.refused.set(self.refused.get() + 1);
        }
        shown
    }

    /// Charges one open file or directory.
    pub(crate) fn open_handle(self: &Rc<Self>) -> Result<OpenHandle> {
        if !self.handles.has_room(1, self.limits().max_handles) {
            return Err(ErrorCode::Quota(Limit::Handles));
        }
        self.handles.charge(1);
        Ok(OpenHandle(self.clone()))
    }

    /// Charges one file or directory on disk.
    pub(crate) fn new_entry(self: &Rc<Self>) -> Result<NewEntry> {
        if !self.entries.has_room(1, self.limits().max_entries) {
            return Err(ErrorCode::Quota(Limit::Entries));
        }
        self.entries.charge(1);
        Ok(NewEntry { budget: self.clone(), exists: Cell::new(false) })
    }

    /// Returns an account of memory, with nothing taken yet.
    pub(crate) fn memory(self: &Rc<Self>) -> Memory {
        Memory { budget: self.clone(), bytes: 0 }
    }

    /// Checks the depth of a new entry of a private tree.
    pub(crate) fn check_depth(&self, depth: usize) -> Result<()> {
        match self.limits().max_depth {
            Some(deepest) if depth as u64 > deepest => Err(ErrorCode::Quota(Limit::Depth)),
            _ => Ok(()),
        }
    }

    /// Checks the size of one file, in memory or on disk.
    pub(crate) fn check_file_size(&self, size: u64) -> Result<()> {
        match self.limits().max_file_bytes {
            Some(largest) if size > largest => Err(ErrorCode::Quota(Limit::FileBytes)),
            _ => Ok(()),
        }
    }

    /// Returns the number of bytes of memory that are left.
    fn memory_left(&self) -> u64 {
        let limit = self.limits().max_memory.unwrap_or(u64::MAX);
        limit.saturating_sub(self.memory.now())
    }
}

/// The charge for an open file or directory; it ends when dropped.
pub(crate) struct OpenHandle(Rc<Budget>);

impl Drop for OpenHandle {
    fn drop(&mut self) {
        self.0.handles.credit(1);
    }
}

/// The charge for a file or directory on disk; it ends when dropped.
pub(crate) struct NewEntry {
    budget: Rc<Budget>,
    exists: Cell<bool>,
}

impl NewEntry {
    /// Counts the entry as created by the host.
    pub(crate) fn created(&self) {
        if !self.exists.replace(true) {
            self.budget.created.set(self.budget.created.get() + 1);
        }
    }

    /// Whether the entry certainly exists.
    pub(crate) fn exists(&self) -> bool {
        self.exists.get()
    }

    /// Hands the entry over to the caller, as if it had never been counted.
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

/// The charge for memory of contents and buffers; it ends when dropped.
pub(crate) struct Memory {
    budget: Rc<Budget>,
    bytes: u64,
}

impl Memory {
    /// Changes the charge to `bytes`, or fails and changes nothing.
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

    pub(crate) fn budget(&self) -> &Rc<Budget> {
        &self.budget
    }

    /// Returns the largest charge that is possible.
    pub(crate) fn room(&self) -> u64 {
        self.bytes.saturating_add(self.budget.memory_left())
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.budget.memory.credit(self.bytes);
    }
}

/// Calls `take` with each size in turn and returns the first success.
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

/// The charge for the content of one file, shared by its open handles and by its removal.
///
/// It covers the largest size that the file can have after the calls under way.
pub(crate) struct Account {
    budget: Rc<Budget>,
    /// None if the file existed before, and so is not charged to this instance.
    entry: Option<NewEntry>,
    charged: Cell<u64>,
    /// The bytes in memory that are to move to disk; charged as if they were there.
    held: Cell<u64>,
    /// The bytes that are certainly on disk.
    stored: Cell<u64>,
    writers: Cell<usize>,
    /// The number of calls that have changed the file.
    changes: Cell<u64>,
    /// Whether several handles buffer writes, each without knowledge of the others.
    is_shared: Cell<bool>,
}

impl Account {
    /// The account of a file that this instance creates.
    pub(crate) fn new(entry: NewEntry) -> Rc<Account> {
        let budget = entry.budget.clone();
        Rc::new(Account {
            budget,
            entry: Some(entry),
            charged: Cell::new(0),
            held: Cell::new(0),
            stored: Cell::new(0),
            writers: Cell::new(0),
            changes: Cell::new(0),
            is_shared: Cell::new(false),
        })
    }

    /// The account of a file with `size` bytes in memory whose charge has just ended: no limit refuses it.
    pub(crate) fn charged_before(budget: &Rc<Budget>, size: u64) -> Rc<Account> {
        budget.entries.charge(1);
        budget.bytes.charge(size);
        let account = Account::new(NewEntry { budget: budget.clone(), exists: Cell::new(false) });
        account.charged.set(size);
        account.held.set(size);
        account
    }

    /// The account of an existing file, without a charge until `found` is called.
    pub(crate) fn foreign(budget: &Rc<Budget>) -> Rc<Account> {
        Rc::new(Account {
            budget: budget.clone(),
            entry: None,
            charged: Cell::new(0),
            held: Cell::new(0),
            stored: Cell::new(0),
            writers: Cell::new(0),
            changes: Cell::new(0),
            is_shared: Cell::new(false),
        })
    }

    /// Whether an entry can be this file: a file of the size that is stored, with one name.
    pub(crate) fn is_file_of(&self, stat: &Stat) -> bool {
        stat.kind == Kind::File && self.may_have_size(stat.size) && stat.links == 1
    }

    /// Whether the file existed before, so that nobody is charged for its entry.
    pub(crate) fn is_foreign(&self) -> bool {
        self.entry.is_none()
    }

    /// Whether an entry of this size can be this file.
    pub(crate) fn may_have_size(&self, size: u64) -> bool {
        size == self.stored.get() || self.writers.get() > 0
    }

    /// Shares the account with a handle that was opened under another name.
    pub(crate) fn share(&self) {
        self.is_shared.set(true);
    }

    /// Counts the entry as created by the host.
    pub(crate) fn created(&self) {
        if let Some(entry) = &self.entry {
            entry.created();
        }
    }

    /// Whether the file certainly exists.
    pub(crate) fn exists(&self) -> bool {
        self.entry.as_ref().is_none_or(NewEntry::exists)
    }

    /// Hands the file over to the caller; it is not counted any more once the account is dropped.
    pub(crate) fn disown(&self) {
        if let Some(entry) = &self.entry {
            entry.disown();
        }
    }

    pub(crate) fn budget(&self) -> &Rc<Budget> {
        &self.budget
    }

    /// Charges for `size` bytes. A refusal changes nothing.
    pub(crate) fn grow(&self, size: u64) -> Result<()> {
        let charged = self.charged.get();
        if size > charged {
            self.budget.check_file_size(size)?;
            let growth = size - charged;
            if !self.budget.bytes.has_room(growth, self.budget.limits().max_bytes) {
                return Err(ErrorCode::Quota(Limit::Bytes));
            }
            self.budget.bytes.charge(growth);
            self.charged.set(size);
        }
        Ok(())
    }

    /// Returns the size that the file can reach, at most `wanted`.
    pub(crate) fn room(&self, wanted: u64) -> u64 {
        let Limits { max_bytes, max_file_bytes, .. } = self.budget.limits();
        let left = max_bytes.map_or(u64::MAX, |limit| limit.saturating_sub(self.budget.bytes.now()));
        let charged = self.charged.get();
        let most = charged.saturating_add(left);
        wanted.min(most.min(max_file_bytes.unwrap_or(u64::MAX)).max(charged))
    }

    /// Keeps the charge for `size` bytes in memory, and credits what exceeds it.
    pub(crate) fn hold(&self, size: u64) {
        self.held.set(size);
        self.settle(0);
    }

    // Calls to the host

    /// Begins a call that may change the size of the file; `wrote` or `resized` ends it.
    pub(crate) fn begin(&self) -> Change {
        self.writers.set(self.writers.get() + 1);
        Change(self.changes.get())
    }

    /// Ends a call after which the file has at least `size` bytes.
    pub(crate) fn wrote(&self, size: u64) {
        self.end(self.stored.get().max(size));
    }

    /// Ends a call after which the file has exactly `size` bytes, unless another call ended meanwhile:
    /// the host may have carried out that one later.
    pub(crate) fn resized(&self, size: u64, Change(before): Change) {
        let is_alone = self.changes.get() == before;
        self.end(if is_alone { size } else { self.stored.get().max(size) });
    }

    fn end(&self, stored: u64) {
        self.stored.set(stored);
        self.writers.set(self.writers.get() - 1);
        self.changes.set(self.changes.get() + 1);
    }

    /// Charges for content of exactly `size` bytes, which is stored already, whatever the limits are.
    #[cfg(any(feature = "tmp", not(target_family = "wasm")))]
    pub(crate) fn set_stored(&self, size: u64) {
        let charged = self.charged.replace(size);
        self.budget.bytes.charge(size.saturating_sub(charged));
        self.budget.bytes.credit(charged.saturating_sub(size));
        self.stored.set(size);
    }

    /// Charges an existing file for all of its content.
    pub(crate) fn found(&self, size: u64) -> Result<()> {
        self.grow(size)?;
        self.stored.set(self.stored.get().max(size));
        Ok(())
    }

    pub(crate) fn charged(&self) -> u64 {
        self.charged.get()
    }

    /// Credits bytes that are neither on disk nor in a buffer, which ends at `buffered`.
    ///
    /// While another call is writing, nothing is credited: its outcome is unknown. The same is true
    /// once other handles may have buffered bytes.
    pub(crate) fn settle(&self, buffered: u64) {
        let needed = self.stored.get().max(buffered).max(self.held.get());
        let charged = self.charged.get();
        if self.writers.get() == 0 && !self.is_shared.get() && needed < charged {
            self.budget.bytes.credit(charged - needed);
            self.charged.set(needed);
        }
    }
}

/// A call under way that may change the size of a file: the number of calls that had ended before.
pub(crate) struct Change(u64);

impl Drop for Account {
    fn drop(&mut self) {
        self.budget.bytes.credit(self.charged.get());
    }
}
