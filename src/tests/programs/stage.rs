//! A stage for programs that go on whatever goes wrong, and what has to hold of them meanwhile.
//!
//! A program takes steps. Where one fails, or its caller gives up, the stage looks at what became of
//! it, puts the host in order, and has the step taken again. At the end nothing may be left behind,
//! all counters must tell the truth, and the instance must still work.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use futures::FutureExt;
use futures::future::join_all;

use crate::error::Error;
use crate::testing::memory_filesystem::{Abandoned, Call, Patience};
use crate::testing::models::file::{Step, Told, perform};
use crate::tests::programs::staged_file::{Kind, Played};
use crate::tests::*;

/// What goes wrong at one call to the host, or at one poll.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trouble {
    /// The call has no effect and fails.
    Fails(ErrorCode),
    /// So do all that follow, until somebody is told.
    FailsOn(ErrorCode),
    /// It takes effect and reports a failure.
    IsLost(ErrorCode),
    /// It stops after so many bytes or entries.
    IsShort(usize),
    /// Much else happens before and after it.
    IsSlow,
    /// Its caller has given up when it takes effect, or fails.
    IsLate(Option<ErrorCode>),
    /// At a poll the caller gives up; what becomes of the call then, and whether all fails that follow.
    GivesUp(Abandoned, Option<ErrorCode>),
}

/// What came of a step.
pub(super) enum Attempted<T> {
    Done(T),
    Failed,
    GivenUp,
}

pub(super) struct Play {
    pub(super) instance: Instance,
    trouble: Option<(Trouble, usize)>,
    /// How many calls had been made when the host was put in order again.
    healed: Cell<Option<usize>>,
    /// What is to stay, and what is in it.
    staying: RefCell<BTreeMap<String, Option<Vec<u8>>>>,
    /// How much of that nobody counts.
    uncounted: Cell<u64>,
}

