//! A file on the stage: its kind, its expected content, and its end.

use std::any::Any;
use std::cell::{Cell, RefCell};

use crate::testing::models::file::{Model, Step, Told, perform};
use crate::tests::programs::stage::{Attempted, Play, Trouble};
use crate::tests::*;

/// A kind of file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    pub(super) sort: Sort,
    pub(super) buffer: u64,
    pub(super) appends: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Unnamed,
    Named(Removal),
    Spooled(Option<u64>),
    /// A named file of which a second descriptor is open.
    Shared,
    InDirectory,
}

impl Kind {
    pub(super) fn new(sort: Sort, buffer: u64) -> Kind {
        Kind { sort, buffer, appends: false }
    }

    pub(super) async fn create(
        self,
        scratch: Rc<Scratch<MemoryFilesystem>>,
    ) -> Result<(File<MemoryFilesystem>, Box<dyn Any>)> {
        let access = if self.appends { Access::Append } else { Access::ReadWrite };
        let options = FileOptions { access: Some(access), ..with_buffer(self.buffer) };
        let file = match self.sort {
            Sort::Unnamed | Sort::Shared => File::create(&scratch, options).await?,
            Sort::Named(removal) => {
                File::create_named(&scratch, FileOptions { removal: Some(removal), ..options }).await?
            }
            Sort::Spooled(max_size) => File::create_spooled(&scratch, max_size, options)?,
            Sort::InDirectory => {
                let directory = Directory::create(&scratch, DirectoryOptions::default()).await?;
                let flags = OpenFlags { create: true, ..OpenFlags::default() };
                let file = directory.open("file".into(), flags, Some(access)).await?;
                return Ok((file, Box::new(directory)));
            }
        };
        let owner = match self.sort {
            Sort::Shared => Some(file.descriptor().await?),
            _ => None,
        };
        Ok((file, Box::new(owner)))
    }
}

/// A file on the stage.
pub(super) struct Played<'a> {
    play: &'a Play,
    pub(super) file: Rc<File<MemoryFilesystem>>,
    _owner: Option<Box<dyn Any>>,
    model: RefCell<Model>,
    /// The size that fits into memory, if the file begins there, and whether it had to roll over.
    max_size: Option<u64>,
    may_have_rolled: Cell<bool>,
}

