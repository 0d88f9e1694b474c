//! Random programs on trees in which a stranger links, moves and removes entries, and whose names have
//! two spellings: the usage is never below the truth, and no limit is exceeded.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::bytes;
use crate::filesystem::Kind;
use crate::tests::*;

/// The largest number of bytes on disk.
const MOST: u64 = 300;

/// Paths in the tree. Where case is ignored, some are other spellings of others.
const PATHS: [&str; 8] = ["a", "A", "b", "d", "D", "d/a", "D/a", "d/b"];

/// Ways from the tree to a place for a file, some of which leave the tree.
const PLACES: [&str; 5] = ["", "/d", "/..", "/d/..", "/../."];

#[derive(Clone, Debug)]
enum Step {
    Open(&'static str, OpenFlags, Access),
    CreateNamed(&'static str, Removal),
    /// Opens a file that has a name of its own through the tree.
    OpenNamed(usize, Access),
    Persist(usize, &'static str, &'static str),
    Keep(usize),
    Write(usize, usize),
    WriteAt(usize, usize, u64),
    Truncate(usize, u64),
    Flush(usize),
    Close(usize),
    Drop(usize),
    CreateDirectory(&'static str),
    Remove(&'static str),
    NewTree,
    /// Persists the tree at a path in a new one, which takes its place.
    Publish(&'static str),
    /// Persists a published tree at a path in the tree, or outside of it.
    PublishAgain(usize, Option<&'static str>),
    DropPublished(usize),
    /// By a stranger, as the rest.
    Link(&'static str, &'static str),
    Move(&'static str, &'static str),
    MoveOut(&'static str),
    TakeAway(&'static str),
}

fn step() -> impl Strategy<Value = Step> {
    let path = || select(&PATHS[..]);
    let place = || select(&PLACES[..]);
    let file = || 0..8_usize;
    let flags = (any::<bool>(), any::<bool>()).prop_map(|(create, truncate)| OpenFlags {
        create,
        truncate,
        exclusive: false,
    });
    let access = || select(vec![Access::ReadWrite, Access::WriteOnly, Access::ReadOnly, Access::Append]);
    let removal = select(vec![Removal::OnClose, Removal::OnDrop, Removal::Never]);
    prop_oneof![
        6 => (path(), flags, access()).prop_map(|(path, flags, access)| Step::Open(path, flags, access)),
        2 => (place(), removal).prop_map(|(place, removal)| Step::CreateNamed(place, removal)),
        2 => (file(), access()).prop_map(|(file, access)| Step::OpenNamed(file, access)),
        2 => (file(), place(), select(vec!["a", "A", "kept"]))
            .prop_map(|(file, place, name)| Step::Persist(file, place, name)),
        1 => file().prop_map(Step::Keep),
        4 => (file(), 0..90_usize).prop_map(|(file, length)| Step::Write(file, length)),
        4 => (file(), 0..40_usize, 0..120_u64)
            .prop_map(|(file, length, offset)| Step::WriteAt(file, length, offset)),
        2 => (file(), 0..120_u64).prop_map(|(file, size)| Step::Truncate(file, size)),
        1 => file().prop_map(Step::Flush),
        2 => file().prop_map(Step::Close),
        3 => file().prop_map(Step::Drop),
        2 => path().prop_map(Step::CreateDirectory),
        3 => path().prop_map(Step::Remove),
        1 => Just(Step::NewTree),
        2 => path().prop_map(Step::Publish),
        2 => (file(), proptest::option::of(path())).prop_map(|(tree, path)| Step::PublishAgain(tree, path)),
        1 => file().prop_map(Step::DropPublished),
        2 => (path(), path()).prop_map(|(old, new)| Step::Link(old, new)),
        2 => (path(), path()).prop_map(|(old, new)| Step::Move(old, new)),
        1 => path().prop_map(Step::MoveOut),
        1 => path().prop_map(Step::TakeAway),
    ]
}

/// An instance, a tree and some files.
struct World {
    instance: Instance,
    tree: TestDirectory,
    published: Vec<TestDirectory>,
    files: Vec<TestFile>,
    moved_out: usize,
}

impl World {
    fn new(ignores_case: bool) -> World {
        let disk = MemoryFilesystem::without_preopens();
        let disk = if ignores_case { disk.preopen_ignoring_case("/tmp") } else { disk.preopen("/tmp") };
        let instance = Instance::on(disk);
        instance.scratch.set_limits(bytes(MOST)).unwrap();
        let tree = instance.directory();
        World { instance, tree, published: Vec::new(), files: Vec::new(), moved_out: 0 }
    }

    /// Takes a step; what is refused has no effect.
    fn take(&mut self, step: &Step) -> Result<()> {
        let count = self.files.len();
        let on = |index: &usize, call: &dyn Fn(&TestFile) -> Result<()>| match count {
            0 => Ok(()),
            _ => call(&self.files[index % count]),
        };
        match step {
            Step::Open(path, flags, access) => self.files.push(self.tree.open(path, *flags, *access)?),
            Step::CreateNamed(place, removal) => {
                let directory = in_directory(&(self.tree.path() + place));
                let options = FileOptions { removal: Some(*removal), ..directory };
                self.files.push(self.instance.try_named(options)?);
            }
            Step::OpenNamed(index, access) if count > 0 => {
                if let Some(path) = self.files[index % count].file.path() {
                    let (_, name) = path.rsplit_once('/').expect("a path in a directory");
                    self.files.push(self.tree.open(name, OpenFlags::default(), *access)?);
                }
            }
            Step::OpenNamed(..) => {}
            Step::Persist(index, place, name) => {
                let path = format!("{}{place}/{name}", self.tree.path());
                on(index, &|file| file.persist(&path, true))?;
            }
            Step::Keep(index) => on(index, &|file| file.keep())?,
            Step::Write(index, length) => on(index, &|file| file.write(&vec![b'w'; *length]))?,
            Step::WriteAt(index, length, at) => on(index, &|file| file.write_at(&vec![b'a'; *length], *at))?,
            Step::Truncate(index, size) => on(index, &|file| file.truncate(Some(*size)))?,
            Step::Flush(index) => on(index, &|file| file.flush())?,
            Step::Close(index) => on(index, &|file| file.close())?,
            Step::Drop(index) if count > 0 => drop(self.files.swap_remove(index % count)),
            Step::Drop(_) => {}
            Step::CreateDirectory(path) => self.tree.create_directory(path)?,
            Step::Remove(path) => self.tree.remove(path)?,
            Step::NewTree => self.tree = self.instance.try_directory(DirectoryOptions::default())?,
            Step::Publish(path) => {
                let new = self.instance.directory();
                let old = std::mem::replace(&mut self.tree, new);
                let persisted = old.persist(&self.tree.join(path));
                self.published.push(old);
                persisted?;
            }
            Step::PublishAgain(index, path) if !self.published.is_empty() => {
                let target =
                    path.map_or(format!("/tmp/out{}", self.moved_out + 1), |path| self.tree.join(path));
                self.moved_out += 1;
                self.published[index % self.published.len()].persist(&target)?;
            }
            Step::DropPublished(index) if !self.published.is_empty() => {
                drop(self.published.swap_remove(index % self.published.len()));
            }
            Step::PublishAgain(..) | Step::DropPublished(_) => {}
            Step::Link(..) | Step::Move(..) | Step::MoveOut(_) | Step::TakeAway(_) => self.interfere(step),
        }
        Ok(())
    }

    fn interfere(&mut self, step: &Step) {
        let disk = self.instance.disk.clone();
        let at = |path: &&str| self.tree.join(path);
        let is = |path: &&str, kind| disk.kind(&at(path)) == Some(kind);
        let is_free = |path: &&str| {
            let parent = path.split_once('/').map(|(parent, _)| parent);
            disk.kind(&at(path)).is_none() && parent.is_none_or(|parent| is(&parent, Kind::Directory))
        };
        match step {
            Step::Link(old, new) if is(old, Kind::File) && is_free(new) => {
                disk.plant_link(&at(old), &at(new))
            }
            Step::Move(old, new) if is(old, Kind::File) && is_free(new) => disk.move_away(&at(old), &at(new)),
            Step::MoveOut(path) if disk.kind(&at(path)).is_some() => {
                self.moved_out += 1;
                disk.move_away(&self.tree.join(path), &format!("/tmp/out{}", self.moved_out));
            }
            Step::TakeAway(path) if disk.kind(&at(path)).is_some() => disk.take_away(&at(path)),
            _ => {}
        }
    }

    fn check(&self, step: &Step) {
        let disk = &self.instance.disk;
        let charged = self.instance.usage().bytes.now;
        assert!(charged >= disk.used(), "{step:?}: {} bytes on disk, {charged} are charged", disk.used());
        assert!(disk.most_used() <= MOST, "{step:?}: {} bytes", disk.most_used());
    }
}

fn run(ignores_case: bool, steps: &[Step]) {
    let mut world = World::new(ignores_case);
    for step in steps {
        _ = world.take(step);
        world.instance.disk.settle();
        world.check(step);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_interference_makes_the_usage_less_than_what_there_is(
        ignores_case in any::<bool>(),
        steps in vec(step(), 1..40),
    ) {
        run(ignores_case, &steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    #[ignore = "takes minutes"]
    fn no_interference_in_a_long_run_makes_the_usage_less_than_what_there_is(
        ignores_case in any::<bool>(),
        steps in vec(step(), 1..60),
    ) {
        run(ignores_case, &steps);
    }
}
