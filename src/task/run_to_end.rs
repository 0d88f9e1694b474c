//! Work that ends even if its caller cancels it.

use alloc::boxed::Box;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::filesystem::Filesystem;
use crate::task::background::Background;

/// Runs `work`. Once polled, it runs to completion even if the returned future is dropped.
///
/// A host cannot take back a call that it has begun. Work cancelled half-way would leave a name
/// without an owner, or bytes that no account covers.
pub(crate) fn run_to_end<F: Filesystem, T: 'static>(
    background: &Background<F>,
    work: impl Future<Output = T> + 'static,
) -> RunToEnd<F, T> {
    RunToEnd { background: background.clone(), work: Some(Box::pin(work)), begun: false }
}

/// The future of work that runs to its end.
pub(crate) struct RunToEnd<F: Filesystem, T: 'static> {
    background: Background<F>,
    // Boxed, so that it can be moved when it outlives its caller.
    work: Option<Pin<Box<dyn Future<Output = T>>>>,
    begun: bool,
}

impl<F: Filesystem, T: 'static> Unpin for RunToEnd<F, T> {}

impl<F: Filesystem, T: 'static> Future for RunToEnd<F, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        self.begun = true;
        let work = self.work.as_mut().expect("not polled after its end");
        let outcome = core::task::ready!(work.as_mut().poll(context));
        self.work = None;
        Poll::Ready(outcome)
    }
}

impl<F: Filesystem, T: 'static> Drop for RunToEnd<F, T> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take().filter(|_| self.begun) {
            self.background.detach(work);
        }
    }
}
