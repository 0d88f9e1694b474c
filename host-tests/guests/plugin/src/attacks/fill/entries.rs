//! Empty files and directories: beside each other, in one tree, nested.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{REFUSED, check_content};
use crate::attacks::creators::{Creator, Made, Options};
use crate::attacks::trees::descend;
use crate::attacks::{kept, within_limits};
use crate::bindings::{Error, Filled, OpenFlags, TemporaryDirectory};
use crate::checks::{check, text};

/// Creates entries one after the other in the default directory.
pub(super) async fn alone(creator: Creator, most: u32) -> Result<Filled, String> {
    let mut made = Vec::new();
    let mut refusals = 0;
    for _ in 0..most {
        match within_limits(creator.create(Options::default()).await)? {
            Some(new) => made.push(new),
            None => {
                refusals = 1;
                break;
            }
        }
    }
    for made in [made.first(), made.last()].into_iter().flatten() {
        check_empty(made).await?;
    }
    let filled = Filled { bytes: 0, entries: made.len() as u64, refusals };
    kept::keep(made);
    Ok(filled)
}

async fn check_empty(made: &Made) -> Result<(), String> {
    match made {
        Made::File(file) => check_content(file, 0, 0, |_| 0).await,
        Made::Directory(directory) => check_entries(directory, "", 0).await,
    }
}

pub(super) async fn files_in_a_tree(most: u32) -> Result<Filled, String> {
    in_a_tree(most, async |directory, name| {
        directory.open(name, OpenFlags::CREATE | OpenFlags::EXCLUSIVE, None).await?.close().await
    })
    .await
}

pub(super) async fn directories_in_a_tree(most: u32) -> Result<Filled, String> {
    in_a_tree(most, async |directory, name| directory.create_directory(name).await).await
}

/// Creates entries one after the other in one temporary directory.
async fn in_a_tree(
    most: u32,
    create: impl AsyncFn(&TemporaryDirectory, String) -> Result<(), Error>,
) -> Result<Filled, String> {
    let Some(directory) = within_limits(TemporaryDirectory::create(None).await)? else {
        return Ok(REFUSED);
    };
    let (mut count, mut refusals) = (0, 0);
    while count < most && refusals == 0 {
        match within_limits(create(&directory, format!("e{count}")).await)? {
            Some(()) => count += 1,
            None => refusals = 1,
        }
    }
    check_entries(&directory, "", count).await?;
    kept::keep([Made::Directory(directory)]);
    Ok(Filled { bytes: 0, entries: u64::from(count) + 1, refusals })
}

pub(super) async fn deep_tree(most: u32) -> Result<Filled, String> {
    let Some(directory) = within_limits(TemporaryDirectory::create(None).await)? else {
        return Ok(REFUSED);
    };
    let descent = descend(&directory, most).await?;
    check_entries(&directory, &descent.path, 0).await?;
    kept::keep([Made::Directory(directory)]);
    Ok(Filled { bytes: 0, entries: u64::from(descent.depth) + 1, refusals: descent.was_refused.into() })
}

/// Checks that a directory has the acknowledged entries and no others.
async fn check_entries(directory: &TemporaryDirectory, path: &str, count: u32) -> Result<(), String> {
    let found = directory.entries(path.into()).await.map_err(text)?.len();
    check(found == count as usize, &format!("{count} entries were acknowledged, but {found} are there"))
}
