//! A call: an operation that takes its turn, and runs to its end once begun.

use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use crate::error::Result;
use crate::filesystem::Filesystem;
use crate::task::background::Background;
use crate::task::run_to_end::{RunToEnd, run_to_end};
use crate::task::turns::{Next, Turn};

/// A value with operations that run one at a time.
#[allow(async_fn_in_trait, reason = "one thread; no future is sent anywhere")]
pub(crate) trait Operate: 'static {
    type Operation: 'static;
    type Outcome: 'static;

    /// Runs the operation if that needs no waiting; otherwise returns none, and has no effect.
    fn operate_now(&mut self, operation: &Self::Operation) -> Option<Result<Self::Outcome>>;

    async fn operate(&mut self, operation: Self::Operation) -> Result<Self::Outcome>;
}

/// A call that waits for its turn or has it.
///
/// A call dropped while it waits has no effect. After that the operation runs to its end.
/// One type serves all operations, which keeps the component small.
pub(crate) struct Call<F: Filesystem, P: Operate> {
    background: Background<F>,
    operation: Option<P::Operation>,
    waiting: Option<Next<P>>,
    running: Option<RunToEnd<F, Done<P>>>,
}

type Done<P> = (Turn<P>, Result<<P as Operate>::Outcome>);

impl<F: Filesystem, P: Operate> Call<F, P> {
    /// Returns a call that joins the queue when it is first polled.
    pub(crate) fn new(background: &Background<F>, turn: Next<P>, operation: P::Operation) -> Self {
        let background = background.clone();
        Call { background, operation: Some(operation), waiting: Some(turn), running: None }
    }

    /// Returns a call that has its turn already.
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

/// A call, with the type that its caller wants of the outcome.
///
/// It adds no state to the call, and no code but the conversion.
pub(crate) struct Request<F: Filesystem, P: Operate, T> {
    call: Call<F, P>,
    wanted: PhantomData<T>,
}

impl<F: Filesystem, P: Operate, T> Request<F, P, T> {
    /// Returns a call that joins the queue when it is first polled.
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
