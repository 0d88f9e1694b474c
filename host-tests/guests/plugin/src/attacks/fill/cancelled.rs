//! Creations and writes that are dropped while they are under way.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::{REFUSED, check_content};
use crate::attacks::creators::Made;
use crate::attacks::{kept, within_limits};
use crate::bindings::{Filled, TemporaryFile};
use crate::cancel::{TURNS, poll_for};
use crate::checks::{check, text};

const PIECE: usize = 100_000; // more than the buffer holds

pub(super) async fn creations_and_writes(most: u32) -> Result<Filled, String> {
    let Some(written) = within_limits(TemporaryFile::create(None).await)? else {
        return Ok(REFUSED);
    };
    let mut created = Vec::new();
    let mut refusals = 0;
    for number in 0..most {
        let turns = number / 3 % TURNS;
        let is_refused = if number.is_multiple_of(3) {
            let mut call = Box::pin(written.write(vec![b'c'; PIECE]));
            match poll_for(call.as_mut(), turns).await {
                Some(outcome) => within_limits(outcome)?.is_none(),
                None => false,
            }
        } else {
            let mut call = Box::pin(create(number % 3 == 1));
            match poll_for(call.as_mut(), turns).await.map(within_limits).transpose()? {
                Some(Some(file)) => {
                    created.push(Made::File(file));
                    false
                }
                outcome => outcome.is_some(),
            }
        };
        if is_refused {
            refusals = 1;
            break;
        }
    }

    // It waits behind all of the writes.
    let bytes = written.size().await.map_err(text)?;
    check(bytes.is_multiple_of(PIECE as u64), "a dropped write was done in part")?;
    check_content(&written, bytes, bytes, |_| b'c').await?;
    let entries = created.len() as u64 + 1;
    created.push(Made::File(written));
    kept::keep(created);
    Ok(Filled { bytes, entries, refusals })
}

async fn create(is_named: bool) -> Result<TemporaryFile, crate::bindings::Error> {
    if is_named { TemporaryFile::create_named(None).await } else { TemporaryFile::create(None).await }
}
