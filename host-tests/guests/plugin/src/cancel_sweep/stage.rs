//! The stage of a sweep: a directory with all entries, a file that no call concerns, and files with
//! content.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::bindings::{
    Access, ErrorCode, FileOptions, OpenFlags, Removal, TemporaryDirectory, TemporaryFile, Whence,
};
use crate::checks::{check, text};

/// The size of a file that operations change.
pub(super) const SIZE: u64 = 20_000;

/// Its initial position, at the beginning of a line.
pub(super) const PLACE: u64 = 10_000;

/// The length of a line, with its end.
pub(super) const LINE: usize = 40;

/// The number of bytes that are still in the buffer when an operation starts.
const IN_BUFFER: usize = 100;

const BUFFER: u64 = 1_024;
const BYSTANDER: usize = 2_000;

/// The name of a file whose name the caller chooses.
const SUBJECT: &str = "subject";

/// The number of checks whether a dropped entry has been removed.
const LOOKS: usize = 10_000;

/// A kind of file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Unnamed,
    Appending,
    Named,
    /// Its name is removed when it is dropped, not when it is closed.
    NamedUntilDropped,
    /// In memory, at its maximum size.
    Spooled,
    /// In a temporary directory.
    InTree,
}

/// Lines, each of one letter that differs from the lines beside it.
pub(super) fn content() -> Vec<u8> {
    let mut content = Vec::with_capacity(SIZE as usize);
    for letter in (b'a'..=b'z').cycle().take(SIZE as usize / LINE) {
        content.resize(content.len() + LINE - 1, letter);
        content.push(b'\n');
    }
    content
}

pub(super) struct Stage {
    directory: TemporaryDirectory,
    bystander: TemporaryFile,
}

impl Stage {
    pub(super) async fn set() -> Result<Stage, String> {
        let directory = TemporaryDirectory::create(None).await.map_err(text)?;
        let options = in_directory(&directory);
        let bystander = TemporaryFile::create_named(Some(options)).await.map_err(text)?;
        let stage = Stage { directory, bystander };
        stage.bystander.write(vec![b'b'; BYSTANDER - IN_BUFFER]).await.map_err(text)?;
        stage.bystander.write(vec![b'b'; IN_BUFFER]).await.map_err(text)?;
        Ok(stage)
    }

    pub(super) async fn clear(self) -> Result<(), String> {
        self.bystander.close().await.map_err(text)?;
        check(self.entries().await?.is_empty(), "something is left beside the bystander")?;
        self.directory.close().await.map_err(text)
    }

    /// The options for a file in this directory.
    pub(super) fn options(&self) -> FileOptions {
        in_directory(&self.directory)
    }

    pub(super) fn path(&self) -> String {
        self.directory.path()
    }

    /// Creates a file.
    pub(super) async fn empty_subject(&self, subject: Subject) -> Result<TemporaryFile, String> {
        let options = self.options();
        match subject {
            Subject::Unnamed => TemporaryFile::create(Some(options)).await,
            Subject::Appending => {
                let options = FileOptions { access: Some(Access::Append), ..options };
                TemporaryFile::create(Some(options)).await
            }
            Subject::Named => TemporaryFile::create_named(Some(options)).await,
            Subject::NamedUntilDropped => {
                let options = FileOptions { removal: Some(Removal::OnDrop), ..options };
                TemporaryFile::create_named(Some(options)).await
            }
            Subject::Spooled => TemporaryFile::create_spooled(Some(SIZE), Some(&options)),
            Subject::InTree => self.directory.open(SUBJECT.into(), OpenFlags::CREATE, None).await,
        }
        .map_err(text)
    }

    /// Creates a file with content, positioned in the middle.
    pub(super) async fn subject(&self, subject: Subject) -> Result<TemporaryFile, String> {
        let file = self.empty_subject(subject).await?;
        let mut content = content();
        let last = content.split_off(content.len() - IN_BUFFER);
        file.write(content).await.map_err(text)?;
        file.write(last).await.map_err(text)?;
        file.seek(PLACE as i64, Whence::Start).await.map_err(text)?;
        Ok(file)
    }

    /// Removes the entries that no file removes by itself.
    pub(super) async fn remove_subject(&self, subject: Subject) -> Result<(), String> {
        if subject == Subject::InTree { self.remove(SUBJECT).await } else { Ok(()) }
    }

    /// The name of a file, if it has one.
    pub(super) fn name_of(&self, file: &TemporaryFile) -> Option<String> {
        let path = file.path()?;
        path.rsplit('/').next().map(ToString::to_string)
    }

    pub(super) async fn remove(&self, name: &str) -> Result<(), String> {
        self.directory.remove(name.into()).await.map_err(text)
    }

    /// Creates a file with a name and content.
    pub(super) async fn create(&self, name: &str, content: &[u8]) -> Result<(), String> {
        let file = self.directory.open(name.into(), OpenFlags::CREATE, None).await.map_err(text)?;
        file.write(content.to_vec()).await.map_err(text)?;
        file.close().await.map_err(text)
    }

    /// The content of the file of that name, if it exists.
    pub(super) async fn content_of(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        content_in(&self.directory, name).await
    }

    /// The names of all but the bystander.
    pub(super) async fn entries(&self) -> Result<Vec<String>, String> {
        let entries = self.directory.entries(String::new()).await.map_err(text)?;
        let bystander = self.name_of(&self.bystander);
        let names = entries.into_iter().map(|entry| entry.name);
        Ok(names.filter(|name| Some(name) != bystander.as_ref()).collect())
    }

    /// Checks that everything is removed or will be, and that the bystander is unharmed.
    pub(super) async fn check_nothing_left(&self) -> Result<(), String> {
        let bystander = self.bystander.read_at(2 * BYSTANDER as u64, 0).await.map_err(text)?;
        check(bystander == [b'b'; BYSTANDER], "another file was changed")?;
        let mut left = self.entries().await?;
        for _ in 0..LOOKS {
            if left.is_empty() {
                return Ok(());
            }
            wit_bindgen::yield_async().await;
            left = self.entries().await?;
        }
        Err(format!("this is left: {left:?}"))
    }
}

fn in_directory(directory: &TemporaryDirectory) -> FileOptions {
    FileOptions {
        prefix: None,
        suffix: None,
        directory: Some(directory.path()),
        access: None,
        removal: None,
        buffer_size: Some(BUFFER),
    }
}

/// The content of a file in a directory, if it exists.
pub(super) async fn content_in(
    directory: &TemporaryDirectory,
    name: &str,
) -> Result<Option<Vec<u8>>, String> {
    let file = match directory.open(name.into(), OpenFlags::empty(), Some(Access::ReadOnly)).await {
        Ok(file) => file,
        Err(error) if error.code == ErrorCode::NoEntry => return Ok(None),
        Err(error) => return Err(text(error)),
    };
    let content = file.read_to_end().await.map_err(text)?;
    file.close().await.map_err(text)?;
    Ok(Some(content))
}
