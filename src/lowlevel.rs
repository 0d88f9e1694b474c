//! Python's low-level calls: the caller has to remove the entries that they create.

use alloc::rc::Rc;
use alloc::string::{String, ToString};

use crate::directory::Directory;
use crate::error::Result;
use crate::file::File;
use crate::filesystem::Filesystem;
use crate::instance::scratch::Scratch;
use crate::options::{DirectoryOptions, FileOptions};
use crate::place::name::Mark;

/// Creates a file and returns it with its path.
pub(crate) async fn mkstemp<F: Filesystem>(
    scratch: &Rc<Scratch<F>>,
    suffix: Option<String>,
    prefix: Option<String>,
    directory: Option<String>,
) -> Result<(F::Descriptor, String)> {
    let options = FileOptions { prefix, suffix, directory, ..FileOptions::default() };
    let (descriptor, path) = File::create_unowned(scratch, options).await?;
    Ok((descriptor, path.to_string()))
}

/// Creates a directory and returns its path.
pub(crate) async fn mkdtemp<F: Filesystem>(
    scratch: &Rc<Scratch<F>>,
    suffix: Option<String>,
    prefix: Option<String>,
    directory: Option<String>,
) -> Result<String> {
    let options = DirectoryOptions { prefix, suffix, directory, ..DirectoryOptions::default() };
    scratch.check_unconfined("mkdtemp")?;
    let created = Directory::create_marked(scratch, options, Mark::Foreign).await?;
    created.disown();
    Ok(created.path().to_string())
}
