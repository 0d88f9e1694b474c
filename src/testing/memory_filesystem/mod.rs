//! A filesystem in memory for the tests: it can fail, delay, shorten or lose any call.
//!
//! It behaves as POSIX and wasmtime do. Tests control it through `adversary` (the host's view), `faults`
//! (injected faults and recorded calls) and `executor` (running calls and the work they leave behind).

mod adversary;
mod executor;
mod faults;
mod operations;
mod outcomes;
#[cfg(test)]
mod tests;
mod tree;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::error::ErrorCode;
use crate::filesystem::{Filesystem, Listed, OnOutcome, OpenHow, Result, Stat, Unwritten};
use crate::runtime::{Runtime, Work};
use executor::Executor;
use faults::{Effect, Faults};
use outcomes::Outcomes;
use tree::{Node, Used};

pub(crate) use executor::Patience;
pub(crate) use faults::{Abandoned, Call};

/// A filesystem in memory. A clone is another handle of the same filesystem.
#[derive(Clone)]
pub(crate) struct MemoryFilesystem {
    world: Rc<World>,
}

/// The state that all handles of one filesystem share.
struct World {
    preopens: RefCell<Vec<Preopen>>,
    variables: RefCell<Vec<(String, String)>>,
    /// The largest total size of all files, in bytes.
    capacity: Cell<u64>,
    used: Rc<Used>,
    /// The time in nanoseconds since 1970. Only tests change it.
    clock: Cell<u64>,
    /// The largest number of open descriptors.
    most_open: Cell<usize>,
    open: Rc<Cell<usize>>,
    /// The largest number of descriptors that were open together so far.
    peak_open: Cell<usize>,
    /// Whether hard links are not supported.
    linkless: Cell<bool>,
    /// Whether open files cannot be unlinked or moved, as on Windows.
    holding_open_files: Cell<bool>,
    random: Cell<Random>,
    faults: RefCell<Faults>,
    executor: Executor,
    outcomes: Rc<Outcomes>,
}

/// A directory that the host has opened for the guest.
struct Preopen {
    path: String,
    root: Rc<Node>,
    read_only: bool,
}

/// The source of random numbers.
#[derive(Clone, Copy)]
enum Random {
    Sequence(u64),
    /// The same number, a number of times; then the sequence continues.
    Stuck {
        left: usize,
        after: u64,
    },
}

/// An open file or directory.
pub(crate) struct Descriptor {
    handle: Handle,
    open: Rc<Cell<usize>>,
}

/// The target of a descriptor and its permissions.
#[derive(Clone)]
struct Handle {
    node: Rc<Node>,
    read: bool,
    write: bool,
    /// Whether it comes from a read-only directory.
    read_only: bool,
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        self.open.set(self.open.get() - 1);
        let node = &self.handle.node;
        node.open.set(node.open.get() - 1);
    }
}

impl MemoryFilesystem {
    /// Creates a filesystem with one preopened empty directory, `/tmp`.
    pub(crate) fn new() -> MemoryFilesystem {
        MemoryFilesystem::without_preopens().preopen("/tmp")
    }

    /// Creates a filesystem without preopened directories.
    pub(crate) fn without_preopens() -> MemoryFilesystem {
        let world = World {
            preopens: RefCell::default(),
            variables: RefCell::default(),
            capacity: Cell::new(u64::MAX),
            used: Rc::default(),
            clock: Cell::new(NOON),
            most_open: Cell::new(usize::MAX),
            open: Rc::default(),
            peak_open: Cell::new(0),
            linkless: Cell::new(false),
            holding_open_files: Cell::new(false),
            random: Cell::new(Random::Sequence(0)),
            faults: RefCell::default(),
            executor: Executor::default(),
            outcomes: Rc::default(),
        };
        MemoryFilesystem { world: Rc::new(world) }
    }

    /// Limits the total size of all files; holes count.
    pub(crate) fn with_capacity(&self, bytes: u64) -> MemoryFilesystem {
        self.world.capacity.set(bytes);
        self.clone()
    }

    /// Limits the number of open descriptors. One more fails with `Io`, as in wasmtime.
    pub(crate) fn with_most_open(&self, descriptors: usize) -> MemoryFilesystem {
        self.world.most_open.set(descriptors);
        self.clone()
    }

    /// Removes the support of hard links.
    pub(crate) fn without_links(&self) -> MemoryFilesystem {
        self.world.linkless.set(true);
        self.clone()
    }

