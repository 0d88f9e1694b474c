//! The endpoint that sends the sorted lines of a body.

use alloc::boxed::Box;
use alloc::format;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::Poll;

use scratch_tempfile::{Builder, Error, SeekFrom, TempFile};
use sort::Failure;
use sort::arguments::Arguments;
use sort::order::Order;
use sort::output::Sink;
use sort::runs::RunFile;
use sort::sorter::{self, System};
use wasip3::http::types::{ErrorCode, Response};
use wasip3::wit_stream;
use wit_bindgen::StreamWriter;

use crate::body::Body;
use crate::intake::Intake;
use crate::refusal::{Refusal, Status};
use crate::reply::Reply;
use crate::settings::Settings;

/// Returns the response with the lines of the body, sorted by their bytes. Lines that do not fit into
/// memory go through temporary files.
///
/// The response begins with the first sorted line, after the whole body has been received and checked.
/// Errors of the body are therefore still reported by a status.
pub(crate) async fn send(
    settings: &Settings,
    intake: Intake,
    body: Body,
) -> Result<Result<Response, ErrorCode>, Refusal> {
    let arguments = Arguments { order: Order::Ascending, unique: false, memory: settings.sort_memory };
    let state = Rc::new(State::default());
    let (writer, reader) = wit_stream::new();
    let mut exchange = Exchange { body: Some(body), intake: Some(intake), writer, state: state.clone() };
    let mut work = Box::pin(async move { sorter::sort(&mut exchange, arguments).await });

    let begun = state.clone();
    let early = poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending if begun.has_begun.get() => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    });
    if let Some(Err(failure)) = early.await {
        return Err(state.refusal(failure));
    }
    let (response, end) = match Reply::of_bytes(None).stream(reader) {
        Ok(sent) => sent,
        Err(error) => return Ok(Err(error)),
    };
    if state.has_begun.get() {
        wit_bindgen::spawn_local(async move {
            if let Err(failure) = work.await {
                let message = state.refusal(failure).message;
                let _ = end.write(Err(ErrorCode::InternalError(Some(message)))).await;
            }
        });
    }
    Ok(Ok(response))
}

/// State shared by the sort and the response.
#[derive(Default)]
struct State {
    /// Whether the sort has output, which waits for the response.
    has_begun: Cell<bool>,
    /// The refusal behind a failure of the sort, if its cause is outside of the sort.
    refusal: RefCell<Option<Refusal>>,
}

impl State {
    fn refusal(&self, Failure(message): Failure) -> Refusal {
        let refusal = self.refusal.borrow_mut().take();
        // The other causes are lines that are too long for the memory, and a lack of memory.
        refusal.unwrap_or_else(|| Refusal::new(Status::UnprocessableContent, format!("sorting: {message}")))
    }

    fn fail(&self, refusal: Refusal) -> Failure {
        let failure = Failure(refusal.message.clone());
        *self.refusal.borrow_mut() = Some(refusal);
        failure
    }

    fn fail_with(&self, error: &Error) -> Failure {
        self.fail(Refusal::of_provider("sorting", error))
    }
}

/// The body of the request and that of the response.
struct Exchange {
    body: Option<Body>,
    intake: Option<Intake>,
    writer: StreamWriter<u8>,
    state: Rc<State>,
}

impl System for Exchange {
    type File = Scratch;

    async fn read(&mut self, buffer: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let (Some(body), Some(intake)) = (&mut self.body, &mut self.intake) else {
            return Ok(buffer);
        };
        let before = buffer.len();
        let buffer = body.read(buffer).await.map_err(|refusal| self.state.fail(refusal))?;
        intake.take(&buffer[before..]).map_err(|refusal| self.state.fail(refusal))?;
        if buffer.len() == before
            && let (Some(body), Some(intake)) = (self.body.take(), self.intake.take())
        {
            let checked = body.trailing_digest().and_then(|digest| intake.finish(digest));
            checked.map_err(|refusal| self.state.fail(refusal))?;
        }
        Ok(buffer)
    }

    async fn create(&mut self) -> Result<Scratch, Failure> {
        // Reads and writes are large here, so they need no buffer.
        let created = Builder::new().prefix("sort").buffer_size(0).unnamed().await;
        let file = created.map_err(|error| self.state.fail_with(&error))?;
        Ok(Scratch { file, state: self.state.clone() })
    }
}

impl Sink for Exchange {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
        if !self.state.has_begun.replace(true) {
            pause().await;
        }
        let rest = self.writer.write_all(bytes).await;
        if rest.is_empty() { Ok(rest) } else { Err(Failure("the client has closed the connection".into())) }
    }
}

/// Waits for the next poll, which happens after the response exists.
async fn pause() {
    let mut paused = false;
    poll_fn(|_| if core::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

/// A temporary file with sorted runs.
struct Scratch {
    file: TempFile,
    state: Rc<State>,
}

impl Sink for Scratch {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let capacity = bytes.capacity();
        self.file.write_vec(bytes).await.map_err(|error| self.state.fail_with(&error))?;
        Ok(Vec::with_capacity(capacity))
    }
}

impl RunFile for Scratch {
    async fn read_at(&mut self, max: usize, offset: u64) -> Result<Vec<u8>, Failure> {
        self.file.read_at(max, offset).await.map_err(|error| self.state.fail_with(&error))
    }

    async fn truncate(&mut self, length: u64) -> Result<(), Failure> {
        self.file.set_len(length).await.map_err(|error| self.state.fail_with(&error))?;
        let sought = self.file.seek(SeekFrom::Start(length)).await;
        sought.map(drop).map_err(|error| self.state.fail_with(&error))
    }

    async fn close(mut self) -> Result<(), Failure> {
        self.file.close().await.map_err(|error| self.state.fail_with(&error))
    }
}
