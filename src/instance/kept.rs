//! Charges for entries that outlive their handles, or that another process has moved.
//!
//! The provider does not learn when another process removes such an entry, so its charge lasts until
//! the end of the instance. The one exception is a kept file that this instance replaces or moves.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::any::Any;
use core::cell::RefCell;

use crate::filesystem::Stat;
use crate::limits::budget::{Account, NewEntry};
use crate::limits::ledger::Ledger;

/// The kept entries of one instance.
#[derive(Default)]
pub(crate) struct Kept {
    /// The kept files by the paths that callers gave.
    files: RefCell<BTreeMap<Rc<str>, Rc<Account>>>,
    /// All other charges, which are only held.
    others: RefCell<Vec<Box<dyn Any>>>,
}

impl Kept {
    /// Keeps the charge for a file at `path`. Whatever was kept under the same path stays charged.
    pub(crate) fn add_file(&self, path: &Rc<str>, account: Rc<Account>) {
        if let Some(earlier) = self.files.borrow_mut().insert(path.clone(), account) {
            self.hold(earlier);
        }
    }

    /// Keeps the charges for a directory and for everything in it.
    pub(crate) fn add_tree(&self, charge: Rc<NewEntry>, ledger: Ledger) {
        self.hold(charge);
        self.add_entries(ledger);
    }

    /// Keeps the charges for the entries of a ledger.
    pub(crate) fn add_entries(&self, ledger: Ledger) {
        if !ledger.is_empty() {
            self.hold(ledger);
        }
    }

    /// Keeps a charge that no path leads to.
    pub(crate) fn hold(&self, charge: impl Any) {
        self.others.borrow_mut().push(Box::new(charge));
    }

    /// Ends the charge for the file at `path`, which has been replaced.
    ///
    /// `replaced` is what had the path then. A path is no proof of identity, so the charge ends only if
    /// that was a file of the same size with this one name.
    pub(crate) fn replaced(&self, path: &str, replaced: &Stat) {
        let mut files = self.files.borrow_mut();
        if files.get(path).is_some_and(|account| account.is_file_of(replaced)) {
            files.remove(path);
        }
    }

    /// Stops keeping a file whose owner moves it.
    pub(crate) fn moved(&self, path: &str, account: &Rc<Account>) {
        let mut files = self.files.borrow_mut();
        if files.get(path).is_some_and(|kept| Rc::ptr_eq(kept, account)) {
            files.remove(path);
        }
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.files.borrow().is_empty() && self.others.borrow().is_empty()
    }
}
