//! What of a file can be told at any time, also while an operation is under way.

use alloc::rc::Rc;
use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::{Poll, Waker};

/// The facts of a file that its plain functions tell.
#[derive(Default)]
pub(crate) struct FileStatus {
    pub(crate) position: Cell<u64>,
    pub(crate) rolled: Cell<bool>,
    pub(crate) closed: Cell<bool>,
    pub(crate) path: RefCell<Option<Rc<str>>>,
    closing: Cell<usize>,
    stream: RefCell<Option<Waker>>,
}

impl FileStatus {
    /// Asks streams to end, as long as the answer lives.
    pub(crate) fn close_requested(self: &Rc<Self>) -> CloseRequest {
        self.closing.set(self.closing.get() + 1);
        let stream = self.stream.take();
        if let Some(stream) = stream {
            stream.wake();
        }
        CloseRequest { status: self.clone() }
    }

    /// Whether streams should end.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.get() > 0
    }

    /// Waits until streams should end.
    pub(crate) async fn closing(&self) {
        poll_fn(|context| {
            if self.is_closing() {
                return Poll::Ready(());
            }
            // One stream at a time holds a file, so what was kept is of an earlier poll.
            *self.stream.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

/// The wish of a `close` that waits for its turn.
pub(crate) struct CloseRequest {
    status: Rc<FileStatus>,
}

impl Drop for CloseRequest {
    fn drop(&mut self) {
        self.status.closing.set(self.status.closing.get() - 1);
    }
}
