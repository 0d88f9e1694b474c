//! A private `/tmp` for a program that sends HTTP requests, on a host that answers them itself.

use std::sync::OnceLock;

use futures::stream;
use host_tests::{engine, fetch_with_private_tmp};
use http::uri::Authority;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use tokio::runtime::Builder;
use wasmtime::Store;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime_wasi::p2::bindings::Command;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView, p2};
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use crate::suite::tests;

tests! {
    once {
        a_program_keeps_responses_in_its_private_tmp,
        a_response_beyond_the_limit_is_an_error_of_the_file,
        errors_of_requests_and_of_their_streams_pass_through,
    }
}

struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    server: Server,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.server }
    }
}

/// A server that returns the body of each request, or refuses it, or breaks off, as its name says.
struct Server;

/// The end of the transfer of a body.
type Transferred = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for Server {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Transferred,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Transferred), Error>> + Send> {
        Box::new(async {
            let (request, body) = request.into_parts();
            let body = body.collect().await?;
            let trailers = body.trailers().cloned().expect("the program sends trailers");
            let content = Frame::data(body.to_bytes());
            let end = match request.uri.authority().map(Authority::as_str) {
                Some("refusing") => return Err(Error::ConnectionRefused),
                Some("breaking") => Err(Error::ConnectionTerminated),
                _ => Ok(Frame::trailers(trailers)),
            };
            let body = StreamBody::new(stream::iter([Ok(content), end])).boxed_unsync();
            let response = Response::builder().status(201).header("x-test", &request.headers["x-test"]);
            Ok((response.body(body).unwrap(), Box::new(async { Ok(()) }) as Transferred))
        })
    }
}

/// The program with a private `/tmp`, compiled once for all tests of the process.
fn component() -> &'static Component {
    static COMPONENT: OnceLock<Component> = OnceLock::new();
    COMPONENT.get_or_init(|| Component::new(&engine(false), fetch_with_private_tmp()).unwrap())
}

/// Runs the program with these arguments and a limit of bytes, and returns its output and its errors.
fn fetch(arguments: &str, limit: u32) -> (String, String) {
    let host = tempfile::tempdir().unwrap();
    let (output, errors) = (MemoryOutputPipe::new(1000), MemoryOutputPipe::new(1000));
    let mut wasi = WasiCtx::builder();
    wasi.arg("fetch").args(&arguments.split(' ').collect::<Vec<_>>());
    wasi.env("SCRATCH_MAX_BYTES", limit.to_string());
    wasi.preopened_dir(host.path(), "/tmp", FsPerms::ReadWrite).unwrap();
    wasi.stdout(output.clone()).stderr(errors.clone());
    let state =
        State { wasi: wasi.build(), http: WasiHttpCtx::new(), table: ResourceTable::new(), server: Server };
    let component = component();
    let mut linker = Linker::new(component.engine());
    p2::add_to_linker_async(&mut linker).unwrap();
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).unwrap();
    let mut store = Store::new(component.engine(), state);
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let _ended = runtime.block_on(async {
        let command = Command::instantiate_async(&mut store, component, &linker).await.unwrap();
        command.wasi_cli_run().call_run(&mut store).await
    });
    assert_eq!(host.path().read_dir().unwrap().count(), 0, "left on the host");
    let text = |pipe: MemoryOutputPipe| String::from_utf8(pipe.contents().to_vec()).unwrap();
    (text(output), text(errors))
}

fn a_program_keeps_responses_in_its_private_tmp() {
    // The second body moves to the host's directory.
    for length in [10_000, 3_000_000] {
        let (output, errors) = fetch(&format!("echoing {length}"), 2 * length);

        assert_eq!((&*output, &*errors), (&*format!("{length} bytes came back\n"), ""));
    }
}

fn a_response_beyond_the_limit_is_an_error_of_the_file() {
    let (output, errors) = fetch("echoing 10000", 2 * 10_000 - 1);

    assert_eq!(output, "");
    assert!(errors.contains("I/O error"), "{errors}");
}

fn errors_of_requests_and_of_their_streams_pass_through() {
    let (refused, _) = fetch("refusing 10000", 20_000);
    let (broken, _) = fetch("breaking 10000", 20_000);
    let (longer, _) = fetch("echoing 10000 9999", 20_000);

    assert_eq!(refused, "the request failed: ErrorCode::ConnectionRefused\n");
    // The host has no code for it.
    assert_eq!(broken, "a stream failed: None\n");
    assert_eq!(longer, "a stream failed: Some(ErrorCode::HttpRequestBodySize(Some(10000)))\n");
}
