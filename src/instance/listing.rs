//! Listing a directory: as a whole, or in pieces that take a bounded amount of memory.

use alloc::collections::BinaryHeap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ErrorCode;
use crate::filesystem::{Filesystem, Listed, Result};

/// The memory for all directories that are being walked together, in bytes.
pub(crate) const MEMORY: usize = 1024 * 1024;

/// Attempts to list a directory from which entries vanish meanwhile.
const LISTINGS: usize = 8;

/// Memory of an entry beside the bytes of its name, the allocator's share included.
const OVERHEAD: usize = 48;

/// The entries of a directory, as far as the host could list them.
pub(crate) struct Listing {
    pub(crate) entries: Vec<Listed>,
    /// The error that ended the listing early, if there was one.
    pub(crate) error: Option<ErrorCode>,
}

/// Lists a whole directory, however large; entries may vanish while they are looked at.
pub(crate) async fn list_all<F: Filesystem>(filesystem: &F, directory: &F::Descriptor) -> Listing {
    let mut entries = Vec::new();
    let error = list(filesystem, directory, &mut entries, Vec::clear, |entries, entry| entries.push(entry));
    let error = error.await.err();
    Listing { entries, error }
}

/// The entries of a directory in the order of their names, listed a piece at a time.
///
/// For each piece the whole directory is listed, and the first names after those of the piece before
/// are taken. So nothing stays open between two pieces, entries that are not removed are passed by,
/// and a name is returned at most once. An entry that another process creates meanwhile may be missed.
#[derive(Default)]
pub(crate) struct Pieces {
    /// The rest of the piece, the last name first.
    piece: Vec<Listed>,
    /// The memory that it takes.
    held: usize,
    /// The last name of the piece, if others may follow.
    last: Option<String>,
    /// Whether the piece is the last one.
    complete: bool,
    error: Option<ErrorCode>,
}

impl Pieces {
    /// The entries of a directory that are known without a listing.
    pub(crate) fn known(mut entries: Vec<Listed>) -> Pieces {
        entries.reverse();
        let held = entries.iter().map(memory).sum();
        Pieces { piece: entries, held, complete: true, ..Pieces::default() }
    }

    /// Returns the next entry whose name is wanted. A piece takes at most the memory `room`, or one entry.
    pub(crate) async fn next<F: Filesystem>(
        &mut self,
        filesystem: &F,
        directory: &F::Descriptor,
        wanted: fn(&str) -> bool,
        room: usize,
    ) -> Option<Listed> {
        if self.needs_listing() {
            self.list(filesystem, directory, wanted, room).await;
        }
        let entry = self.piece.pop()?;
        self.held -= memory(&entry);
        Some(entry)
    }

    /// Whether there is nothing left to return.
    pub(crate) fn is_done(&self) -> bool {
        self.piece.is_empty() && self.complete
    }

    /// Whether the next entry takes a listing of the directory.
    pub(crate) fn needs_listing(&self) -> bool {
        self.piece.is_empty() && !self.complete
    }

    /// Returns the error of an incomplete listing.
    pub(crate) fn error(&self) -> Option<ErrorCode> {
        self.error
    }

    /// The memory that it takes, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.held + self.last.as_ref().map_or(0, String::len)
    }

    async fn list<F: Filesystem>(
        &mut self,
        filesystem: &F,
        directory: &F::Descriptor,
        wanted: fn(&str) -> bool,
        room: usize,
    ) {
        let after = self.last.take();
        let is_new = |name: &str| after.as_deref().is_none_or(|after| name > after) && wanted(name);
        let mut first = First::default();
        let outcome = list(filesystem, directory, &mut first, First::clear, |first, entry| {
            if is_new(&entry.name) {
                first.add(entry, room);
            }
        });
        self.error = outcome.await.err();
        self.complete = !first.is_cut;
        self.held = first.memory;
        self.piece = first.entries.into_sorted_vec();
        if !self.complete {
            self.last = self.piece.last().map(|entry| entry.name.clone());
        }
        self.piece.reverse();
    }
}

/// The first names among those that were added.
#[derive(Default)]
struct First {
    entries: BinaryHeap<Listed>,
    memory: usize,
    /// Whether names were left out.
    is_cut: bool,
}

impl First {
    fn clear(&mut self) {
        *self = First::default();
    }

    fn add(&mut self, entry: Listed, room: usize) {
        if self.is_cut && self.entries.peek().is_some_and(|last| *last < entry) {
            return;
        }
        self.memory += memory(&entry);
        self.entries.push(entry);
        while self.memory > room
            && self.entries.len() > 1
            && let Some(last) = self.entries.pop()
        {
            self.memory -= memory(&last);
            self.is_cut = true;
        }
    }
}

fn memory(entry: &Listed) -> usize {
    entry.name.len() + OVERHEAD
}

/// Lists a directory into `all`, anew if an entry vanished while the host looked at it.
async fn list<F: Filesystem, T>(
    filesystem: &F,
    directory: &F::Descriptor,
    all: &mut T,
    clear: fn(&mut T),
    add: impl Fn(&mut T, Listed),
) -> Result<()> {
    let mut listings = 1;
    loop {
        let outcome = filesystem.read_directory(directory, &mut |entry| add(all, entry)).await;
        if !matches!(outcome, Err(ErrorCode::NoEntry | ErrorCode::Interrupted)) || listings == LISTINGS {
            return outcome;
        }
        clear(all);
        listings += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filesystem::{OpenHow, any_name};
    use crate::testing::memory_filesystem::MemoryFilesystem;
    use std::format;

    #[test]
    fn a_piece_takes_no_more_memory_than_its_room_and_each_name_is_returned_once() {
        let disk = MemoryFilesystem::new();
        let names: Vec<String> = (0..2_000).map(|number| format!("{number:0100}")).collect();
        names.iter().rev().for_each(|name| disk.plant_file(&format!("/tmp/{name}"), b""));
        let directory = disk.run(disk.open_at(&disk.preopens()[0].0, ".", OpenHow::DIRECTORY)).unwrap();
        let mut pieces = Pieces::default();

        let mut returned = Vec::new();
        while let Some(entry) = disk.run(pieces.next(&disk, &directory, any_name, 10_000)) {
            assert!(pieces.memory() <= 10_000 + entry.name.len());
            returned.push(entry.name);
        }

        assert_eq!(returned, names);
        assert!(pieces.is_done() && pieces.error().is_none());
    }

    #[test]
    fn an_entry_is_returned_however_little_room_there_is() {
        let disk = MemoryFilesystem::new();
        ["/tmp/a", "/tmp/b"].iter().for_each(|path| disk.plant_file(path, b""));
        let directory = disk.run(disk.open_at(&disk.preopens()[0].0, ".", OpenHow::DIRECTORY)).unwrap();
        let mut pieces = Pieces::default();

        let mut next = || disk.run(pieces.next(&disk, &directory, any_name, 0)).map(|entry| entry.name);

        assert_eq!([next(), next(), next()], [Some("a".into()), Some("b".into()), None]);
    }
}
