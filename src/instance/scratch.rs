//! One instance: its filesystem, directories and budget, and the creation and removal of entries.

use alloc::boxed::Box;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use core::any::Any;
use core::cell::{Cell, OnceCell};

use crate::error::{Error, ErrorCode, Quoted, Result};
use crate::filesystem::{self, Filesystem, OpenHow};
use crate::instance::kept::Kept;
use crate::instance::open_files::OpenFiles;
use crate::instance::open_trees::OpenTrees;
use crate::instance::sweep::{SweepReport, sweep};
use crate::limits::budget::{Account, Budget, NewEntry, OpenHandle};
use crate::limits::settings::{LimitSettings, Limits};
use crate::place::live::{LiveName, LiveNames};
use crate::place::locations::{Location, Locations, is_directory_gone};
use crate::place::name::{Affixes, Mark};
use crate::task::background::{Background, Removal, is_gone};
use crate::task::run_to_end::run_to_end;
use crate::task::turns::Turns;

/// Attempts to find a free name.
///
/// With 128 random bits the first is free, unless another process creates them on purpose.
const TRIES: usize = 16;

/// The state that the files and directories of one instance share.
pub(crate) struct Scratch<F: Filesystem> {
    pub(crate) filesystem: F,
    pub(crate) background: Background<F>,
    pub(crate) locations: Locations<F>,
    pub(crate) live: Rc<LiveNames>,
    start: OnceCell<Result<Start>>,
    has_swept: Cell<bool>,
    pub(crate) kept: Rc<Kept>,
    pub(crate) open_files: OpenFiles<F>,
    pub(crate) open_trees: OpenTrees<F>,
    /// Listings take turns, because the descriptors that they open are not charged.
    pub(crate) listing: Rc<Turns<()>>,
    /// Removals of trees and sweeps take turns for the same reason.
    pub(crate) removing: Rc<Turns<()>>,
}

/// The settings of the environment at the first use.
struct Start {
    budget: Rc<Budget>,
    sweep_older_than: Option<u64>,
    directory: Option<String>,
}

impl Start {
    fn new(settings: LimitSettings) -> Start {
        let LimitSettings { limits, sweep_older_than, directory } = settings;
        Start { budget: Budget::new(limits), sweep_older_than, directory }
    }
}

/// A name in a directory.
pub(crate) struct Entry<F: Filesystem> {
    pub(crate) directory: Rc<F::Descriptor>,
    pub(crate) name: LiveName,
}

impl<F: Filesystem> Entry<F> {
    /// Returns the handle that its removal still takes, if the directory is open for this entry alone.
    pub(crate) fn kept_handle(&self, handle: Option<OpenHandle>) -> Option<OpenHandle> {
        handle.filter(|_| Rc::strong_count(&self.directory) == 1)
    }
}

/// A new file: its descriptor, its name if it has one, and its charge.
pub(crate) struct NewFile<F: Filesystem> {
    pub(crate) descriptor: F::Descriptor,
    pub(crate) entry: Option<Entry<F>>,
    pub(crate) account: Rc<Account>,
}

/// A new directory: its descriptor, its name and its charge.
pub(crate) struct NewDirectory<F: Filesystem> {
    pub(crate) descriptor: F::Descriptor,
    pub(crate) entry: Entry<F>,
    pub(crate) charge: NewEntry,
}

impl<F: Filesystem> Scratch<F> {
    /// Creates an instance that reads its settings from the environment at the first use.
    pub(crate) fn new(filesystem: F) -> Rc<Scratch<F>> {
        Scratch::start_with(filesystem, OnceCell::new())
    }

    /// Creates an instance with these settings.
    #[cfg(any(feature = "tmp", not(target_family = "wasm")))]
    pub(crate) fn with_settings(filesystem: F, settings: LimitSettings) -> Rc<Scratch<F>> {
        Scratch::start_with(filesystem, OnceCell::from(Ok(Start::new(settings))))
    }

