//! Runs calls and the work that they leave behind, one step at a time and in a deterministic order.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::MemoryFilesystem;
use crate::runtime::Work;

/// Work without a caller, and the state of the execution.
#[derive(Default)]
pub(super) struct Executor {
    /// The tasks; none in the place of a task that is being polled or has ended.
    tasks: RefCell<Vec<Option<Task>>>,
    /// The number of calls that are being polled. Above 0 the code runs inside a call.
    depth: Cell<usize>,
    announced: Cell<usize>,
    dropped: Cell<usize>,
    patience: Cell<Patience>,
    /// The number of polls by `attempt`.
    attempts: Cell<usize>,
}

/// The time for which the callers of `attempt` wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Patience {
    #[default]
    Endless,
    /// A caller cancels after this total number of polls.
    Polls(usize),
    /// A caller cancels after this number of calls to the host, unless its own call has ended.
    Calls(usize),
}

struct Task {
    work: Work,
    woken: Arc<Woken>,
}

/// Whether a task was woken since it was polled.
struct Woken(AtomicBool);

impl Woken {
    fn new() -> Arc<Woken> {
        Arc::new(Woken(AtomicBool::new(true)))
    }

    fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A guard; while it exists the code runs inside a call.
struct Inside<'a>(&'a Cell<usize>);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl MemoryFilesystem {
    /// Runs a call to its end, and concurrent work beside it. Unfinished work then waits.
    ///
    /// # Panics
    ///
    /// Panics if the call waits for an event that cannot happen.
    #[track_caller]
    pub(crate) fn run<F: Future>(&self, call: F) -> F::Output {
        let mut call = pin!(call);
        let woken = Woken::new();
        let waker = Waker::from(woken.clone());
        loop {
            if woken.take()
                && let Poll::Ready(output) = self.poll(call.as_mut(), &waker)
            {
                return output;
            }
            assert!(
                self.poll_tasks() || woken.0.load(Ordering::Relaxed),
                "the call waits for nothing, for good"
            );
        }
    }

    /// Sets the patience of callers. One caller cancels, and later callers wait forever.
    pub(crate) fn with_patience(&self, patience: Patience) -> MemoryFilesystem {
        self.world.executor.patience.set(patience);
        self.clone()
    }

    /// Returns the number of polls by `attempt`.
    pub(crate) fn polls(&self) -> usize {
        self.world.executor.attempts.get()
    }

    /// Runs a call as `run` does; returns nothing if its caller cancels.
    #[track_caller]
    pub(crate) fn attempt<F: Future>(&self, call: F) -> Option<F::Output> {
        let mut call = Some(Box::pin(call));
        self.run(poll_fn(|context| {
            let under_way = call.as_mut().expect("not polled after its end");
            let Executor { patience, attempts, .. } = &self.world.executor;
            let mut gives_up = patience.get() == Patience::Polls(attempts.get());
            if !gives_up {
                attempts.set(attempts.get() + 1);
                if let Poll::Ready(output) = under_way.as_mut().poll(context) {
                    return Poll::Ready(Some(output));
                }
                gives_up = matches!(patience.get(), Patience::Calls(calls) if calls <= self.calls());
            }
            if gives_up {
                patience.set(Patience::Endless);
                call = None;
                return Poll::Ready(None);
            }
            Poll::Pending
        }))
    }

    /// Finishes everything that was left behind: abandoned calls, work without a caller, removals.
    pub(crate) fn settle(&self) {
        while self.finish_abandoned() | self.poll_tasks() {}
        self.world.outcomes.watch();
    }

    /// Polls a call up to `times` times, with concurrent work beside it, then drops it.
    ///
    /// Returns the result of the call if it ended before.
    pub(crate) fn poll_times<F: Future>(&self, call: F, times: usize) -> Option<F::Output> {
        let mut call = Box::pin(call);
        let woken = Woken::new();
        let waker = Waker::from(woken.clone());
        for _ in 0..times {
            if let Poll::Ready(output) = self.poll(call.as_mut(), &waker) {
                return Some(output);
            }
            // A call that waits without being woken would wait forever, so it is cancelled.
            if !(self.poll_tasks() | woken.take()) {
                break;
            }
        }
        // The call is dropped inside of a call, as a cancelled task is.
        let _inside = self.enter();
        drop(call);
        None
    }

    /// Asserts that no work is running, and that each announced drop has happened.
    #[track_caller]
    pub(crate) fn assert_balanced(&self) {
        let Executor { announced, dropped, .. } = &self.world.executor;
        assert_eq!(announced.get(), dropped.get(), "drops that were announced, and that happened");
        assert_eq!(self.work(), 0, "work without a caller is under way");
    }

    /// Returns the number of running works without a caller.
    pub(crate) fn work(&self) -> usize {
        self.world.executor.tasks.borrow().iter().flatten().count()
    }

    pub(super) fn is_inside(&self) -> bool {
        self.world.executor.depth.get() > 0
    }

    pub(super) fn announce_drop(&self) {
        let announced = &self.world.executor.announced;
        announced.set(announced.get() + 1);
    }

    pub(super) fn end_announcement(&self) {
        let Executor { announced, dropped, .. } = &self.world.executor;
        dropped.set(dropped.get() + 1);
        assert!(dropped.get() <= announced.get(), "a drop happened that was not announced");
    }

    pub(super) fn start(&self, work: Work) {
        self.world.executor.tasks.borrow_mut().push(Some(Task { work, woken: Woken::new() }));
    }

    fn enter(&self) -> Inside<'_> {
        let depth = &self.world.executor.depth;
        depth.set(depth.get() + 1);
        Inside(depth)
    }

    fn poll<F: Future + ?Sized>(&self, future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
        let _inside = self.enter();
        future.poll(&mut Context::from_waker(waker))
    }

    /// Polls every woken task; returns whether there was one.
    fn poll_tasks(&self) -> bool {
        let tasks = &self.world.executor.tasks;
        let mut any = false;
        let mut next = 0;
        while next < tasks.borrow().len() {
            let task = tasks.borrow_mut()[next].take_if(|task| task.woken.take());
            if let Some(mut task) = task {
                any = true;
                let waker = Waker::from(task.woken.clone());
                if self.poll(task.work.as_mut(), &waker).is_pending() {
                    tasks.borrow_mut()[next] = Some(task);
                }
            }
            next += 1;
        }
        if !self.is_inside() {
            tasks.borrow_mut().retain(Option::is_some);
        }
        any
    }
}
