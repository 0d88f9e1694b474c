//! The exports of the interfaces `tempfile`, `lowlevel` and `control`: each calls the core, and no more.

use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::OnceCell;

use super::bindings::exports::scratch::tempfile::control;
use super::bindings::exports::scratch::tempfile::lowlevel;
use super::bindings::exports::scratch::tempfile::tempfile as wit;
use super::filesystem::Wasi;
use super::wasi::filesystem::types::Descriptor;
use super::{OneThread, orphans, streams};
use crate::conversions::interface::file_options;
use crate::directory::Directory;
use crate::file::File;
use crate::file::lines::LineBlock;
use crate::instance::scratch::Scratch;
use crate::lowlevel::{mkdtemp, mkstemp};
use crate::place::name::DEFAULT_PREFIX;
use wit_bindgen::{FutureReader, StreamReader};

type Result<T> = core::result::Result<T, wit::Error>;

static SCRATCH: OneThread<OnceCell<Rc<Scratch<Wasi>>>> = OneThread(OnceCell::new());

/// Returns the instance, after noticing the unlinks that have ended.
fn scratch() -> &'static Rc<Scratch<Wasi>> {
    orphans::collect();
    SCRATCH.0.get_or_init(|| Scratch::new(Wasi))
}

pub(super) struct Component;

impl wit::Guest for Component {
    type TemporaryFile = File<Wasi>;
    type TemporaryDirectory = Directory<Wasi>;
}

impl wit::GuestTemporaryFile for File<Wasi> {
    async fn create(options: Option<wit::FileOptions>) -> Result<wit::TemporaryFile> {
        Ok(wit::TemporaryFile::new(File::create(scratch(), file_options(options)).await?))
    }

    async fn create_named(options: Option<wit::FileOptions>) -> Result<wit::TemporaryFile> {
        Ok(wit::TemporaryFile::new(File::create_named(scratch(), file_options(options)).await?))
    }

    fn try_create(options: Option<wit::FileOptions>) -> Result<Option<wit::TemporaryFile>> {
        Ok(File::try_create(scratch(), file_options(options))?.map(wit::TemporaryFile::new))
    }

    fn create_spooled(
        max_size: Option<u64>,
        options: Option<wit::FileOptions>,
    ) -> Result<wit::TemporaryFile> {
        Ok(wit::TemporaryFile::new(File::create_spooled(scratch(), max_size, file_options(options))?))
    }

    fn tell(&self) -> u64 {
        self.tell()
    }

    async fn seek(&self, offset: i64, whence: wit::Whence) -> Result<u64> {
        Ok(self.seek(offset, whence.into()).await?)
    }

    async fn read(&self, max: u64) -> Result<Vec<u8>> {
        Ok(self.read(max).await?)
    }

    async fn read_to_end(&self) -> Result<Vec<u8>> {
        Ok(self.read(u64::MAX).await?)
    }

    async fn read_line(&self, limit: Option<u64>) -> Result<Vec<u8>> {
        Ok(self.read_line(limit).await?)
    }

    async fn read_lines(&self, hint: Option<u64>) -> Result<Vec<Vec<u8>>> {
        Ok(self.read_lines(hint).await?)
    }

    async fn read_line_block(&self, hint: Option<u64>) -> Result<wit::LineBlock> {
        let LineBlock { bytes, ends } = self.read_block(hint).await?;
        Ok(wit::LineBlock { bytes, ends })
    }

    async fn read_at(&self, max: u64, offset: u64) -> Result<Vec<u8>> {
        Ok(self.read_at(max, offset).await?)
    }

    async fn write(&self, data: Vec<u8>) -> Result<()> {
        Ok(self.write(data).await?)
    }

    async fn write_lines(&self, lines: Vec<Vec<u8>>) -> Result<()> {
        Ok(self.write_lines(lines).await?)
    }

    async fn write_at(&self, data: Vec<u8>, offset: u64) -> Result<()> {
        Ok(self.write_at(data, offset).await?)
    }

    async fn truncate(&self, size: Option<u64>) -> Result<()> {
        Ok(self.truncate(size).await?)
    }

    async fn flush(&self) -> Result<()> {
        Ok(self.flush().await?)
    }

    async fn sync(&self) -> Result<()> {
        Ok(self.sync().await?)
    }

    async fn size(&self) -> Result<u64> {
        Ok(self.size().await?)
    }

    async fn read_via_stream(&self) -> (StreamReader<u8>, FutureReader<Result<()>>) {
        streams::read(self.stream().await)
    }

    async fn write_via_stream(&self, data: StreamReader<u8>) -> Result<u64> {
        Ok(streams::write(self.stream().await, data).await?)
    }

    fn try_write(&self, data: Vec<u8>) -> Result<bool> {
        Ok(self.try_write(&data)?)
    }

    fn try_write_at(&self, data: Vec<u8>, offset: u64) -> Result<bool> {
        Ok(self.try_write_at(&data, offset)?)
    }