    fn start_with(filesystem: F, start: OnceCell<Result<Start>>) -> Rc<Scratch<F>> {
        Rc::new(Scratch {
            background: Background::new(filesystem.clone()),
            filesystem,
            locations: Locations::default(),
            live: Rc::default(),
            start,
            has_swept: Cell::new(false),
            kept: Rc::default(),
            open_files: OpenFiles::default(),
            open_trees: OpenTrees::default(),
            listing: Turns::new(()),
            removing: Turns::new(()),
        })
    }

    // Limits

    /// Returns the budget, unless a variable of the environment is invalid.
    pub(crate) fn budget(&self) -> Result<&Rc<Budget>> {
        self.start().map(|start| &start.budget)
    }

    fn start(&self) -> Result<&Start> {
        let start =
            self.start.get_or_init(|| Ok(Start::new(LimitSettings::of(&self.filesystem.environment())?)));
        start.as_ref().map_err(Clone::clone)
    }

    pub(crate) fn set_limits(&self, limits: Limits) -> Result<()> {
        self.budget()?.set_limits(limits);
        Ok(())
    }

    /// Fails if the caller is confined to entries that it creates.
    pub(crate) fn check_unconfined(&self, argument: &str) -> Result<()> {
        if self.budget()?.limits().confined {
            let message =
                format!("{argument}: not permitted: callers are confined to entries that they create");
            return Err(Error::new(ErrorCode::NotPermitted, message));
        }
        Ok(())
    }

    /// Fails if a confined caller names a directory.
    pub(crate) fn check_directory(&self, directory: Option<&str>) -> Result<()> {
        match directory {
            Some(path) => self.check_unconfined(&format!("directory {}", Quoted(path))),
            None => Ok(()),
        }
    }

    /// Returns the code that is reported to the caller.
    pub(crate) fn reported(&self, code: ErrorCode) -> ErrorCode {
        self.budget().map_or(code, |budget| budget.reported(code))
    }

    /// Charges one open file or directory.
    pub(crate) async fn open_handle(&self) -> Result<OpenHandle> {
        let budget = self.budget()?;
        let handle = self.background.charge(|| budget.open_handle()).await;
        handle.map_err(|code| self.no_handle(code))
    }

    /// Charges one open file or directory, without waiting.
    pub(crate) fn open_handle_now(&self) -> Result<OpenHandle> {
        self.budget()?.open_handle().map_err(|code| self.no_handle(code))
    }

    fn no_handle(&self, code: ErrorCode) -> Error {
        let code = self.reported(code);
        Error::new(code, "too many open files and directories: limit reached")
    }

    /// Charges one file or directory on disk.
    pub(crate) async fn new_entry(&self) -> filesystem::Result<NewEntry> {
        let budget = self.budget().map_err(|error| error.code)?;
        self.background.charge(|| budget.new_entry()).await
    }

    // Creation

    /// Prepares a creation: charges the open handle, and finds the directory.
    pub(crate) async fn prepare(
        self: &Rc<Self>,
        directory: Option<&str>,
    ) -> Result<(Location<F>, OpenHandle)> {
        self.check_directory(directory)?;
        // Calls that wait for a handle hold no descriptor.
        let handle = self.open_handle().await?;
        Ok((self.find(directory).await?, handle))
    }

    /// Charges a file that is to be created in the default directory, if that is known, all failed
    /// removals were repeated and the limits allow it.
    pub(crate) fn prepare_now(&self) -> Result<Option<(Rc<Account>, OpenHandle)>> {
        let budget = self.budget()?;
        if !self.locations.has_default() || self.background.has_failed_removals() {
            return Ok(None);
        }
        // A refusal may wait for removals.
        Ok(budget.new_entry().map(Account::new).ok().zip(budget.open_handle().ok()))
    }

