//! A temporary directory of the guest.

use std::rc::Rc;

use wasmtime::component::ResourceAny;

use crate::bindings::Provider;
use crate::calls::{ask, call};
use crate::file::TemporaryFile;
use crate::instance::Instance;
use crate::types::{Access, Entry, Error, OpenFlags};

/// A temporary directory of the guest; dropping it drops the resource, without `close`.
#[derive(Debug)]
pub struct TemporaryDirectory {
    instance: Rc<Instance<Provider>>,
    handle: ResourceAny,
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        self.instance.drop_resource(self.handle);
    }
}

impl TemporaryDirectory {
    pub(crate) fn new(instance: &Rc<Instance<Provider>>, handle: ResourceAny) -> TemporaryDirectory {
        TemporaryDirectory { instance: instance.clone(), handle }
    }

    pub(crate) fn handle(&self) -> ResourceAny {
        self.handle
    }

    /// Calls `path`.
    pub async fn path(&self) -> String {
        ask!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_directory().func_path(), (self.handle))
    }

    /// Calls `is-closed`.
    pub async fn is_closed(&self) -> bool {
        ask!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_directory().func_is_closed(), (self.handle))
    }

    /// Calls `open`.
    pub async fn open(
        &self,
        path: &str,
        flags: OpenFlags,
        access: impl Into<Option<Access>>,
    ) -> Result<TemporaryFile, Error> {
        let access = access.into();
        let file = call!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_directory().func_open(),
            (self.handle, path.to_owned(), flags.into(), access.map(Into::into)))?;
        Ok(TemporaryFile::new(&self.instance, file))
    }

    /// Makes a file with some content, as a user of the directory would.
    pub async fn write_file(&self, path: &str, content: &[u8]) -> Result<(), Error> {
        let file = self.open(path, OpenFlags::CREATE, None).await?;
        file.write(content).await?;
        file.close().await
    }

    /// Calls `create-directory`.
    pub async fn create_directory(&self, path: &str) -> Result<(), Error> {
        call!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_directory().func_create_directory(),
            (self.handle, path.to_owned()))
    }

    /// Calls `entries`, and sorts them by name.
    pub async fn entries(&self, path: &str) -> Result<Vec<Entry>, Error> {
        let mut entries: Vec<Entry> = call!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_directory().func_entries(),
            (self.handle, path.to_owned()),
            with |entries| entries.into_iter().map(Entry::from).collect())?;
        entries.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(entries)
    }

    /// Calls `remove`.
    pub async fn remove(&self, path: &str) -> Result<(), Error> {
        call!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_directory().func_remove(),
            (self.handle, path.to_owned()))
    }

    /// Calls `keep`.
    pub async fn keep(&self) -> Result<(), Error> {
        call!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_directory().func_keep(), (self.handle))
    }

    /// Calls `close`.
    pub async fn close(&self) -> Result<(), Error> {
        call!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_directory().func_close(), (self.handle))
    }
}
