//! The body of a request.

use alloc::vec::Vec;

use wasip3::http::types::{ErrorCode, Request, Trailers};
use wasip3::wit_future;
use wit_bindgen::{FutureReader, StreamReader, StreamResult};

use crate::digest::{self, Sha256};
use crate::refusal::{Refusal, Status};

/// The largest number of bytes that are read and discarded after a refusal. Without that, a client
/// that sends before it reads would get a closed connection instead of the response.
const DISCARDED: usize = 16 << 20;

/// The sizes of the pieces, in bytes: small for small bodies, which may be many at a time, and large
/// for a large body, which then needs fewer calls.
const SMALL_PIECE: usize = 64 << 10;
const LARGE_PIECE: usize = 256 << 10;

/// The body of a request. Dropping it discards the unread part.
pub(crate) struct Body {
    incoming: Option<Incoming>,
    /// The fields after the body, once it has been read to its end.
    trailers: Option<Trailers>,
    /// Whether the client waits for a response `100 Continue` before it sends the body.
    waits: bool,
}

struct Incoming {
    stream: StreamReader<u8>,
    outcome: FutureReader<Result<Option<Trailers>, ErrorCode>>,
}

impl Body {
    /// Returns the body of `request`. `waits` means that the client sent `Expect: 100-continue`.
    pub(crate) fn of(request: Request, waits: bool) -> Self {
        let (handled, outcome) = wit_future::new(|| Ok(()));
        drop(handled);
        let (stream, outcome) = Request::consume_body(request, outcome);
        Self { incoming: Some(Incoming { stream, outcome }), trailers: None, waits }
    }

    /// Reads the next piece of a body of which `taken` bytes have been read. Returns an empty piece only
    /// at the end.
    ///
    /// Fails with [`Status::BadRequest`] if the body ends before it is complete.
    pub(crate) async fn piece(&mut self, taken: u64) -> Result<Vec<u8>, Refusal> {
        let size = if taken < 1 << 20 { SMALL_PIECE } else { LARGE_PIECE };
        self.read(Vec::with_capacity(size)).await
    }

    /// Fills `buffer` up to its capacity, and only at the end less.
    ///
    /// Fails as [`piece`](Self::piece) does.
    pub(crate) async fn read(&mut self, mut buffer: Vec<u8>) -> Result<Vec<u8>, Refusal> {
        self.waits = false;
        while buffer.len() < buffer.capacity()
            && let Some(incoming) = &mut self.incoming
        {
            let (result, filled) = incoming.stream.read(buffer).await;
            buffer = filled;
            if !matches!(result, StreamResult::Complete(_))
                && let Some(Incoming { outcome, .. }) = self.incoming.take()
            {
                let incomplete =
                    |_| Refusal::new(Status::BadRequest, "the body ended before it was complete");
                self.trailers = outcome.await.map_err(incomplete)?;
            }
        }
        Ok(buffer)
    }

    /// Returns the digest in the fields after the body, which has been read to its end.
    ///
    /// Fails as [`digest::announced`] does.
    pub(crate) fn trailing_digest(&self) -> Result<Option<Sha256>, Refusal> {
        match &self.trailers {
            Some(trailers) => {
                digest::announced(&trailers.get("repr-digest"), &trailers.get("content-digest"))
            }
            None => Ok(None),
        }
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        // A client that waits for `100 Continue` sends nothing without it.
        if let Some(mut incoming) = self.incoming.take()
            && !self.waits
        {
            wit_bindgen::spawn_local(async move {
                let mut discarded = 0;
                let mut buffer = Vec::with_capacity(SMALL_PIECE);
                while discarded < DISCARDED {
                    buffer.clear();
                    let (result, filled) = incoming.stream.read(buffer).await;
                    buffer = filled;
                    discarded += buffer.len();
                    if !matches!(result, StreamResult::Complete(_)) {
                        break;
                    }
                }
            });
        }
    }
}
