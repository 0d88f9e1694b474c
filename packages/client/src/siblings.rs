//! State that handles of one file, or of files in one directory, share.

use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::task::{Context, Poll, Waker};

/// State that handles share: the writes that concern the others.
#[derive(Debug, Default)]
pub(crate) struct Siblings {
    /// The number of writes that ended.
    version: Cell<u64>,
    /// The number of dropped handles whose bytes are still being written.
    unfinished: Cell<usize>,
    waiting: RefCell<Vec<Waker>>,
}

impl Siblings {
    /// Returns a number that changes with each write of one of the handles.
    pub(crate) fn version(&self) -> u64 {
        self.version.get()
    }

    /// Records that a write ended. Bytes that other handles have read ahead may be outdated.
    pub(crate) fn changed(&self) {
        self.version.set(self.version.get() + 1);
    }

    /// Records that a dropped handle has bytes to write.
    pub(crate) fn begin(&self) {
        self.unfinished.set(self.unfinished.get() + 1);
    }

    /// Records that a dropped handle has written its bytes.
    pub(crate) fn end(&self) {
        self.unfinished.set(self.unfinished.get() - 1);
        self.waiting.take().into_iter().for_each(Waker::wake);
    }

    /// Waits until all dropped handles have written their bytes.
    pub(crate) fn poll_finished(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.unfinished.get() == 0 {
            return Poll::Ready(());
        }
        self.waiting.borrow_mut().push(cx.waker().clone());
        Poll::Pending
    }
}
