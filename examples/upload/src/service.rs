//! Requests and their responses.

use alloc::string::String;
use alloc::vec::Vec;

use wasip3::cli::environment;
use wasip3::http::types::{self, ErrorCode, Fields, Request, Response};

use crate::body::Body;
use crate::digest;
use crate::intake::Intake;
use crate::precondition::Precondition;
use crate::refusal::{Refusal, Status};
use crate::reply::{self, Reply};
use crate::route::{Method, Route};
use crate::settings::Settings;
use crate::storage::Storage;
use crate::{download, leftovers, probe, sorting, upload};

struct Service;

wasip3::http::service::export!(Service);

impl wasip3::exports::http::handler::Guest for Service {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        answer(request).await.unwrap_or_else(reply::refusal)
    }
}

async fn answer(request: Request) -> Result<Result<Response, ErrorCode>, Refusal> {
    let method = method(&request.get_method());
    let path = request.get_path_with_query().unwrap_or_default();
    let fields = request.get_headers();
    // The body exists before any refusal, so dropping it discards the unread part.
    let body = Body::of(request, expects_a_sign(&fields));

    let route = Route::find(method, &path)?;
    let settings = Settings::read(environment::get_environment())?;
    match route {
        Route::Probe => {
            probe::check(&settings).await.map_err(Refusal::as_unavailable)?;
            Ok(Reply::new(200).text("ok\n".into()))
        }
        Route::Download(name) => {
            let storage = Storage::open(&settings).await?;
            download::send(&storage, &name, method == Method::Get).await
        }
        Route::Upload(name) => {
            let intake = intake(&settings, &fields)?;
            let precondition = Precondition::read(&fields.get("if-match"), &fields.get("if-none-match"));
            let storage = Storage::open(&settings).await?;
            leftovers::sweep(&settings, &storage).await;
            let replaced = upload::store(&settings, &storage, &name, precondition, (intake, body)).await?;
            Ok(Reply::new(if replaced { 204 } else { 201 }).empty())
        }
        Route::Sort => {
            let intake = intake(&settings, &fields)?;
            sorting::send(&settings, intake, body).await
        }
    }
}

fn method(method: &types::Method) -> Method {
    match method {
        types::Method::Get => Method::Get,
        types::Method::Head => Method::Head,
        types::Method::Post => Method::Post,
        types::Method::Put => Method::Put,
        _ => Method::Other,
    }
}

fn expects_a_sign(fields: &Fields) -> bool {
    fields.get("expect").iter().any(|value| value.eq_ignore_ascii_case(b"100-continue"))
}

/// Reads the announced length and digest of the body.
fn intake(settings: &Settings, fields: &Fields) -> Result<Intake, Refusal> {
    // A stored part would look like the whole file.
    if fields.has("content-range") {
        return Err(Refusal::new(Status::BadRequest, "Content-Range: cannot store a part of a file"));
    }
    let lengths: Vec<Vec<u8>> = fields.get("content-length");
    let length = match lengths.first() {
        None => None,
        Some(value) => Some(
            String::from_utf8_lossy(value)
                .parse()
                .map_err(|_| Refusal::new(Status::BadRequest, "Content-Length: not a number of bytes"))?,
        ),
    };
    let digest = digest::announced(&fields.get("repr-digest"), &fields.get("content-digest"))?;
    // Only a body without a length has fields after it, unless they are announced.
    let has_trailers = length.is_none() || fields.has("trailer");
    Intake::new(settings.max_bytes, length, digest, has_trailers)
}
