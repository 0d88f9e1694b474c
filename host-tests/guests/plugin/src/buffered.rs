//! A file of the client crate, whose buffer is transferred by streams where possible.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use scratch_tempfile::{Error, ErrorCode, tempfile};

use crate::checks::{check, content};

/// The size of a read or write: far below that of the buffer.
const PIECE: usize = 1_000;

/// A size that bypasses the buffer, and is transferred by a stream.
const PLACE: usize = 100_000;

pub(crate) async fn both_ways(size: usize) -> Result<(), String> {
    let content = content(size);
    let read = through_a_buffer(&content).await.map_err(|error| error.message)?;
    check(read == content, "what the buffer read differs from what it wrote")
}

pub(crate) async fn again() -> Result<(), String> {
    let (before, after) = (content(4 * PLACE), vec![7; PLACE]);
    let read = at_one_place(before.clone(), after.clone()).await.map_err(|error| error.message)?;
    let [first, second, third] = read;
    check(first == before[..PLACE], "what was read first is not what was written")?;
    check(second == first, "what was read again differs")?;
    check(third == after, "what was written there is not what is read")
}

/// Checks the beginning before and after it was read, and after other bytes were written there.
async fn at_one_place(before: Vec<u8>, after: Vec<u8>) -> Result<[Vec<u8>; 3], Error> {
    let mut file = tempfile().await?;
    file.write_vec(before).await?;
    let first = file.read_at(PLACE, 0).await?;
    let second = file.read_at(PLACE, 0).await?;
    file.rewind().await?;
    file.write_vec(after).await?;
    let third = file.read_at(PLACE, 0).await?;
    file.close().await?;
    Ok([first, second, third])
}

pub(crate) async fn up_to(limit: usize) -> Result<(), String> {
    let content = content(limit + 100_000);
    let (refused, position, stored) = past_a_limit(content.clone()).await.map_err(|error| error.message)?;
    check(refused.code == ErrorCode::Quota, "the error is not that of a limit")?;
    check(position == limit as u64, "the position is not at the end of the stored bytes")?;
    check(stored == content[..limit], "what is stored is not what was written")
}

/// The error of a write, and the position and the content after it.
async fn past_a_limit(content: Vec<u8>) -> Result<(Error, u64, Vec<u8>), Error> {
    let mut file = tempfile().await?;
    let Err(refused) = file.write_vec(content).await else {
        return Err(Error::new(ErrorCode::Other, "nothing was refused"));
    };
    let position = file.stream_position().await?;
    file.rewind().await?;
    let mut stored = Vec::new();
    file.read_to_end(&mut stored).await?;
    file.close().await?;
    Ok((refused, position, stored))
}

async fn through_a_buffer(content: &[u8]) -> Result<Vec<u8>, Error> {
    let mut file = tempfile().await?;
    for piece in content.chunks(PIECE) {
        file.write_all(piece).await?;
    }
    file.rewind().await?;
    let mut read = vec![0; content.len()];
    for piece in read.chunks_mut(PIECE) {
        file.read_exact(piece).await?;
    }
    file.close().await?;
    Ok(read)
}
