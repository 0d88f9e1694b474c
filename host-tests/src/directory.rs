//! A temporary directory of the guest.

use std::rc::Rc;

use wasmtime::component::ResourceAny;

use crate::calls::{TEMPFILE, methods};
use crate::file::TemporaryFile;
use crate::instance::Instance;
use crate::types::{Access, Entry, Error, OpenFlags};

/// A temporary directory of the guest; dropping it drops the resource, without `close`.
#[derive(Debug)]
pub struct TemporaryDirectory {
    instance: Rc<Instance>,
    handle: ResourceAny,
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        self.instance.drop_resource(self.handle);
    }
}

impl TemporaryDirectory {
    pub(crate) fn new(instance: &Rc<Instance>, handle: ResourceAny) -> TemporaryDirectory {
        TemporaryDirectory { instance: instance.clone(), handle }
    }

    pub(crate) fn handle(&self) -> ResourceAny {
        self.handle
    }

    methods! { TEMPFILE, "temporary-directory";
        path() -> String;
        is_closed() -> bool;
        create_directory(path: &str) -> Result<(), Error>;
        remove(path: &str) -> Result<(), Error>;
        persist(path: &str) -> Result<(), Error>;
        keep() -> Result<(), Error>;
        close() -> Result<(), Error>;
    }

    /// Calls `open`.
    pub async fn open(
        &self,
        path: &str,
        flags: OpenFlags,
        access: impl Into<Option<Access>>,
    ) -> Result<TemporaryFile, Error> {
        let arguments = (self.handle, path.to_owned(), flags, access.into());
        let file: Result<_, Error> =
            self.instance.call(TEMPFILE, "[method]temporary-directory.open", arguments).await;
        Ok(TemporaryFile::new(&self.instance, file?))
    }

    /// Makes a file with some content, as a user of the directory would.
    pub async fn write_file(&self, path: &str, content: &[u8]) -> Result<(), Error> {
        let file = self.open(path, OpenFlags::CREATE, None).await?;
        file.write(content).await?;
        file.close().await
    }

    /// Calls `entries`, and sorts them by name.
    pub async fn entries(&self, path: &str) -> Result<Vec<Entry>, Error> {
        let arguments = (self.handle, path.to_owned());
        let entries: Result<Vec<Entry>, Error> =
            self.instance.call(TEMPFILE, "[method]temporary-directory.entries", arguments).await;
        let mut entries = entries?;
        entries.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(entries)
    }
}
