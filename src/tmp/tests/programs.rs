//! Random programs, which have the same results on a private tree and on the filesystem of this machine.

use std::cell::RefCell;
use std::fmt::Debug;
use std::rc::Rc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;

use super::machine::Machine;
use super::*;
use crate::filesystem::Kind;

/// The calls of a program.
pub(super) trait System {
    /// An open file or directory.
    type Open: Clone;

    fn root(&self) -> Self::Open;
    fn open(&self, base: &Self::Open, path: &str, how: OpenHow) -> Result<Self::Open>;
    fn read(&self, file: &Self::Open, position: u64, length: usize) -> Result<Vec<u8>>;
    fn write(&self, file: &Self::Open, position: u64, data: Vec<u8>) -> Result<u64>;
    fn set_size(&self, file: &Self::Open, size: u64) -> Result<()>;
    fn create_directory(&self, base: &Self::Open, path: &str) -> Result<()>;
    fn remove_directory(&self, base: &Self::Open, path: &str) -> Result<()>;
    fn unlink(&self, base: &Self::Open, path: &str) -> Result<()>;
    fn rename(&self, from: &Self::Open, old: &str, to: &Self::Open, new: &str) -> Result<()>;
    fn link(&self, from: &Self::Open, old: &str, to: &Self::Open, new: &str) -> Result<()>;
    fn symlink(&self, target: &str, base: &Self::Open, path: &str) -> Result<()>;
    fn readlink(&self, base: &Self::Open, path: &str) -> Result<String>;
    fn stat(&self, base: &Self::Open, path: &str, follow: bool) -> Result<Metadata>;
    fn stat_open(&self, open: &Self::Open) -> Metadata;
    fn list(&self, directory: &Self::Open) -> Result<Vec<(String, Kind)>>;
}

/// The metadata that all systems agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    kind: Kind,
    size: u64,
    links: u64,
}

impl Metadata {
    /// Filesystems differ in the size of a directory and in the number of its links.
    pub(super) fn new(kind: Kind, size: u64, links: u64) -> Metadata {
        match kind {
            Kind::Directory => Metadata { kind, size: 0, links: links.min(1) },
            _ => Metadata { kind, size, links },
        }
    }
}

impl System for Private {
    type Open = Rc<Descriptor<MemoryFilesystem>>;

    fn root(&self) -> Self::Open {
        Rc::new(Descriptor::root(self.top().clone()))
    }

    fn open(&self, base: &Self::Open, path: &str, how: OpenHow) -> Result<Self::Open> {
        self.run(|| base.open_at(path, how)).map(Rc::new)
    }

    fn read(&self, file: &Self::Open, position: u64, length: usize) -> Result<Vec<u8>> {
        Ok(self.run(|| file.read(position, length as u64))?.0)
    }

    fn write(&self, file: &Self::Open, position: u64, data: Vec<u8>) -> Result<u64> {
        self.run(|| file.write(position, data))
    }

    fn set_size(&self, file: &Self::Open, size: u64) -> Result<()> {
        self.run(|| file.set_size(size))
    }

    fn create_directory(&self, base: &Self::Open, path: &str) -> Result<()> {
        tree::create_directory_at(base.inode(), path)
    }

    fn remove_directory(&self, base: &Self::Open, path: &str) -> Result<()> {
        tree::remove_directory_at(base.inode(), path)
    }

    fn unlink(&self, base: &Self::Open, path: &str) -> Result<()> {
        self.run(|| tree::unlink_file_at(base.inode(), path))
    }

    fn rename(&self, from: &Self::Open, old: &str, to: &Self::Open, new: &str) -> Result<()> {
        self.run(|| tree::rename_at(from.inode(), old, to.inode(), new))
    }

    fn link(&self, from: &Self::Open, old: &str, to: &Self::Open, new: &str) -> Result<()> {
        tree::link_at(from.inode(), old, to.inode(), new)
    }

    fn symlink(&self, target: &str, base: &Self::Open, path: &str) -> Result<()> {
        tree::symlink_at(target, base.inode(), path)
    }

    fn readlink(&self, base: &Self::Open, path: &str) -> Result<String> {
        tree::readlink_at(base.inode(), path)
    }

    fn stat(&self, base: &Self::Open, path: &str, follow: bool) -> Result<Metadata> {
        let Stat { kind, size, links, .. } = tree::find(base.inode(), path, follow)?.stat();
        Ok(Metadata::new(kind, size, links))
    }

