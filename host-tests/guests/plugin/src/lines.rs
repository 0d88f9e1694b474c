//! A file of lines, read one by one or together.

use alloc::format;
use alloc::string::String;

use crate::bindings::lines::{GuestLinedFile, Kind, LinedFile};
use crate::bindings::{Target, TemporaryFile, TextFile, Whence};
use crate::checks::text;

pub(crate) enum Lines {
    Bytes(TemporaryFile),
    Text(TextFile),
}

impl GuestLinedFile for Lines {
    async fn create(kind: Kind, count: u32) -> Result<LinedFile, String> {
        let file = TemporaryFile::create(None).await.map_err(text)?;
        let lines: String = (0..count).map(|number| format!("{number:>39}\n")).collect();
        file.write(lines.into_bytes()).await.map_err(text)?;
        Ok(LinedFile::new(match kind {
            Kind::Bytes => Lines::Bytes(file),
            Kind::Text => Lines::Text(TextFile::create(file, None).map_err(text)?),
        }))
    }

    async fn read_line_by_line(&self) -> Result<u32, String> {
        self.start().await?;
        let mut count = 0;
        loop {
            let is_end = match self {
                Lines::Bytes(file) => file.read_line(None).await.map_err(text)?.is_empty(),
                Lines::Text(file) => file.read_line(None).await.map_err(text)?.is_empty(),
            };
            if is_end {
                return Ok(count);
            }
            count += 1;
        }
    }

    async fn read_lines_together(&self, hint: u64) -> Result<u32, String> {
        self.start().await?;
        let mut count = 0;
        loop {
            let read = match self {
                Lines::Bytes(file) => file.read_lines(Some(hint)).await.map_err(text)?.len(),
                Lines::Text(file) => file.read_lines(Some(hint)).await.map_err(text)?.len(),
            };
            if read == 0 {
                return Ok(count);
            }
            count += read as u32;
        }
    }
}

impl Lines {
    async fn start(&self) -> Result<(), String> {
        match self {
            Lines::Bytes(file) => file.seek(0, Whence::Start).await.map(drop).map_err(text),
            Lines::Text(file) => file.seek(Target::Start).await.map_err(text),
        }
    }
}