impl<'a> Played<'a> {
    pub(super) fn new(
        play: &'a Play,
        file: Rc<File<MemoryFilesystem>>,
        owner: Option<Box<dyn Any>>,
        kind: Option<Kind>,
    ) -> Played<'a> {
        let model = Model { appends: kind.is_some_and(|kind| kind.appends), ..Model::default() };
        let max_size = match kind.map(|kind| kind.sort) {
            Some(Sort::Spooled(max_size)) => Some(max_size.unwrap_or(u64::MAX)),
            _ => None,
        };
        let may_have_rolled = Cell::new(max_size.is_none());
        Played { play, file, _owner: owner, model: model.into(), max_size, may_have_rolled }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.model.borrow().bytes.clone()
    }

    /// Takes a step, and repeats it if it failed or was cancelled.
    pub(super) fn takes(&self, step: Step) {
        if self.model.borrow().refuses(&step) {
            return;
        }
        for attempt in 0.. {
            let attempted = self.play.attempt(perform(&self.file, step.clone()));
            if self.came_out(&step, attempted) {
                return;
            }
            assert_eq!(attempt, 0, "{step:?} fails twice");
        }
    }

    /// Calls the file, and repeats the call after a failure, as `Play::takes` does.
    pub(super) fn takes_call<T>(
        &self,
        call: impl AsyncFn(&File<MemoryFilesystem>) -> Result<T>,
        again: &[ErrorCode],
    ) -> Option<T> {
        self.play.takes(|| call(&self.file), again)
    }

    /// Returns whether a step is done, and compares the content.
    pub(super) fn came_out(&self, step: &Step, attempted: Attempted<Told>) -> bool {
        let mut model = self.model.borrow_mut();
        let mut stages = model.stages(step);
        let fits = |stage: &Model| self.max_size.is_none_or(|max_size| stage.bytes.len() as u64 <= max_size);
        if matches!(step, Step::Rollover) || !stages.iter().all(fits) {
            self.may_have_rolled.set(true);
        }
        assert!(self.may_have_rolled.get() || !self.file.is_rolled(), "{step:?}: rolled over too early");
        match attempted {
            Attempted::Done(told) => {
                model.follow(step, &told);
                assert_eq!(self.file.tell(), model.position, "{step:?}");
                assert!(fits(&model) || self.file.is_rolled(), "{step:?}: not rolled over");
                return true;
            }
            Attempted::Failed => stages = model.stages_of_failure(step),
            Attempted::GivenUp => {}
        }
        let disk = &self.play.instance.disk;
        let bytes = disk.run(self.file.read_at(u64::MAX, 0)).expect("it can be read");
        let found = Model { bytes, position: self.file.tell(), appends: model.appends };
        let is_exact = !matches!(self.play.trouble(), Some(Trouble::IsLost(_) | Trouble::IsShort(_)));
        let fits = |stage: &Model| stage.bytes == found.bytes && stage.position == found.position;
        let holds = stages.iter().any(fits) || !is_exact && found.lies_between(&model, &model.after(step));
        assert!(holds, "{step:?} on {model:?} made it {found:?}");
        *model = found;
        self.check_behind_the_end(model.bytes.len() as u64);
        false
    }

    /// Checks that refused bytes do not appear when the file grows.
    fn check_behind_the_end(&self, length: u64) {
        // A file in memory would roll over.
        if self.file.is_rolled() {
            let disk = &self.play.instance.disk;
            disk.run(self.file.truncate(Some(length + 50))).expect("it can grow");
            let behind = disk.run(self.file.read_at(50, length)).expect("it can be read");
            assert_eq!(behind, [0; 50], "behind the end");
            disk.run(self.file.truncate(Some(length))).expect("it can be cut");
        }
    }

    /// Persists the file at a path.
    pub(super) fn persists(&self, path: &'static str, replace: bool) {
        self.may_have_rolled.set(true);
        let before = self.play.instance.disk.contents(path);
        let call = || self.file.persist(path.to_owned(), replace);
        let disk = &self.play.instance.disk;
        let in_place = |bytes: &[u8]| disk.contents(path).as_deref() == Some(bytes);
        if let Attempted::Failed = {
            let attempted = self.play.attempt(call());
            if let Attempted::Done(()) = attempted {
                return self.play.stays(path, Some(self.bytes()));
            }
            attempted
        } {
            let lost = matches!(self.play.trouble(), Some(Trouble::IsLost(_)));
            assert!(disk.contents(path) == before || lost && in_place(&self.bytes()), "half persisted");
        }
        let again = disk.run(call());
        let is_there = in_place(&self.bytes());
        // The file exists at the target already, or is missing at its old path, or is closed.
        let done = [ErrorCode::Exist, ErrorCode::NoEntry, ErrorCode::Closed];
        let expected = again.as_ref().err().is_none_or(|error| done.contains(&error.code));
        assert!(is_there && expected, "{again:?}");
        self.play.stays(path, Some(self.bytes()));
    }

    /// Keeps the file in its place.
    pub(super) fn keeps(&self) {
        self.takes_call(async |file| file.keep().await, &[]);
        self.play.stays(&self.file.path().expect("it has a name"), Some(self.bytes()));
    }

    /// Requests a second descriptor.
    pub(super) fn shares(&self) {
        self.may_have_rolled.set(true);
        drop(self.takes_call(async |file| file.descriptor().await, &[]));
    }

    /// Compares the content, and closes the file.
    pub(super) fn closes(self) {
        self.takes(Step::ReadAt(u64::MAX, 0));
        // Closing may remove the file, and its failure may leave the name.
        self.takes_call(async |file| file.close().await, &[ErrorCode::Closed]);
    }

    /// Returns the file without its model.
    pub(super) fn into_file(self) -> File<MemoryFilesystem> {
        Rc::into_inner(self.file).expect("nobody else has it")
    }

    /// Compares the content, and drops the file.
    pub(super) fn goes(self) {
        self.takes(Step::ReadAt(u64::MAX, 0));
    }
}

impl Model {
    /// Whether each byte is equal in one of two models. A failed write may leave a mixture of both.
    fn lies_between(&self, before: &Model, after: &Model) -> bool {
        let length = self.bytes.len();
        let (low, high) =
            (before.bytes.len().min(after.bytes.len()), before.bytes.len().max(after.bytes.len()));
        let either = |place: usize| {
            [before, after].iter().any(|model| model.bytes.get(place) == self.bytes.get(place))
        };
        let position = self.position == before.position || self.position <= after.position;
        (low..=high).contains(&length) && (0..length).all(either) && position
    }
}
