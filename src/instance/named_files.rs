//! The named files in directories that callers chose, which may be reached through a private tree too.

use alloc::rc::{Rc, Weak};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;

use crate::filesystem::{Filesystem, OpenHow};
use crate::instance::scratch::Entry;
use crate::limits::budget::Account;
use crate::limits::ledger::may_be_same;

/// The named files of one instance that are open, or were.
pub(crate) struct NamedFiles<F: Filesystem>(RefCell<Vec<NamedFile<F>>>);

struct NamedFile<F: Filesystem> {
    directory: Weak<F::Descriptor>,
    name: String,
    account: Weak<Account>,
}

impl<F: Filesystem> Default for NamedFiles<F> {
    fn default() -> NamedFiles<F> {
        NamedFiles(RefCell::default())
    }
}

impl<F: Filesystem> NamedFiles<F> {
    pub(crate) fn add(&self, entry: &Entry<F>, account: &Rc<Account>) {
        let mut files = self.0.borrow_mut();
        // From time to time, so that an addition takes constant time on average.
        if files.len().is_power_of_two() {
            files.retain(|file| file.account.strong_count() > 0);
        }
        files.push(NamedFile {
            directory: Rc::downgrade(&entry.directory),
            name: entry.name.to_string(),
            account: Rc::downgrade(account),
        });
    }

    /// Returns the account of the named file that is also `name` in `directory`.
    ///
    /// A name only suggests a file. The proof is that both names lead to the same file.
    pub(crate) async fn find(
        &self,
        filesystem: &F,
        directory: &F::Descriptor,
        name: &str,
    ) -> Option<Rc<Account>> {
        let suggested = self.suggested(name);
        if suggested.is_empty() {
            return None;
        }
        let found = filesystem.open_at(directory, name, OpenHow::READ).await.ok()?;
        for (directory, name, account) in suggested {
            if let Ok(ours) = filesystem.open_at(&directory, &name, OpenHow::READ).await
                && filesystem.is_same_object(&ours, &found).await
            {
                account.share();
                return Some(account);
            }
        }
        None
    }

    fn suggested(&self, name: &str) -> Vec<(Rc<F::Descriptor>, String, Rc<Account>)> {
        let files = self.0.borrow();
        let suggested = files.iter().filter(|file| may_be_same(&file.name, name));
        suggested
            .filter_map(|file| Some((file.directory.upgrade()?, file.name.clone(), file.account.upgrade()?)))
            .collect()
    }
}
