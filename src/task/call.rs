//! A call: an operation that takes its turn, and runs to its end once begun.

use alloc::format;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use crate::error::{Error, ErrorCode, Result};
use crate::filesystem::Filesystem;
use crate::limits::budget::Memory;
use crate::task::background::Background;
use crate::task::run_to_end::{RunToEnd, run_to_end};
use crate::task::turns::{Next, Turn};

/// The calls that may wait for one value; a `close` waits in any case.
pub(crate) const MOST_WAITING: usize = 1024;

/// A value with operations that run one at a time.
#[allow(async_fn_in_trait, reason = "one thread; no future is sent anywhere")]
pub(crate) trait Operate: 'static {
    type Operation: 'static;
    type Outcome: 'static;

    /// Returns the bytes of memory that the arguments take while the operation waits, or none if it
    /// must not be refused.
    fn waiting_memory(operation: &Self::Operation) -> Option<usize>;

    /// Runs the operation if that needs no waiting; otherwise returns none, and has no effect.
    fn operate_now(&mut self, operation: &Self::Operation) -> Option<Result<Self::Outcome>>;

    async fn operate(&mut self, operation: Self::Operation) -> Result<Self::Outcome>;
}

/// A call that has its turn, and runs to its end.
///
/// One type serves all operations, which keeps the component small.
pub(crate) type Call<F, P> = RunToEnd<F, Done<P>>;

type Done<P> = (Turn<P>, Result<<P as Operate>::Outcome>);

/// A call that waits for its turn or has it, with the type that its caller wants of the outcome.
///
/// A call dropped while it waits has no effect. After that the operation runs to its end.
pub(crate) struct Request<F: Filesystem, P: Operate, T> {
    background: Background<F>,
    waiting: Option<Waiting<P>>,
    call: Option<Call<F, P>>,
    wanted: PhantomData<T>,
}

/// A call that has not begun.
struct Waiting<P: Operate> {
    turn: Next<P>,
    operation: P::Operation,
    /// The charge for the arguments; it begins when the call has to wait.
    memory: Memory,
    is_admitted: bool,
}

impl<P: Operate> Waiting<P> {
    /// Admits a call to the queue that it has joined, or refuses it.
    fn admit(&mut self) -> Result<()> {
        let Some(bytes) = P::waiting_memory(&self.operation) else { return Ok(()) };
        if self.turn.waiting() > MOST_WAITING {
            let message = format!("{MOST_WAITING} calls wait for this file already");
            return Err(Error::new(ErrorCode::Busy, message));
        }
        let taken = self.memory.take(bytes);
        taken.map_err(|code| {
            let code = self.memory.budget().reported(code);
            Error::new(code, format!("no memory for {bytes} bytes that wait for other calls: {code}"))
        })
    }
}

impl<F: Filesystem, P: Operate, T> Request<F, P, T> {
    /// Returns a call that joins the queue when it is first polled; `memory` has nothing taken yet.
    pub(crate) fn new(
        background: &Background<F>,
        turn: Next<P>,
        operation: P::Operation,
        memory: Memory,
    ) -> Self {
        let waiting = Some(Waiting { turn, operation, memory, is_admitted: false });
        Request { background: background.clone(), waiting, call: None, wanted: PhantomData }
    }
}

impl<F: Filesystem, P: Operate, T> Unpin for Request<F, P, T> {}

impl<F: Filesystem, P: Operate<Outcome: Into<T>>, T> Future for Request<F, P, T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        if let Some(waiting) = &mut self.waiting {
            let Poll::Ready(mut turn) = Pin::new(&mut waiting.turn).poll(context) else {
                if !core::mem::replace(&mut waiting.is_admitted, true)
                    && let Err(refusal) = waiting.admit()
                {
                    self.waiting = None;
                    return Poll::Ready(Err(refusal));
                }
                return Poll::Pending;
            };
            let Waiting { operation, .. } = self.waiting.take().expect("it waited until now");
            if let Some(outcome) = turn.operate_now(&operation) {
                return Poll::Ready(outcome.map(Into::into));
            }
            self.call = Some(operate(&self.background, turn, operation));
        }
        let call = self.call.as_mut().expect("not polled after its end");
        let (_, outcome) = ready!(Pin::new(call).poll(context));
        Poll::Ready(outcome.map(Into::into))
    }
}

/// Runs an operation, to its end once it is polled.
pub(crate) fn operate<F: Filesystem, P: Operate>(
    background: &Background<F>,
    mut turn: Turn<P>,
    operation: P::Operation,
) -> Call<F, P> {
    run_to_end(background, async move {
        let outcome = turn.operate(operation).await;
        (turn, outcome)
    })
}
