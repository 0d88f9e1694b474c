//! Work without a caller: calls that were cancelled and removals; and the wait for what they free.

use alloc::boxed::Box;
use alloc::collections::{BTreeSet, VecDeque};
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::any::Any;
use core::cell::{Cell, RefCell};
use core::future::{Future, poll_fn};
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use crate::error::ErrorCode;
use crate::filesystem::{Filesystem, Result};
use crate::runtime::Work;

/// Failed removals that are tried again at a time.
const RETRIED_AT_ONCE: usize = 16;

/// The work without a caller of one instance; a clone is another handle of the same work.
pub(crate) struct Background<F: Filesystem> {
    filesystem: F,
    state: Rc<State>,
}

#[derive(Default)]
struct State {
    /// The work that is under way, for which refused calls wait.
    running: RefCell<BTreeSet<WorkId>>,
    /// The cancelled calls that wait, and have checked again since the last work ended.
    paused: RefCell<Vec<WorkId>>,
    next: Cell<u64>,
    /// The origin of work that is started now, if a cancelled call is being polled.
    origin: Cell<Option<u64>>,
    /// Whether that call waits.
    is_waiting: Cell<bool>,
    /// The wakers of all calls that wait.
    wakers: RefCell<Vec<Waker>>,
    failed: RefCell<VecDeque<Removal>>,
}

/// The number of the work that started it, or its own, and then its own number.
type WorkId = (u64, u64);

/// The removal of an entry without an owner, which stays charged until it is gone.
///
/// The outcome of a failed removal is the removal to try later.
pub(crate) struct Removal(Pin<Box<dyn Future<Output = Option<Removal>>>>);

impl Removal {
    pub(crate) fn new(work: impl Future<Output = Option<Removal>> + 'static) -> Removal {
        Removal(Box::pin(work))
    }

    /// The removal of a name; `held` is dropped when it is gone.
    pub(crate) fn of_name<F: Filesystem>(
        filesystem: F,
        directory: Rc<F::Descriptor>,
        name: String,
        held: Box<dyn Any>,
    ) -> Removal {
        Removal::new(async move {
            if is_gone(filesystem.unlink_file_at(&directory, &name).await) {
                drop(held);
                return None;
            }
            Some(Removal::of_name(filesystem, directory, name, held))
        })
    }
}

impl Future for Removal {
    type Output = Option<Removal>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Removal>> {
        self.0.as_mut().poll(context)
    }
}

/// Whether a removal left no such entry.
pub(crate) fn is_gone(removed: Result<()>) -> bool {
    matches!(removed, Ok(()) | Err(ErrorCode::NoEntry))
}

impl<F: Filesystem> Clone for Background<F> {
    fn clone(&self) -> Background<F> {
        Background { filesystem: self.filesystem.clone(), state: self.state.clone() }
    }
}

impl<F: Filesystem> Background<F> {
    pub(crate) fn new(filesystem: F) -> Background<F> {
        Background { filesystem, state: Rc::default() }
    }

    pub(crate) fn filesystem(&self) -> &F {
        &self.filesystem
    }

    /// Runs the rest of a cancelled call, from inside that call.
    pub(crate) fn detach<T: 'static>(&self, work: Pin<Box<dyn Future<Output = T>>>) {
        let running = self.begin();
        self.filesystem.spawn(Box::pin(Detached { work, running }));
    }

    /// Ends the announcement of a drop, and runs the removal that it leaves behind.
    pub(crate) fn drop_happened(&self, removal: Option<Removal>) {
        self.filesystem.drop_happened(removal.map(|removal| self.removal(removal)));
    }

    /// Starts to unlink `name`, from anywhere. `held` is dropped when the name is gone.
    pub(crate) fn unlink(&self, directory: Rc<F::Descriptor>, name: String, held: Box<dyn Any>) {
        let running = self.begin();
        let Background { filesystem, state } = self.clone();
        let (again, base) = (name.clone(), directory.clone());
        let done = move |outcome| {
            if is_gone(outcome) {
                drop(held);
            } else {
                state.failed.borrow_mut().push_back(Removal::of_name(filesystem, base, again, held));
            }
            drop(running);
        };
        self.filesystem.start_unlink(directory, name, Box::new(done));
    }

    /// Adds a failed removal to the list of those that are tried again.
    pub(crate) fn remove_later(&self, removal: Removal) {
        self.state.failed.borrow_mut().push_back(removal);
    }

    /// Tries failed removals again, beside the call that is under way.
    pub(crate) fn retry_removals(&self) {
        for _ in 0..RETRIED_AT_ONCE {
            let removal = self.state.failed.borrow_mut().pop_front();
            let Some(removal) = removal else { return };
            self.filesystem.spawn(self.removal(removal));
        }
    }

    /// Runs a removal. After a success it goes on with one that had failed.
    fn removal(&self, removal: Removal) -> Work {
        let running = self.begin();
        let state = self.state.clone();
        Box::pin(async move {
            let mut next = Some(removal);
            while let Some(removal) = next {
                next = match removal.await {
                    None => state.failed.borrow_mut().pop_front(),
                    Some(again) => {
                        state.failed.borrow_mut().push_back(again);
                        None
                    }
                };
            }
            drop(running);
        })
    }

    /// Charges. A refusal is final once the work under way, which may free enough, has ended.
    pub(crate) async fn charge<T>(&self, charge: impl Fn() -> Result<T>) -> Result<T> {
        let charged = charge();
        if !matches!(charged, Err(ErrorCode::Quota(_))) {
            return charged;
        }
        self.retry_removals();
        let state = &self.state;
        let end = state.next.get();
        poll_fn(|context| {
            let charged = charge();
            let is_running = state.running.borrow().first().is_some_and(|(origin, _)| *origin < end);
            if is_running && matches!(charged, Err(ErrorCode::Quota(_))) {
                state.wait(context.waker());
                // Unlinks that have ended already become known here, and wake.
                self.filesystem.watch_unlinks();
                return Poll::Pending;
            }
            Poll::Ready(charged)
        })
        .await
    }

    /// Counts work as under way, until the result is dropped.
    fn begin(&self) -> Running {
        let state = self.state.clone();
        let number = state.next.replace(state.next.get() + 1);
        let id = (state.origin.get().unwrap_or(number), number);
        state.running.borrow_mut().insert(id);
        Running { state, id }
    }

    /// Whether there are failed removals to try again.
    pub(crate) fn has_failed_removals(&self) -> bool {
        !self.state.failed.borrow().is_empty()
    }
}