    /// Opens the directory for new entries.
    pub(crate) async fn find(self: &Rc<Self>, directory: Option<&str>) -> Result<Location<F>> {
        let start = self.start()?;
        let location = self.locate(directory).await?;
        if let (None, Some(age)) = (directory, start.sweep_older_than)
            && !self.has_swept.replace(true)
        {
            let (scratch, location) = (self.clone(), location.clone());
            // No caller requested this sweep, so its report is dropped.
            run_to_end(&self.background, async move {
                let _turn = scratch.removing.next().await;
                drop(sweep(&scratch.filesystem, &scratch.live, &location, age).await)
            })
            .await;
        }
        Ok(location)
    }

    /// Opens a directory, by default the default one.
    async fn locate(&self, directory: Option<&str>) -> Result<Location<F>> {
        self.background.retry_removals();
        match directory {
            Some(path) => self.locations.named(&self.filesystem, path).await,
            None => self.default_location().await,
        }
    }

    async fn default_location(&self) -> Result<Location<F>> {
        let start = self.start()?;
        let configured = start.directory.as_deref();
        self.locations.default_location(&self.background, &start.budget, configured).await
    }

    /// Looks for a default directory again, because the known one is gone.
    async fn find_again(&self, gone: &Location<F>) -> Result<Location<F>> {
        self.locations.forget(gone);
        self.default_location().await
    }

    /// Removes leftovers in a directory, by default the one that is found.
    pub(crate) async fn sweep(
        self: &Rc<Self>,
        directory: Option<String>,
        older_than: u64,
    ) -> Result<SweepReport> {
        self.start()?;
        let turn = self.removing.next().await;
        let mut location = self.locate(directory.as_deref()).await?;
        if location.is_default {
            // The handle may refer to a directory that was removed and created again meanwhile.
            location = match self.locations.named(&self.filesystem, &location.path).await {
                Ok(current) => current,
                Err(_) => self.find_again(&location).await?,
            };
        }
        let scratch = self.clone();
        let report = run_to_end(&self.background, async move {
            let _turn = turn;
            sweep(&scratch.filesystem, &scratch.live, &location, older_than).await
        });
        Ok(report.await)
    }

    /// Charges one file that is to be created in `location`.
    pub(crate) async fn charge_file(&self, location: &Location<F>) -> Result<Rc<Account>> {
        let charged = self.new_entry().await;
        charged.map(Account::new).map_err(|code| self.failed_to_create("file", location, code))
    }

    /// Creates a file under a new name.
    ///
    /// If the default directory is gone, it is looked for again, once, and `location` is changed.
    pub(crate) async fn create_named(
        self: &Rc<Self>,
        location: &mut Location<F>,
        affixes: &Affixes,
        mark: Mark,
    ) -> Result<NewFile<F>> {
        let account = self.charge_file(location).await?;
        self.create_charged(location, affixes, mark, account).await
    }

    async fn create_charged(
        self: &Rc<Self>,
        location: &mut Location<F>,
        affixes: &Affixes,
        mark: Mark,
        account: Rc<Account>,
    ) -> Result<NewFile<F>> {
        let failed = |location: &Location<F>, code| self.failed_to_create("file", location, code);
        let mut may_be_gone = location.is_default;
        for _ in 0..TRIES {
            let entry = self.new_name(location, affixes, mark);
            match self.filesystem.open_at(&entry.directory, &entry.name, OpenHow::NEW).await {
                Ok(descriptor) => {
                    account.created();
                    return Ok(NewFile { descriptor, entry: Some(entry), account });
                }
                Err(ErrorCode::Exist) => {}
                Err(code) if may_be_gone && is_directory_gone(code) => {
                    may_be_gone = false;
                    *location = self.find_again(location).await?;
                }
                Err(code) => {
                    if code.is_uncertain() {
                        // The file may exist although the host could not open it.
                        self.start_removal(entry, account);
                    }
                    return Err(failed(location, code));
                }
            }
        }
        Err(failed(location, ErrorCode::Exist))
    }

