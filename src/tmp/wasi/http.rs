//! The client of `wasi:http`: passed through, because the streams and polls of bodies are those of `io`.
//!
//! The resources of a server are there because they belong to the same interface. No program that is plugged
//! into this component gets a request.

use alloc::string::String;
use alloc::vec::Vec;

use super::Component;
use super::bindings::exports::wasi::http::outgoing_handler;
use super::bindings::exports::wasi::http::types as served;
use super::bindings::exports::wasi::io::error::ErrorBorrow;
use super::bindings::exports::wasi::io::streams::{InputStream, OutputStream};
use super::bindings::wasi::http::{self, types as host};
use super::io::{AnyError, input, output};
use host::{ErrorCode, HeaderError, Method, Scheme};

/// The result of a call whose error says nothing.
type Done<T = ()> = Result<T, ()>;

/// Resources of the host, each in a type of its own.
macro_rules! wrap {
    ($($name:ident)*) => { $(
        #[doc = concat!("The resource `", stringify!($name), "` of the host.")]
        pub(crate) struct $name(host::$name);

        impl From<host::$name> for served::$name {
            fn from(resource: host::$name) -> served::$name {
                served::$name::new($name(resource))
            }
        }

        impl From<served::$name> for host::$name {
            fn from(resource: served::$name) -> host::$name {
                resource.into_inner::<$name>().0
            }
        }
    )* };
}

wrap! {
    Fields
    IncomingRequest
    OutgoingRequest
    RequestOptions
    ResponseOutparam
    IncomingResponse
    IncomingBody
    FutureTrailers
    OutgoingResponse
    OutgoingBody
    FutureIncomingResponse
}

impl outgoing_handler::Guest for Component {
    fn handle(
        request: served::OutgoingRequest,
        options: Option<served::RequestOptions>,
    ) -> Result<served::FutureIncomingResponse, ErrorCode> {
        Ok(http::outgoing_handler::handle(request.into(), options.map(Into::into))?.into())
    }
}

impl served::Guest for Component {
    type Fields = Fields;
    type IncomingRequest = IncomingRequest;
    type OutgoingRequest = OutgoingRequest;
    type RequestOptions = RequestOptions;
    type ResponseOutparam = ResponseOutparam;
    type IncomingResponse = IncomingResponse;
    type IncomingBody = IncomingBody;
    type FutureTrailers = FutureTrailers;
    type OutgoingResponse = OutgoingResponse;
    type OutgoingBody = OutgoingBody;
    type FutureIncomingResponse = FutureIncomingResponse;

    fn http_error_code(error: ErrorBorrow<'_>) -> Option<ErrorCode> {
        match error.get::<AnyError>() {
            AnyError::Host(error) => host::http_error_code(error),
            AnyError::Private(_) => None,
        }
    }
}

impl served::GuestFields for Fields {
    fn new() -> Fields {
        Fields(host::Fields::new())
    }

    fn from_list(entries: Vec<(String, Vec<u8>)>) -> Result<served::Fields, HeaderError> {
        Ok(host::Fields::from_list(&entries)?.into())
    }

    fn get(&self, name: String) -> Vec<Vec<u8>> {
        self.0.get(&name)
    }

    fn has(&self, name: String) -> bool {
        self.0.has(&name)
    }

    fn set(&self, name: String, values: Vec<Vec<u8>>) -> Result<(), HeaderError> {
        self.0.set(&name, &values)
    }

    fn delete(&self, name: String) -> Result<(), HeaderError> {
        self.0.delete(&name)
    }

    fn append(&self, name: String, value: Vec<u8>) -> Result<(), HeaderError> {
        self.0.append(&name, &value)
    }

    fn clone(&self) -> served::Fields {
        self.0.clone().into()
    }

    pass! {
        entries() -> Vec<(String, Vec<u8>)>;
    }
}

impl served::GuestIncomingRequest for IncomingRequest {
    fn headers(&self) -> served::Fields {
        self.0.headers().into()
    }

    fn consume(&self) -> Done<served::IncomingBody> {
        self.0.consume().map(Into::into)
    }