impl State {
    fn wait(&self, waker: &Waker) {
        self.is_waiting.set(true);
        let mut wakers = self.wakers.borrow_mut();
        if !wakers.iter().any(|other| other.will_wake(waker)) {
            wakers.push(waker.clone());
        }
    }

    /// Makes the calls that wait check again.
    fn wake(&self) {
        mem::take(&mut *self.wakers.borrow_mut()).into_iter().for_each(Waker::wake);
    }
}

/// A share in the work that is under way.
struct Running {
    state: Rc<State>,
    id: WorkId,
}

impl Drop for Running {
    fn drop(&mut self) {
        let State { running, paused, .. } = &*self.state;
        running.borrow_mut().remove(&self.id);
        paused.borrow_mut().retain(|id| *id != self.id);
        // Each of them may go on now. Other calls wait until it has checked.
        running.borrow_mut().extend(paused.take());
        self.state.wake();
    }
}

/// A call that was cancelled after it had begun.
///
/// While it waits for other work after a refusal, it does not count as under way: no call waits for
/// itself, nor for one that waits.
struct Detached<T> {
    work: Pin<Box<dyn Future<Output = T>>>,
    running: Running,
}

impl<T> Future for Detached<T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Detached { work, running: Running { state, id } } = &mut *self;
        let was_running = state.running.borrow_mut().remove(id);
        state.paused.borrow_mut().retain(|other| other != id);
        state.is_waiting.set(false);
        let outer = state.origin.replace(Some(id.0));
        let outcome = work.as_mut().poll(context).map(drop);
        state.origin.set(outer);
        if outcome.is_pending() && !state.is_waiting.get() {
            state.running.borrow_mut().insert(*id);
        } else if outcome.is_pending() {
            state.paused.borrow_mut().push(*id);
            if was_running {
                state.wake();
            }
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Limit;
    use crate::testing::memory_filesystem::MemoryFilesystem;

    fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
        Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    fn refused() -> Result<()> {
        Err(ErrorCode::Quota(Limit::Entries))
    }

    #[test]
    fn a_refusal_waits_for_a_cancelled_call_that_may_go_on() {
        let background = Background::new(MemoryFilesystem::new());
        let removal = background.begin();
        let (shared, running) = (background.clone(), background.begin());
        let work = Box::pin(async move { shared.charge(refused).await });
        let mut cancelled = Detached { work, running };
        let mut waiting = Box::pin(background.charge(refused));
        assert!(poll_once(&mut cancelled).is_pending());
        assert!(poll_once(&mut waiting).is_pending());

        drop(removal);

        assert!(poll_once(&mut waiting).is_pending(), "the cancelled call has not looked yet");
        assert!(poll_once(&mut cancelled).is_ready());
        drop(cancelled);
        assert_eq!(poll_once(&mut waiting), Poll::Ready(refused()));
    }

    #[test]
    fn cancelled_calls_that_wait_do_not_wait_for_each_other() {
        let background = Background::new(MemoryFilesystem::new());
        let removal = background.begin();
        let mut cancelled = [(); 2].map(|()| {
            let (shared, running) = (background.clone(), background.begin());
            Detached { work: Box::pin(async move { shared.charge(refused).await }), running }
        });
        for call in &mut cancelled {
            assert!(poll_once(call).is_pending());
        }

        drop(removal);

        assert!(poll_once(&mut cancelled[0]).is_pending(), "the other may go on");
        assert!(poll_once(&mut cancelled[1]).is_ready());
        assert!(poll_once(&mut cancelled[0]).is_ready());
    }
}
