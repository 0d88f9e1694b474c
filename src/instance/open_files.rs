//! The open files that a private tree may reach under a name that it does not know: other processes link
//! and move files, and named files can be created in a tree.

use alloc::rc::{Rc, Weak};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;

use crate::filesystem::{Filesystem, OpenHow};
use crate::instance::scratch::Entry;
use crate::limits::budget::Account;

/// The files of one instance that have a name and an owner.
pub(crate) struct OpenFiles<F: Filesystem>(RefCell<Vec<OpenFile<F>>>);

struct OpenFile<F: Filesystem> {
    descriptor: Weak<F::Descriptor>,
    /// Where it is found after its close, if its name is one that nobody else uses.
    directory: Weak<F::Descriptor>,
    name: String,
    account: Weak<Account>,
}

impl<F: Filesystem> OpenFile<F> {
    async fn descriptor(&self, filesystem: &F) -> Option<Rc<F::Descriptor>> {
        if let Some(descriptor) = self.descriptor.upgrade() {
            return Some(descriptor);
        }
        let directory = self.directory.upgrade()?;
        filesystem.open_at(&directory, &self.name, OpenHow::READ).await.ok().map(Rc::new)
    }
}

impl<F: Filesystem> Clone for OpenFile<F> {
    fn clone(&self) -> OpenFile<F> {
        OpenFile {
            descriptor: self.descriptor.clone(),
            directory: self.directory.clone(),
            name: self.name.clone(),
            account: self.account.clone(),
        }
    }
}

impl<F: Filesystem> Default for OpenFiles<F> {
    fn default() -> OpenFiles<F> {
        OpenFiles(RefCell::default())
    }
}

impl<F: Filesystem> OpenFiles<F> {
    pub(crate) fn add(&self, descriptor: &Rc<F::Descriptor>, entry: &Entry<F>, account: &Rc<Account>) {
        let mut files = self.0.borrow_mut();
        // From time to time, so that an addition takes constant time on average.
        if files.len().is_power_of_two() {
            files.retain(|file| file.account.strong_count() > 0);
        }
        files.push(OpenFile {
            descriptor: Rc::downgrade(descriptor),
            directory: if entry.name.is_foreign() { Weak::new() } else { Rc::downgrade(&entry.directory) },
            name: entry.name.to_string(),
            account: Rc::downgrade(account),
        });
    }

    /// Returns the account of the file that has the name `name` in `directory`, and this size.
    pub(crate) async fn find(
        &self,
        filesystem: &F,
        directory: &F::Descriptor,
        name: &str,
        size: u64,
    ) -> Option<Rc<Account>> {
        let candidates = self.candidates(|account| account.may_have_size(size));
        if candidates.is_empty() {
            return None;
        }
        let found = filesystem.open_at(directory, name, OpenHow::READ).await.ok()?;
        for (file, account) in candidates {
            if let Some(descriptor) = file.descriptor(filesystem).await
                && filesystem.is_same_object(&descriptor, &found).await
            {
                account.share();
                return Some(account);
            }
        }
        None
    }

    /// Whether the open file with this account has the name `name` in `directory`.
    pub(crate) async fn is_open_as(
        &self,
        filesystem: &F,
        directory: &F::Descriptor,
        name: &str,
        account: &Rc<Account>,
    ) -> bool {
        let candidates = self.candidates(|other| core::ptr::eq(other, &**account));
        let open = candidates.iter().find_map(|(file, _)| file.descriptor.upgrade());
        let Some(descriptor) = open else { return false };
        let found = filesystem.open_at(directory, name, OpenHow::READ).await;
        let Ok(found) = found else { return false };
        filesystem.is_same_object(&descriptor, &found).await
    }

    fn candidates(&self, accept: impl Fn(&Account) -> bool) -> Vec<(OpenFile<F>, Rc<Account>)> {
        let files = self.0.borrow();
        let owned = files.iter().filter_map(|file| Some((file.clone(), file.account.upgrade()?)));
        owned.filter(|(_, account)| accept(account)).collect()
    }
}
