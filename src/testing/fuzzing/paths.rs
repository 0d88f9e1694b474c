//! Paths: no operation in a temporary directory creates, changes or removes an entry outside of it.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::directory::Directory;
use crate::error::{Error, ErrorCode};
use crate::file::File;
use crate::filesystem::Kind;
use crate::instance::scratch::Scratch;
use crate::options::{Access, DirectoryOptions, FileOptions, OpenFlags};
use crate::place::name::{Affixes, Mark, is_ours};
use crate::testing::memory_filesystem::MemoryFilesystem;

/// The content of all files outside of the directory.
const OUTSIDE: &[u8] = b"outside";

/// The bytes that are written to files of the directory.
const INSIDE: &[u8] = b"inside";

/// The kinds and contents of all entries outside of the directory.
type Outside = BTreeMap<String, (Option<Kind>, Option<Vec<u8>>)>;

/// A temporary directory beside other entries, with links that lead to them.
struct World {
    disk: MemoryFilesystem,
    scratch: Rc<Scratch<MemoryFilesystem>>,
    directory: Directory<MemoryFilesystem>,
}

/// Takes steps. The first character of each is the operation, the others are a path.
pub(super) fn check((prefix, suffix): (&str, &str), steps: &[String]) {
    let world = World::new(prefix, suffix);
    let before = world.outside();
    for step in steps {
        let Some(operation) = step.chars().next() else { continue };
        // The path of the directory is not known before the run.
        let path = step[operation.len_utf8()..].replacen('~', &world.directory.path(), 1);
        let outside = world.outside();
        match operation {
            'p' => world.persist(&path, &outside),
            'w' => world.sweep(&path),
            _ => world.take(operation, &path),
        }
        assert!(operation == 'p' || world.outside() == outside, "{step:?} reached outside");
    }
    if !steps.iter().any(|step| step.starts_with('p')) {
        assert_eq!(world.outside(), before);
    }
    world.end();
}

impl World {
    fn new(prefix: &str, suffix: &str) -> World {
        let disk = MemoryFilesystem::new().preopen("/other");
        for path in ["/tmp/outside/file", "/tmp/outside/deep/file", "/other/file"] {
            disk.plant_file(path, OUTSIDE);
        }
        let scratch = Scratch::new(disk.clone());
        let options = DirectoryOptions {
            prefix: Some(prefix.into()),
            suffix: Some(suffix.into()),
            ..DirectoryOptions::default()
        };
        let directory = disk.run(Directory::create(&scratch, options)).expect("affixes that are accepted");
        let at = |name: &str| format!("{}/{name}", directory.path());
        for (name, target) in [
            ("out", "../outside"),
            ("out-file", "../outside/file"),
            ("far", "/other"),
            ("round", "round"),
            ("in", "sub"),
            ("sub/up", "../.."),
            ("dangling", "../new"),
        ] {
            disk.plant_symbolic_link(&at(name), target);
        }
        disk.plant_file(&at("sub/file"), INSIDE);
        disk.plant_pipe(&at("pipe"));
        World { disk, scratch, directory }
    }

    fn outside(&self) -> Outside {
        let inside = format!("{}/", self.directory.path());
        let entries = self.disk.entries().into_iter().filter(|path| !path.starts_with(&inside));
        entries.map(|path| (path.clone(), (self.disk.kind(&path), self.disk.contents(&path)))).collect()
    }

    /// Executes a step that must not have an effect outside.
    fn take(&self, operation: char, path: &str) {
        let create = OpenFlags { create: true, ..OpenFlags::default() };
        match operation {
            'o' => self.open(path, OpenFlags::default(), Access::ReadOnly),
            'a' => self.open(path, OpenFlags::default(), Access::Append),
            'c' => self.open(path, create, Access::ReadWrite),
            't' => self.open(path, OpenFlags { truncate: true, ..create }, Access::WriteOnly),
            'x' => self.open(path, OpenFlags { exclusive: true, ..create }, Access::ReadWrite),
            'd' => {
                let made = self.disk.run(self.directory.create_directory(path.into()));
                self.assert_inside(path, made, Kind::Directory);
            }
            'l' => {
                let listed = self.disk.run(self.directory.entries(path.into()));
                self.assert_inside(path, listed.map(drop), Kind::Directory);
            }
            'r' => {
                let removed = self.disk.run(self.directory.remove(path.into()));
                let is_refused = removed.as_ref().is_err_and(|error| error.code == ErrorCode::NotPermitted);
                assert!(stays_inside(path) || removed.is_err(), "{path:?} is removed");
                assert!(!stays_inside(path) || !is_refused, "{path:?} is refused");
                removed.err().iter().for_each(|error| assert_names(error, "path"));
            }
            's' => self.plant_link(path),
            'n' => self.create_named(path),
            'v' => self.find_default(path),
            _ => self.find_parent(path),
        }
    }

    fn open(&self, path: &str, flags: OpenFlags, access: Access) {
        let opened = self.disk.run(self.directory.open(path.into(), flags, Some(access)));
        let file = self.assert_inside(path, opened, Kind::File);
        if let Some(file) = file {
            if access.reads() {
                let content = self.disk.run(file.read(u64::MAX)).expect("it may be read");
                assert_ne!(content, OUTSIDE, "{path:?} is outside");
            }
            if access.writes() {
                self.disk.run(file.write(INSIDE.to_vec())).expect("it may be written");
            }
            self.disk.run(file.close()).expect("it is closed");
        }
    }

