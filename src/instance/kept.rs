//! Entries that outlive their handles, and their charges.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;

use crate::limits::budget::{Account, NewEntry};
use crate::limits::ledger::{Ledger, TOP};
use crate::place::path::names;

/// The kept entries of one instance.
#[derive(Default)]
pub(crate) struct Kept(RefCell<Entries>);

#[derive(Default)]
struct Entries {
    /// By their paths.
    files: Ledger,
    trees: Vec<KeptTree>,
}

/// A kept directory, with the charges for everything in it.
struct KeptTree {
    path: Rc<str>,
    ledger: Ledger,
    _charge: Rc<NewEntry>,
}

impl Kept {
    /// Keeps a file at `path`, where it may replace another one.
    pub(crate) fn add_file(&self, path: &str, account: Rc<Account>) {
        self.0.borrow_mut().files.add_file(TOP, path, account);
    }

    /// Keeps a directory with everything in it.
    pub(crate) fn add_tree(&self, path: Rc<str>, charge: Rc<NewEntry>, ledger: Ledger) {
        self.0.borrow_mut().trees.push(KeptTree { path, ledger, _charge: charge });
    }

    /// Ends the charges for the entry at `path` and for everything below it.
    pub(crate) fn removed(&self, path: &str) {
        let Entries { files, trees } = &mut *self.0.borrow_mut();
        files.removed_below(path);
        let below = |path: &str, top: &str| path.strip_prefix(top).is_some_and(|rest| rest.starts_with('/'));
        trees.retain(|tree| &*tree.path != path && !below(&tree.path, path));
        for KeptTree { path: top, ledger, .. } in trees.iter_mut().filter(|tree| below(path, &tree.path)) {
            let names: Vec<&str> = names(&path[top.len()..]).collect();
            if let Some((name, parents)) = names.split_last() {
                ledger.removed(ledger.find(parents), name);
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        let Entries { files, trees } = &*self.0.borrow();
        files.is_empty() && trees.is_empty()
    }
}
