//! Filling: taking everything in each way until a limit refuses.

mod cancelled;
mod entries;
mod growth;
mod memory;

use alloc::format;
use alloc::string::String;

use super::creators::Creator;
use crate::bindings::{Filled, Filling, TemporaryFile};
use crate::checks::{check, text};

pub(crate) async fn fill(how: Filling, most: u32) -> Result<Filled, String> {
    match how {
        Filling::EmptyFiles => entries::alone(Creator::Unnamed, most).await,
        Filling::NamedFiles => entries::alone(Creator::Named, most).await,
        Filling::Directories => entries::alone(Creator::Directory, most).await,
        Filling::FilesInATree => entries::files_in_a_tree(most).await,
        Filling::DirectoriesInATree => entries::directories_in_a_tree(most).await,
        Filling::DeepTree => entries::deep_tree(most).await,
        Filling::Spools => memory::spools(most).await,
        Filling::ReadingAhead => memory::reading_ahead(most).await,
        Filling::Cancelling => cancelled::creations_and_writes(most).await,
        growing => growth::by_pieces(growing, most).await,
    }
}

/// The result of a filling whose first call was refused.
const REFUSED: Filled = Filled { bytes: 0, entries: 0, refusals: 1 };

/// Checks the size, the position, and the first and the last acknowledged byte.
async fn check_content(
    file: &TemporaryFile,
    length: u64,
    position: u64,
    byte: impl Fn(u64) -> u8,
) -> Result<(), String> {
    let (size, place) = (file.size().await.map_err(text)?, file.tell());
    check(size == length, &format!("{length} bytes were acknowledged, but there are {size}"))?;
    check(place == position, &format!("the position is {place}, not {position}"))?;
    for offset in [0, length.saturating_sub(1)] {
        let read = file.read_at(1, offset).await.map_err(text)?;
        let expected = if offset < length { &[byte(offset)][..] } else { &[] };
        check(read == expected, &format!("at {offset} of {length} there is {read:?}, not {expected:?}"))?;
    }
    Ok(())
}