    /// Asserts that a successful operation led to an entry of this kind, through directories and no links.
    fn assert_inside<T>(&self, path: &str, outcome: crate::error::Result<T>, kind: Kind) -> Option<T> {
        match outcome {
            Ok(outcome) => {
                assert!(stays_inside(path), "{path:?} is accepted");
                let names: Vec<&str> = names(path).collect();
                for depth in 0..=names.len() {
                    let part = [&[&*self.directory.path()], &names[..depth]].concat().join("/");
                    let expected = if depth == names.len() { kind } else { Kind::Directory };
                    assert_eq!(self.disk.kind(&part), Some(expected), "{path:?}");
                }
                Some(outcome)
            }
            Err(error) => {
                assert_names(&error, "path");
                None
            }
        }
    }

    /// Creates a link in the directory on the host; `link` is its name, `>` and its target.
    fn plant_link(&self, link: &str) {
        if let Some((name, target)) = link.split_once('>')
            && can_be_planted(name)
        {
            self.disk.plant_symbolic_link(&format!("{}/{name}", self.directory.path()), target);
        }
    }

    /// Creates a named file in a directory that the caller names.
    fn create_named(&self, path: &str) {
        let options = FileOptions { directory: Some(path.into()), ..FileOptions::default() };
        match self.disk.run(File::create_named(&self.scratch, options)) {
            Ok(file) => {
                let shown = file.path().expect("a named file");
                let rest =
                    shown.strip_prefix(path.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'));
                assert!(rest.is_some_and(|name| is_name(name) && is_ours(name)), "{shown:?} in {path:?}");
                self.disk.run(file.close()).expect("it is removed");
            }
            Err(error) => assert_names(&error, "directory"),
        }
    }

    /// Finds the default directory with this path in the environment.
    fn find_default(&self, path: &str) {
        let disk = MemoryFilesystem::new().preopen("/other").with_variable("TMPDIR", path);
        disk.plant_directory("/other/deep");
        let entries = disk.entries();
        let location = disk.run(Scratch::new(disk.clone()).find(None)).expect("there is /tmp");
        let wanted = path.trim_end_matches('/');
        assert!(*location.path == *wanted || &*location.path == "/tmp", "{path:?}: {}", location.path);
        assert_eq!(disk.entries(), entries);
    }

    fn find_parent(&self, path: &str) {
        let locations = &self.scratch.locations;
        match self.disk.run(locations.parent(&self.disk, path)) {
            Ok((location, name)) => {
                assert!(is_name(name) && path.ends_with(name), "{name:?} of {path:?}");
                let parent = path[..path.len() - name.len()].trim_end_matches('/');
                assert!(*location.path == *parent || [".", "/"].contains(&&*location.path), "{path:?}");
            }
            Err(error) => assert_names(&error, "path"),
        }
    }

    /// Persists a file at a path, which creates or changes at most one entry.
    fn persist(&self, path: &str, before: &Outside) {
        let replace = path.len() % 2 == 1;
        let file = self.disk.run(File::create(&self.scratch, FileOptions::default())).expect("a file");
        self.disk.run(file.write(b"persisted".to_vec())).expect("it may be written");
        let persisted = self.disk.run(file.persist(path.into(), replace));
        self.disk.run(file.close()).expect("it is closed");
        let after = self.outside();
        let changes = after.iter().filter(|(path, entry)| before.get(*path) != Some(entry)).count();
        assert!(before.keys().all(|path| after.contains_key(path)), "{path:?} takes something away");
        assert!(changes <= usize::from(persisted.is_ok()), "{path:?} changes {changes} entries");
        persisted.err().iter().for_each(|error| assert_names(error, "path"));
    }

    /// Sweeps, which removes leftovers and no file with a foreign name.
    fn sweep(&self, name: &str) {
        let names = [Mark::Ours, Mark::Foreign].map(|mark| Affixes::default().name(name.len() as u128, mark));
        let strangers =
            is_name(name).then_some(name).filter(|name| !name.contains("tmp") && *name != "outside");
        let planted: Vec<String> =
            names.iter().map(String::as_str).chain(strangers).map(|name| format!("/tmp/{name}")).collect();
        planted.iter().for_each(|path| self.disk.plant_file(path, OUTSIDE));
        let report = self.disk.run(self.scratch.sweep(Some("/tmp".into()), 0)).expect("there is /tmp");
        assert!(report.failed.is_empty());
        for path in planted {
            let is_ours = is_ours(path.trim_start_matches("/tmp/"));
            assert_eq!(self.disk.kind(&path).is_none(), is_ours, "{path:?}");
            assert_eq!(report.removed.contains(&path), is_ours, "{path:?}");
            if !is_ours {
                self.disk.take_away(&path);
            }
        }
    }

    fn end(self) {
        let path = self.directory.path();
        let mut before = self.outside();
        self.disk.run(self.directory.close()).expect("nothing hinders its removal");
        before.remove(&*path);
        assert_eq!(self.outside(), before, "closing the directory reached outside");
        let World { disk, scratch, directory } = self;
        drop(directory);
        disk.settle();
        drop(scratch);
        disk.assert_balanced();
        assert_eq!(disk.open_descriptors(), 0, "descriptors are left open");
    }
}

/// Whether a path stays below the directory in which it starts, apart from links.
fn stays_inside(path: &str) -> bool {
    !path.starts_with('/') && !path.contains(['\\', '\0']) && path.split('/').all(|name| name != "..")
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|name| !matches!(*name, "" | "."))
}

fn is_name(text: &str) -> bool {
    !text.contains(['/', '\0']) && !matches!(text, "" | "." | "..")
}

/// Whether the name is possible on the host's filesystem.
fn can_be_planted(name: &str) -> bool {
    is_name(name) && name.len() <= 255
}

#[track_caller]
fn assert_names(error: &Error, argument: &str) {
    assert!(error.message.contains(argument), "{}", error.message);
    assert!(error.message.len() < 4000 && !error.message.contains(char::is_control), "{:?}", error.message);
}
