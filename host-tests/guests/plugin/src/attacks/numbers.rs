//! Extreme numbers for every parameter that takes one.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;

use super::creators::Options;
use super::{Calls, expect_code};
use crate::bindings::{
    ErrorCode, OpenFlags, Target, TemporaryDirectory, TemporaryFile, TextFile, TextPosition, Whence,
};
use crate::checks::{check, text};

const NUMBERS: [u64; 9] =
    [0, 1, i32::MAX as u64, u32::MAX as u64, 1 << 32, 1 << 53, i64::MAX as u64, 1 << 63, u64::MAX];

const OFFSETS: [i64; 9] = [0, 1, i32::MAX as i64, u32::MAX as i64, 1 << 32, 1 << 53, i64::MAX, i64::MIN, -1];

const CONTENT: &[u8] = b"0123456789";

/// The maximum size in memory if no limit bounds it.
const IN_MEMORY: u64 = 64 * 1024 * 1024;

/// More memory than a component can have.
const BEYOND_MEMORY: u64 = 1 << 40;

pub(crate) async fn extreme_numbers() -> Result<u32, String> {
    let mut calls = Calls::default();
    let bystander = filled(TemporaryFile::create(None).await.map_err(text)?).await?;
    let directory = TemporaryDirectory::create(None).await.map_err(text)?;
    let grows_freely = {
        let spool = TemporaryFile::create_spooled(None, None).map_err(text)?;
        spool.truncate(Some(IN_MEMORY)).await.is_ok()
    };

    for kind in kinds() {
        let file = filled(kind.create(&directory, &mut calls).await?).await?;
        let largest = if grows_freely && kind.stays_in_memory() { IN_MEMORY } else { u64::MAX };
        for number in NUMBERS {
            let failed = |error| format!("{kind:?} with {number}: {error}");
            read(&file, number, &mut calls).await.map_err(failed)?;
            // In memory no position beyond the last number is reachable.
            if number <= largest || number > u32::MAX.into() {
                grow(&file, number, &mut calls).await.map_err(failed)?;
            }
            check_content(&bystander).await.map_err(failed)?;
        }
        for offset in OFFSETS {
            seek(&file, offset, &mut calls)
                .await
                .map_err(|error| format!("{kind:?} by {offset}: {error}"))?;
        }
        file.close().await.map_err(text)?;
    }
    for number in NUMBERS {
        in_text(number, &mut calls).await.map_err(|error| format!("a text with {number}: {error}"))?;
    }
    read_too_much(&mut calls).await?;

    check_content(&bystander).await?;
    bystander.close().await.map_err(text)?;
    directory.close().await.map_err(text)?;
    Ok(calls.0)
}

/// A file on which all functions are called.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Unnamed { buffer_size: Option<u64> },
    Named { buffer_size: Option<u64> },
    Spooled { max_size: Option<u64> },
    InADirectory,
}

fn kinds() -> impl Iterator<Item = Kind> {
    let plain = [Kind::Unnamed { buffer_size: None }, Kind::Named { buffer_size: None }, Kind::InADirectory];
    let spooled = [None, Some(0), Some(u64::MAX)].map(|max_size| Kind::Spooled { max_size });
    let buffered = NUMBERS.into_iter().flat_map(|number| {
        let buffer_size = Some(number);
        [Kind::Unnamed { buffer_size }, Kind::Named { buffer_size }]
    });
    plain.into_iter().chain(spooled).chain(buffered)
}

impl Kind {
    async fn create(
        self,
        directory: &TemporaryDirectory,
        calls: &mut Calls,
    ) -> Result<TemporaryFile, String> {
        let options = |buffer_size| Some(Options { buffer_size, ..Options::default() }.for_file());
        calls.0 += 1;
        match self {
            Kind::Unnamed { buffer_size } => TemporaryFile::create(options(buffer_size)).await,
            Kind::Named { buffer_size } => TemporaryFile::create_named(options(buffer_size)).await,
            Kind::Spooled { max_size } => TemporaryFile::create_spooled(max_size, None),
            Kind::InADirectory => directory.open("f".into(), OpenFlags::CREATE, None).await,
        }
        .map_err(|error| format!("{self:?}: {}", text(error)))
    }

    fn stays_in_memory(self) -> bool {
        matches!(self, Kind::Spooled { max_size: None | Some(u64::MAX) })
    }
}

async fn filled(file: TemporaryFile) -> Result<TemporaryFile, String> {
    file.write(CONTENT.to_vec()).await.map_err(text)?;
    Ok(file)
}

async fn check_content(file: &TemporaryFile) -> Result<(), String> {
    let size = file.size().await.map_err(text)?;
    check(size == CONTENT.len() as u64, &format!("the size is {size}"))?;
    check_beginning(file).await
}

async fn check_beginning(file: &TemporaryFile) -> Result<(), String> {
    let content = file.read_at(CONTENT.len() as u64, 0).await.map_err(text)?;
    check(content == CONTENT, &format!("the content is \"{}\"", content.escape_ascii()))
}

