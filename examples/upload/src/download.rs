//! Sending a stored file.

use alloc::format;

use wasip3::http::types::{ErrorCode, Response};

use crate::name::Name;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::storage::{Storage, named};

/// Returns the response with the file of that name, or only with its length if no content is requested.
///
/// Fails if there is no such file.
pub(crate) async fn send(
    storage: &Storage,
    name: &Name,
    content: bool,
) -> Result<Result<Response, ErrorCode>, Refusal> {
    let (file, length) = storage.file(name).await?;
    let reply = Reply::of_bytes(Some(length));
    if !content {
        return Ok(reply.empty());
    }
    // The host's stream becomes the body directly. Its bytes do not pass through this component.
    let (stream, outcome) = file.read_via_stream(0);
    let (response, end) = match reply.stream(stream) {
        Ok(sent) => sent,
        Err(error) => return Ok(Err(error)),
    };
    wit_bindgen::spawn_local(async move {
        if let Err(code) = outcome.await {
            let message = format!("cannot read the file: {}", named(code));
            let _ = end.write(Err(ErrorCode::InternalError(Some(message)))).await;
        }
        drop(file);
    });
    Ok(Ok(response))
}
