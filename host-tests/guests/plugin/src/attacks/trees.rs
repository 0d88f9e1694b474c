//! Nested directories.

use alloc::string::String;

use super::within_limits;
use crate::bindings::{OpenFlags, TemporaryDirectory};
use crate::checks::text;

/// The depth that was reached.
pub(super) struct Descent {
    pub(super) depth: u32,
    /// The path of the last.
    pub(super) path: String,
    pub(super) was_refused: bool,
}

/// Creates nested directories until one is refused, at most `depth`.
pub(super) async fn descend(directory: &TemporaryDirectory, depth: u32) -> Result<Descent, String> {
    let mut descent = Descent { depth: 0, path: String::new(), was_refused: false };
    while descent.depth < depth {
        let next = child(&descent.path, 'd');
        if within_limits(directory.create_directory(next.clone()).await)?.is_none() {
            descent.was_refused = true;
            break;
        }
        descent.depth += 1;
        descent.path = next;
    }
    Ok(descent)
}

pub(crate) async fn recurse(depth: u32) -> Result<u32, String> {
    let directory = TemporaryDirectory::create(None).await.map_err(text)?;
    let descent = descend(&directory, depth).await?;

    // The limit of the depth applies to the file too.
    let file = directory.open(child(&descent.path, 'f'), OpenFlags::CREATE, None).await;
    if let Some(file) = within_limits(file)? {
        within_limits(file.write(b"down here".to_vec()).await)?;
    }

    directory.close().await.map_err(text)?;
    Ok(descent.depth)
}

/// The path of an entry of the directory at `path`.
fn child(path: &str, name: char) -> String {
    let mut child = String::with_capacity(path.len() + 2);
    child.push_str(path);
    if !path.is_empty() {
        child.push('/');
    }
    child.push(name);
    child
}