    /// Refuses with `Access` to unlink, move or replace a file that is open, as Windows does.
    pub(crate) fn holding_open_files(&self) -> MemoryFilesystem {
        self.world.holding_open_files.set(true);
        self.clone()
    }

    /// Tells the outcomes of started unlinks only to calls that watch, as on WASI 0.3.
    pub(crate) fn with_silent_unlinks(&self) -> MemoryFilesystem {
        self.world.outcomes.silence();
        self.clone()
    }

    /// Makes the next `times` random numbers equal.
    pub(crate) fn with_stuck_random(&self, times: usize) -> MemoryFilesystem {
        let (Random::Sequence(after) | Random::Stuck { after, .. }) = self.world.random.get();
        self.world.random.set(Random::Stuck { left: times, after });
        self.clone()
    }

    /// Returns the number of open descriptors.
    pub(crate) fn open_descriptors(&self) -> usize {
        self.world.open.get()
    }

    /// Returns the largest number of descriptors that were open together so far.
    pub(crate) fn peak_descriptors(&self) -> usize {
        self.world.peak_open.get()
    }

    /// Returns the total size of all files, including files without a name.
    pub(crate) fn used(&self) -> u64 {
        self.world.used.now()
    }

    /// Returns the largest total size so far.
    pub(crate) fn most_used(&self) -> u64 {
        self.world.used.most()
    }

    /// Advances the clock.
    pub(crate) fn wait(&self, nanoseconds: u64) {
        self.world.clock.set(self.world.clock.get() + nanoseconds);
    }

    /// Sets the clock back.
    pub(crate) fn put_clock_back(&self, nanoseconds: u64) {
        self.world.clock.set(self.world.clock.get() - nanoseconds);
    }

    fn descriptor(&self, handle: Handle) -> Result<Descriptor> {
        let open = self.world.open.clone();
        if open.get() >= self.world.most_open.get() {
            return Err(ErrorCode::Io);
        }
        open.set(open.get() + 1);
        self.world.peak_open.set(open.get().max(self.world.peak_open.get()));
        handle.node.open.set(handle.node.open.get() + 1);
        Ok(Descriptor { handle, open })
    }

    fn unlink_call(&self, directory: &Descriptor, path: &str) -> impl Future<Output = Result<()>> + use<> {
        let (base, name) = (directory.handle.clone(), path.to_owned());
        self.plain_call(Call::Unlink, path, move |filesystem| filesystem.unlink(&base, &name))
    }
}

/// The initial time, long after 1970.
const NOON: u64 = 1_700_000_000_000_000_000;

