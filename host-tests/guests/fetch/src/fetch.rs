//! The request and the response.

use std::env;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};

use wasip2::clocks::monotonic_clock::subscribe_duration;
use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{
    ErrorCode, Fields, FutureTrailers, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest,
    RequestOptions, Scheme, http_error_code,
};
use wasip2::io::poll::poll;
use wasip2::io::streams::StreamError;

/// The largest number of bytes that a host takes at once.
const PIECE: usize = 4096;

const SECOND: u64 = 1_000_000_000;

/// Why there is no whole response.
enum Failure {
    /// The request has failed.
    Request(ErrorCode),
    /// A stream of a body has failed, with an error of HTTP or another.
    Stream(Option<ErrorCode>),
}

pub(crate) fn fetch() {
    let arguments: Vec<String> = env::args().collect();
    let [_, authority, length, announced @ ..] = &arguments[..] else { panic!("two or three arguments") };
    let content: Vec<u8> = (0..length.parse().unwrap()).map(|number: usize| (number / 7) as u8).collect();
    fs::write("/tmp/request", content).unwrap();
    match send(authority, announced.first()).and_then(receive) {
        Ok(()) => {
            assert!(
                fs::read("/tmp/request").unwrap() == fs::read("/tmp/response").unwrap(),
                "another response"
            );
            println!("{length} bytes came back");
        }
        Err(Failure::Request(code)) => println!("the request failed: {code:?}"),
        Err(Failure::Stream(code)) => println!("a stream failed: {code:?}"),
    }
}

fn send(authority: &str, announced: Option<&String>) -> Result<IncomingResponse, Failure> {
    let headers = Fields::from_list(&[("x-test".into(), b"fetch".into())]).unwrap();
    if let Some(length) = announced {
        headers.set("content-length", &[length.as_bytes().to_vec()]).unwrap();
    }
    let request = OutgoingRequest::new(headers);
    request.set_method(&Method::Post).unwrap();
    request.set_scheme(Some(&Scheme::Http)).unwrap();
    request.set_authority(Some(authority)).unwrap();
    request.set_path_with_query(Some("/echo")).unwrap();
    let options = RequestOptions::new();
    options.set_connect_timeout(Some(7 * SECOND)).unwrap();
    let outgoing = request.body().unwrap();
    let response = handle(request, Some(options)).map_err(Failure::Request)?;
    write(&outgoing)?;
    let trailers = Fields::new();
    trailers.append("x-end", b"the end").unwrap();
    OutgoingBody::finish(outgoing, Some(trailers)).unwrap();

    let (arrived, too_late) = (response.subscribe(), subscribe_duration(3600 * SECOND));
    assert_eq!(poll(&[&too_late, &arrived]), [1]);
    response.get().unwrap().unwrap().map_err(Failure::Request)
}

fn write(body: &OutgoingBody) -> Result<(), Failure> {
    let stream = body.write().unwrap();
    let mut file = File::open("/tmp/request").unwrap();
    let mut piece = [0; PIECE];
    loop {
        match file.read(&mut piece).unwrap() {
            0 => return Ok(()),
            length => stream.blocking_write_and_flush(&piece[..length]).map_err(failed)?,
        }
    }
}

fn receive(response: IncomingResponse) -> Result<(), Failure> {
    assert_eq!(response.status(), 201);
    let headers = response.headers();
    assert_eq!((headers.get("x-test"), headers.has("x-other")), (vec![b"fetch".to_vec()], false));
    let body = response.consume().unwrap();
    read(&body)?;
    assert_eq!(trailers(IncomingBody::finish(body)), [("x-end".to_owned(), b"the end".to_vec())]);
    Ok(())
}

fn read(body: &IncomingBody) -> Result<(), Failure> {
    let stream = body.stream().unwrap();
    let mut file = File::create("/tmp/response").unwrap();
    loop {
        match stream.blocking_read(1 << 16) {
            Ok(bytes) => file.write_all(&bytes).unwrap(),
            Err(StreamError::Closed) => return Ok(()),
            Err(error) => return Err(failed(error)),
        }
    }
}

fn failed(error: StreamError) -> Failure {
    match error {
        StreamError::LastOperationFailed(error) => Failure::Stream(http_error_code(&error)),
        StreamError::Closed => panic!("the host takes the whole body"),
    }
}

fn trailers(trailers: FutureTrailers) -> Vec<(String, Vec<u8>)> {
    trailers.subscribe().block();
    trailers.get().unwrap().unwrap().unwrap().expect("there are trailers").entries()
}
