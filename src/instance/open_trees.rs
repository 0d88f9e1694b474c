//! The private trees that are open, so that a file moved into one is charged to it.

use alloc::format;
use alloc::rc::{Rc, Weak};
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use crate::filesystem::{Filesystem, Kind, Stat};
use crate::instance::scratch::Entry;
use crate::instance::spelling;
use crate::limits::budget::{Account, NewEntry};
use crate::limits::ledger::{Ledger, may_be_same};
use crate::place::path;
use crate::task::turns::Turns;

/// The open trees of one instance.
pub(crate) struct OpenTrees<F: Filesystem>(RefCell<Vec<OpenTree<F>>>);

/// The directory of a tree, its ledger, and the number of names in its path.
type Suggested<F> = (Rc<<F as Filesystem>::Descriptor>, Rc<Turns<Ledger>>, usize);

struct OpenTree<F: Filesystem> {
    path: Rc<str>,
    directory: Weak<F::Descriptor>,
    ledger: Weak<Turns<Ledger>>,
}

impl<F: Filesystem> Default for OpenTrees<F> {
    fn default() -> OpenTrees<F> {
        OpenTrees(RefCell::default())
    }
}

impl<F: Filesystem> OpenTrees<F> {
    pub(crate) fn add(&self, path: Rc<str>, directory: &Rc<F::Descriptor>, ledger: &Rc<Turns<Ledger>>) {
        let tree = OpenTree { path, directory: Rc::downgrade(directory), ledger: Rc::downgrade(ledger) };
        let mut trees = self.0.borrow_mut();
        trees.retain(|tree| tree.directory.strong_count() > 0);
        trees.push(tree);
    }

    /// Changes the paths of the tree with this directory, which was moved, and of those in it. Returns its
    /// old path.
    pub(crate) fn moved(&self, directory: &Rc<F::Descriptor>, to: &str) -> Option<Rc<str>> {
        let mut trees = self.0.borrow_mut();
        let moved = trees.iter().find(|tree| core::ptr::eq(tree.directory.as_ptr(), &**directory));
        let from = moved?.path.clone();
        for tree in &mut *trees {
            let below = tree.path.strip_prefix(&*from);
            if let Some(below) = below.filter(|below| below.is_empty() || below.starts_with('/')) {
                tree.path = format!("{to}{below}").into();
            }
        }
        Some(from)
    }

    /// Returns the open tree that contains `directory`, whose path is `path`.
    ///
    /// A path only suggests a tree, since there are links and other spellings. The proof is that the
    /// names below the tree's directory, none of them a link, lead to the same directory.
    pub(crate) async fn find(
        &self,
        filesystem: &F,
        path: &str,
        directory: &F::Descriptor,
    ) -> Option<PlaceInTree> {
        let names = path::plain_names(path);
        let (top, ledger, depth) = self.suggested(&names)?;
        let known = ledger.next().await;
        let (found, names) = spelling::walk(filesystem, &known, top, &names[depth..]).await.ok()?;
        let is_same = filesystem.is_same_object(&found, directory).await;
        is_same.then(|| PlaceInTree { ledger: Rc::downgrade(&ledger), names })
    }

    /// Returns the innermost tree whose path begins a path of these names, and the number of its names.
    fn suggested(&self, names: &[&str]) -> Option<Suggested<F>> {
        let trees = self.0.borrow();
        let leading = trees.iter().filter_map(|tree| {
            let begin = path::plain_names(&tree.path);
            let leads = begin.len() <= names.len()
                && begin.iter().zip(names).all(|(one, other)| may_be_same(one, other));
            leads.then_some((tree, begin.len()))
        });
        let (tree, depth) = leading.max_by_key(|(_, depth)| *depth)?;
        Some((tree.directory.upgrade()?, tree.ledger.upgrade()?, depth))
    }
}

/// A directory of a private tree.
pub(crate) struct PlaceInTree {
    ledger: Weak<Turns<Ledger>>,
    /// The names of its path below the tree's own directory, as the ledger knows them.
    names: Vec<String>,
}

impl PlaceInTree {
    /// Charges a file that was moved to this place to the tree, or returns `false` if that is gone.
    ///
    /// `entry` is the file now, and `replaced` is what it has replaced.
    pub(crate) async fn add_file<F: Filesystem>(
        &self,
        filesystem: &F,
        entry: &Entry<F>,
        account: &Rc<Account>,
        replaced: Option<&Stat>,
    ) -> bool {
        let Entry { directory, name } = entry;
        let Some(ledger) = self.ledger.upgrade() else { return false };
        let mut ledger = ledger.next().await;
        let parent = ledger.learn(&self.names);
        if let Some(replaced) = replaced {
            ledger.replaced(parent, name, replaced);
        }
        spelling::displace(filesystem, &mut ledger, parent, directory, name, Kind::File).await;
        ledger.add_file(parent, name, account.clone());
        true
    }

    /// Ends the charge of the tree for a file that its owner has moved away.
    pub(crate) async fn remove_file(&self, name: &str, account: &Rc<Account>) {
        let Some(ledger) = self.ledger.upgrade() else { return };
        let mut ledger = ledger.next().await;
        let Some(parent) = ledger.find(&self.names) else { return };
        if ledger.file(parent, name).is_some_and(|known| Rc::ptr_eq(&known, account)) {
            ledger.removed(Some(parent), name);
        }
    }

    /// Notes that the entry with this name is not there any more; its charges stay.
    pub(crate) async fn misses(&self, name: &str) {
        let Some(ledger) = self.ledger.upgrade() else { return };
        let mut ledger = ledger.next().await;
        let parent = ledger.find(&self.names);
        ledger.misses(parent, name);
    }

    /// Charges a directory that is kept in this place to the tree, unless that is gone or in use.
    pub(crate) fn add_tree(&self, name: &str, charge: Rc<NewEntry>, entries: Ledger) -> Option<Ledger> {
        let Some(mut ledger) = self.ledger.upgrade().and_then(|ledger| ledger.now()) else {
            return Some(entries);
        };
        let parent = ledger.learn(&self.names);
        ledger.add_tree(parent, name, charge, entries);
        None
    }
}