/// Reads and seeks, which do not change the content.
async fn read(file: &TemporaryFile, number: u64, calls: &mut Calls) -> Result<(), String> {
    let rewind = async || file.seek(0, Whence::Start).await.map_err(text);
    calls.count(file.read_at(number, 0).await)?;
    calls.count(file.read_at(1, number).await)?;
    calls.count(file.read_at(number, number).await)?;
    rewind().await?;
    calls.count(file.read(number).await)?;
    rewind().await?;
    calls.count(file.try_read(number))?;
    rewind().await?;
    calls.count(file.read_line(Some(number)).await)?;
    rewind().await?;
    calls.count(file.read_lines(Some(number)).await)?;
    calls.count(file.write_at(vec![], number).await)?;
    check_content(file).await
}

/// Extends the file and truncates it again.
async fn grow(file: &TemporaryFile, number: u64, calls: &mut Calls) -> Result<(), String> {
    calls.count(file.truncate(Some(number)).await)?;
    restore(file, number).await?;
    calls.count(file.write_at(b"x".to_vec(), number).await)?;
    restore(file, number).await?;

    let Ok(offset) = i64::try_from(number) else { return Ok(()) };
    calls.count(file.seek(offset, Whence::Start).await)?;
    calls.count(file.write(b"x".to_vec()).await)?;
    restore(file, number).await?;
    calls.count(file.seek(offset, Whence::Start).await)?;
    calls.count(file.try_write(b"x"))?;
    restore(file, number).await?;
    calls.count(file.seek(offset, Whence::Start).await)?;
    calls.count(file.truncate(None).await)?;
    restore(file, number).await
}

/// Restores the content after a change at `number`, and checks the rest.
async fn restore(file: &TemporaryFile, number: u64) -> Result<(), String> {
    let length = CONTENT.len() as u64;
    // If the host refuses buffered bytes, nothing can be read until they are cut off.
    if number >= length && file.flush().await.is_ok() {
        check_beginning(file).await?;
    }
    file.truncate(Some(length)).await.map_err(text)?;
    if number < length {
        file.write_at(CONTENT.to_vec(), 0).await.map_err(text)?;
    }
    check_content(file).await
}

/// Seeks, and reads and writes zero bytes there.
async fn seek(file: &TemporaryFile, offset: i64, calls: &mut Calls) -> Result<(), String> {
    for whence in [Whence::Start, Whence::Current, Whence::End] {
        file.seek(5, Whence::Start).await.map_err(text)?;
        match calls.count(file.seek(offset, whence).await)? {
            Some(position) => check(position == file.tell(), "the position is not the one returned")?,
            None => check(file.tell() == 5, "the position moved although that was refused")?,
        }
        calls.count(file.read(1).await)?;
        calls.count(file.try_read(1))?;
        calls.count(file.read_line(None).await)?;
        calls.count(file.write(vec![]).await)?;
        calls.count(file.try_write(b""))?;
    }
    check_content(file).await
}

async fn in_text(number: u64, calls: &mut Calls) -> Result<(), String> {
    let written = String::from_utf8_lossy(CONTENT).to_string();
    let file = TextFile::create(TemporaryFile::create(None).await.map_err(text)?, None).map_err(text)?;
    file.write(written.clone()).await.map_err(text)?;

    let rewind = async || file.seek(Target::Start).await.map_err(text);
    rewind().await?;
    calls.count(file.read(Some(number)).await)?;
    rewind().await?;
    calls.count(file.read_line(Some(number)).await)?;
    rewind().await?;
    calls.count(file.read_lines(Some(number)).await)?;
    for (offset, state) in [(number, 0), (0, number), (number, number)] {
        rewind().await?;
        calls.count(file.seek(Target::Position(TextPosition { offset, state })).await)?;
        calls.count(file.read(Some(1)).await)?;
    }
    rewind().await?;
    let content = file.read(None).await.map_err(text)?;
    check(content == written, &format!("the content is {content:?}"))?;

    let position = TextPosition { offset: number, state: 0 };
    if calls.count(file.seek(Target::Position(position)).await)?.is_some() {
        calls.count(file.write("x".into()).await)?;
    }
    calls.count(file.truncate(Some(number)).await)?;
    file.truncate(Some(0)).await.map_err(text)?;
    file.close().await.map_err(text)
}

/// Reads more bytes at once than memory can hold.
async fn read_too_much(calls: &mut Calls) -> Result<(), String> {
    let file = TemporaryFile::create(None).await.map_err(text)?;
    if calls.count(file.truncate(Some(BEYOND_MEMORY)).await)?.is_some() {
        calls.0 += 1;
        let read = file.read(u64::MAX).await;
        expect_code(read, ErrorCode::InsufficientMemory, "to read more than memory holds")?;
        check(file.tell() == 0, "a refused read moved the position")?;
        file.truncate(Some(0)).await.map_err(text)?;
    }
    file.close().await.map_err(text)
}
