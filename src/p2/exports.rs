//! The exports of the interfaces `tempfile`, `lowlevel` and `control`: each calls the core, and no more.

use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::OnceCell;

use super::OneThread;
use super::bindings::exports::scratch::tempfile::control;
use super::bindings::exports::scratch::tempfile::lowlevel;
use super::bindings::exports::scratch::tempfile::tempfile as wit;
use super::filesystem::Wasi;
use super::wasi::filesystem::types::Descriptor;
use crate::conversions::interface::file_options;
use crate::directory::Directory;
use crate::file::File;
use crate::file::lines::LineBlock;
use crate::instance::scratch::Scratch;
use crate::lowlevel::{mkdtemp, mkstemp};
use crate::place::name::DEFAULT_PREFIX;
use crate::task::finished::finished;

type Result<T> = core::result::Result<T, wit::Error>;

static SCRATCH: OneThread<OnceCell<Rc<Scratch<Wasi>>>> = OneThread(OnceCell::new());

/// Returns the instance.
fn scratch() -> &'static Rc<Scratch<Wasi>> {
    SCRATCH.0.get_or_init(|| Scratch::new(Wasi))
}

pub(super) struct Component;

impl wit::Guest for Component {
    type TemporaryFile = File<Wasi>;
    type TemporaryDirectory = Directory<Wasi>;
}

impl wit::GuestTemporaryFile for File<Wasi> {
    fn create(options: Option<wit::FileOptions>) -> Result<wit::TemporaryFile> {
        Ok(wit::TemporaryFile::new(finished(File::create(scratch(), file_options(options)))?))
    }

    fn create_named(options: Option<wit::FileOptions>) -> Result<wit::TemporaryFile> {
        Ok(wit::TemporaryFile::new(finished(File::create_named(scratch(), file_options(options)))?))
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

    fn seek(&self, offset: i64, whence: wit::Whence) -> Result<u64> {
        Ok(finished(self.seek(offset, whence.into()))?)
    }

    fn read(&self, max: u64) -> Result<Vec<u8>> {
        Ok(finished(self.read(max))?)
    }

    fn read_to_end(&self) -> Result<Vec<u8>> {
        Ok(finished(self.read(u64::MAX))?)
    }

    fn read_line(&self, limit: Option<u64>) -> Result<Vec<u8>> {
        Ok(finished(self.read_line(limit))?)
    }

    fn read_lines(&self, hint: Option<u64>) -> Result<Vec<Vec<u8>>> {
        Ok(finished(self.read_lines(hint))?)
    }

    fn read_line_block(&self, hint: Option<u64>) -> Result<wit::LineBlock> {
        let LineBlock { bytes, ends } = finished(self.read_block(hint))?;
        Ok(wit::LineBlock { bytes, ends })
    }

    fn read_at(&self, max: u64, offset: u64) -> Result<Vec<u8>> {
        Ok(finished(self.read_at(max, offset))?)
    }

    fn write(&self, data: Vec<u8>) -> Result<()> {
        Ok(finished(self.write(data))?)
    }

    fn write_lines(&self, lines: Vec<Vec<u8>>) -> Result<()> {
        Ok(finished(self.write_lines(lines))?)
    }

    fn write_at(&self, data: Vec<u8>, offset: u64) -> Result<()> {
        Ok(finished(self.write_at(data, offset))?)
    }

    fn truncate(&self, size: Option<u64>) -> Result<()> {
        Ok(finished(self.truncate(size))?)
    }

    fn flush(&self) -> Result<()> {
        Ok(finished(self.flush())?)
    }

    fn sync(&self) -> Result<()> {
        Ok(finished(self.sync())?)
    }

    fn size(&self) -> Result<u64> {
        Ok(finished(self.size())?)
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

    fn rollover(&self) -> Result<()> {
        Ok(finished(self.rollover())?)
    }

    fn is_rolled(&self) -> bool {
        self.is_rolled()
    }

    fn path(&self) -> Option<String> {
        self.path().map(|path| path.to_string())
    }

    fn persist(&self, path: String, replace: bool) -> Result<()> {
        Ok(finished(self.persist(path, replace))?)
    }

    fn keep(&self) -> Result<()> {
        Ok(finished(self.keep())?)
    }

    fn close(&self) -> Result<()> {
        Ok(finished(self.close())?)
    }

    fn is_closed(&self) -> bool {
        self.is_closed()
    }
}

impl wit::GuestTemporaryDirectory for Directory<Wasi> {
    fn create(options: Option<wit::DirectoryOptions>) -> Result<wit::TemporaryDirectory> {
        let options = options.map(Into::into).unwrap_or_default();
        Ok(wit::TemporaryDirectory::new(finished(Directory::create(scratch(), options))?))
    }

    fn path(&self) -> String {
        self.path().to_string()
    }

    fn open(
        &self,
        path: String,
        flags: wit::OpenFlags,
        access: Option<wit::Access>,
    ) -> Result<wit::TemporaryFile> {
        Ok(wit::TemporaryFile::new(finished(self.open(path, flags.into(), access.map(Into::into)))?))
    }

    fn create_directory(&self, path: String) -> Result<()> {
        Ok(finished(self.create_directory(path))?)
    }

    fn entries(&self, path: String) -> Result<Vec<wit::Entry>> {
        Ok(finished(self.entries(path))?.into_iter().map(Into::into).collect())
    }

    fn remove(&self, path: String) -> Result<()> {
        Ok(finished(self.remove(path))?)
    }

    fn persist(&self, path: String) -> Result<()> {
        Ok(finished(self.persist(path))?)
    }

    fn keep(&self) -> Result<()> {
        Ok(finished(self.keep())?)
    }

    fn close(&self) -> Result<()> {
        Ok(finished(self.close())?)
    }

    fn is_closed(&self) -> bool {
        self.is_closed()
    }
}

impl lowlevel::Guest for Component {
    fn mkstemp(
        suffix: Option<String>,
        prefix: Option<String>,
        directory: Option<String>,
    ) -> Result<(Descriptor, String)> {
        Ok(finished(mkstemp(scratch(), suffix, prefix, directory))?)
    }

    fn mkdtemp(suffix: Option<String>, prefix: Option<String>, directory: Option<String>) -> Result<String> {
        Ok(finished(mkdtemp(scratch(), suffix, prefix, directory))?)
    }

    fn gettempdir() -> Result<String> {
        Ok(finished(scratch().find(None))?.path.to_string())
    }

    fn gettempdirb() -> Result<Vec<u8>> {
        Ok(finished(scratch().find(None))?.path.as_bytes().to_vec())
    }

    fn gettempprefix() -> String {
        DEFAULT_PREFIX.into()
    }

    fn descriptor_of_file(file: wit::TemporaryFileBorrow<'_>) -> Result<Descriptor> {
        Ok(finished(file.get::<File<Wasi>>().descriptor())?)
    }

    fn descriptor_of_directory(directory: wit::TemporaryDirectoryBorrow<'_>) -> Result<Descriptor> {
        Ok(finished(directory.get::<Directory<Wasi>>().descriptor())?)
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

    fn sweep(directory: Option<String>, older_than: u64) -> Result<control::SweepReport> {
        Ok(finished(scratch().sweep(directory, older_than))?.into())
    }
}
