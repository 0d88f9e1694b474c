//! Runs calls and what they leave behind, one step at a time and always in the same order.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::MemoryFilesystem;
use crate::filesystem::Work;

/// Work without a caller, and what is known of it.
#[derive(Default)]
pub(super) struct Executor {
    /// None in the place of a task that is being polled or is at its end.
    tasks: RefCell<Vec<Option<Task>>>,
    /// How many calls are being polled: more than none means that we are inside a call.
    depth: Cell<usize>,
    announced: Cell<usize>,
    dropped: Cell<usize>,
    patience: Cell<Patience>,
    /// How often callers have polled what they attempt.
    attempts: Cell<usize>,
}

/// How long the callers of `attempt` wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Patience {
    #[default]
    Endless,
    /// One of them gives up when it should poll once more than so often, all calls counted.
    Polls(usize),
    /// One of them gives up as soon as so many calls to the host were made, unless its own is at its end.
    Calls(usize),
}

struct Task {
    work: Work,
    woken: Arc<Woken>,
}

/// Whether something has woken a task since it was polled.
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

/// Makes being inside a call last as long as it lives.
struct Inside<'a>(&'a Cell<usize>);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl MemoryFilesystem {
    /// Runs a call to its end, and the work beside it; work that is not at its end then waits.
    ///
    /// # Panics
    ///
    /// If the call waits for something that nothing will do.
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

    /// Says how long callers wait from now on; one of them gives up, and those after it wait for ever.
    pub(crate) fn with_patience(&self, patience: Patience) -> MemoryFilesystem {
        self.world.executor.patience.set(patience);
        self.clone()
    }

    /// How often callers have polled what they attempted.
    pub(crate) fn polls(&self) -> usize {
        self.world.executor.attempts.get()
    }

    /// Runs a call as `run` does, unless its caller gives up, which tells nothing.
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

    /// Lets all that was left behind happen: abandoned calls, work without a caller, removals.
    pub(crate) fn settle(&self) {
        while self.finish_abandoned() | self.poll_tasks() {}
    }

    /// Polls a call up to `times` times, with the work beside it, then drops it.
    ///
    /// Tells what it returned if it came to its end before.
    pub(crate) fn poll_times<F: Future>(&self, call: F, times: usize) -> Option<F::Output> {
        let mut call = Box::pin(call);
        let woken = Woken::new();
        let waker = Waker::from(woken.clone());
        for _ in 0..times {
            if let Poll::Ready(output) = self.poll(call.as_mut(), &waker) {
                return Some(output);
            }
            // What waits without being woken would wait for ever: give it up.
            if !(self.poll_tasks() | woken.take()) {
                break;
            }
        }
        // A task is told inside the call that it was cancelled.
        let _inside = self.enter();
        drop(call);
        None
    }

    /// Asserts that nothing is under way, and that each announced drop has happened.
    #[track_caller]
    pub(crate) fn assert_balanced(&self) {
        let Executor { announced, dropped, .. } = &self.world.executor;
        assert_eq!(announced.get(), dropped.get(), "drops that were announced, and that happened");
        assert_eq!(self.work(), 0, "work without a caller is under way");
    }

    /// How much work without a caller is under way.
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

    /// Polls every task that was woken; tells whether there was one.
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
