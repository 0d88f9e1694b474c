//! Removal of a tree: without recursion, relative to handles, through no link.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use crate::error::{Error, ErrorCode, Quoted, Result};
use crate::filesystem::{self, Filesystem, Kind, Listed, OpenHow, any_name};
use crate::instance::listing::{MEMORY, Pieces};
use crate::limits::ledger::{DirectoryId, Ledger, TOP};
use crate::place::name::{Affixes, Mark, is_ours};

/// Directories open at a time, which bounds the handles for a deep tree.
const DEEPEST: usize = 64;

/// Rounds for a directory that others keep filling.
const ROUNDS: usize = 8;

/// Failures that a message lists one by one.
const TOLD: usize = 8;

/// A directory that is being emptied.
struct Level<F: Filesystem> {
    directory: Rc<F::Descriptor>,
    /// Its name in the level above; the outermost has none.
    name: String,
    /// None if nothing in it is charged.
    id: Option<DirectoryId>,
    entries: Pieces,
    wanted: fn(&str) -> bool,
    /// Whether an entry was listed since the listing began.
    has_listed: bool,
    /// Whether a directory was moved into it since the listing began.
    has_raised: bool,
    /// Whether a failure inside was reported.
    told: bool,
    rounds: usize,
}

impl<F: Filesystem> Level<F> {
    fn new(directory: Rc<F::Descriptor>, name: String, id: Option<DirectoryId>) -> Level<F> {
        Level {
            directory,
            name,
            id,
            entries: Pieces::default(),
            wanted: any_name,
            has_listed: false,
            has_raised: false,
            told: false,
            rounds: 0,
        }
    }

    /// Returns the next entry to remove. An entry that is kept is returned once.
    async fn next(&mut self, filesystem: &F, room: usize) -> Option<Listed> {
        let entry = self.entries.next(filesystem, &self.directory, self.wanted, room).await;
        self.has_listed |= entry.is_some();
        entry
    }

    /// Lists it from its beginning again.
    fn restart(&mut self) {
        self.entries = Pieces::default();
        if self.told {
            // Failed entries are not tried again, only directories that were moved here meanwhile.
            self.wanted = is_ours;
        }
        self.rounds += 1;
        self.has_listed = false;
    }
}

/// Entries that could not be removed.
#[derive(Default)]
pub(crate) struct Failures {
    first: Option<ErrorCode>,
    count: usize,
    told: Vec<(String, ErrorCode)>,
}

