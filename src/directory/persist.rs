//! Persisting: a private tree is moved into place, or kept where it is.

use alloc::format;
use alloc::rc::Rc;

use crate::directory::private_tree::{Open, Tree};
use crate::error::{Error, ErrorCode, Quoted, Result};
use crate::filesystem::{self, Filesystem, OpenHow};
use crate::instance::open_trees::PlaceInTree;
use crate::instance::scratch::{Entry, Scratch};
use crate::limits::ledger::Ledger;
use crate::place::live::LiveName;
use crate::task::turns::Turn;

impl<F: Filesystem> Tree<F> {
    /// Keeps the directory, which is removed with the private tree that contains it, if one does.
    pub(crate) async fn keep(&self) {
        let mut kept_in = self.kept_in.next().await;
        let open = self.open.borrow().clone();
        if let Some(open) = open {
            let entry = open.entry.borrow().clone();
            let _turn = self.scratch.listing.next().await;
            *kept_in = self.place_of(&self.path(), &entry).await;
        }
        self.is_kept.set(true);
    }

    /// Moves the directory to `path`, and keeps it there.
    ///
    /// Must run inside `run_to_end`: only this call knows both names.
    pub(crate) async fn persist(
        &self,
        mut kept_in: Turn<Option<PlaceInTree>>,
        ledger: Turn<Ledger>,
        path: &str,
    ) -> Result<()> {
        let Scratch { filesystem, locations, open_trees, listing, .. } = &*self.scratch;
        let open = self.open.borrow().clone().ok_or_else(|| self.closed())?;
        let (location, name) = locations.parent(filesystem, path).await?;
        let target = Rc::new(Entry { directory: location.directory, name: LiveName::foreign(name) });
        let moved = open.move_to(&target).await;
        let is_there = moved.map_err(|code| self.not_persisted(path, code))?;
        let old = open.entry.replace(target.clone());
        self.path.replace(path.into());
        self.is_kept.set(true);
        // Another tree may have moved with this one in it, so only the open trees know its old path.
        let old_path = open_trees.moved(&open.directory, path);
        // The search for a place may wait for the ledger of any tree, even of this one.
        drop(ledger);
        let _turn = listing.next().await;
        if let Some(old_path) = old_path
            && let Some(place) = self.place_of(&old_path, &old).await
        {
            place.misses(&old.name).await;
        }
        *kept_in = None;
        if is_there && let Some(place) = self.place_of(path, &target).await {
            place.misses(&target.name).await;
            *kept_in = Some(place);
        }
        Ok(())
    }

    /// Returns the place of an entry in the open tree that contains its path, if one does.
    async fn place_of(&self, path: &str, entry: &Entry<F>) -> Option<PlaceInTree> {
        let (parent, _) = path.rsplit_once('/').unwrap_or((".", path));
        let Scratch { filesystem, open_trees, .. } = &*self.scratch;
        open_trees.find(filesystem, parent, &entry.directory).await
    }

    fn not_persisted(&self, path: &str, code: ErrorCode) -> Error {
        let (target, own) = (Quoted(path), self.path());
        let code = self.scratch.reported(code);
        let message = format!("path {target}: cannot move directory {} there: {code}", Quoted(&own));
        Error::new(code, message)
    }
}

impl<F: Filesystem> Open<F> {
    /// Moves the directory to a name that is free, and returns whether it was found there afterwards.
    async fn move_to(&self, target: &Entry<F>) -> filesystem::Result<bool> {
        let filesystem = &self.filesystem;
        let entry = self.entry.borrow().clone();
        match filesystem.stat_at(&target.directory, &target.name).await {
            // A rename would replace an empty directory.
            Ok(_) => return Err(ErrorCode::Exist),
            Err(ErrorCode::NoEntry) => {}
            Err(code) => return Err(code),
        }
        match self.is_at(&entry).await {
            Ok(true) => {}
            // Another process has moved it away, and perhaps put another entry in its place.
            Ok(false) | Err(ErrorCode::NotDirectory | ErrorCode::Loop) => return Err(ErrorCode::NoEntry),
            Err(code) => return Err(code),
        }
        let moved =
            filesystem.rename_at(&entry.directory, &entry.name, &target.directory, &target.name).await;
        let is_there = self.is_at(target).await == Ok(true);
        match moved {
            Ok(()) => Ok(is_there),
            Err(code) if code.is_uncertain() && is_there => Ok(is_there),
            // Another process has created an entry there meanwhile.
            Err(ErrorCode::NotEmpty | ErrorCode::NotDirectory) => Err(ErrorCode::Exist),
            Err(code) => Err(code),
        }
    }

    /// Whether the directory has this name.
    async fn is_at(&self, entry: &Entry<F>) -> filesystem::Result<bool> {
        let found = self.filesystem.open_at(&entry.directory, &entry.name, OpenHow::DIRECTORY).await?;
        Ok(self.filesystem.is_same_object(&self.directory, &found).await)
    }
}
