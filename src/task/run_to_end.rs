//! Work that ends even if its caller stops waiting.

use alloc::boxed::Box;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::filesystem::Filesystem;
use crate::task::background::Background;

/// Runs `work`; once begun it is carried to its end, although the returned future be dropped.
///
/// A host can't take back a call that it has begun, so giving up half-way would leave what nobody
/// knows of: a name without an owner, bytes that nobody counts.
pub(crate) fn run_to_end<F: Filesystem, T: 'static>(
    background: &Background<F>,
    work: impl Future<Output = T> + 'static,
) -> RunToEnd<F, T> {
    RunToEnd { background: background.clone(), work: Some(Box::pin(work)), begun: false }
}

/// Waiting for work that will end.
pub(crate) struct RunToEnd<F: Filesystem, T: 'static> {
    background: Background<F>,
    // Boxed, and so moved when it outlives its caller; of one type, for the component's size.
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
