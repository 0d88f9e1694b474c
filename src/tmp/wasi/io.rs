//! Errors, polls and streams: those of the host, and those of files in the private tree.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Component;
use super::bindings::exports::wasi::io::error::{self, Error, GuestError};
use super::bindings::exports::wasi::io::poll::{self, GuestPollable, Pollable, PollableBorrow};
use super::bindings::exports::wasi::io::streams::{
    self, GuestInputStream, GuestOutputStream, InputStream, InputStreamBorrow, OutputStream, StreamError,
};
use super::bindings::wasi as host;
use super::conversions::reported;
use crate::error::ErrorCode;
use crate::p2::filesystem::Wasi;
use crate::tmp::open::{Reader, Writer};
use host::filesystem::types;

type Result<T> = core::result::Result<T, StreamError>;

/// The error of a failed operation on a stream.
pub(crate) enum AnyError {
    Host(host::io::error::Error),
    Private(types::ErrorCode),
}

impl error::Guest for Component {
    type Error = AnyError;
}

impl GuestError for AnyError {
    fn to_debug_string(&self) -> String {
        match self {
            AnyError::Host(error) => error.to_debug_string(),
            AnyError::Private(code) => code.message().to_string(),
        }
    }
}

/// An event to wait for. A file of the private tree is always ready.
pub(crate) enum AnyPollable {
    Host(host::io::poll::Pollable),
    Ready,
}

pub(super) fn pollable(pollable: host::io::poll::Pollable) -> Pollable {
    Pollable::new(AnyPollable::Host(pollable))
}

impl poll::Guest for Component {
    type Pollable = AnyPollable;

    fn poll(pollables: Vec<PollableBorrow<'_>>) -> Vec<u32> {
        let of_host: Option<Vec<_>> =
            pollables.iter().map(|pollable| pollable.get::<AnyPollable>().host()).collect();
        match of_host {
            Some(of_host) => host::io::poll::poll(&of_host),
            // There is nothing to wait for, as one of them is ready.
            None => {
                let numbered = (0..).zip(&pollables);
                numbered
                    .filter(|(_, one)| one.get::<AnyPollable>().ready())
                    .map(|(number, _)| number)
                    .collect()
            }
        }
    }
}

impl AnyPollable {
    fn host(&self) -> Option<&host::io::poll::Pollable> {
        match self {
            AnyPollable::Host(pollable) => Some(pollable),
            AnyPollable::Ready => None,
        }
    }
}

impl GuestPollable for AnyPollable {
    fn ready(&self) -> bool {
        self.host().is_none_or(|pollable| pollable.ready())
    }

    fn block(&self) {
        if let Some(pollable) = self.host() {
            pollable.block();
        }
    }
}

fn from_host(error: host::io::streams::StreamError) -> StreamError {
    match error {
        host::io::streams::StreamError::Closed => StreamError::Closed,
        host::io::streams::StreamError::LastOperationFailed(error) => {
            StreamError::LastOperationFailed(Error::new(AnyError::Host(error)))
        }
    }
}

fn failed(code: ErrorCode) -> StreamError {
    StreamError::LastOperationFailed(Error::new(AnyError::Private(reported(code))))
}

/// A stream of the host, or one that reads a file of the private tree.
pub(crate) enum AnyInput {
    Host(host::io::streams::InputStream),
    Private(Reader<Wasi>),
}

/// A stream of the host, or one that writes a file of the private tree.
pub(crate) enum AnyOutput {
    Host(host::io::streams::OutputStream),
    Private(Writer<Wasi>),
}

pub(super) fn input(stream: host::io::streams::InputStream) -> InputStream {
    InputStream::new(AnyInput::Host(stream))
}

pub(super) fn output(stream: host::io::streams::OutputStream) -> OutputStream {
    OutputStream::new(AnyOutput::Host(stream))
}

impl streams::Guest for Component {
    type InputStream = AnyInput;
    type OutputStream = AnyOutput;
}

/// Reads from a file. Its end closes the stream.
fn read_file(reader: &Reader<Wasi>, max: u64) -> Result<Vec<u8>> {
    let bytes = reader.read(max).map_err(failed)?;
    if bytes.is_empty() && max > 0 { Err(StreamError::Closed) } else { Ok(bytes) }
}

fn skip_in_file(reader: &Reader<Wasi>, max: u64) -> Result<u64> {
    let skipped = reader.skip(max).map_err(failed)?;
    if skipped == 0 && max > 0 { Err(StreamError::Closed) } else { Ok(skipped) }
}

