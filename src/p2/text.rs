//! The exports of interface `text`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::bindings::exports::scratch::tempfile::{tempfile, text as wit};
use super::exports::Component;
use super::filesystem::Wasi;
use crate::conversions::interface::{encoding, text_settings};
use crate::file::File;
use crate::task::finished::finished;
use crate::text::file::TextFile;
use crate::text::position::TextPosition;

type Result<T> = core::result::Result<T, tempfile::Error>;

impl wit::Guest for Component {
    type TextFile = TextFile<Wasi>;

    fn find_encoding(name: String) -> Result<String> {
        Ok(encoding(&name)?.name().into())
    }
}

impl wit::GuestTextFile for TextFile<Wasi> {
    fn create(file: tempfile::TemporaryFile, options: Option<wit::TextOptions>) -> Result<wit::TextFile> {
        let file = file.into_inner::<File<Wasi>>();
        Ok(wit::TextFile::new(TextFile::new(file, text_settings(options)?)?))
    }

    fn into_file(text: wit::TextFile) -> tempfile::TemporaryFile {
        tempfile::TemporaryFile::new(text.into_inner::<TextFile<Wasi>>().into_file())
    }

    fn read(&self, max: Option<u64>) -> Result<String> {
        Ok(finished(self.read(max))?)
    }

    fn read_line(&self, limit: Option<u64>) -> Result<String> {
        Ok(finished(self.read_line(limit))?)
    }

    fn read_lines(&self, hint: Option<u64>) -> Result<Vec<String>> {
        Ok(finished(self.read_lines(hint))?)
    }

    fn write(&self, text: String) -> Result<()> {
        Ok(finished(self.write(text))?)
    }

    fn write_lines(&self, lines: Vec<String>) -> Result<()> {
        Ok(finished(self.write_lines(lines))?)
    }

    fn tell(&self) -> Result<wit::TextPosition> {
        let TextPosition { offset, state } = finished(self.tell())?;
        Ok(wit::TextPosition { offset, state })
    }

    fn seek(&self, to: wit::Target) -> Result<()> {
        Ok(finished(self.seek(to.into()))?)
    }

    fn truncate(&self, size: Option<u64>) -> Result<()> {
        Ok(finished(self.truncate(size))?)
    }

    fn flush(&self) -> Result<()> {
        Ok(finished(self.flush())?)
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

    fn close(&self) -> Result<()> {
        Ok(finished(self.close())?)
    }

    fn is_closed(&self) -> bool {
        self.is_closed()
    }
}
