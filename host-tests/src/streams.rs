//! Streams of bytes between a test and the guest.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::channel::mpsc;
use futures::{SinkExt as _, StreamExt as _};
use tokio::sync::oneshot;
use wasmtime::StoreContextMut;
use wasmtime::component::{
    Destination, FutureConsumer, FutureReader, Source, StreamConsumer, StreamProducer, StreamReader,
    StreamResult, VecBuffer,
};

use crate::host::State;
use crate::instance::Instance;
use crate::types::Error;

/// Creates a stream to the guest, which ends when the sender is dropped.
pub fn bytes() -> (ByteSender, Bytes) {
    let (sender, receiver) = mpsc::channel(0);
    (ByteSender(sender), Bytes(receiver))
}

/// The writing end of a stream to the guest.
#[derive(Debug)]
pub struct ByteSender(mpsc::Sender<Vec<u8>>);

impl ByteSender {
    /// Sends a piece as soon as the one before was taken. Returns `false` if the guest takes no more.
    pub async fn send(&mut self, piece: &[u8]) -> bool {
        self.0.send(piece.to_vec()).await.is_ok()
    }
}

/// The reading end of a stream to the guest.
#[derive(Debug)]
pub struct Bytes(mpsc::Receiver<Vec<u8>>);

impl Bytes {
    /// A stream of `data`.
    pub fn from_vec(data: Vec<u8>) -> Bytes {
        let (mut sender, receiver) = mpsc::channel(0);
        sender.try_send(data).expect("an empty channel takes one piece");
        Bytes(receiver)
    }
}

impl StreamProducer<State> for Bytes {
    type Item = u8;
    type Buffer = VecBuffer<u8>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        store: StoreContextMut<'a, State>,
        mut destination: Destination<'a, u8, VecBuffer<u8>>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        if destination.remaining(store) == Some(0) {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        loop {
            return Poll::Ready(Ok(match self.0.poll_next_unpin(context) {
                // The host does not count an empty piece as progress.
                Poll::Ready(Some(piece)) if piece.is_empty() => continue,
                Poll::Ready(Some(piece)) => {
                    destination.set_buffer(piece.into());
                    StreamResult::Completed
                }
                Poll::Ready(None) => StreamResult::Dropped,
                Poll::Pending if finish => StreamResult::Cancelled,
                Poll::Pending => return Poll::Pending,
            }));
        }
    }
}

/// A stream from the guest, and its outcome.
#[derive(Debug)]
pub struct ByteStream {
    pieces: mpsc::Receiver<Vec<u8>>,
    outcome: oneshot::Receiver<Result<(), Error>>,
}

impl ByteStream {
    pub(crate) async fn new(
        instance: &Instance,
        stream: StreamReader<u8>,
        outcome: FutureReader<Result<(), Error>>,
    ) -> ByteStream {
        let (taken, pieces) = mpsc::channel(0);
        let (reply, answer) = oneshot::channel();
        let pipe = move |mut store: StoreContextMut<'_, State>| {
            stream.pipe(&mut store, Pieces(taken))?;
            outcome.pipe(&mut store, Outcome(Some(reply)))
        };
        instance.with(pipe).await.expect("the guest's stream and future are new");
        ByteStream { pieces, outcome: answer }
    }

    /// Takes the next piece, of the size that the guest wrote; `None` at the end.
    pub async fn next(&mut self) -> Option<Vec<u8>> {
        self.pieces.next().await
    }

    /// Drops the stream, and returns the outcome that the guest reports.
    pub async fn outcome(self) -> Result<(), Error> {
        drop(self.pieces);
        self.outcome.await.expect("the guest reports the outcome of its stream")
    }

    /// Takes all remaining pieces, and returns the outcome with them.
    pub async fn collect(mut self) -> (Vec<u8>, Result<(), Error>) {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await {
            bytes.extend(piece);
        }
        (bytes, self.outcome().await)
    }
}

/// Takes pieces from the guest as fast as the test does.
struct Pieces(mpsc::Sender<Vec<u8>>);

impl StreamConsumer<State> for Pieces {
    type Item = u8;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        store: StoreContextMut<'_, State>,
        source: Source<'_, u8>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        match self.0.poll_ready(context) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(_)) => return Poll::Ready(Ok(StreamResult::Dropped)),
            Poll::Pending if finish => return Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => return Poll::Pending,
        }
        let mut source = source.as_direct(store);
        let piece = source.remaining().to_vec();
        source.mark_read(piece.len());
        // An empty write is a question whether there is room.
        if !piece.is_empty() && self.0.start_send(piece).is_err() {
            return Poll::Ready(Ok(StreamResult::Dropped));
        }
        Poll::Ready(Ok(StreamResult::Completed))
    }
}

struct Outcome(Option<oneshot::Sender<Result<(), Error>>>);

impl FutureConsumer<State> for Outcome {
    type Item = Result<(), Error>;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        store: StoreContextMut<'_, State>,
        mut source: Source<'_, Self::Item>,
        _: bool,
    ) -> Poll<wasmtime::Result<()>> {
        let mut outcome = None;
        source.read(store, &mut outcome)?;
        if let (Some(outcome), Some(reply)) = (outcome, self.0.take()) {
            // The test may have dropped the stream.
            _ = reply.send(outcome);
        }
        Poll::Ready(Ok(()))
    }
}
