//! Runs in a temporary file, and reading them.

use alloc::vec::Vec;
use core::ops::Range;

use crate::Failure;
use crate::lines::find_line_end;
use crate::output::Sink;

/// A temporary file for runs: written at its end, read at any offset.
///
/// One file contains many runs, because there may be more runs than open files.
#[expect(async_fn_in_trait, reason = "nothing here is sent to other threads")]
pub trait RunFile: Sink {
    /// Reads up to `max` bytes at `offset`. Returns fewer only at the end of the file.
    async fn read_at(&mut self, max: usize, offset: u64) -> Result<Vec<u8>, Failure>;

    /// Shortens the file to `length` bytes. The next write appends to them.
    async fn truncate(&mut self, length: u64) -> Result<(), Failure>;

    /// Removes the file.
    async fn close(self) -> Result<(), Failure>;
}

/// A part of a file with sorted lines, each with its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The start of the run, in bytes.
    pub start: u64,
    /// The end of the run, in bytes.
    pub end: u64,
    /// The length of the longest line with its end, in bytes.
    pub longest: usize,
}

/// The result of [`RunReader::advance`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The next line is available.
    Line,
    /// The next chunk must be fed.
    Chunk,
    /// There are no more lines.
    End,
}

/// Splits a run into lines, from chunks that are fed to it.
pub struct RunReader {
    unread: Range<u64>,
    chunk: Vec<u8>,
    /// The current line, unless it crosses chunks.
    line: Range<usize>,
    /// The current line if it crosses chunks, or while its end is not known.
    crossing: Vec<u8>,
}

impl RunReader {
    /// Creates a reader before the first line.
    pub fn new(run: &Run) -> Self {
        let crossing = Vec::with_capacity(run.longest);
        Self { unread: run.start..run.end, chunk: Vec::new(), line: 0..0, crossing }
    }

    /// Returns the current line with its end; empty before the first line.
    pub fn line(&self) -> &[u8] {
        if self.crossing.is_empty() { &self.chunk[self.line.clone()] } else { &self.crossing }
    }

    /// Advances to the next line.
    pub fn advance(&mut self) -> Step {
        self.crossing.clear();
        self.find_end()
    }

    /// Reads the next chunk, of up to `size` bytes, after [`Step::Chunk`].
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read or is shorter than its runs.
    pub async fn feed(&mut self, file: &mut impl RunFile, size: usize) -> Result<Step, Failure> {
        // The old chunk is freed first: there is memory for one chunk of each run.
        self.chunk = Vec::new();
        let wanted = (self.unread.end - self.unread.start).min(size as u64);
        self.chunk = file.read_at(wanted as usize, self.unread.start).await?;
        if self.chunk.is_empty() || self.chunk.len() as u64 > wanted {
            return Err(Failure("a temporary file is shorter than the data written to it".into()));
        }
        self.unread.start += self.chunk.len() as u64;
        self.line = 0..0;
        Ok(self.find_end())
    }

    fn find_end(&mut self) -> Step {
        let start = self.line.end;
        let rest = &self.chunk[start..];
        if let Some(length) = find_line_end(rest) {
            self.line = start..start + length + 1;
            if !self.crossing.is_empty() {
                self.crossing.extend_from_slice(&rest[..=length]);
            }
            return Step::Line;
        }
        self.crossing.extend_from_slice(rest);
        self.line = self.chunk.len()..self.chunk.len();
        if self.unread.is_empty() { Step::End } else { Step::Chunk }
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    struct Bytes(&'static [u8]);

    impl Sink for Bytes {
        async fn write(&mut self, _: Vec<u8>) -> Result<Vec<u8>, Failure> {
            unreachable!("the runs in this test exist already")
        }
    }

    impl RunFile for Bytes {
        async fn read_at(&mut self, max: usize, offset: u64) -> Result<Vec<u8>, Failure> {
            let rest = &self.0[self.0.len().min(offset as usize)..];
            Ok(rest[..rest.len().min(max)].to_vec())
        }

        async fn truncate(&mut self, _: u64) -> Result<(), Failure> {
            unreachable!("reading shortens no file")
        }

        async fn close(self) -> Result<(), Failure> {
            Ok(())
        }
    }

    fn read(file: &mut Bytes, run: &Run, chunk: usize) -> Result<Vec<Vec<u8>>, Failure> {
        let mut reader = RunReader::new(run);
        let mut lines = Vec::new();
        loop {
            let mut step = reader.advance();
            while step == Step::Chunk {
                step = block_on(reader.feed(file, chunk))?;
            }
            if step == Step::End {
                return Ok(lines);
            }
            lines.push(reader.line().to_vec());
        }
    }

    #[test]
    fn a_run_is_split_into_the_same_lines_with_chunks_of_any_size() {
        let mut file = Bytes(b"before\n\na\n\nlonger\nb\nafter\n");
        let run = Run { start: 7, end: 20, longest: 7 };

        for chunk in 1..20 {
            assert_eq!(
                read(&mut file, &run, chunk).unwrap(),
                [&b"\n"[..], b"a\n", b"\n", b"longer\n", b"b\n"],
                "{chunk}"
            );
        }
    }

    #[test]
    fn a_run_without_lines_ends_at_once() {
        assert_eq!(read(&mut Bytes(b"a\n"), &Run { start: 2, end: 2, longest: 0 }, 8), Ok(Vec::new()));
    }

    #[test]
    fn a_file_shorter_than_its_runs_is_an_error() {
        assert!(read(&mut Bytes(b"a\nb\n"), &Run { start: 0, end: 6, longest: 2 }, 3).is_err());
    }
}