/// Returns a pseudo-random number that depends only on `count` (splitmix64).
fn scramble(count: u64) -> u64 {
    let mut mixed = count.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Runtime for MemoryFilesystem {
    fn environment(&self) -> Vec<(String, String)> {
        self.world.variables.borrow().clone()
    }

    fn random(&self) -> u128 {
        let (number, next) = match self.world.random.get() {
            Random::Sequence(count) | Random::Stuck { left: 0, after: count } => {
                (count, Random::Sequence(count + 1))
            }
            Random::Stuck { left, after } => (u64::MAX, Random::Stuck { left: left - 1, after }),
        };
        self.world.random.set(next);
        (u128::from(scramble(number)) << 64) | u128::from(scramble(!number))
    }

    fn now(&self) -> u64 {
        self.world.clock.get()
    }

    #[track_caller]
    fn spawn(&self, work: Work) {
        assert!(self.is_inside(), "spawn outside of a call");
        self.start(work);
    }

    #[track_caller]
    fn expect_drop(&self) {
        assert!(self.is_inside(), "a drop announced outside of a call");
        self.announce_drop();
    }

    #[track_caller]
    fn drop_happened(&self, work: Option<Work>) {
        self.end_announcement();
        work.into_iter().for_each(|work| self.start(work));
    }
}

impl Filesystem for MemoryFilesystem {
    type Descriptor = Descriptor;

    fn preopens(&self) -> Vec<(Descriptor, String)> {
        let preopens = self.world.preopens.borrow();
        let opened = preopens.iter().map(|Preopen { path, root, read_only }| {
            let handle = Handle { node: root.clone(), read: true, write: false, read_only: *read_only };
            Ok((self.descriptor(handle)?, path.clone()))
        });
        opened.filter_map(Result::ok).collect()
    }

    async fn open_at(&self, directory: &Descriptor, path: &str, how: OpenHow) -> Result<Descriptor> {
        let call = if how.create { Call::Create } else { Call::Open };
        let (base, name) = (directory.handle.clone(), path.to_owned());
        self.plain_call(call, path, move |filesystem| {
            filesystem.open(&base, &name, how).and_then(|handle| filesystem.descriptor(handle))
        })
        .await
    }

    async fn create_directory_at(&self, directory: &Descriptor, path: &str) -> Result<()> {
        let (base, name) = (directory.handle.clone(), path.to_owned());
        self.plain_call(Call::CreateDirectory, path, move |filesystem| {
            filesystem.create_directory(&base, &name)
        })
        .await
    }

    async fn unlink_file_at(&self, directory: &Descriptor, path: &str) -> Result<()> {
        self.unlink_call(directory, path).await
    }

    fn start_unlink(&self, directory: Rc<Descriptor>, name: String, done: OnOutcome) {
        let unlink = self.unlink_call(&directory, &name);
        let outcomes = self.world.outcomes.clone();
        let is_watched = outcomes.watch_later();
        self.start(Box::pin(async move {
            let outcome = unlink.await;
            outcomes.tell(&is_watched, Box::new(move || done(outcome)));
            drop(directory);
        }));
    }

    fn watch_unlinks(&self) {
        self.world.outcomes.watch();
    }

    async fn remove_directory_at(&self, directory: &Descriptor, path: &str) -> Result<()> {
        let (base, name) = (directory.handle.clone(), path.to_owned());
        self.plain_call(Call::RemoveDirectory, path, move |filesystem| {
            filesystem.remove_directory(&base, &name)
        })
        .await
    }

    async fn rename_at(&self, from: &Descriptor, old: &str, to: &Descriptor, new: &str) -> Result<()> {
        let (from, to) = (from.handle.clone(), to.handle.clone());
        let (source, target) = (old.to_owned(), new.to_owned());
        self.plain_call(Call::Rename, new, move |filesystem| filesystem.rename(&from, &source, &to, &target))
            .await
    }

    async fn link_at(&self, from: &Descriptor, old: &str, to: &Descriptor, new: &str) -> Result<()> {
        let (from, to) = (from.handle.clone(), to.handle.clone());
        let (source, target) = (old.to_owned(), new.to_owned());
        self.plain_call(Call::Link, new, move |filesystem| filesystem.link(&from, &source, &to, &target))
            .await
    }

    async fn stat(&self, descriptor: &Descriptor) -> Result<Stat> {
        let handle = descriptor.handle.clone();
        self.plain_call(Call::Stat, "", move |_| Ok(handle.node.stat())).await
    }

    async fn stat_at(&self, directory: &Descriptor, path: &str) -> Result<Stat> {
        let (base, name) = (directory.handle.clone(), path.to_owned());
        self.plain_call(Call::StatAt, path, move |_| {
            Ok(tree::walk(&base.node, &name, false)?.existing()?.stat())
        })
        .await
    }

    async fn is_same_object(&self, one: &Descriptor, other: &Descriptor) -> bool {
        let (one, other) = (one.handle.node.clone(), other.handle.node.clone());
        self.call(Call::IsSame, "", move |_, effect| {
            matches!(effect, Effect::Whole) && Rc::ptr_eq(&one, &other)
        })
        .await
    }

    async fn read_directory(&self, directory: &Descriptor, visit: &mut dyn FnMut(Listed)) -> Result<()> {
        let handle = directory.handle.clone();
        let listing = self.call(Call::List, "", move |filesystem, effect| filesystem.list(&handle, effect));
        let (entries, outcome) = listing.await;
        entries.into_iter().for_each(visit);
        outcome
    }

    async fn read_at(&self, file: &Descriptor, offset: u64, buffer: Vec<u8>) -> Result<Vec<u8>> {
        let handle = file.handle.clone();
        self.plain_call(Call::Read, "", move |filesystem| filesystem.read(&handle, offset, buffer)).await
    }

    async fn write_at(
        &self,
        file: &Descriptor,
        offset: u64,
        data: Vec<u8>,
    ) -> core::result::Result<Vec<u8>, Unwritten> {
        let handle = file.handle.clone();
        self.call(Call::Write, "", move |filesystem, effect| filesystem.write(&handle, offset, data, effect))
            .await
    }

    async fn set_size(&self, file: &Descriptor, size: u64) -> Result<()> {
        let handle = file.handle.clone();
        self.plain_call(Call::SetSize, "", move |filesystem| filesystem.resize(&handle, size)).await
    }

    async fn sync(&self, _: &Descriptor) -> Result<()> {
        self.plain_call(Call::Sync, "", |_| Ok(())).await
    }
}
