//! A stage for programs that continue after a fault, with the checks during and after a program.
//!
//! A program takes steps. After a failed or cancelled step the stage checks the effects, ends the faults of
//! the host, and repeats the step. At the end no entry may be left, all counters have to be exact, and the
//! instance has to work.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use futures::FutureExt;
use futures::future::join_all;

use crate::error::Error;
use crate::testing::memory_filesystem::{Abandoned, Call, Patience};
use crate::testing::models::file::{Step, Told, perform};
use crate::tests::programs::staged_file::{Kind, Played};
use crate::tests::*;

/// A fault of one call to the host, or a cancellation at one poll.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trouble {
    /// The call has no effect and fails.
    Fails(ErrorCode),
    /// The call and all later ones fail, until a caller has seen the error.
    FailsOn(ErrorCode),
    /// The call takes effect and reports an error.
    IsLost(ErrorCode),
    /// The call stops after this number of bytes or entries.
    IsShort(usize),
    /// The call is delayed before and after it takes effect.
    IsSlow,
    /// The call is cancelled before it takes effect or fails.
    IsLate(Option<ErrorCode>),
    /// The caller cancels at a poll, with the fate of the call and the error of all later calls.
    GivesUp(Abandoned, Option<ErrorCode>),
}

/// The result of a step.
pub(super) enum Attempted<T> {
    Done(T),
    Failed,
    GivenUp,
}

pub(super) struct Play {
    pub(super) instance: Instance,
    trouble: Option<(Trouble, usize)>,
    /// The number of calls when the faults of the host were ended.
    healed: Cell<Option<usize>>,
    /// The entries that have to stay, with their content.
    staying: RefCell<BTreeMap<String, Option<Vec<u8>>>>,
    /// The number of those that are not counted.
    uncounted: Cell<u64>,
}

impl Play {
    /// Creates a stage with a fault at the nth call to the host, or poll.
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

    /// Takes a step, and repeats it if it failed or was cancelled.
    ///
    /// The first attempt may have taken effect. `again` lists the errors of the repetition in that case.
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

    /// Takes a file that another function created.
    pub(super) fn holds(&self, file: File<MemoryFilesystem>) -> Played<'_> {
        Played::new(self, Rc::new(file), None, None)
    }

    /// Takes a step on each of these files concurrently.
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

    /// Declares that this entry has to stay.
    pub(super) fn stays(&self, path: &str, contents: Option<Vec<u8>>) {
        self.staying.borrow_mut().insert(path.to_owned(), contents);
    }

    /// Declares that this entry has to stay, and that it is not counted.
    pub(super) fn stays_uncounted(&self, path: &str, contents: Option<Vec<u8>>) {
        self.uncounted.set(self.uncounted.get() + 1);
        self.stays(path, contents);
    }

    /// Finishes the work that was left behind, and ends the fault.
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
        // The comparison of two files cannot report an error.
        let asked = self.instance.disk.made().last().is_some_and(|made| made.call == Call::IsSame);
        // The search for a directory reports one code for all that it tried.
        let searched = error.message.starts_with("no usable directory");
        let fits = error.code == expected || (asked || searched) && error.code == ErrorCode::NoEntry;
        assert!(fits, "{expected:?} was to be told: {}", error.message);
    }

    /// Whether one of the failed calls was a removal.
    fn failed_to_remove(&self) -> bool {
        let made = self.instance.disk.made();
        let healed = self.healed.get().unwrap_or(made.len());
        let failed = match self.trouble {
            Some((Trouble::FailsOn(_), nth)) => nth - 1..healed,
            // All calls after the poll, whose number is not known.
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

    /// Whether the fault occurred. The program may have ended before.
    pub(super) fn was_troubled(&self) -> bool {
        match self.trouble {
            Some((Trouble::GivesUp(..), _)) => self.healed.get().is_some(),
            Some((_, nth)) => self.instance.disk.calls() >= nth,
            None => false,
        }
    }

    /// Checks the conditions at the end of every program.
    pub(super) fn ends(self) -> bool {
        let troubled = self.was_troubled();
        let disk = self.instance.disk.clone();
        disk.settle();
        let told = self.healed.get().is_some();
        let left = disk.entries();
        // A drop does not report a failed removal.
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
        // Directories are sorted before their entries.
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