impl Play {
    /// A stage on which the nth call to the host, or poll, has trouble.
    pub(super) fn new(trouble: Option<(Trouble, usize)>) -> Play {
        let instance = Instance::new();
        let disk = &instance.disk;
        match trouble {
            Some((Trouble::Fails(code), nth)) => disk.failing_call(nth, code),
            Some((Trouble::FailsOn(code), nth)) => disk.failing_from(nth, code),
            Some((Trouble::IsLost(code), nth)) => disk.losing_call(nth, code),
            Some((Trouble::IsShort(count), nth)) => disk.shortening_call(nth, count, ErrorCode::Io),
            Some((Trouble::IsSlow, nth)) => disk.slowing_call(nth, 7, 7),
            Some((Trouble::IsLate(code), nth)) => {
                disk.slowing_call(nth, 1, 1).with_patience(Patience::Calls(nth));
                code.map_or(disk.clone(), |code| disk.failing_call(nth, code))
            }
            Some((Trouble::GivesUp(abandoned, _), poll)) => {
                disk.slow().abandoning(abandoned).with_patience(Patience::Polls(poll))
            }
            None => disk.clone(),
        };
        let (healed, staying, uncounted) = (Cell::new(None), RefCell::default(), Cell::new(0));
        Play { instance, trouble, healed, staying, uncounted }
    }

    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.trouble.map(|(trouble, _)| trouble)
    }

    pub(super) fn scratch(&self) -> Rc<Scratch<MemoryFilesystem>> {
        self.instance.scratch.clone()
    }

    pub(super) fn attempt<T>(&self, call: impl Future<Output = Result<T>>) -> Attempted<T> {
        let attempted = match self.instance.disk.attempt(call) {
            Some(Ok(done)) => return Attempted::Done(done),
            Some(Err(error)) => {
                self.check_error(&error);
                Attempted::Failed
            }
            None => Attempted::GivenUp,
        };
        self.put_in_order();
        attempted
    }

    /// Takes a step, and takes it again if it failed or its caller gave up.
    ///
    /// What the step had done may stand in its own way, which `again` says how.
    pub(super) fn takes<T, C: Future<Output = Result<T>>>(
        &self,
        call: impl Fn() -> C,
        again: &[ErrorCode],
    ) -> Option<T> {
        let before = self.instance.disk.entries();
        let attempted = self.attempt(call());
        if let Attempted::Done(done) = attempted {
            return Some(done);
        }
        let may_have_happened = !matches!(self.trouble, Some((Trouble::Fails(_) | Trouble::FailsOn(_), _)));
        if again.is_empty() && !self.failed_to_remove() {
            let new = self.instance.disk.entries().into_iter().filter(|entry| !before.contains(entry));
            assert_eq!(new.collect::<Vec<_>>(), [""; 0], "left behind by a step that failed");
        }
        match self.instance.disk.run(call()) {
            Ok(done) => Some(done),
            Err(error) if may_have_happened && again.contains(&error.code) => None,
            Err(error) => panic!("taken again: {}", error.message),
        }
    }

    /// Creates a file of some kind.
    pub(super) fn creates(&self, kind: Kind) -> Played<'_> {
        let made = self.takes(|| kind.create(self.scratch()), &[]);
        let (file, owner) = made.expect("created at last");
        Played::new(self, Rc::new(file), Some(owner), Some(kind))
    }

    /// Holds a file that something else created.
    pub(super) fn holds(&self, file: File<MemoryFilesystem>) -> Played<'_> {
        Played::new(self, Rc::new(file), None, None)
    }

    /// Takes a step on each of these files at the same time.
    pub(super) fn takes_together(&self, steps: &[(&Played<'_>, Step)]) {
        let calls = steps.iter().map(|(played, step)| perform(&played.file, step.clone()));
        let together = join_all(calls).map(|outcomes| {
            let first = outcomes.iter().find_map(|outcome| outcome.as_ref().err().cloned());
            first.into_iter().for_each(|error| self.check_error(&error));
            Ok(outcomes)
        });
        let outcomes: Vec<_> = match self.attempt(together) {
            Attempted::Done(outcomes) => {
                if outcomes.iter().any(Result::is_err) {
                    self.put_in_order();
                }
                let attempted = |outcome: Result<Told>| match outcome {
                    Ok(told) => Attempted::Done(told),
                    Err(_) => Attempted::Failed,
                };
                outcomes.into_iter().map(attempted).collect()
            }
            Attempted::Failed => unreachable!("their outcomes are looked at one by one"),
            Attempted::GivenUp => steps.iter().map(|_| Attempted::GivenUp).collect(),
        };
        for ((played, step), outcome) in steps.iter().zip(outcomes) {
            if !played.came_out(step, outcome) {
                played.takes(step.clone());
            }
        }
    }

    /// From now on this entry is somebody's, and stays.
    pub(super) fn stays(&self, path: &str, contents: Option<Vec<u8>>) {
        self.staying.borrow_mut().insert(path.to_owned(), contents);
    }

    /// So does this one, which is not counted.
    pub(super) fn stays_uncounted(&self, path: &str, contents: Option<Vec<u8>>) {
        self.uncounted.set(self.uncounted.get() + 1);
        self.stays(path, contents);
    }

    /// Lets happen what was left behind, and ends the trouble.
    fn put_in_order(&self) {
        let disk = &self.instance.disk;
        if let Some((Trouble::GivesUp(_, Some(code)), _)) = self.trouble
            && self.healed.get().is_none()
        {
            disk.failing_from(1, code);
        }
        disk.settle();
        self.healed.set(self.healed.get().or(Some(disk.calls())));
        disk.heal();
    }

    #[track_caller]
    fn check_error(&self, error: &Error) {
        let expected = match self.trouble {
            Some((Trouble::Fails(code) | Trouble::FailsOn(code) | Trouble::IsLost(code), _)) => code,
            Some((Trouble::IsShort(_), _)) => ErrorCode::Io,
            _ => panic!("nothing went wrong: {}", error.message),
        };
        // Whether two files are the same has no answer but yes and no.
        let asked = self.instance.disk.made().last().is_some_and(|made| made.call == Call::IsSame);
        // Nor has the search for a directory one code for all that it tried.
        let searched = error.message.starts_with("no usable directory");
        let fits = error.code == expected || (asked || searched) && error.code == ErrorCode::NoEntry;
        assert!(fits, "{expected:?} was to be told: {}", error.message);
    }

    /// Whether one of the calls that failed was one that removes.
    fn failed_to_remove(&self) -> bool {
        let made = self.instance.disk.made();
        let healed = self.healed.get().unwrap_or(made.len());
        let failed = match self.trouble {
            Some((Trouble::FailsOn(_), nth)) => nth - 1..healed,
            // All from the poll on, of which nobody knows the number.
            Some((Trouble::GivesUp(_, Some(_)), _)) => 0..healed,
            Some((
                Trouble::Fails(_) | Trouble::IsLost(_) | Trouble::IsLate(Some(_)) | Trouble::IsShort(_),
                nth,
            )) => nth - 1..nth,
            _ => 0..0,
        };
        let end = failed.end.min(made.len());
        made[failed.start.min(end)..end]
            .iter()
            .any(|made| matches!(made.call, Call::Unlink | Call::RemoveDirectory | Call::List))
    }

    /// Whether the trouble came; the program may have ended before.
    pub(super) fn was_troubled(&self) -> bool {
        match self.trouble {
            Some((Trouble::GivesUp(..), _)) => self.healed.get().is_some(),
            Some((_, nth)) => self.instance.disk.calls() >= nth,
            None => false,
        }
    }

    /// What holds at the end of every program.
    pub(super) fn ends(self) -> bool {
        let troubled = self.was_troubled();
        let disk = self.instance.disk.clone();
        disk.settle();
        let told = self.healed.get().is_some();
        let left = disk.entries();
        // Who drops a directory is told nothing, whatever failed of the removal.
        if self.failed_to_remove() || !told {
            self.put_in_order();
            self.check_that_it_works();
            disk.settle();
        }
        let staying = self.staying.take();
        let expected: Vec<&String> = staying.keys().collect();
        assert_eq!(disk.entries().iter().collect::<Vec<_>>(), expected, "before: {left:?}");
        for (path, contents) in &staying {
            assert_eq!(disk.contents(path), *contents, "{path}");
        }
        let Usage { bytes, entries, handles, memory, .. } = self.instance.usage();
        assert_eq!([handles.now, memory.now], [0; 2], "handles and memory");
        assert_eq!(entries.now, staying.len() as u64 - self.uncounted.get(), "entries");
        assert_eq!(bytes.now, disk.used(), "bytes");
        self.check_that_it_works();
        // Directories come before what is in them.
        for path in staying.keys().rev() {
            disk.take_away(path);
        }
        self.instance.assert_clean();
        troubled
    }

    fn check_that_it_works(&self) {
        let file = self.instance.try_named(with_buffer(3)).expect("the instance still works");
        file.write(b"still working").expect("the instance still works");
        assert_eq!(file.contents(), b"still working");
        file.assert_closes();
    }
}
