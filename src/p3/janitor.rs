//! A background task that removes the trees of dropped directories, and flushes dropped named files.
//!
//! A destructor has no task, and work that needs one can't go on after it. The call that creates the
//! first directory therefore leaves a task behind, which waits as long as there are directories.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::{Poll, Waker};

use super::{OneThread, spawn};
use crate::runtime::Work;

struct Janitor {
    /// The number of resources whose drop may leave work behind.
    expected: Cell<usize>,
    /// Work of drops, not started yet.
    left_behind: RefCell<VecDeque<Work>>,
    /// Whether there is a task that waits for work.
    waiting: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

static JANITOR: OneThread<Janitor> = OneThread(Janitor {
    expected: Cell::new(0),
    left_behind: RefCell::new(VecDeque::new()),
    waiting: Cell::new(false),
    waker: Cell::new(None),
});

/// Announces a resource whose drop may leave work behind. Called inside a call.
pub(super) fn expect_drop() {
    let janitor = &JANITOR.0;
    janitor.expected.set(janitor.expected.get() + 1);
    if !janitor.waiting.replace(true) {
        spawn(Box::pin(janitor.wait()));
    }
}

/// Hands the work of a drop to the waiting task. Needs no call.
pub(super) fn drop_happened(work: Option<Work>) {
    let janitor = &JANITOR.0;
    janitor.expected.set(janitor.expected.get() - 1);
    janitor.left_behind.borrow_mut().extend(work);
    if let Some(waker) = janitor.waker.take() {
        waker.wake();
    }
}

impl Janitor {
    async fn wait(&'static self) {
        while let Some(work) = self.next().await {
            spawn(work);
        }
    }

    /// Returns the next work, or `None` once there can be no more.
    async fn next(&self) -> Option<Work> {
        poll_fn(|context| {
            let work = self.left_behind.borrow_mut().pop_front();
            if work.is_some() {
                return Poll::Ready(work);
            }
            if self.expected.get() == 0 {
                self.waiting.set(false);
                return Poll::Ready(None);
            }
            self.waker.set(Some(context.waker().clone()));
            Poll::Pending
        })
        .await
    }
}
