//! A temporary file of the guest.

use std::rc::Rc;

use wasmtime::StoreContextMut;
use wasmtime::component::{ResourceAny, StreamReader};

use crate::bindings::Provider;
use crate::calls::{call, methods, questions};
use crate::host::State;
use crate::instance::Instance;
use crate::streams::{ByteStream, Bytes};
use crate::types::{Error, Whence};

/// A temporary file of the guest; dropping it drops the resource, without `close`.
#[derive(Debug)]
pub struct TemporaryFile {
    instance: Rc<Instance<Provider>>,
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
    pub(crate) fn new(instance: &Rc<Instance<Provider>>, handle: ResourceAny) -> TemporaryFile {
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

    questions! { scratch_tempfile_tempfile, temporary_file:
        tell -> u64 = func_tell;
        is_rolled -> bool = func_is_rolled;
        is_closed -> bool = func_is_closed;
        path -> Option<String> = func_path;
    }

    methods! { scratch_tempfile_tempfile, temporary_file:
        read(max: u64) -> Vec<u8> = func_read;
        read_to_end() -> Vec<u8> = func_read_to_end;
        read_line(limit: Option<u64>) -> Vec<u8> = func_read_line;
        read_lines(hint: Option<u64>) -> Vec<Vec<u8>> = func_read_lines;
        read_at(max: u64, offset: u64) -> Vec<u8> = func_read_at;
        truncate(size: Option<u64>) -> () = func_truncate;
        flush() -> () = func_flush;
        sync() -> () = func_sync;
        size() -> u64 = func_size;
        try_read(max: u64) -> Option<Vec<u8>> = func_try_read;
        rollover() -> () = func_rollover;
        keep() -> () = func_keep;
        close() -> () = func_close;
    }

    /// Calls `seek`.
    pub async fn seek(&self, offset: i64, whence: Whence) -> Result<u64, Error> {
        call!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_file().func_seek(),
            (self.handle, offset, whence.into()))
    }

    /// Calls `write`.
    pub async fn write(&self, data: &[u8]) -> Result<(), Error> {
        call!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_file().func_write(),
            (self.handle, data.to_vec()))
    }

    /// Calls `write-lines`.
    pub async fn write_lines(&self, lines: &[&[u8]]) -> Result<(), Error> {
        let lines = lines.iter().map(|line| line.to_vec()).collect();
        call!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_file().func_write_lines(),
            (self.handle, lines))
    }

    /// Calls `write-at`.
    pub async fn write_at(&self, data: &[u8], offset: u64) -> Result<(), Error> {
        call!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_file().func_write_at(),
            (self.handle, data.to_vec(), offset))
    }

    /// Calls `try-write`.
    pub async fn try_write(&self, data: &[u8]) -> Result<bool, Error> {
        call!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_file().func_try_write(),
            (self.handle, data.to_vec()))
    }

    /// Calls `persist`.
    pub async fn persist(&self, path: &str, replace: bool) -> Result<(), Error> {
        call!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_file().func_persist(),
            (self.handle, path.to_owned(), replace))
    }

    /// Calls `read-via-stream`. Nothing is taken from the stream before it is asked for.
    ///
    /// # Panics
    ///
    /// Panics in a mode without streams.
    pub async fn read_via_stream(&self) -> ByteStream {
        match self.instance.guest() {
            Provider::P3(provider) => {
                let export = provider.scratch_tempfile_tempfile().temporary_file().func_read_via_stream();
                let ((stream, outcome),) = self.instance.call(export, (self.handle,)).await;
                ByteStream::new(&self.instance, stream, outcome).await
            }
            Provider::P2(_) => panic!("there are no streams in this mode"),
        }
    }

    /// Calls `write-via-stream`.
    ///
    /// # Panics
    ///
    /// Panics in a mode without streams.
    pub async fn write_via_stream(&self, data: Bytes) -> Result<u64, Error> {
        let handle = self.handle;
        match self.instance.guest() {
            Provider::P3(provider) => {
                let export = provider.scratch_tempfile_tempfile().temporary_file().func_write_via_stream();
                let arguments = move |store: StoreContextMut<'_, State>| {
                    (handle, StreamReader::new(store, data).expect("the store has room for a stream"))
                };
                self.instance.call_with(export, arguments).await.0.map_err(Error::from)
            }
            Provider::P2(_) => panic!("there are no streams in this mode"),
        }
    }

    /// Reads all of the content, from the start, and leaves the position where it was.
    pub async fn contents(&self) -> Result<Vec<u8>, Error> {
        self.read_at(self.size().await?, 0).await
    }
}
