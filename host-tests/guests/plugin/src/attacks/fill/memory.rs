//! Content and buffers in memory.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::check_content;
use crate::attacks::creators::Made;
use crate::attacks::{kept, within_limits};
use crate::bindings::{Filled, TemporaryFile, Whence};
use crate::checks::{check, text};

/// The size of a spooled file, unless less is left.
const SPOOLED: u64 = 64 * 1024;

/// The number of lines to read ahead; at 64 bytes each, they nearly fill a buffer.
const LINES: u64 = 1_000;
const LINE_LENGTH: u64 = 64;

/// Spooled files that never roll over, with smaller content after a refusal.
pub(super) async fn spools(most: u32) -> Result<Filled, String> {
    let (mut full, mut empty) = (Vec::new(), None);
    let (mut bytes, mut piece, mut refusals) = (0, SPOOLED, 0);
    for _ in 0..most {
        let spool = match empty.take() {
            Some(spool) => spool,
            None => match within_limits(TemporaryFile::create_spooled(None, None))? {
                Some(spool) => spool,
                None => {
                    refusals += 1;
                    break;
                }
            },
        };
        if within_limits(spool.write(vec![b's'; piece as usize]).await)?.is_some() {
            check_spool(&spool, piece).await?;
            bytes += piece;
            full.push(Made::File(spool));
            continue;
        }
        refusals += 1;
        check_spool(&spool, 0).await?;
        empty = Some(spool);
        if piece == 1 {
            break;
        }
        piece /= 2;
    }
    if let Some(Made::File(first)) = full.first() {
        let size = first.size().await.map_err(text)?;
        check_spool(first, size).await?;
        check(size > 0, "the first of the spooled files has lost its content")?;
    }
    kept::keep(full.into_iter().chain(empty.map(Made::File)));
    Ok(Filled { bytes, entries: 0, refusals })
}

async fn check_spool(spool: &TemporaryFile, length: u64) -> Result<(), String> {
    check_content(spool, length, length, |_| b's').await?;
    check(!spool.is_rolled(), "a spooled file without a largest size rolled over by itself")
}

/// Files that are read by lines, so that each has a read-ahead buffer.
pub(super) async fn reading_ahead(most: u32) -> Result<Filled, String> {
    let mut filled = Filled { bytes: 0, entries: 0, refusals: 0 };
    let lines: String = (0..LINES).map(|number| format!("{number:>63}\n")).collect();
    for _ in 0..most {
        let Some(file) = within_limits(TemporaryFile::create(None).await)? else {
            filled.refusals += 1;
            break;
        };
        filled.entries += 1;
        let was_written = within_limits(file.write(lines.clone().into_bytes()).await)?.is_some();
        let was_read = was_written && read_line(&file).await?;
        let (length, position) = match (was_written, was_read) {
            (false, _) => (0, 0),
            (true, false) => (LINES * LINE_LENGTH, 0),
            (true, true) => (LINES * LINE_LENGTH, LINE_LENGTH),
        };
        check_content(&file, length, position, |offset| lines.as_bytes()[offset as usize]).await?;
        filled.bytes += length;
        kept::keep([Made::File(file)]);
        if !was_read {
            filled.refusals += 1;
            break;
        }
    }
    Ok(filled)
}

/// Reads the first line, and returns whether that was accepted.
async fn read_line(file: &TemporaryFile) -> Result<bool, String> {
    // Unflushed bytes would be read from the write buffer.
    file.flush().await.map_err(text)?;
    file.seek(0, Whence::Start).await.map_err(text)?;
    let Some(line) = within_limits(file.read_line(None).await)? else { return Ok(false) };
    check(line.len() as u64 == LINE_LENGTH, "the line that was read is not the one that was written")?;
    Ok(true)
}
