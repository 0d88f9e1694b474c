//! Endless creation that wastes resources.

use alloc::boxed::Box;
use alloc::string::String;

use super::creators::Made;
use super::{kept, within_limits};
use crate::bindings::{KindOfWaste, TemporaryFile};
use crate::cancel::{TURNS, poll_for};
use crate::checks::text;

pub(crate) async fn endless(kind: KindOfWaste, count: u32) -> Result<u32, String> {
    for number in 0..count {
        let mut creation = Box::pin(TemporaryFile::create_named(None));
        let created = match kind {
            KindOfWaste::CancellingCreates => poll_for(creation.as_mut(), number % TURNS).await,
            _ => Some(creation.await),
        };
        let Some(created) = created else { continue };
        let Some(file) = within_limits(created)? else { return Ok(number) };
        match kind {
            KindOfWaste::NeverClosing => kept::keep([Made::File(file)]),
            KindOfWaste::ClosingKeepingHandle => {
                file.close().await.map_err(text)?;
                kept::keep([Made::File(file)]);
            }
            KindOfWaste::Dropping | KindOfWaste::CancellingCreates => drop(file),
        }
    }
    Ok(count)
}
