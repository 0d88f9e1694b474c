//! Persisting: a file is moved into place, or kept where it is; and its descriptor is shared.

use alloc::format;
use alloc::rc::Rc;

use crate::error::{Error, ErrorCode, Quoted, Result};
use crate::file::disk::Disk;
use crate::file::open_file::{Content, OpenFile};
use crate::file::rollover::copy_spool;
use crate::filesystem::{self, Filesystem, OpenHow, Stat};
use crate::instance::open_trees::PlaceInTree;
use crate::instance::scratch::{Entry, Scratch};
use crate::limits::budget::Account;
use crate::options::Removal;
use crate::place::live::LiveName;
use crate::place::name::{Affixes, Mark};

/// Bytes copied at a time.
const COPIED_AT_ONCE: u64 = 1024 * 1024;

impl<F: Filesystem> OpenFile<F> {
    /// Moves the file to `path` for good.
    pub(crate) async fn persist(&mut self, path: &str, replace: bool) -> Result<()> {
        self.check_unsettled()?;
        self.scratch.check_unconfined(&format!("path {}", Quoted(path)))?;
        let (mut location, name) = self.scratch.locations.parent(&self.scratch.filesystem, path).await?;
        let target = Entry { directory: location.directory.clone(), name: LiveName::foreign(name) };
        let mut replaced = None;
        if replace {
            replaced = self.scratch.filesystem.stat_at(&target.directory, name).await.ok();
        }
        if self.is_named() {
            self.flush_if_open().await?;
            let entry = self.entry.as_ref().expect("a named file has one");
            let descriptor = match &self.content {
                Content::Disk(disk) => Some(&**disk.descriptor()),
                _ => None,
            };
            let moved = self.move_entry(entry, &target, replace, descriptor).await;
            let lingers = moved.map_err(|code| self.not_persisted(path, code))?;
            // Another file may have taken the name of a file in a directory.
            if self.owned.is_none() && !self.has_moved(descriptor, entry, &target).await {
                let old_path = self.status.path.borrow().clone().expect("a named file has one");
                for (path, entry) in [(old_path, entry), (location.join(name), &target)] {
                    if let Some(place) = self.place_in_tree(&path, entry).await {
                        place.misses(&entry.name).await;
                    }
                }
                self.entry = Some(target);
                *self.status.path.borrow_mut() = Some(path.into());
                self.outlive();
                return Ok(());
            }
            self.owned = self.account();
            let old_path = self.status.path.borrow().clone();
            if let (Some(old), Some(account)) = (old_path, &self.owned) {
                self.scratch.kept.moved(&old, account);
                if let Some(place) = self.place_in_tree(&old, entry).await {
                    place.remove_file(&entry.name, account).await;
                }
            }
            let old = self.entry.replace(target);
            if let (true, Some(old), Some(account)) = (lingers, old, &self.owned) {
                self.scratch.start_removal(old, account.clone());
            }
        } else {
            let new = self.scratch.create_named(&mut location, &Affixes::default(), Mark::Ours).await?;
            let copied = new.entry.expect("a named file has one");
            let mut disk = Disk::new(
                &self.scratch.background,
                new.descriptor,
                new.account.clone(),
                false,
                self.buffer_size,
            );
            let mut outcome = self.copy_to(&mut disk).await.map(|()| false);
            if outcome.is_ok() {
                outcome = self.move_entry(&copied, &target, replace, Some(disk.descriptor())).await;
            }
            match outcome {
                Ok(false) => {}
                Ok(true) => self.scratch.start_removal(copied, new.account.clone()),
                Err(code) => {
                    drop(disk);
                    let unlinked = self.scratch.filesystem.unlink_file_at(&copied.directory, &copied.name);
                    if unlinked.await.is_err() {
                        self.scratch.start_removal(copied, new.account);
                    }
                    return Err(self.not_persisted(path, code));
                }
            }
            self.scratch.open_files.add(disk.descriptor(), &target, &new.account);
            self.move_to(disk, None, new.account);
            self.entry = Some(target);
        }
        let kept_path = location.join(name);
        if let Some(replaced) = &replaced {
            self.scratch.kept.replaced(&kept_path, replaced);
        }
        *self.status.path.borrow_mut() = Some(path.into());
        self.keep_at(&kept_path, replaced.as_ref()).await;
        Ok(())
    }

