//! Responses.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use wasip3::http::types::{ErrorCode, Fields, Response};
use wasip3::{wit_future, wit_stream};
use wit_bindgen::{FutureReader, FutureWriter, StreamReader};

use crate::refusal::Refusal;

/// The type of all content. With another type a browser would show, or run, an upload.
const BINARY: &str = "application/octet-stream";

/// The outcome of sending a body. An error closes the connection, which shows the client that the body
/// is incomplete.
pub(crate) type End = FutureWriter<Result<Option<Fields>, ErrorCode>>;

/// A response, except for its body.
pub(crate) struct Reply {
    status: u16,
    fields: Vec<(String, Vec<u8>)>,
}

impl Reply {
    /// Creates a response with that status.
    pub(crate) fn new(status: u16) -> Self {
        Self { status, fields: Vec::new() }
    }

    /// Creates a response for the content of a file, or for lines.
    pub(crate) fn of_bytes(length: Option<u64>) -> Self {
        let mut reply = Self::new(200);
        if let Some(length) = length {
            reply = reply.field("content-length", &format!("{length}"));
        }
        reply.field("content-type", BINARY).field("x-content-type-options", "nosniff")
    }

    /// Adds a field.
    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    /// Returns the response without a body.
    pub(crate) fn empty(self) -> Result<Response, ErrorCode> {
        let (response, _) = self.build(None)?;
        Ok(response)
    }

    /// Returns the response with a text as its body.
    pub(crate) fn text(self, text: String) -> Result<Response, ErrorCode> {
        let reply = self
            .field("content-type", "text/plain; charset=utf-8")
            .field("content-length", &format!("{}", text.len()));
        let (mut writer, reader) = wit_stream::new();
        let (response, _) = reply.build(Some(reader))?;
        // The body is read once the response has been returned.
        wit_bindgen::spawn_local(async move {
            writer.write_all(text.into_bytes()).await;
        });
        Ok(response)
    }

    /// Returns the response with a stream as its body. Dropping [`End`] reports success.
    pub(crate) fn stream(self, body: StreamReader<u8>) -> Result<(Response, End), ErrorCode> {
        self.build(Some(body))
    }

    fn build(self, body: Option<StreamReader<u8>>) -> Result<(Response, End), ErrorCode> {
        // No host refuses these fields. An error is better than a trap nevertheless.
        let fields = Fields::from_list(&self.fields)
            .map_err(|error| ErrorCode::InternalError(Some(format!("fields: {error:?}"))))?;
        let (end, trailers) = wit_future::new(|| Ok(None));
        let trailers: FutureReader<_> = trailers;
        let (response, _transmitted) = Response::new(fields, body, trailers);
        response
            .set_status_code(self.status)
            .map_err(|()| ErrorCode::InternalError(Some(format!("status {}", self.status))))?;
        Ok((response, end))
    }
}

/// Returns the response to a refused request.
pub(crate) fn refusal(refusal: Refusal) -> Result<Response, ErrorCode> {
    let mut reply = Reply::new(refusal.status as u16);
    if let Some(allowed) = refusal.allowed {
        reply = reply.field("allow", allowed);
    }
    reply.text(refusal.message + "\n")
}