impl Failures {
    fn add(&mut self, path: &str, code: ErrorCode) {
        // A directory that is listed again fails again.
        if self.told.iter().any(|(told, why)| told == path && *why == code) {
            return;
        }
        self.first.get_or_insert(code);
        self.count += 1;
        if self.told.len() < TOLD {
            self.told.push((path.into(), code));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns an error that lists them, if there are any. `shown` maps their codes.
    pub(crate) fn report(self, subject: &str, shown: impl Fn(ErrorCode) -> ErrorCode) -> Result<()> {
        let Some(code) = self.first else { return Ok(()) };
        let mut told = String::new();
        for (path, code) in &self.told {
            let comma = if told.is_empty() { "" } else { ", " };
            let _ = write!(told, "{comma}{} ({})", Quoted(path), shown(*code));
        }
        let more = self.count.saturating_sub(TOLD);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        Err(Error::new(shown(code), format!("{subject}: cannot remove everything: {told}{more}")))
    }
}

/// The outcome of a removal by name.
pub(crate) enum Removed {
    /// The directory itself.
    Directory,
    /// Another entry that had the name, or none: the directory is elsewhere, or gone.
    Other,
}

/// Removes whatever has the name `name` in `parent`; `directory` is the directory that was created
/// there.
///
/// The name decides, not the descriptor: a directory that another process has moved away is not
/// temporary any more, and one that was created again under the name is. Entries are struck from the
/// ledger if `directory` still has the name.
pub(crate) async fn remove_by_name<F: Filesystem>(
    filesystem: &F,
    parent: &F::Descriptor,
    name: &str,
    directory: &F::Descriptor,
    ledger: &mut Ledger,
) -> (Failures, Removed) {
    let mut failures = Failures::default();
    let entry = Listed { name: name.into(), kind: Kind::Directory };
    match remove(filesystem, parent, &entry).await {
        Ok(Some(found)) => {
            let is_same = filesystem.is_same_object(directory, &found).await;
            let (id, removed) =
                if is_same { (Some(TOP), Removed::Directory) } else { (None, Removed::Other) };
            (remove_tree(filesystem, parent, name, Rc::new(found), (ledger, id)).await, removed)
        }
        Ok(None) => (failures, Removed::Other),
        Err(code) => {
            failures.add(".", code);
            (failures, Removed::Other)
        }
    }
}

/// Removes the directory `name` of `parent` with everything in it; `directory` is its descriptor.
///
/// Removed entries are struck from the ledger, where the directory has the given id.
pub(crate) async fn remove_tree<F: Filesystem>(
    filesystem: &F,
    parent: &F::Descriptor,
    name: &str,
    directory: Rc<F::Descriptor>,
    (ledger, id): (&mut Ledger, Option<DirectoryId>),
) -> Failures {
    let mut failures = Failures::default();
    for round in 0.. {
        empty(filesystem, directory.clone(), (ledger, id), &mut failures).await;
        if !failures.is_empty() {
            break;
        }
        match remove_empty(filesystem, parent, name).await {
            Ok(()) => break,
            // Another process created an entry meanwhile.
            Err(ErrorCode::NotEmpty | ErrorCode::Exist) if round < ROUNDS => continue,
            Err(code) => {
                failures.add(".", code);
                break;
            }
        }
    }
    failures
}

/// Removes everything in a directory, as `remove_tree` does.
pub(crate) async fn empty<F: Filesystem>(
    filesystem: &F,
    top: Rc<F::Descriptor>,
    (ledger, id): (&mut Ledger, Option<DirectoryId>),
    failures: &mut Failures,
) {
    let mut levels = Vec::from([Level::<F>::new(top.clone(), String::new(), id)]);
    loop {
        let held: usize = levels.iter().map(|level| level.entries.memory()).sum();
        let deep = levels.len() >= DEEPEST;
        let level = levels.last_mut().expect("there is a last one");
        let Some(entry) = level.next(filesystem, MEMORY.saturating_sub(held) / 2).await else {
            if is_worth_another(&mut levels, ledger, failures) {
                continue;
            }
            let mut done = levels.pop().expect("there is a last one");
            let Some(above) = levels.last_mut() else { return };
            let outcome = remove_empty(filesystem, &above.directory, &done.name).await;
            match outcome {
                Ok(()) => drop(ledger.removed(above.id, &done.name)),
                Err(ErrorCode::NotEmpty | ErrorCode::Exist) if !done.told && done.rounds < ROUNDS => {
                    done.restart();
                    levels.push(done);
                }
                Err(code) => {
                    // The failures inside were reported already.
                    if !done.told {
                        failures.add(&path(&levels, &done.name), code);
                    }
                    levels.last_mut().expect("it was there before").told = true;
                }
            }
            continue;
        };
        let here = level.id;
        let outcome = if deep && entry.kind == Kind::Directory {
            let raised = raise(filesystem, &level.directory, &entry.name, &top).await;
            raised.map(|raised| {
                ledger.moved(here, &entry.name, id, &raised);
                None
            })
        } else {
            let charged = ledger.file_with_bytes(here, &entry.name);
            let is_another = match &charged {
                Some(account) => {
                    let stat = filesystem.stat_at(&level.directory, &entry.name).await;
                    stat.is_ok_and(|stat| !account.is_file_of(&stat))
                }
                None => false,
            };
            let removed = remove(filesystem, &level.directory, &entry).await;
            // A file that has another name, or that others have replaced, is not gone with this one.
            if let (Ok(None), false) = (&removed, is_another) {
                ledger.removed(here, &entry.name);
            }
            removed
        };
        if deep && outcome.is_ok() {
            // An entry may have been raised to the top, which is no sign of another process.
            levels[0].has_raised = true;
        }
        match outcome {
            Ok(Some(directory)) => {
                let id = ledger.directory(here, &entry.name);
                levels.push(Level::new(Rc::new(directory), entry.name, id));
            }
            Ok(None) => {}
            Err(code) => {
                failures.add(&path(&levels, &entry.name), code);
                levels.last_mut().expect("there is a last one").told = true;
            }
        }
    }
}

/// Whether the innermost directory, whose entries were all tried, has to be listed again.
fn is_worth_another<F: Filesystem>(
    levels: &mut [Level<F>],
    ledger: &Ledger,
    failures: &mut Failures,
) -> bool {
    let [.., level] = levels else { return false };
    let is_top = level.name.is_empty();
    let has_raised = core::mem::take(&mut level.has_raised);
    let failure = match level.entries.error() {
        _ if has_raised => {
            level.restart();
            // A raised directory is no sign of another process.
            level.rounds = 1;
            return true;
        }
        // An entry vanished during the listing.
        Some(ErrorCode::NoEntry | ErrorCode::Interrupted) if !level.told && level.rounds < ROUNDS => {
            level.restart();
            return true;
        }
        Some(code) => code,
        // Below the top the removal of the directory shows whether entries are left.
        None if !is_top || level.told || !level.has_listed => return false,
        None if level.rounds < ROUNDS => {
            level.restart();
            return true;
        }
        None => ErrorCode::NotEmpty,
    };
    failures.add(&shown(levels), failure);
    let [.., level] = levels else { return false };
    level.told = true;
    // The ledger may know entries that the host did not list.
    let known = level.id.filter(|_| level.entries.error().is_some()).map(|id| ledger.entries(id));
    level.entries = Pieces::known(known.unwrap_or_default());
    !level.entries.is_done()
}

/// Unlinks a name. Success means that there is no such entry any more.
pub(crate) async fn unlink<F: Filesystem>(
    filesystem: &F,
    directory: &F::Descriptor,
    name: &str,
) -> filesystem::Result<()> {
    let outcome = filesystem.unlink_file_at(directory, name).await;
    settled(filesystem, directory, name, outcome).await
}

/// Removes an empty directory. Success means that there is no such entry any more.
async fn remove_empty<F: Filesystem>(
    filesystem: &F,
    directory: &F::Descriptor,
    name: &str,
) -> filesystem::Result<()> {
    let outcome = filesystem.remove_directory_at(directory, name).await;
    settled(filesystem, directory, name, outcome).await
}

/// Returns success if the entry is gone, also after a call that reports an error and took effect.
async fn settled<F: Filesystem>(
    filesystem: &F,
    directory: &F::Descriptor,
    name: &str,
    outcome: filesystem::Result<()>,
) -> filesystem::Result<()> {
    match outcome {
        Err(ErrorCode::NoEntry) => Ok(()),
        Err(code) if code.is_uncertain() => match filesystem.stat_at(directory, name).await {
            Err(ErrorCode::NoEntry) => Ok(()),
            _ => Err(code),
        },
        outcome => outcome,
    }
}

/// Removes an entry, or opens it if it is a directory, which has to be emptied first.
async fn remove<F: Filesystem>(
    filesystem: &F,
    directory: &F::Descriptor,
    entry: &Listed,
) -> filesystem::Result<Option<F::Descriptor>> {
    if entry.kind == Kind::Directory {
        match filesystem.open_at(directory, &entry.name, OpenHow::DIRECTORY).await {
            Ok(opened) => return Ok(Some(opened)),
            Err(ErrorCode::NoEntry) => return Ok(None),
            // The directory was replaced meanwhile, perhaps by a link.
            Err(ErrorCode::NotDirectory | ErrorCode::Loop) => {}
            // The directory cannot be opened, but it can be removed if it is empty.
            Err(code) => {
                let removed = remove_empty(filesystem, directory, &entry.name).await;
                return removed.map(|()| None).map_err(|_| code);
            }
        }
    }
    match unlink(filesystem, directory, &entry.name).await {
        Ok(()) => Ok(None),
        Err(code @ (ErrorCode::IsDirectory | ErrorCode::NotPermitted)) if entry.kind != Kind::Directory => {
            let opened = filesystem.open_at(directory, &entry.name, OpenHow::DIRECTORY).await;
            opened.map(Some).map_err(|_| code)
        }
        Err(code) => Err(code),
    }
}

/// Moves a directory that lies too deep to the top of the tree, where it is found later by the
/// name that is returned.
async fn raise<F: Filesystem>(
    filesystem: &F,
    directory: &F::Descriptor,
    name: &str,
    top: &F::Descriptor,
) -> filesystem::Result<String> {
    let raised = Affixes::default().name(filesystem.random(), Mark::Ours);
    match filesystem.rename_at(directory, name, top, &raised).await {
        Ok(()) | Err(ErrorCode::NoEntry) => Ok(raised),
        Err(code) => Err(code),
    }
}

/// Returns the path of an entry of the innermost directory.
fn path<F: Filesystem>(levels: &[Level<F>], name: &str) -> String {
    let mut path = String::new();
    for level in levels.iter().skip(1) {
        path.push_str(&level.name);
        path.push('/');
    }
    path + name
}

/// Returns the path of the innermost directory.
fn shown<F: Filesystem>(levels: &[Level<F>]) -> String {
    match levels.split_last() {
        Some((level, above @ [_, ..])) => path(above, &level.name),
        _ => ".".into(),
    }
}