    /// Fails if the file is closed, and removed or kept already.
    fn check_unsettled(&self) -> Result<()> {
        match self.content {
            Content::Closed if self.entry.is_none() || self.removal != Removal::OnDrop => Err(self.closed()),
            _ => Ok(()),
        }
    }

    /// Returns the charge for the file on disk, held by this file or by the one that removes it.
    fn account(&self) -> Option<Rc<Account>> {
        match &self.content {
            Content::Disk(disk) => Some(disk.account().clone()),
            _ => self.owned.clone(),
        }
    }

    /// Flushes an open file. A closed one can still be moved, kept or removed, and has nothing to flush.
    pub(crate) async fn flush_if_open(&mut self) -> Result<()> {
        if let Content::Closed = self.content { Ok(()) } else { self.flush().await }
    }

    /// Whether the file has a name that others can know.
    pub(crate) fn is_named(&self) -> bool {
        self.entry.is_some() && self.status.path.borrow().is_some()
    }

    /// Moves the name of an open file, and returns whether the old name is still there.
    async fn move_entry(
        &self,
        from: &Entry<F>,
        to: &Entry<F>,
        replace: bool,
        descriptor: Option<&F::Descriptor>,
    ) -> filesystem::Result<bool> {
        let filesystem = &self.scratch.filesystem;
        let moved = if replace {
            filesystem.rename_at(&from.directory, &from.name, &to.directory, &to.name).await
        } else {
            // A link cannot replace a file. A rename after a check could.
            filesystem.link_at(&from.directory, &from.name, &to.directory, &to.name).await
        };
        if let Err(code) = moved
            && !(code.is_uncertain() && self.has_moved(descriptor, from, to).await)
        {
            return Err(code);
        }
        if replace {
            return Ok(false);
        }
        let unlinked = filesystem.unlink_file_at(&from.directory, &from.name).await;
        Ok(!matches!(unlinked, Ok(()) | Err(ErrorCode::NoEntry)))
    }

    /// Whether the file, with its `descriptor` if it is open, is now at `to`.
    async fn has_moved(&self, descriptor: Option<&F::Descriptor>, from: &Entry<F>, to: &Entry<F>) -> bool {
        let reopened = if descriptor.is_none() { self.reopen(from).await } else { None };
        match (descriptor.or(reopened.as_ref()), self.reopen(to).await) {
            (Some(ours), Some(there)) => self.scratch.filesystem.is_same_object(ours, &there).await,
            _ => false,
        }
    }

    async fn reopen(&self, entry: &Entry<F>) -> Option<F::Descriptor> {
        let how = OpenHow { read: true, ..OpenHow::default() };
        self.scratch.filesystem.open_at(&entry.directory, &entry.name, how).await.ok()
    }

    /// Copies the content to another file.
    async fn copy_to(&mut self, target: &mut Disk<F>) -> filesystem::Result<()> {
        match &mut self.content {
            Content::Spool(spool) => copy_spool(spool, target).await?,
            Content::Disk(disk) => {
                let mut position = 0;
                loop {
                    let bytes = disk.read(position, COPIED_AT_ONCE, false).await?;
                    if bytes.is_empty() {
                        break;
                    }
                    let length = bytes.len() as u64;
                    target.write(position, bytes).await?;
                    position += length;
                }
            }
            Content::Closed => return Err(ErrorCode::Closed),
        }
        target.flush().await
    }

    /// Keeps a named file where it is.
    pub(crate) async fn keep(&mut self) -> Result<()> {
        self.scratch.check_unconfined("keep")?;
        self.check_unsettled()?;
        if !self.is_named() {
            let message = format!("{}: cannot be kept without a name", self.subject());
            return Err(Error::new(ErrorCode::Unsupported, message));
        }
        self.flush_if_open().await?;
        let path = self.status.path.borrow().clone();
        self.keep_at(&path.expect("a named file has one"), None).await;
        Ok(())
    }

