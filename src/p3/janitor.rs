//! Who removes the trees that drops leave behind: a task that waits for them.
//!
//! A destructor has no task of its own, so that nothing it starts could go on after it. The call
//! that creates a directory therefore leaves a task waiting, for as long as there are directories.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::{Poll, Waker};

use super::{OneThread, spawn};
use crate::runtime::Work;

struct Janitor {
    /// How many resources exist whose drop may leave work behind.
    expected: Cell<usize>,
    left_behind: RefCell<VecDeque<Work>>,
    waiting: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

static JANITOR: OneThread<Janitor> = OneThread(Janitor {
    expected: Cell::new(0),
    left_behind: RefCell::new(VecDeque::new()),
    waiting: Cell::new(false),
    waker: Cell::new(None),
});

/// Has somebody wait, from inside a call.
pub(super) fn expect_drop() {
    let janitor = &JANITOR.0;
    janitor.expected.set(janitor.expected.get() + 1);
    if !janitor.waiting.replace(true) {
        spawn(Box::pin(janitor.wait()));
    }
}

/// Leaves work behind; from anywhere.
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

    /// The next work, or nothing once no more can come.
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
