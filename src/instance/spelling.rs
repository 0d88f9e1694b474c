//! The names by which a ledger knows entries, on filesystems that find an entry under several spellings.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use crate::filesystem::{Filesystem, Kind, OpenHow, Result};
use crate::limits::ledger::{DirectoryId, Ledger, TOP};

/// Opens one directory after the other without following links, and returns the last one with the names
/// by which the ledger knows them.
pub(crate) async fn walk<F: Filesystem>(
    filesystem: &F,
    ledger: &Ledger,
    top: Rc<F::Descriptor>,
    names: &[&str],
) -> Result<(Rc<F::Descriptor>, Vec<String>)> {
    let mut directory = top;
    let mut parent = Some(TOP);
    let mut known = Vec::with_capacity(names.len());
    for name in names {
        let opened = Rc::new(filesystem.open_at(&directory, name, OpenHow::DIRECTORY).await?);
        let name = known_name(filesystem, ledger, parent, &directory, name, Kind::Directory).await;
        parent = ledger.directory(parent, &name);
        known.push(name);
        directory = opened;
    }
    Ok((directory, known))
}

/// Returns the name by which the ledger knows an existing entry, or `name` if it does not.
pub(crate) async fn known_name<F: Filesystem>(
    filesystem: &F,
    ledger: &Ledger,
    parent: Option<DirectoryId>,
    directory: &F::Descriptor,
    name: &str,
    kind: Kind,
) -> String {
    if let Some(id) = parent.filter(|_| ledger.kind(parent, name) != Some(kind)) {
        for other in ledger.spellings(id, name) {
            if other.kind == kind && is_same(filesystem, directory, name, &other.name, kind).await {
                return other.name;
            }
        }
    }
    name.into()
}

/// Notes that entries with other spellings of the name of a new entry are gone, if they lead to it.
pub(crate) async fn displace<F: Filesystem>(
    filesystem: &F,
    ledger: &mut Ledger,
    parent: DirectoryId,
    directory: &F::Descriptor,
    name: &str,
    kind: Kind,
) {
    for other in ledger.spellings(parent, name) {
        if is_same(filesystem, directory, name, &other.name, kind).await {
            ledger.misses(Some(parent), &other.name);
        }
    }
}

async fn is_same<F: Filesystem>(
    filesystem: &F,
    directory: &F::Descriptor,
    one: &str,
    other: &str,
    kind: Kind,
) -> bool {
    let how = if kind == Kind::Directory { OpenHow::DIRECTORY } else { OpenHow::READ };
    let Ok(one) = filesystem.open_at(directory, one, how).await else { return false };
    let Ok(other) = filesystem.open_at(directory, other, how).await else { return false };
    filesystem.is_same_object(&one, &other).await
}
