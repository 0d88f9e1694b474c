//! Names that drops leave behind: their removal is started without a task, and not waited for.
//!
//! In a destructor the generated bindings would need a task to wait in. Calling the host by hand
//! needs none; what the call uses is kept until it has returned. Nothing wakes when it does: that is
//! noticed at the next call of the component, or by the task of a second removal of the same name.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use super::answer::removal;
use super::host::imports;
use super::wasi::filesystem::types::Descriptor;
use super::{OneThread, host, spawn};
use crate::error::ErrorCode;
use crate::filesystem::{OnOutcome, Result};

/// How many removals are under way at a time; a host's handles are limited.
const AT_ONCE: usize = 1024;

/// The canonical ABI's answer for a call that is over.
const RETURNED: u32 = 2;

/// Room for `result<_, error-code>` of `wasi:filesystem`.
type Outcome = [u32; 5];

/// What has to stay where it is until the host's call returns.
struct Orphan {
    directory: Rc<Descriptor>,
    name: String,
    outcome: Box<Outcome>,
    /// Taken by whatever is first to know the outcome.
    done: Rc<Cell<Option<OnOutcome>>>,
    is_watched: bool,
}

struct Orphans {
    /// Removals under way, by the handle of the call.
    started: RefCell<Vec<(u32, Orphan)>>,
    /// Where calls tell that they have returned; 0 until there is one.
    returns: Cell<u32>,
}

static ORPHANS: OneThread<Orphans> =
    OneThread(Orphans { started: RefCell::new(Vec::new()), returns: Cell::new(0) });

/// Starts to unlink a name; from anywhere.
pub(super) fn start_unlink(directory: Rc<Descriptor>, name: String, done: OnOutcome) {
    let orphans = &ORPHANS.0;
    orphans.collect();
    if orphans.started.borrow().len() >= AT_ONCE {
        return done(Err(ErrorCode::Busy));
    }
    let done = Rc::new(Cell::new(Some(done)));
    orphans.start(Orphan { directory, name, outcome: Box::default(), done, is_watched: false });
}

/// Lets go of what has returned.
pub(super) fn collect() {
    ORPHANS.0.collect();
}

/// Has a task learn of the end of each removal, from inside a call.
pub(super) fn watch() {
    let orphans = &ORPHANS.0;
    orphans.collect();
    for (_, orphan) in orphans.started.borrow_mut().iter_mut() {
        if core::mem::replace(&mut orphan.is_watched, true) {
            continue;
        }
        let (directory, name) = (orphan.directory.clone(), orphan.name.clone());
        let done = orphan.done.clone();
        spawn(Box::pin(async move {
            let removed = host::unlink_file_at(&directory, &name).await;
            tell(&done, removed);
        }));
    }
}

fn tell(done: &Cell<Option<OnOutcome>>, outcome: Result<()>) {
    if let Some(done) = done.take() {
        done(outcome);
    }
}

impl Orphans {
    fn start(&self, mut orphan: Orphan) {
        let directory = orphan.directory.handle() as usize;
        let (name, length) = (orphan.name.as_ptr().expose_provenance(), orphan.name.len());
        let outcome = orphan.outcome.as_mut_ptr().cast();
        // SAFETY: `orphan` is kept, unmoved on the heap, until the call has returned: dropped below
        // if it has, or in `collect`. The directory's handle stays open with it.
        let answer = unsafe { imports::unlink_file_at(directory, name, length, outcome) };
        let (state, call) = (answer & 0xf, answer >> 4);
        if state == RETURNED {
            return self.end(orphan);
        }
        // SAFETY: the set is made once and never dropped; `call` is a handle that is in no set.
        unsafe {
            if self.returns.get() == 0 {
                self.returns.set(waitable_set_new());
            }
            waitable_join(call, self.returns.get());
        }
        self.started.borrow_mut().push((call, orphan));
    }

    fn collect(&self) {
        while !self.started.borrow().is_empty() {
            let mut event = [0_u32; 2];
            // SAFETY: the set exists, since something was started; `event` is where the answer goes.
            let kind = unsafe { waitable_set_poll(self.returns.get(), &mut event) };
            let [call, state] = event;
            if kind == 0 {
                return;
            }
            if state == RETURNED {
                // SAFETY: the call has told that it returned, so that its handle may go.
                unsafe { subtask_drop(call) };
                let mut started = self.started.borrow_mut();
                let place = started.iter().position(|(started, _)| *started == call);
                let orphan = place.map(|place| started.swap_remove(place).1);
                drop(started);
                orphan.into_iter().for_each(|orphan| self.end(orphan));
            }
        }
    }

    fn end(&self, orphan: Orphan) {
        tell(&orphan.done, removal(&orphan.outcome));
    }
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
