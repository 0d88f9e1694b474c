//! A call: it takes its turn, and ends once begun.

use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use crate::error::Result;
use crate::filesystem::Filesystem;
use crate::task::background::Background;
use crate::task::run_to_end::{Finish, finish};
use crate::task::turns::{Next, Turn};

/// What can be called for, one call at a time.
#[allow(async_fn_in_trait, reason = "one thread; no future is sent anywhere")]
pub(crate) trait Perform: 'static {
    type Operation: 'static;
    type Outcome: 'static;

    /// Does what takes no waiting; nothing else has happened if it answers nothing.
    fn perform_now(&mut self, operation: &Self::Operation) -> Option<Result<Self::Outcome>>;

    async fn perform(&mut self, operation: Self::Operation) -> Result<Self::Outcome>;
}

/// A call that waits for its turn, or has it.
///
/// Dropped while it waits, nothing happens; dropped after that, the operation goes on to its end.
/// It is one type for all operations, for the component's size.
pub(crate) struct Call<F: Filesystem, P: Perform> {
    background: Background<F>,
    operation: Option<P::Operation>,
    waiting: Option<Next<P>>,
    running: Option<Finish<F, Performed<P>>>,
}

type Performed<P> = (Turn<P>, Result<<P as Perform>::Outcome>);

impl<F: Filesystem, P: Perform> Call<F, P> {
    /// A call that takes its place in the order when it is first polled.
    pub(crate) fn new(background: &Background<F>, turn: Next<P>, operation: P::Operation) -> Self {
        let background = background.clone();
        Call { background, operation: Some(operation), waiting: Some(turn), running: None }
    }

    /// A call whose turn it is already.
    pub(crate) fn with_turn(background: &Background<F>, turn: Turn<P>, operation: P::Operation) -> Self {
        let running = Some(perform(background, turn, operation));
        Call { background: background.clone(), operation: None, waiting: None, running }
    }
}

impl<F: Filesystem, P: Perform> Unpin for Call<F, P> {}

impl<F: Filesystem, P: Perform> Future for Call<F, P> {
    type Output = Performed<P>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Performed<P>> {
        if let Some(waiting) = &mut self.waiting {
            let mut turn = ready!(Pin::new(waiting).poll(context));
            self.waiting = None;
            let operation = self.operation.take().expect("kept while waiting");
            if let Some(outcome) = turn.perform_now(&operation) {
                return Poll::Ready((turn, outcome));
            }
            self.running = Some(perform(&self.background, turn, operation));
        }
        Pin::new(self.running.as_mut().expect("not polled after its end")).poll(context)
    }
}

/// A call, and what its caller wants of the outcome.
///
/// It has a state no larger than the call's, and code no larger than the conversion.
pub(crate) struct Asked<F: Filesystem, P: Perform, T> {
    call: Call<F, P>,
    wanted: PhantomData<T>,
}

impl<F: Filesystem, P: Perform, T> Asked<F, P, T> {
    /// A call that takes its place in the order when it is first polled.
    pub(crate) fn new(background: &Background<F>, turn: Next<P>, operation: P::Operation) -> Self {
        Asked { call: Call::new(background, turn, operation), wanted: PhantomData }
    }
}

impl<F: Filesystem, P: Perform, T> Unpin for Asked<F, P, T> {}

impl<F: Filesystem, P: Perform<Outcome: Into<T>>, T> Future for Asked<F, P, T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        let (_, outcome) = ready!(Pin::new(&mut self.call).poll(context));
        Poll::Ready(outcome.map(Into::into))
    }
}

fn perform<F: Filesystem, P: Perform>(
    background: &Background<F>,
    mut turn: Turn<P>,
    operation: P::Operation,
) -> Finish<F, Performed<P>> {
    finish(background, async move {
        let outcome = turn.perform(operation).await;
        (turn, outcome)
    })
}
