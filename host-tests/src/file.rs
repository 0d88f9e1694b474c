//! A temporary file of the guest.

use std::rc::Rc;

use wasmtime::StoreContextMut;
use wasmtime::component::{FutureReader, ResourceAny, StreamReader};

use crate::calls::{TEMPFILE, methods};
use crate::host::State;
use crate::instance::Instance;
use crate::streams::{ByteStream, Bytes};
use crate::types::{Error, Whence};

/// A temporary file of the guest; dropping it drops the resource, without `close`.
#[derive(Debug)]
pub struct TemporaryFile {
    instance: Rc<Instance>,
    handle: ResourceAny,
    is_owned: bool,
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        if self.is_owned {
            self.instance.drop_resource(self.handle);
        }
    }
}

impl TemporaryFile {
    pub(crate) fn new(instance: &Rc<Instance>, handle: ResourceAny) -> TemporaryFile {
        TemporaryFile { instance: instance.clone(), handle, is_owned: true }
    }

    /// The resource, to be given to the guest.
    pub(crate) fn give(mut self) -> ResourceAny {
        self.is_owned = false;
        self.handle
    }

    pub(crate) fn handle(&self) -> ResourceAny {
        self.handle
    }

    methods! { TEMPFILE, "temporary-file";
        tell() -> u64;
        is_rolled() -> bool;
        is_closed() -> bool;
        path() -> Option<String>;
        seek(offset: i64, whence: Whence) -> Result<u64, Error>;
        read(max: u64) -> Result<Vec<u8>, Error>;
        read_to_end() -> Result<Vec<u8>, Error>;
        read_line(limit: Option<u64>) -> Result<Vec<u8>, Error>;
        read_lines(hint: Option<u64>) -> Result<Vec<Vec<u8>>, Error>;
        read_at(max: u64, offset: u64) -> Result<Vec<u8>, Error>;
        try_read(max: u64) -> Result<Option<Vec<u8>>, Error>;
        write(data: &[u8]) -> Result<(), Error>;
        write_at(data: &[u8], offset: u64) -> Result<(), Error>;
        try_write(data: &[u8]) -> Result<bool, Error>;
        truncate(size: Option<u64>) -> Result<(), Error>;
        flush() -> Result<(), Error>;
        sync() -> Result<(), Error>;
        size() -> Result<u64, Error>;
        rollover() -> Result<(), Error>;
        persist(path: &str, replace: bool) -> Result<(), Error>;
        keep() -> Result<(), Error>;
        close() -> Result<(), Error>;
    }

    /// Calls `write-lines`.
    pub async fn write_lines(&self, lines: &[&[u8]]) -> Result<(), Error> {
        let lines: Vec<Vec<u8>> = lines.iter().map(|line| line.to_vec()).collect();
        self.instance.call(TEMPFILE, "[method]temporary-file.write-lines", (self.handle, lines)).await
    }

    /// Calls `read-via-stream`. Nothing is taken from the stream before the test asks for it.
    pub async fn read_via_stream(&self) -> ByteStream {
        let method = "[method]temporary-file.read-via-stream";
        let (stream, outcome): (StreamReader<u8>, FutureReader<Result<(), Error>>) =
            self.instance.call(TEMPFILE, method, (self.handle,)).await;
        ByteStream::new(&self.instance, stream, outcome).await
    }

    /// Calls `write-via-stream`.
    pub async fn write_via_stream(&self, data: Bytes) -> Result<u64, Error> {
        let handle = self.handle;
        let arguments = move |store: StoreContextMut<'_, State>| {
            (handle, StreamReader::new(store, data).expect("the store has room for a stream"))
        };
        self.instance.call_with(TEMPFILE, "[method]temporary-file.write-via-stream", arguments).await
    }

    /// Reads all of the content, from the start, and leaves the position where it was.
    pub async fn contents(&self) -> Result<Vec<u8>, Error> {
        self.read_at(self.size().await?, 0).await
    }
}