    pass! {
        method() -> Method;
        path_with_query() -> Option<String>;
        scheme() -> Option<Scheme>;
        authority() -> Option<String>;
    }
}

impl served::GuestOutgoingRequest for OutgoingRequest {
    fn new(headers: served::Fields) -> OutgoingRequest {
        OutgoingRequest(host::OutgoingRequest::new(headers.into()))
    }

    fn body(&self) -> Done<served::OutgoingBody> {
        self.0.body().map(Into::into)
    }

    fn set_method(&self, method: Method) -> Done {
        self.0.set_method(&method)
    }

    fn set_path_with_query(&self, path: Option<String>) -> Done {
        self.0.set_path_with_query(path.as_deref())
    }

    fn set_scheme(&self, scheme: Option<Scheme>) -> Done {
        self.0.set_scheme(scheme.as_ref())
    }

    fn set_authority(&self, authority: Option<String>) -> Done {
        self.0.set_authority(authority.as_deref())
    }

    fn headers(&self) -> served::Fields {
        self.0.headers().into()
    }

    pass! {
        method() -> Method;
        path_with_query() -> Option<String>;
        scheme() -> Option<Scheme>;
        authority() -> Option<String>;
    }
}

impl served::GuestRequestOptions for RequestOptions {
    fn new() -> RequestOptions {
        RequestOptions(host::RequestOptions::new())
    }

    pass! {
        connect_timeout() -> Option<u64>;
        set_connect_timeout(duration: Option<u64>) -> Done;
        first_byte_timeout() -> Option<u64>;
        set_first_byte_timeout(duration: Option<u64>) -> Done;
        between_bytes_timeout() -> Option<u64>;
        set_between_bytes_timeout(duration: Option<u64>) -> Done;
    }
}

impl served::GuestResponseOutparam for ResponseOutparam {
    fn set(param: served::ResponseOutparam, response: Result<served::OutgoingResponse, ErrorCode>) {
        host::ResponseOutparam::set(param.into(), response.map(Into::into));
    }
}

impl served::GuestIncomingResponse for IncomingResponse {
    fn headers(&self) -> served::Fields {
        self.0.headers().into()
    }

    fn consume(&self) -> Done<served::IncomingBody> {
        self.0.consume().map(Into::into)
    }

    pass! {
        status() -> u16;
    }
}

impl served::GuestIncomingBody for IncomingBody {
    fn stream(&self) -> Done<InputStream> {
        self.0.stream().map(input)
    }

    fn finish(body: served::IncomingBody) -> served::FutureTrailers {
        host::IncomingBody::finish(body.into()).into()
    }
}

impl served::GuestFutureTrailers for FutureTrailers {
    fn get(&self) -> Option<Done<Result<Option<served::Fields>, ErrorCode>>> {
        let trailers = self.0.get()?;
        Some(trailers.map(|trailers| trailers.map(|trailers| trailers.map(Into::into))))
    }

    pass! { subscribe; }
}

impl served::GuestOutgoingResponse for OutgoingResponse {
    fn new(headers: served::Fields) -> OutgoingResponse {
        OutgoingResponse(host::OutgoingResponse::new(headers.into()))
    }

    fn headers(&self) -> served::Fields {
        self.0.headers().into()
    }

    fn body(&self) -> Done<served::OutgoingBody> {
        self.0.body().map(Into::into)
    }

    pass! {
        status_code() -> u16;
        set_status_code(status: u16) -> Done;
    }
}

impl served::GuestOutgoingBody for OutgoingBody {
    fn write(&self) -> Done<OutputStream> {
        self.0.write().map(output)
    }

    fn finish(body: served::OutgoingBody, trailers: Option<served::Fields>) -> Result<(), ErrorCode> {
        host::OutgoingBody::finish(body.into(), trailers.map(Into::into))
    }
}

impl served::GuestFutureIncomingResponse for FutureIncomingResponse {
    fn get(&self) -> Option<Done<Result<served::IncomingResponse, ErrorCode>>> {
        let response = self.0.get()?;
        Some(response.map(|response| response.map(Into::into)))
    }

    pass! { subscribe; }
}