impl GuestInputStream for AnyInput {
    fn read(&self, length: u64) -> Result<Vec<u8>> {
        match self {
            AnyInput::Host(stream) => stream.read(length).map_err(from_host),
            AnyInput::Private(reader) => read_file(reader, length),
        }
    }

    fn blocking_read(&self, length: u64) -> Result<Vec<u8>> {
        match self {
            AnyInput::Host(stream) => stream.blocking_read(length).map_err(from_host),
            AnyInput::Private(reader) => read_file(reader, length),
        }
    }

    fn skip(&self, length: u64) -> Result<u64> {
        match self {
            AnyInput::Host(stream) => stream.skip(length).map_err(from_host),
            AnyInput::Private(reader) => skip_in_file(reader, length),
        }
    }

    fn blocking_skip(&self, length: u64) -> Result<u64> {
        match self {
            AnyInput::Host(stream) => stream.blocking_skip(length).map_err(from_host),
            AnyInput::Private(reader) => skip_in_file(reader, length),
        }
    }

    fn subscribe(&self) -> Pollable {
        match self {
            AnyInput::Host(stream) => pollable(stream.subscribe()),
            AnyInput::Private(_) => Pollable::new(AnyPollable::Ready),
        }
    }
}

/// Writes zeros to a file, as many as fit at once.
fn write_zeros(writer: &Writer<Wasi>, length: u64) -> Result<()> {
    if length > writer.room().map_err(failed)? {
        return Err(failed(ErrorCode::Quota(crate::error::Limit::Bytes)));
    }
    writer.write(alloc::vec![0; length as usize]).map_err(failed)
}

impl GuestOutputStream for AnyOutput {
    fn check_write(&self) -> Result<u64> {
        match self {
            AnyOutput::Host(stream) => stream.check_write().map_err(from_host),
            AnyOutput::Private(writer) => writer.room().map_err(failed),
        }
    }

    fn write(&self, contents: Vec<u8>) -> Result<()> {
        match self {
            AnyOutput::Host(stream) => stream.write(&contents).map_err(from_host),
            AnyOutput::Private(writer) => writer.write(contents).map_err(failed),
        }
    }

    fn blocking_write_and_flush(&self, contents: Vec<u8>) -> Result<()> {
        match self {
            AnyOutput::Host(stream) => stream.blocking_write_and_flush(&contents).map_err(from_host),
            AnyOutput::Private(writer) => writer.write(contents).map_err(failed),
        }
    }

    fn flush(&self) -> Result<()> {
        match self {
            AnyOutput::Host(stream) => stream.flush().map_err(from_host),
            AnyOutput::Private(_) => Ok(()),
        }
    }

    fn blocking_flush(&self) -> Result<()> {
        match self {
            AnyOutput::Host(stream) => stream.blocking_flush().map_err(from_host),
            AnyOutput::Private(_) => Ok(()),
        }
    }

    fn subscribe(&self) -> Pollable {
        match self {
            AnyOutput::Host(stream) => pollable(stream.subscribe()),
            AnyOutput::Private(_) => Pollable::new(AnyPollable::Ready),
        }
    }

    fn write_zeroes(&self, length: u64) -> Result<()> {
        match self {
            AnyOutput::Host(stream) => stream.write_zeroes(length).map_err(from_host),
            AnyOutput::Private(writer) => write_zeros(writer, length),
        }
    }

    fn blocking_write_zeroes_and_flush(&self, length: u64) -> Result<()> {
        match self {
            AnyOutput::Host(stream) => stream.blocking_write_zeroes_and_flush(length).map_err(from_host),
            AnyOutput::Private(writer) => write_zeros(writer, length),
        }
    }

    fn splice(&self, source: InputStreamBorrow<'_>, length: u64) -> Result<u64> {
        let source = source.get::<AnyInput>();
        if let (AnyOutput::Host(to), AnyInput::Host(from)) = (self, source) {
            return to.splice(from, length).map_err(from_host);
        }
        let room = self.check_write()?.min(length);
        let bytes = source.read(room)?;
        let spliced = bytes.len() as u64;
        self.write(bytes)?;
        Ok(spliced)
    }

    fn blocking_splice(&self, source: InputStreamBorrow<'_>, length: u64) -> Result<u64> {
        let source = source.get::<AnyInput>();
        if let (AnyOutput::Host(to), AnyInput::Host(from)) = (self, source) {
            return to.blocking_splice(from, length).map_err(from_host);
        }
        if let AnyOutput::Host(stream) = self {
            stream.subscribe().block();
        }
        let room = self.check_write()?.min(length);
        let bytes = source.blocking_read(room)?;
        let spliced = bytes.len() as u64;
        self.write(bytes)?;
        Ok(spliced)
    }
}
