//! A call: it takes its turn, and ends once begun.

use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use crate::error::Result;
use crate::filesystem::Filesystem;
use crate::task::background::Background;
use crate::task::run_to_end::{RunToEnd, run_to_end};
use crate::task::turns::{Next, Turn};

/// What can be called for, one call at a time.
#[allow(async_fn_in_trait, reason = "one thread; no future is sent anywhere")]
pub(crate) trait Operate: 'static {
    type Operation: 'static;
    type Outcome: 'static;

    /// Does what takes no waiting; nothing else has happened if it answers nothing.
    fn operate_now(&mut self, operation: &Self::Operation) -> Option<Result<Self::Outcome>>;

    async fn operate(&mut self, operation: Self::Operation) -> Result<Self::Outcome>;
}

/// A call that waits for its turn, or has it.
///
/// Dropped while it waits, nothing happens; dropped after that, the operation goes on to its end.
/// It is one type for all operations, for the component's size.
pub(crate) struct Call<F: Filesystem, P: Operate> {
    background: Background<F>,
    operation: Option<P::Operation>,
    waiting: Option<Next<P>>,
    running: Option<RunToEnd<F, Done<P>>>,
}

type Done<P> = (Turn<P>, Result<<P as Operate>::Outcome>);

impl<F: Filesystem, P: Operate> Call<F, P> {
    /// A call that takes its place in the order when it is first polled.
    pub(crate) fn new(background: &Background<F>, turn: Next<P>, operation: P::Operation) -> Self {
        let background = background.clone();
        Call { background, operation: Some(operation), waiting: Some(turn), running: None }
    }

    /// A call whose turn it is already.
    pub(crate) fn with_turn(background: &Background<F>, turn: Turn<P>, operation: P::Operation) -> Self {
        let running = Some(operate(background, turn, operation));
        Call { background: background.clone(), operation: None, waiting: None, running }
    }
}

impl<F: Filesystem, P: Operate> Unpin for Call<F, P> {}

impl<F: Filesystem, P: Operate> Future for Call<F, P> {
    type Output = Done<P>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Done<P>> {
        if let Some(waiting) = &mut self.waiting {
            let mut turn = ready!(Pin::new(waiting).poll(context));
            self.waiting = None;
            let operation = self.operation.take().expect("kept while waiting");
            if let Some(outcome) = turn.operate_now(&operation) {
                return Poll::Ready((turn, outcome));
            }
            self.running = Some(operate(&self.background, turn, operation));
        }
        Pin::new(self.running.as_mut().expect("not polled after its end")).poll(context)
    }
}

/// A call, and what its caller wants of the outcome.
///
/// It has a state no larger than the call's, and code no larger than the conversion.
pub(crate) struct Request<F: Filesystem, P: Operate, T> {
    call: Call<F, P>,
    wanted: PhantomData<T>,
}

impl<F: Filesystem, P: Operate, T> Request<F, P, T> {
    /// A call that takes its place in the order when it is first polled.
    pub(crate) fn new(background: &Background<F>, turn: Next<P>, operation: P::Operation) -> Self {
        Request { call: Call::new(background, turn, operation), wanted: PhantomData }
    }
}

impl<F: Filesystem, P: Operate, T> Unpin for Request<F, P, T> {}

impl<F: Filesystem, P: Operate<Outcome: Into<T>>, T> Future for Request<F, P, T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        let (_, outcome) = ready!(Pin::new(&mut self.call).poll(context));
        Poll::Ready(outcome.map(Into::into))
    }
}

fn operate<F: Filesystem, P: Operate>(
    background: &Background<F>,
    mut turn: Turn<P>,
    operation: P::Operation,
) -> RunToEnd<F, Done<P>> {
    run_to_end(background, async move {
        let outcome = turn.operate(operation).await;
        (turn, outcome)
    })
}
