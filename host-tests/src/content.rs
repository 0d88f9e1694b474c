//! What tests put into large files, and how they look whether it is there.

use crate::file::TemporaryFile;
use crate::fixture::Result;
use crate::scratch::Scratch;
use crate::types::{Error, FileOptions};

/// Bytes of which each tells its place, more or less, and no piece is like the next.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|place| (place ^ (place >> 11)) as u8).collect()
}

impl TemporaryFile {
    /// Asserts what the file holds, and shows no million bytes if it is something else.
    pub async fn assert_contents(&self, expected: &[u8]) -> Result {
        let contents = self.contents().await?;
        let same = contents.iter().zip(expected).take_while(|(is, was)| is == was).count();
        let (length, all) = (contents.len(), expected.len());
        assert_eq!((length, same), (all, all), "the length, and how much is right");
        Ok(())
    }
}

impl Scratch {
    /// Creates an unnamed file, a named one, and one that leaves memory when it exceeds `max_size`.
    pub async fn create_each_kind(
        &self,
        max_size: u64,
        options: FileOptions,
    ) -> Result<[TemporaryFile; 3], Error> {
        Ok([
            self.create_with(options.clone()).await?,
            self.create_named_with(options.clone()).await?,
            self.create_spooled_with(max_size, options).await?,
        ])
    }
}
