//! File state that can be read at any time, even while an operation is running.

use alloc::rc::Rc;
use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::{Poll, Waker};

/// The state that the plain functions of a file read.
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
    /// Requests streams to end, until the result is dropped.
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
            // Only one stream at a time uses a file: a waker kept before is of an earlier poll.
            *self.stream.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

/// The request of a `close` that waits for its turn.
pub(crate) struct CloseRequest {
    status: Rc<FileStatus>,
}

impl Drop for CloseRequest {
    fn drop(&mut self) {
        self.status.closing.set(self.status.closing.get() - 1);
    }
}
