//! A file by way of the crate for consumers, whose buffer moves through streams where it can.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use scratch_tempfile_client::{Error, tempfile};

use crate::checks::check;

/// How many bytes are written or read at a time: far fewer than the buffer holds.
const PIECE: usize = 1_000;

pub(crate) async fn both_ways(size: usize) -> Result<(), String> {
    let content: Vec<u8> = (0..size).map(|index| (index * 31 / 7) as u8).collect();
    let read = through_a_buffer(&content).await.map_err(|error| error.message)?;
    check(read == content, "what the buffer read differs from what it wrote")
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
