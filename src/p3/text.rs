//! The exports of interface `text`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::bindings::exports::scratch::tempfile::{tempfile, text as wit};
use super::exports::Component;
use super::filesystem::Wasi;
use crate::conversions::interface::{encoding, text_settings};
use crate::file::File;
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

    async fn read(&self, max: Option<u64>) -> Result<String> {
        Ok(self.read(max).await?)
    }

    async fn read_line(&self, limit: Option<u64>) -> Result<String> {
        Ok(self.read_line(limit).await?)
    }

    async fn read_lines(&self, hint: Option<u64>) -> Result<Vec<String>> {
        Ok(self.read_lines(hint).await?)
    }

    async fn write(&self, text: String) -> Result<()> {
        Ok(self.write(text).await?)
    }

    async fn write_lines(&self, lines: Vec<String>) -> Result<()> {
        Ok(self.write_lines(lines).await?)
    }

    async fn tell(&self) -> Result<wit::TextPosition> {
        let TextPosition { offset, state } = self.tell().await?;
        Ok(wit::TextPosition { offset, state })
    }

    async fn seek(&self, to: wit::Target) -> Result<()> {
        Ok(self.seek(to.into()).await?)
    }

    async fn truncate(&self, size: Option<u64>) -> Result<()> {
        Ok(self.truncate(size).await?)
    }

    async fn flush(&self) -> Result<()> {
        Ok(self.flush().await?)
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

    async fn close(&self) -> Result<()> {
        Ok(self.close().await?)
    }

    fn is_closed(&self) -> bool {
        self.is_closed()
    }
}