    fn try_read(&self, max: u64) -> Result<Option<Vec<u8>>> {
        Ok(self.try_read(max)?)
    }

    fn try_read_at(&self, max: u64, offset: u64) -> Result<Option<Vec<u8>>> {
        Ok(self.try_read_at(max, offset)?)
    }

    fn try_read_line(&self, limit: Option<u64>) -> Result<Option<Vec<u8>>> {
        Ok(self.try_read_line(limit)?)
    }

    fn try_seek(&self, offset: i64, whence: wit::Whence) -> Result<Option<u64>> {
        Ok(self.try_seek(offset, whence.into())?)
    }

    fn try_size(&self) -> Result<Option<u64>> {
        Ok(self.try_size()?)
    }

    fn try_truncate(&self, size: Option<u64>) -> Result<bool> {
        Ok(self.try_truncate(size)?)
    }

    fn try_close(&self) -> Result<bool> {
        Ok(self.try_close()?)
    }

    async fn rollover(&self) -> Result<()> {
        Ok(self.rollover().await?)
    }

    fn is_rolled(&self) -> bool {
        self.is_rolled()
    }

    fn path(&self) -> Option<String> {
        self.path().map(|path| path.to_string())
    }

    async fn persist(&self, path: String, replace: bool) -> Result<()> {
        Ok(self.persist(path, replace).await?)
    }

    async fn keep(&self) -> Result<()> {
        Ok(self.keep().await?)
    }

    async fn close(&self) -> Result<()> {
        Ok(self.close().await?)
    }

    fn is_closed(&self) -> bool {
        self.is_closed()
    }
}

impl wit::GuestTemporaryDirectory for Directory<Wasi> {
    async fn create(options: Option<wit::DirectoryOptions>) -> Result<wit::TemporaryDirectory> {
        let options = options.map(Into::into).unwrap_or_default();
        Ok(wit::TemporaryDirectory::new(Directory::create(scratch(), options).await?))
    }

    fn path(&self) -> String {
        self.path().to_string()
    }

    async fn open(
        &self,
        path: String,
        flags: wit::OpenFlags,
        access: Option<wit::Access>,
    ) -> Result<wit::TemporaryFile> {
        Ok(wit::TemporaryFile::new(self.open(path, flags.into(), access.map(Into::into)).await?))
    }

    async fn create_directory(&self, path: String) -> Result<()> {
        Ok(self.create_directory(path).await?)
    }

    async fn entries(&self, path: String) -> Result<Vec<wit::Entry>> {
        Ok(self.entries(path).await?.into_iter().map(Into::into).collect())
    }

    async fn remove(&self, path: String) -> Result<()> {
        Ok(self.remove(path).await?)
    }

    async fn persist(&self, path: String) -> Result<()> {
        Ok(self.persist(path).await?)
    }

    async fn keep(&self) -> Result<()> {
        Ok(self.keep().await?)
    }

    async fn close(&self) -> Result<()> {
        Ok(self.close().await?)
    }

    fn is_closed(&self) -> bool {
        self.is_closed()
    }
}

impl lowlevel::Guest for Component {
    async fn mkstemp(
        suffix: Option<String>,
        prefix: Option<String>,
        directory: Option<String>,
    ) -> Result<(Descriptor, String)> {
        Ok(mkstemp(scratch(), suffix, prefix, directory).await?)
    }

    async fn mkdtemp(
        suffix: Option<String>,
        prefix: Option<String>,
        directory: Option<String>,
    ) -> Result<String> {
        Ok(mkdtemp(scratch(), suffix, prefix, directory).await?)
    }

    async fn gettempdir() -> Result<String> {
        Ok(scratch().find(None).await?.path.to_string())
    }

    async fn gettempdirb() -> Result<Vec<u8>> {
        Ok(scratch().find(None).await?.path.as_bytes().to_vec())
    }

    fn gettempprefix() -> String {
        DEFAULT_PREFIX.into()
    }

    async fn descriptor_of_file(file: wit::TemporaryFileBorrow<'_>) -> Result<Descriptor> {
        Ok(file.get::<File<Wasi>>().descriptor().await?)
    }

    async fn descriptor_of_directory(directory: wit::TemporaryDirectoryBorrow<'_>) -> Result<Descriptor> {
        Ok(directory.get::<Directory<Wasi>>().descriptor().await?)
    }
}

impl control::Guest for Component {
    fn get_limits() -> Result<control::Limits> {
        Ok(scratch().budget()?.limits().into())
    }

    fn set_limits(limits: control::Limits) -> Result<()> {
        Ok(scratch().set_limits(limits.into())?)
    }

    fn get_usage() -> Result<control::Usage> {
        Ok(scratch().budget()?.usage().into())
    }

    async fn sweep(directory: Option<String>, older_than: u64) -> Result<control::SweepReport> {
        Ok(scratch().sweep(directory, older_than).await?.into())
    }
}
