//! Streams between files and callers.

use alloc::boxed::Box;
use core::future::Future;
use core::pin::pin;

use futures::channel::oneshot;
use futures::future::{Either, select};
use wit_bindgen::rt::async_support::AbiBuffer;
use wit_bindgen::{FutureReader, StreamReader, StreamResult, StreamWriter};

use super::bindings::exports::scratch::tempfile::tempfile as wit;
use super::bindings::{wit_future, wit_stream};
use super::filesystem::Wasi;
use super::spawn;
use crate::error::Result;
use crate::file::stream::Stream;

type Outcome = core::result::Result<(), wit::Error>;

/// Returns a stream of the content from the position on, and a future of its outcome.
pub(super) fn read(mut stream: Stream<Wasi>) -> (StreamReader<u8>, FutureReader<Outcome>) {
    let (mut bytes, bytes_end) = wit_stream::new();
    let (outcome, outcome_end) = wit_future::new(|| Ok(()));
    spawn(Box::pin(async move {
        let result = send(&mut stream, &mut bytes).await;
        drop((stream, bytes));
        // A caller that dropped the future does not need the outcome.
        let _ = outcome.write(result.map_err(Into::into)).await;
    }));
    (bytes_end, outcome_end)
}

/// Writes the content of a caller's stream, and returns its length.
pub(super) async fn write(stream: Stream<Wasi>, data: StreamReader<u8>) -> Result<u64> {
    let (mut count, outcome) = oneshot::channel();
    // A task of its own stores the bytes that it took from the caller's stream even if the call is
    // cancelled meanwhile.
    spawn(Box::pin(async move {
        let result = receive(stream, data, count.cancellation()).await;
        let _ = count.send(result);
    }));
    outcome.await.unwrap_or(Ok(0))
}

/// Sends the content from the position on.
async fn send(stream: &mut Stream<Wasi>, bytes: &mut StreamWriter<u8>) -> Result<()> {
    let mut rest: Option<AbiBuffer<_>> = None;
    loop {
        // Bytes that the reader did not take yet are offered where they are, without a copy.
        let (offered, writing) = match rest {
            Some(rest) => (rest.remaining(), bytes.write_buf(rest)),
            None => {
                let piece = stream.peek(usize::MAX).await?;
                if piece.is_empty() {
                    return Ok(());
                }
                (piece.len(), bytes.write(piece))
            }
        };
        let mut writing = pin!(writing);
        let (sent, is_closing) = match select(writing.as_mut(), pin!(stream.closing())).await {
            Either::Left((sent, _)) => (sent, false),
            Either::Right(((), writing)) => (writing.cancel(), true),
        };
        let (status, left) = sent;
        stream.advance(offered - left.remaining());
        if is_closing {
            return Err(stream.closed());
        }
        if status == StreamResult::Dropped {
            return Ok(());
        }
        rest = Some(left).filter(|left| left.remaining() > 0);
    }
}

/// Writes the content of `bytes` until it ends, the file is closed or the call is cancelled.
async fn receive(
    mut stream: Stream<Wasi>,
    mut bytes: StreamReader<u8>,
    mut cancelled: impl Future<Output = ()> + Unpin,
) -> Result<u64> {
    stream.check_writing()?;
    let mut count = 0;
    loop {
        let (status, piece, is_stopped) = {
            let mut receiving = pin!(bytes.read(stream.buffer()?));
            let closing = pin!(stream.closing());
            match select(receiving.as_mut(), select(closing, &mut cancelled)).await {
                Either::Left(((status, piece), _)) => (status, piece, false),
                Either::Right((_, receiving)) => {
                    let (status, piece) = receiving.cancel();
                    (status, piece, true)
                }
            }
        };
        let length = piece.len() as u64;
        stream.write(piece).await?;
        count += length;
        if is_stopped {
            return Err(stream.closed());
        }
        if status == StreamResult::Dropped {
            return Ok(count);
        }
    }
}
