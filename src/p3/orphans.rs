//! Removal of names that drops leave behind: started without a task, and not waited for.
//!
//! A destructor has no task in which a generated binding could wait. The unlink is therefore called
//! by hand, and everything that the call uses is kept until it has returned. Its return wakes no
//! task: it is noticed at the next call of the component, or by the task of a second unlink of the
//! same name.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::mem;

use super::wasi::filesystem::types::Descriptor;
use super::{OneThread, spawn};
use crate::error::ErrorCode;
use crate::filesystem::{OnOutcome, Result};

/// The largest number of unlinks under way at a time; a host's handles are limited.
const AT_ONCE: usize = 1024;

/// An unlink and the memory that it uses.
struct Orphan {
    directory: Rc<Descriptor>,
    name: String,
    outcome: Box<Outcome>,
    /// Taken by the first to learn the outcome.
    done: Rc<Cell<Option<OnOutcome>>>,
    is_watched: bool,
}

struct Orphans {
    /// Unlinks under way, by the handle of the call.
    started: RefCell<Vec<(u32, Orphan)>>,
    /// The waitable set of the calls under way; 0 before the first call that has to wait.
    calls: Cell<u32>,
}

static ORPHANS: OneThread<Orphans> =
    OneThread(Orphans { started: RefCell::new(Vec::new()), calls: Cell::new(0) });

/// Starts to unlink a name. Needs no call.
pub(super) fn start_unlink(directory: Rc<Descriptor>, name: String, done: OnOutcome) {
    let orphans = &ORPHANS.0;
    orphans.collect();
    if orphans.started.borrow().len() >= AT_ONCE {
        return done(Err(ErrorCode::Busy));
    }
    let done = Rc::new(Cell::new(Some(done)));
    orphans.start(Orphan { directory, name, outcome: Box::default(), done, is_watched: false });
}

/// Ends the unlinks that have returned.
pub(super) fn collect() {
    ORPHANS.0.collect();
}

/// Lets a task learn of the end of each unlink under way. Called inside a call.
pub(super) fn watch() {
    let orphans = &ORPHANS.0;
    orphans.collect();
    for (_, orphan) in orphans.started.borrow_mut().iter_mut() {
        if mem::replace(&mut orphan.is_watched, true) {
            continue;
        }
        let (directory, name) = (orphan.directory.clone(), orphan.name.clone());
        let done = orphan.done.clone();
        spawn(Box::pin(async move {
            let removed = directory.unlink_file_at(name).await;
            report(&done, removed.map_err(Into::into));
        }));
    }
}

fn report(done: &Cell<Option<OnOutcome>>, outcome: Result<()>) {
    if let Some(done) = done.take() {
        done(outcome);
    }
}

impl Orphans {
    fn start(&self, mut orphan: Orphan) {
        let (name, length) = (orphan.name.as_ptr(), orphan.name.len());
        // SAFETY: name and outcome stay where they are on the heap, and the directory's handle stays
        // open, until the call has returned: `orphan` is dropped in `end`, which follows the return.
        let status = unsafe { unlink_file_at(orphan.directory.handle(), name, length, &mut *orphan.outcome) };
        // The state of the call, and its handle unless it has returned.
        let (state, call) = (status & 0xf, status >> 4);
        if state == RETURNED {
            return self.end(orphan);
        }
        // SAFETY: the set is created once and never dropped; `call` is a new handle, in no set yet.
        unsafe {
            if self.calls.get() == 0 {
                self.calls.set(waitable_set_new());
            }
            waitable_join(call, self.calls.get());
        }
        self.started.borrow_mut().push((call, orphan));
    }

    fn collect(&self) {
        while !self.started.borrow().is_empty() {
            let mut event = [0_u32; 2];
            // SAFETY: the set exists, since a call is under way; the host writes two words to `event`.
            let kind = unsafe { waitable_set_poll(self.calls.get(), &mut event) };
            let [call, state] = event;
            if kind == NO_EVENT {
                return;
            }
            if state == RETURNED {
                // SAFETY: a call that has returned may be dropped.
                unsafe { subtask_drop(call) };
                let mut started = self.started.borrow_mut();
                let index = started.iter().position(|(started, _)| *started == call);
                let orphan = index.map(|index| started.swap_remove(index).1);
                drop(started);
                orphan.into_iter().for_each(|orphan| self.end(orphan));
            }
        }
    }

    fn end(&self, orphan: Orphan) {
        report(&orphan.done, orphan.outcome.into_result());
    }
}

// The canonical ABI.

/// The state of a call that is over.
const RETURNED: u32 = 2;

/// The kind of event that a set without events reports.
const NO_EVENT: u32 = 0;

/// A `result<_, error-code>` of `wasi:filesystem`.
#[derive(Default)]
#[repr(C)]
struct Outcome {
    is_error: bool,
    error: HostError,
}

/// An `error-code` of `wasi:filesystem`: the number of a case, and the text of the case `other`.
#[derive(Default)]
#[repr(C)]
struct HostError {
    case: u8,
    text: OptionalText,
}

/// An `option<string>`.
#[derive(Default)]
#[repr(C)]
struct OptionalText {
    is_some: bool,
    start: *mut u8,
    length: usize,
}

impl Outcome {
    /// Returns the error as `NoEntry` or `Other`: a removal distinguishes no more.
    fn into_result(self) -> Result<()> {
        const NO_ENTRY: u8 = 19;
        const OTHER: u8 = 36;
        let Outcome { is_error, error: HostError { case, text } } = self;
        if !is_error {
            return Ok(());
        }
        if case == OTHER && text.is_some {
            // SAFETY: the host allocated the text with `cabi_realloc`, and left it to its caller.
            drop(unsafe { Vec::from_raw_parts(text.start, text.length, text.length) });
        }
        Err(if case == NO_ENTRY { ErrorCode::NoEntry } else { ErrorCode::Other })
    }
}

#[link(wasm_import_module = "wasi:filesystem/types@0.3.2")]
unsafe extern "C" {
    #[link_name = "[async-lower][method]descriptor.unlink-file-at"]
    fn unlink_file_at(directory: u32, name: *const u8, length: usize, outcome: *mut Outcome) -> u32;
}

#[link(wasm_import_module = "$root")]
unsafe extern "C" {
    #[link_name = "[subtask-drop]"]
    fn subtask_drop(call: u32);
    #[link_name = "[waitable-join]"]
    fn waitable_join(waitable: u32, set: u32);
    #[link_name = "[waitable-set-new]"]
    fn waitable_set_new() -> u32;
    #[link_name = "[waitable-set-poll]"]
    fn waitable_set_poll(set: u32, event: *mut [u32; 2]) -> u32;
}
