//! Files and trees created and dropped in turn: each must release its room for the next.

use alloc::format;
use alloc::string::String;
use alloc::vec;

use super::creators::Options;
use crate::bindings::{Error, OpenFlags, TemporaryDirectory, TemporaryFile};
use crate::checks::{check, text};

/// The number of pieces of a content, and the maximum length of one.
const PIECES: u64 = 16;
const LONGEST_PIECE: u64 = 1024 * 1024;

pub(crate) async fn churn(rounds: u32, size: u64) -> Result<(), String> {
    for round in 0..rounds {
        let buffer_size = if round.is_multiple_of(2) { Some(0) } else { None };
        let options = Options { buffer_size, ..Options::default() }.for_file();
        let file = TemporaryFile::create_named(Some(options)).await.map_err(in_round(round))?;
        write(&file, size).await.map_err(in_round(round))?;
        check_size(&file, size, round).await?;
    }
    Ok(())
}

pub(crate) async fn churn_trees(rounds: u32, size: u64) -> Result<(), String> {
    for round in 0..rounds {
        let directory = TemporaryDirectory::create(None).await.map_err(in_round(round))?;
        directory.create_directory("d".into()).await.map_err(in_round(round))?;
        let file = directory.open("d/f".into(), OpenFlags::CREATE, None).await.map_err(in_round(round))?;
        write(&file, size).await.map_err(in_round(round))?;
        check_size(&file, size, round).await?;
        if round.is_multiple_of(2) {
            drop(file);
            drop(directory);
        } else {
            drop(directory);
            drop(file);
        }
    }
    Ok(())
}

async fn write(file: &TemporaryFile, size: u64) -> Result<(), Error> {
    let piece = (size / PIECES).clamp(1, LONGEST_PIECE);
    let mut left = size;
    while left > 0 {
        let length = left.min(piece);
        file.write(vec![b'z'; length as usize]).await?;
        left -= length;
    }
    Ok(())
}

async fn check_size(file: &TemporaryFile, size: u64, round: u32) -> Result<(), String> {
    let found = file.size().await.map_err(in_round(round))?;
    check(found == size, &format!("in round {round} {size} bytes were acknowledged, but there are {found}"))
}

fn in_round(round: u32) -> impl Fn(Error) -> String {
    move |error| format!("in round {round}: {}", text(error))
}