    fn stat_open(&self, open: &Self::Open) -> Metadata {
        let Stat { kind, size, links, .. } = open.inode().stat();
        Metadata::new(kind, size, links)
    }

    fn list(&self, directory: &Self::Open) -> Result<Vec<(String, Kind)>> {
        let entries = directory.entries()?;
        Ok(std::iter::from_fn(|| entries.next().unwrap()).map(|(name, kind)| (name.into(), kind)).collect())
    }
}

/// A call of a program. Open files and directories have numbers; a number that is too large wraps.
#[derive(Clone, Debug)]
enum Step {
    Open(usize, String, OpenHow),
    Close(usize),
    Read(usize, u64, usize),
    Write(usize, u64, Vec<u8>),
    SetSize(usize, u64),
    CreateDirectory(usize, String),
    RemoveDirectory(usize, String),
    Unlink(usize, String),
    Rename(usize, String, usize, String),
    Link(usize, String, usize, String),
    Symlink(String, usize, String),
    Readlink(usize, String),
    Stat(usize, String, bool),
    StatOpen(usize),
    List(usize),
}

fn path() -> impl Strategy<Value = String> {
    let name = prop_oneof![8 => select(vec!["a", "b", "c"]), 1 => select(vec![".", "..", ""])];
    let end = prop_oneof![8 => Just(""), 1 => Just("/"), 1 => Just("/.")];
    let path = (vec(name, 1..4), end).prop_map(|(names, end)| names.join("/") + end);
    path.prop_filter("an absolute path is refused", |path| !path.is_empty() && !path.starts_with('/'))
}

