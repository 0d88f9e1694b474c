//! Resources that the instance keeps between calls, and their release.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use super::creators::Made;
use crate::bindings::{Releasing, TemporaryFile};
use crate::checks::{check, text};

struct OneThread<T>(T);

// SAFETY: an instance of a component runs on one thread.
unsafe impl<T> Sync for OneThread<T> {}

static KEPT: OneThread<RefCell<Vec<Made>>> = OneThread(RefCell::new(Vec::new()));

/// Keeps something until `release`.
pub(super) fn keep(made: impl IntoIterator<Item = Made>) {
    KEPT.0.borrow_mut().extend(made);
}

pub(crate) async fn release(how: Releasing) -> Result<(), String> {
    let kept = KEPT.0.take();
    if let Releasing::Dropping = how {
        return Ok(());
    }
    let mut failures = Vec::new();
    for made in &kept {
        failures.extend(made.close().await.err().map(text));
    }
    let Some(first) = failures.first() else { return Ok(()) };
    Err(format!("{} of {} were not closed; the first: {first}", failures.len(), kept.len()))
}

pub(crate) async fn refill() -> Result<(), String> {
    let file = TemporaryFile::create(None).await.map_err(text)?;
    file.write(b"x".to_vec()).await.map_err(text)?;
    let content = file.read_at(2, 0).await.map_err(text)?;
    check(content == b"x", "the byte written to a new file is not what is read")?;
    file.close().await.map_err(text)
}