    /// Keeps the file when its handle is dropped, and stops buffering writes.
    ///
    /// Its own charge moves to the open tree that contains `path`, or lasts until the end of the instance.
    /// A file of a directory stays charged there. `replaced` is what the file has replaced.
    pub(crate) async fn keep_at(&mut self, path: &Rc<str>, replaced: Option<&Stat>) {
        if let (Some(account), Some(entry)) = (&self.owned, &self.entry) {
            let filesystem = &self.scratch.filesystem;
            let is_charged = match self.place_in_tree(path, entry).await {
                Some(place) => place.add_file(filesystem, entry, account, replaced).await,
                None => false,
            };
            if !is_charged {
                self.scratch.kept.add_file(path, account.clone());
            }
            self.owned = None;
        }
        self.outlive();
    }

    /// Returns the place of an entry in the open tree that contains its path, if one does.
    async fn place_in_tree(&self, path: &str, entry: &Entry<F>) -> Option<PlaceInTree> {
        let (parent, _) = path.rsplit_once('/').unwrap_or((".", path));
        let Scratch { filesystem, open_trees, .. } = &*self.scratch;
        open_trees.find(filesystem, parent, &entry.directory).await
    }

    /// Lets the file outlive its handle, and stops buffering writes.
    pub(crate) fn outlive(&mut self) {
        self.removal = Removal::Never;
        if let Content::Disk(disk) = &mut self.content {
            disk.write_through();
        }
    }

    /// Returns a second descriptor of the content, and stops buffering.
    pub(crate) async fn share_descriptor(&mut self) -> Result<F::Descriptor> {
        if let Content::Closed = self.content {
            return Err(self.closed());
        }
        let filesystem = self.scratch.filesystem.clone();
        let how = OpenHow { read: self.access.reads(), write: self.access.writes(), ..OpenHow::default() };
        if self.is_named() {
            self.flush().await?;
            let entry = self.entry.as_ref().expect("a named file has one");
            let opened = filesystem.open_at(&entry.directory, &entry.name, how).await;
            let second = opened.map_err(|code| self.failed("open it again", code))?;
            let Content::Disk(disk) = &mut self.content else {
                return Err(self.closed());
            };
            if !filesystem.is_same_object(disk.descriptor(), &second).await {
                let message = format!("{}: another file has taken its name", self.subject());
                return Err(Error::new(ErrorCode::NoEntry, message));
            }
            disk.share();
            return Ok(second);
        }
        let mut location = self.scratch.find(self.destination.directory.as_deref()).await?;
        let new = self.scratch.create_named(&mut location, &self.destination.affixes, Mark::Ours).await?;
        let entry = new.entry.expect("a named file has one");
        let second = filesystem.open_at(&entry.directory, &entry.name, how).await;
        let unlinked = filesystem.unlink_file_at(&entry.directory, &entry.name).await;
        let mut disk =
            Disk::new(&self.scratch.background, new.descriptor, new.account.clone(), true, self.buffer_size);
        let outcome = match second {
            Ok(second) => self.copy_to(&mut disk).await.map(|()| second),
            Err(code) => Err(code),
        };
        let hidden = unlinked.is_err().then_some(entry);
        match outcome {
            Ok(second) => {
                disk.share();
                self.move_to(disk, hidden, new.account);
                Ok(second)
            }
            Err(code) => {
                drop(disk);
                if let Some(entry) = hidden {
                    self.scratch.start_removal(entry, new.account);
                }
                Err(self.failed("duplicate the descriptor", code))
            }
        }
    }

    fn not_persisted(&self, path: &str, code: ErrorCode) -> Error {
        let code = self.scratch.reported(code);
        Error::new(code, format!("path {}: cannot move {} there: {code}", Quoted(path), self.subject()))
    }
}