fn how() -> impl Strategy<Value = OpenHow> {
    (any::<[bool; 5]>(), proptest::bool::weighted(0.2)).prop_map(
        |([write, create, exclusive, truncate, follow], directory)| OpenHow {
            read: true,
            write,
            // WASI does not create directories this way; some systems do.
            create: create && !directory,
            exclusive,
            // Without the right to write, systems disagree.
            truncate: truncate && write,
            directory,
            follow,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let open = || 0..6_usize;
    // Some contents are in memory, some move to the host.
    let position = || 0..40_u64;
    let data = vec(any::<u8>(), 0..30);
    prop_oneof![
        5 => (open(), path(), how()).prop_map(|(base, path, how)| Step::Open(base, path, how)),
        1 => open().prop_map(Step::Close),
        2 => (open(), position(), 0..60_usize).prop_map(|(file, at, length)| Step::Read(file, at, length)),
        3 => (open(), position(), data).prop_map(|(file, at, data)| Step::Write(file, at, data)),
        1 => (open(), position()).prop_map(|(file, size)| Step::SetSize(file, size)),
        3 => (open(), path()).prop_map(|(base, path)| Step::CreateDirectory(base, path)),
        1 => (open(), path()).prop_map(|(base, path)| Step::RemoveDirectory(base, path)),
        2 => (open(), path()).prop_map(|(base, path)| Step::Unlink(base, path)),
        3 => (open(), path(), open(), path())
            .prop_map(|(from, old, to, new)| Step::Rename(from, old, to, new)),
        2 => (open(), path(), open(), path()).prop_map(|(from, old, to, new)| Step::Link(from, old, to, new)),
        2 => (path(), open(), path()).prop_map(|(target, base, path)| Step::Symlink(target, base, path)),
        1 => (open(), path()).prop_map(|(base, path)| Step::Readlink(base, path)),
        2 => (open(), path(), any::<bool>()).prop_map(|(base, path, follow)| Step::Stat(base, path, follow)),
        1 => open().prop_map(Step::StatOpen),
        1 => open().prop_map(Step::List),
    ]
}

/// A system and the files and directories that a program has opened on it. The first is the root.
struct Running<S: System> {
    system: S,
    open: RefCell<Vec<S::Open>>,
}

impl<S: System> Running<S> {
    fn new(system: S) -> Running<S> {
        let open = RefCell::new(vec![system.root()]);
        Running { system, open }
    }

    fn at(&self, number: usize) -> S::Open {
        let open = self.open.borrow();
        open[number % open.len()].clone()
    }

    /// Runs a call, and returns its result as text.
    fn run(&self, step: &Step) -> Result<String> {
        let Running { system, .. } = self;
        match step {
            Step::Open(base, path, how) => {
                let opened = system.open(&self.at(*base), path, *how)?;
                self.open.borrow_mut().push(opened);
                shown(())
            }
            Step::Close(number) => {
                let mut open = self.open.borrow_mut();
                let number = number % open.len();
                if number > 0 {
                    open.remove(number);
                }
                shown(())
            }
            Step::Read(file, position, length) => shown(system.read(&self.at(*file), *position, *length)?),
            Step::Write(file, position, data) => {
                shown(system.write(&self.at(*file), *position, data.clone())?)
            }
            Step::SetSize(file, size) => shown(system.set_size(&self.at(*file), *size)?),
            Step::CreateDirectory(base, path) => shown(system.create_directory(&self.at(*base), path)?),
            Step::RemoveDirectory(base, path) => shown(system.remove_directory(&self.at(*base), path)?),
            Step::Unlink(base, path) => shown(system.unlink(&self.at(*base), path)?),
            Step::Rename(from, old, to, new) => {
                shown(system.rename(&self.at(*from), old, &self.at(*to), new)?)
            }
            Step::Link(from, old, to, new) => shown(system.link(&self.at(*from), old, &self.at(*to), new)?),
            Step::Symlink(target, base, path) => shown(system.symlink(target, &self.at(*base), path)?),
            Step::Readlink(base, path) => shown(system.readlink(&self.at(*base), path)?),
            Step::Stat(base, path, follow) => shown(system.stat(&self.at(*base), path, *follow)?),
            Step::StatOpen(number) => shown(system.stat_open(&self.at(*number))),
            Step::List(directory) => shown(system.list(&self.at(*directory))?),
        }
    }

    fn stat_all(&self) -> Vec<Metadata> {
        self.open.borrow().iter().map(|open| self.system.stat_open(open)).collect()
    }
}

fn shown(result: impl Debug) -> Result<String> {
    Ok(format!("{result:?}"))
}

/// Whether the error is only about the use of a file that is open for something else, for which systems
/// have different codes.
fn is_about_rights(step: &Step, code: ErrorCode) -> bool {
    matches!(step, Step::Write(..) | Step::SetSize(..))
        && matches!(code, ErrorCode::NotPermitted | ErrorCode::Invalid | ErrorCode::IsDirectory)
}

/// Runs random programs on both systems.
fn compare(programs: u32) {
    let config = ProptestConfig {
        cases: programs,
        max_local_rejects: u32::MAX,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let outcome = TestRunner::new(config).run(&vec(step(), 1..60), |program| {
        let (private, machine) = (Running::new(Private::new()), Running::new(Machine::new()));
        for (number, step) in program.iter().enumerate() {
            let ours = private.run(step);
            // A path that leaves the directory is refused here, and leads out of it on the machine.
            if ours == Err(ErrorCode::NotPermitted) && !matches!(step, Step::Write(..) | Step::SetSize(..)) {
                continue;
            }
            let theirs = machine.run(step);
            match (&ours, &theirs) {
                (Err(ours), Err(theirs))
                    if is_about_rights(step, *ours) && is_about_rights(step, *theirs) => {}
                _ => prop_assert_eq!(&ours, &theirs, "call {}: {:?}", number, step),
            }
        }
        prop_assert_eq!(private.stat_all(), machine.stat_all());
        let Running { system, open } = private;
        drop(open);
        remove_everything(&system);
        system.assert_leaves_nothing();
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Removes all names below the root.
fn remove_everything(private: &Private) {
    let mut ahead: Vec<String> = private.names(".");
    while let Some(path) = ahead.pop() {
        if private.unlink(&path) != Err(ErrorCode::IsDirectory) {
            continue;
        }
        let names = private.names(&path);
        if names.is_empty() {
            tree::remove_directory_at(private.top(), &path).unwrap();
        } else {
            ahead.push(path.clone());
            ahead.extend(names.iter().map(|name| format!("{path}/{name}")));
        }
    }
}

#[test]
fn a_program_has_the_same_results_as_on_the_filesystem_of_the_machine() {
    compare(500);
}

#[test]
#[ignore = "takes minutes"]
fn a_hundred_thousand_programs_have_the_same_results_as_on_the_filesystem_of_the_machine() {
    compare(100_000);
}
