//! Large content of files, and the comparison with it.

use crate::file::TemporaryFile;
use crate::fixture::Result;
use crate::scratch::Scratch;
use crate::types::{Error, FileOptions};

/// Bytes that depend on their offset, without repetition between pieces.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|offset| (offset ^ (offset >> 11)) as u8).collect()
}

impl TemporaryFile {
    /// Asserts the content of the file; on a difference it shows lengths, not a million bytes.
    pub async fn assert_contents(&self, expected: &[u8]) -> Result {
        let contents = self.contents().await?;
        let same = contents.iter().zip(expected).take_while(|(left, right)| left == right).count();
        let (length, all) = (contents.len(), expected.len());
        assert_eq!((length, same), (all, all), "the length, and the length of the equal part");
        Ok(())
    }
}

impl Scratch {
    /// Creates an unnamed file, a named file, and a spooled file that rolls over beyond `max_size`.
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
