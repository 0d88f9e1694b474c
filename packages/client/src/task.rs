//! The work of dropped files, run by tasks of the component.

use alloc::collections::VecDeque;
use alloc::rc::Rc;
use core::cell::RefCell;
use core::ffi::c_void;
use core::ptr;
use core::task::{Context, Poll, Waker};

use crate::remote::Work;
use crate::siblings::Siblings;

/// Work of dropped handles, and the state of each that others wait for.
type Queue = RefCell<VecDeque<(Work, Rc<Siblings>)>>;

/// Work that was left behind outside of any task.
static LEFT: OneThread<Queue> = OneThread(RefCell::new(VecDeque::new()));

/// A value of the component's only thread.
struct OneThread<T>(T);

// SAFETY: a component has one thread.
unsafe impl<T> Sync for OneThread<T> {}

unsafe extern "C" {
    /// Replaces the current task and returns it, null outside of any. A part of the C interface of
    /// `wit-bindgen`, which all its versions share.
    fn wasip3_task_set(task: *mut c_void) -> *mut c_void;
}

/// Whether a task is running. A destructor of an exported resource and a synchronous export have
/// none.
fn is_running() -> bool {
    // SAFETY: the task that was replaced is put back before anything else can run.
    let task = unsafe { wasip3_task_set(ptr::null_mut()) };
    // SAFETY: as above.
    unsafe { wasip3_task_set(task) };
    !task.is_null()
}

/// Runs the work of a dropped handle. Starts it at once if a task is running. Otherwise the work for
/// a `lasting` file starts with the next call of [`resume`], and other work is dropped.
pub(crate) fn finish(work: Work, siblings: Rc<Siblings>, lasting: bool) {
    let is_running = is_running();
    if !is_running && !lasting {
        return;
    }
    siblings.begin();
    if is_running {
        run(work, siblings);
    } else {
        LEFT.0.borrow_mut().push_back((work, siblings));
    }
}

/// Starts the work that was left behind outside of any task.
pub(crate) fn resume() {
    loop {
        // The work makes calls that come here again.
        let next = if is_running() { LEFT.0.borrow_mut().pop_front() } else { None };
        let Some((work, siblings)) = next else { break };
        run(work, siblings);
    }
}

/// Waits until all dropped handles have written their bytes.
pub(crate) fn poll_finished(siblings: &Siblings, cx: &mut Context<'_>) -> Poll<()> {
    if siblings.poll_finished(cx).is_ready() {
        return Poll::Ready(());
    }
    resume();
    siblings.poll_finished(cx)
}

fn run(mut work: Work, siblings: Rc<Siblings>) {
    // The calls that the caller makes next come after it.
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(()) => siblings.end(),
        Poll::Pending => {
            wit_bindgen::spawn_local(async move {
                work.await;
                siblings.end();
            });
        }
    }
}
