//! Probing for the free space of a disk, which refusals must not reveal.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use crate::bindings::{Error, OpenFlags, TemporaryDirectory, TemporaryFile, Whence};
use crate::checks::text;

/// The maximum size of a spooled file in memory, so that unlimited memory does not become full.
const SPOOLED: u64 = 64 * 1024;

const SIZES: core::ops::RangeInclusive<u32> = 10..=62; // as powers of 2

pub(crate) async fn probe_free_space() -> Result<Vec<String>, String> {
    let mut refusals = Refusals::default();
    refusals.probe(TemporaryFile::create(None).await).await?;
    refusals.probe(TemporaryFile::create_named(None).await).await?;
    for exponent in SIZES {
        // A new one each time, which is still in memory.
        let file = TemporaryFile::create_spooled(Some(SPOOLED), None).map_err(text)?;
        refusals.probe_size(&file, 1 << exponent).await?;
        file.close().await.map_err(text)?;
    }
    if let Some(directory) = refusals.collect(TemporaryDirectory::create(None).await) {
        refusals.probe(directory.open("f".into(), OpenFlags::CREATE, None).await).await?;
        directory.close().await.map_err(text)?;
    }
    Ok(refusals.0.into_iter().collect())
}

/// The messages of refusals.
#[derive(Default)]
struct Refusals(BTreeSet<String>);

impl Refusals {
    fn collect<T>(&mut self, outcome: Result<T, Error>) -> Option<T> {
        outcome.map_err(|error| self.0.insert(without_particulars(&text(error)))).ok()
    }

    /// Requests all sizes, if the file was created.
    async fn probe(&mut self, created: Result<TemporaryFile, Error>) -> Result<(), String> {
        let Some(file) = self.collect(created) else { return Ok(()) };
        for exponent in SIZES {
            self.probe_size(&file, 1 << exponent).await?;
        }
        file.close().await.map_err(text)
    }

    /// Requests `size` bytes in three ways, and releases them.
    async fn probe_size(&mut self, file: &TemporaryFile, size: u64) -> Result<(), String> {
        self.collect(file.truncate(Some(size)).await);
        self.give_back(file).await?;
        self.collect(file.write_at(b"x".to_vec(), size - 1).await);
        self.give_back(file).await?;
        file.seek(size as i64 - 1, Whence::Start).await.map_err(text)?;
        self.collect(file.write(b"x".to_vec()).await);
        self.give_back(file).await
    }

    async fn give_back(&mut self, file: &TemporaryFile) -> Result<(), String> {
        // Buffered bytes may be refused only here.
        self.collect(file.flush().await);
        file.truncate(Some(0)).await.map_err(text)
    }
}

/// Replaces the parts that differ by size or name: numbers and quoted text.
fn without_particulars(message: &str) -> String {
    let mut shortened = String::new();
    let mut characters = message.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                while let Some(quoted) = characters.next().filter(|quoted| *quoted != '"') {
                    if quoted == '\\' {
                        characters.next();
                    }
                }
                shortened.push_str("\"…\"");
            }
            '0'..='9' => {
                while characters.next_if(char::is_ascii_digit).is_some() {}
                shortened.push('N');
            }
            other => shortened.push(other),
        }
    }
    shortened
}
