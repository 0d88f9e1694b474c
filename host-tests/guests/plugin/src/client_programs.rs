//! Random programs on files of the client crate, compared with a vector and a position.
//!
//! Futures are dropped after a few polls. The file is then in the state before or after the operation.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;

use scratch_tempfile::{
    Access, Builder, Error, NamedTempFile, OpenFlags, SeekFrom, TempDir, TempFile, spooled_tempfile, tempdir,
};

use crate::checks::check;

type Result<T = ()> = core::result::Result<T, String>;

/// Plays `count` programs on each kind of file.
pub(crate) async fn play(count: u32) -> Result {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut tree = tempdir().await.map_err(text)?;
    for number in 0..count {
        for kind in 0..5 {
            let mut program = Program::new(kind, &tree, &mut random).await?;
            let outcome = program.play(&mut random).await;
            outcome.map_err(|seen| format!("program {number} on kind {kind}: {seen}"))?;
            let Program { file, content, .. } = program;
            if kind == 4 {
                drop(file);
                let mut stored = Vec::new();
                let mut file = tree.open("file").await.map_err(text)?;
                file.read_to_end(&mut stored).await.map_err(text)?;
                check(stored == content, "the dropped file has other bytes")?;
                tree.remove("file").await.map_err(text)?;
            }
        }
    }
    tree.close().await.map_err(text)
}

fn text(error: Error) -> String {
    format!("{}: {error}", error.code)
}

/// A file, and the content and position that it should have.
struct Program {
    file: TempFile,
    appends: bool,
    content: Vec<u8>,
    position: u64,
}

impl Program {
    async fn new(kind: u32, tree: &TempDir, random: &mut Random) -> Result<Self> {
        let appends = random.below(4) == 0;
        let access = if appends { Access::Append } else { Access::ReadWrite };
        let mut builder = Builder::new();
        builder.access(access).buffer_size([0, 7, 1_000, 64 << 10][random.below(4)]);
        let file = match kind {
            0 => builder.unnamed().await,
            1 => builder.spooled_tempfile(30_000).map_err(text)?.into_file().await.map_err(Error::from),
            2 => return Self::spooled(random).await,
            3 => builder.tempfile().await.map(NamedTempFile::into_file),
            _ => tree.open_with("file", access, OpenFlags::new().create().exclusive()).await,
        };
        Ok(Self { file: file.map_err(text)?, appends, content: Vec::new(), position: 0 })
    }

    /// A file in memory, which moves to disk during the program or not.
    async fn spooled(random: &mut Random) -> Result<Self> {
        let mut spooled = spooled_tempfile(random.below(300_000) as u64).map_err(text)?;
        spooled.write_all(b"begun").await.map_err(text)?;
        let file = spooled.into_file().await.map_err(Error::from).map_err(text)?;
        Ok(Self { file, appends: false, content: b"begun".to_vec(), position: 5 })
    }

    async fn play(&mut self, random: &mut Random) -> Result {
        for step in 0..30 {
            let kind = random.below(9);
            let outcome = self.step(kind, random).await;
            outcome.map_err(|seen| format!("step {step} of kind {kind}: {seen}"))?;
        }
        let stored = self.file.read_at(self.content.len() + 1, 0).await.map_err(text)?;
        check(stored == self.content, "the content differs at the end")
    }

    async fn step(&mut self, kind: usize, random: &mut Random) -> Result {
        let polls = if random.below(3) == 0 { 1 + random.below(4) as u32 } else { u32::MAX };
        let size = [1, 10, 900, 20_000, 150_000][random.below(5)];
        let file = &mut self.file;
        match kind {
            0..=2 => {
                let data = vec![random.below(256) as u8; size];
                let outcome = attempt(polls, file.write_all(&data)).await.transpose().map_err(text)?;
                let position = file.stream_position().await.map_err(text)?;
                let begin = if self.appends { self.content.len() as u64 } else { self.position };
                let is_done = position == begin + size as u64;
                check(is_done || (outcome.is_none() && position == self.position), "a write is half done")?;
                if is_done {
                    put(&mut self.content, &data, begin as usize);
                    self.position = position;
                }
            }
            3 | 4 => {
                let mut bytes = vec![0; size];
                let rest = &self.content[self.content.len().min(self.position as usize)..];
                match attempt(polls, file.read_exact(&mut bytes)).await {
                    Some(Ok(())) => {
                        check(rest.starts_with(&bytes), "other bytes are read")?;
                        self.position += size as u64;
                    }
                    Some(Err(_)) => check(rest.len() < size, "the end came too early")?,
                    None => {}
                }
                let position = file.stream_position().await.map_err(text)?;
                check(position == self.position, "a read left another position")?;
            }
            5 => {
                let size = random.below(200_000);
                let before = self.content.len();
                let outcome = attempt(polls, file.set_len(size as u64)).await.transpose().map_err(text)?;
                let found = file.size().await.map_err(text)?;
                if found == size as u64 {
                    self.content.resize(size, 0);
                } else {
                    check(outcome.is_none() && found == before as u64, "the size is another one")?;
                }
            }
            6 => {
                let target = random.below(self.content.len() + 10) as u64;
                if let Some(found) = attempt(polls, file.seek(SeekFrom::Start(target))).await {
                    check(found.map_err(text)? == target, "the position is another one")?;
                    self.position = target;
                }
            }
            7 => {
                attempt(polls, file.flush()).await.transpose().map_err(text)?;
            }
            _ => {
                let offset = random.below(self.content.len() + 10);
                let found =
                    attempt(polls, file.read_at(size, offset as u64)).await.transpose().map_err(text)?;
                let rest = &self.content[self.content.len().min(offset)..];
                if let Some(found) = found {
                    check(found == rest[..rest.len().min(size)], "other bytes are at the offset")?;
                }
            }
        }
        Ok(())
    }
}

fn put(content: &mut Vec<u8>, data: &[u8], begin: usize) {
    let end = begin + data.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[begin..end].copy_from_slice(data);
}

/// Polls a future up to that many times and drops it.
async fn attempt<T>(polls: u32, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => {
            left -= 1;
            if left == 0 { Poll::Ready(None) } else { Poll::Pending }
        }
    })
    .await
}

/// A generator of numbers, the same in each run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}