    /// Creates a file and removes its name. If the host refuses that, the name is removed later.
    /// The file takes over `account`, if it was charged before.
    ///
    /// Must run inside `run_to_end`: only this call knows the name between the two steps.
    pub(crate) async fn create_unnamed(
        self: &Rc<Self>,
        location: &mut Location<F>,
        affixes: &Affixes,
        account: Option<Rc<Account>>,
    ) -> Result<NewFile<F>> {
        let account = match account {
            Some(account) => account,
            None => self.charge_file(location).await?,
        };
        let mut new = self.create_charged(location, affixes, Mark::Ours, account).await?;
        if let Some(entry) = &new.entry
            && let Ok(()) | Err(ErrorCode::NoEntry) =
                self.filesystem.unlink_file_at(&entry.directory, &entry.name).await
        {
            new.entry = None;
        }
        Ok(new)
    }

    /// Creates a directory under a new name, and opens it; a default directory that is gone is looked
    /// for again as for a file.
    pub(crate) async fn create_directory(
        &self,
        location: &mut Location<F>,
        affixes: &Affixes,
        mark: Mark,
    ) -> Result<NewDirectory<F>> {
        let failed = |location: &Location<F>, code| self.failed_to_create("directory", location, code);
        let charge = self.new_entry().await.map_err(|code| failed(location, code))?;
        let mut may_be_gone = location.is_default;
        for _ in 0..TRIES {
            let entry = self.new_name(location, affixes, mark);
            let made = self.filesystem.create_directory_at(&entry.directory, &entry.name).await;
            let opened = match made {
                Ok(()) => self.filesystem.open_at(&entry.directory, &entry.name, OpenHow::DIRECTORY).await,
                Err(ErrorCode::Exist) => continue,
                Err(code) if may_be_gone && is_directory_gone(code) => {
                    may_be_gone = false;
                    *location = self.find_again(location).await?;
                    continue;
                }
                Err(code) => Err(code),
            };
            return match opened {
                Ok(descriptor) => {
                    charge.created();
                    Ok(NewDirectory { descriptor, entry, charge })
                }
                Err(code) => {
                    if made.is_ok() || code.is_uncertain() {
                        let removal = removal_of_directory(self.filesystem.clone(), entry, charge);
                        if let Some(again) = removal.await {
                            self.background.remove_later(again);
                        }
                    }
                    Err(failed(location, code))
                }
            };
        }
        Err(failed(location, ErrorCode::Exist))
    }

    fn new_name(&self, location: &Location<F>, affixes: &Affixes, mark: Mark) -> Entry<F> {
        let name = affixes.name(self.filesystem.random(), mark);
        Entry { directory: location.directory.clone(), name: self.live.register(name) }
    }

    fn failed_to_create(&self, what: &str, location: &Location<F>, code: ErrorCode) -> Error {
        let code = self.reported(code);
        let path = Quoted(&location.path);
        Error::new(code, format!("cannot create a {what} in {path}: {code}"))
    }

    // Removal

    /// Starts to remove a name. The charges end when the name is gone.
    pub(crate) fn start_removal(&self, entry: Entry<F>, charges: impl Any) {
        let (directory, name) = (entry.directory.clone(), entry.name.to_string());
        self.background.unlink(directory, name, Box::new((entry, charges)));
    }

    /// Whether there are kept entries, or failed removals.
    #[cfg(test)]
    pub(crate) fn has_left(&self) -> bool {
        !self.kept.is_empty() || self.background.has_failed_removals()
    }
}

/// Returns the removal of a directory that could not be opened, and so is empty.
fn removal_of_directory<F: Filesystem>(filesystem: F, entry: Entry<F>, charge: NewEntry) -> Removal {
    Removal::new(async move {
        if is_gone(filesystem.remove_directory_at(&entry.directory, &entry.name).await) {
            drop(charge);
            return None;
        }
        Some(removal_of_directory(filesystem, entry, charge))
    })
}
