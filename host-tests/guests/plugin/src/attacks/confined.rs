//! The requests that confined mode refuses.

use alloc::format;
use alloc::string::String;

use super::creators::{Creator, Options};
use super::expect_code;
use crate::bindings::{Error, ErrorCode, OpenFlags, Removal, TemporaryDirectory, TemporaryFile};
use crate::checks::{check, text};

const CONTENT: &[u8] = b"what was there before";

pub(crate) async fn confined(directory: &str, target: &str) -> Result<(), String> {
    for creator in Creator::ALL {
        let created = creator.create_and_close(Options::in_directory(directory)).await;
        ruled_out(created, "directory", &format!("{creator:?} in a directory"))?;
    }
    for creator in [Creator::Named, Creator::Directory] {
        let options = Options { removal: Some(Removal::Never), ..Options::default() };
        let created = creator.create_and_close(options).await;
        ruled_out(created, "never", &format!("{creator:?} never to be removed"))?;
    }

    for file in [
        TemporaryFile::create(None).await,
        TemporaryFile::create_named(None).await,
        TemporaryFile::create_spooled(None, None),
    ] {
        check_file(&file.map_err(text)?, target).await?;
    }
    let tree = TemporaryDirectory::create(None).await.map_err(text)?;
    let file = tree.open("f".into(), OpenFlags::CREATE, None).await.map_err(text)?;
    check_file(&file, target).await?;
    check_tree(&tree).await
}

/// Checks that a call is refused with a message that contains the argument and the reason.
fn ruled_out<T>(outcome: Result<T, Error>, argument: &str, what: &str) -> Result<(), String> {
    if let Err(Error { message, .. }) = &outcome {
        for word in [argument, "confined"] {
            check(message.contains(word), &format!("{what}: no word of {word} in {message:?}"))?;
        }
    }
    expect_code(outcome, ErrorCode::NotPermitted, what)
}

/// Tries to persist and to keep a file, and checks that nothing changes.
async fn check_file(file: &TemporaryFile, target: &str) -> Result<(), String> {
    file.write(CONTENT.to_vec()).await.map_err(text)?;
    let (path, is_rolled) = (file.path(), file.is_rolled());

    for replace in [false, true] {
        ruled_out(file.persist(target.into(), replace).await, "path", "persist")?;
    }
    ruled_out(file.keep().await, "keep", "keep")?;

    let content = file.read_at(CONTENT.len() as u64 + 1, 0).await.map_err(text)?;
    check(content == CONTENT, "a file has other content after a refused move")?;
    check(file.tell() == CONTENT.len() as u64, "a file has another position after a refused move")?;
    let is_unchanged = (file.path(), file.is_rolled()) == (path, is_rolled);
    check(is_unchanged, "a refused move has changed the file")?;
    file.close().await.map_err(text)?;
    check(file.is_closed(), "a file is not closed after a refused move")
}

async fn check_tree(tree: &TemporaryDirectory) -> Result<(), String> {
    let path = tree.path();

    ruled_out(tree.persist(format!("{path}-moved")).await, "path", "persist of a directory")?;
    ruled_out(tree.keep().await, "keep", "keep of a directory")?;

    check(tree.path() == path, "a refused move has changed the directory")?;
    let entries = tree.entries(String::new()).await.map_err(text)?;
    let sizes: alloc::vec::Vec<_> = entries.iter().map(|entry| (&*entry.name, entry.size)).collect();
    check(
        sizes == [("f", CONTENT.len() as u64)],
        &format!("a directory could not be kept, and has {sizes:?}"),
    )?;
    tree.close().await.map_err(text)
}
