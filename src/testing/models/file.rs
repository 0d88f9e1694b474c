//! The model of a file: a vector with a position, and the steps of programs on it.

use alloc::vec::Vec;

use crate::error::Result;
use crate::file::File;
use crate::options::Whence;
use crate::testing::memory_filesystem::MemoryFilesystem;

/// A step of a program on a file.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Read(u64),
    ReadAt(u64, u64),
    ReadLine(Option<u64>),
    ReadLines(Option<u64>),
    TryRead(u64),
    /// Reads up to this number of bytes through a stream.
    StreamOut(usize),
    /// Writes pieces through a stream.
    StreamIn(Vec<Vec<u8>>),
    Write(Vec<u8>),
    WriteAt(Vec<u8>, u64),
    WriteLines(Vec<Vec<u8>>),
    TryWrite(Vec<u8>),
    Truncate(Option<u64>),
    Seek(i64, Whence),
    Flush,
    Sync,
    Size,
    Rollover,
}

/// The result of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Nothing,
    Number(u64),
    Bytes(Vec<u8>),
    Lines(Vec<Vec<u8>>),
    /// A function that never waits did nothing.
    NotNow,
}

/// Executes a step on a file.
pub(crate) async fn perform(file: &File<MemoryFilesystem>, step: Step) -> Result<Told> {
    Ok(match step {
        Step::Read(max) => Told::Bytes(file.read(max).await?),
        Step::ReadAt(max, offset) => Told::Bytes(file.read_at(max, offset).await?),
        Step::ReadLine(limit) => Told::Bytes(file.read_line(limit).await?),
        Step::ReadLines(hint) => Told::Lines(file.read_lines(hint).await?),
        Step::TryRead(max) => file.try_read(max)?.map_or(Told::NotNow, Told::Bytes),
        Step::StreamOut(max) => {
            let mut stream = file.stream().await;
            let mut bytes = stream.peek(max + 1).await?;
            bytes.truncate(max);
            stream.advance(bytes.len());
            Told::Bytes(bytes)
        }
        Step::StreamIn(pieces) => {
            let mut stream = file.stream().await;
            for piece in pieces {
                stream.write(piece).await?;
            }
            Told::Nothing
        }
        Step::Write(data) => nothing(file.write(data).await)?,
        Step::WriteAt(data, offset) => nothing(file.write_at(data, offset).await)?,
        Step::WriteLines(lines) => nothing(file.write_lines(lines).await)?,
        Step::TryWrite(data) => {
            if file.try_write(&data)? {
                Told::Nothing
            } else {
                Told::NotNow
            }
        }
        Step::Truncate(size) => nothing(file.truncate(size).await)?,
        Step::Seek(offset, whence) => Told::Number(file.seek(offset, whence).await?),
        Step::Flush => nothing(file.flush().await)?,
        Step::Sync => nothing(file.sync().await)?,
        Step::Size => Told::Number(file.size().await?),
        Step::Rollover => nothing(file.rollover().await)?,
    })
}

fn nothing(outcome: Result<()>) -> Result<Told> {
    outcome.map(|()| Told::Nothing)
}

/// A file without anything that makes it fast or durable.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) bytes: Vec<u8>,
    pub(crate) position: u64,
    pub(crate) appends: bool,
}

impl Model {
    /// Whether this step fails with an error.
    pub(crate) fn refuses(&self, step: &Step) -> bool {
        match step {
            Step::WriteAt(..) => self.appends,
            Step::Seek(offset, whence) => self.target(*offset, *whence).is_none(),
            _ => false,
        }
    }

    /// Follows a step of the file that succeeded with this result.
    #[track_caller]
    pub(crate) fn follow(&mut self, step: &Step, told: &Told) {
        let mut next = self.clone();
        let expected = match (step, told) {
            (Step::TryRead(_) | Step::TryWrite(_), Told::NotNow) => return,
            // A piece may be shorter than requested, but is empty only at the end.
            (Step::StreamOut(max), Told::Bytes(bytes)) => {
                let left = self.slice(self.position, *max as u64).len();
                assert!(bytes.is_empty() == (left == 0) && bytes.len() <= left, "{step:?}: {told:?}");
                Told::Bytes(next.read(bytes.len() as u64))
            }
            _ => next.take(step),
        };
        assert_eq!(*told, expected, "{step:?} on {self:?}");
        *self = next;
    }

    /// Returns the model after the step has succeeded.
    pub(crate) fn after(&self, step: &Step) -> Model {
        let mut after = self.clone();
        after.take(step);
        after
    }

    /// Returns the possible models after a cancelled step: before it, after it, or between its parts.
    pub(crate) fn stages(&self, step: &Step) -> Vec<Model> {
        let mut stages = Vec::from([self.clone()]);
        let parts: Vec<&[u8]> = match step {
            Step::WriteLines(lines) => lines.iter().map(Vec::as_slice).collect(),
            // Each piece may be written in part.
            Step::StreamIn(pieces) => pieces.iter().flat_map(|piece| piece.chunks(1)).collect(),
            step => {
                stages.push(self.after(step));
                return stages;
            }
        };
        for part in parts {
            stages.push(stages[stages.len() - 1].after(&Step::Write(part.to_vec())));
        }
        stages
    }

    /// Returns the possible models after a failed step: the last of its parts is not done.
    pub(crate) fn stages_of_failure(&self, step: &Step) -> Vec<Model> {
        let mut stages = self.stages(step);
        // An empty part changes nothing, but can fail like any other part.
        let ends_empty = match step {
            Step::WriteLines(parts) | Step::StreamIn(parts) => parts.last().is_none_or(Vec::is_empty),
            _ => false,
        };
        if !ends_empty {
            stages.pop();
        }
        stages
    }

    fn take(&mut self, step: &Step) -> Told {
        match step {
            Step::Read(max) | Step::TryRead(max) => Told::Bytes(self.read(*max)),
            Step::StreamOut(max) => Told::Bytes(self.read(*max as u64)),
            Step::ReadAt(max, offset) => Told::Bytes(self.slice(*offset, *max).to_vec()),
            Step::ReadLine(limit) => Told::Bytes(self.read_line(limit.unwrap_or(u64::MAX))),
            Step::ReadLines(hint) => {
                Told::Lines(self.read_lines(hint.filter(|hint| *hint > 0).unwrap_or(u64::MAX)))
            }
            Step::Write(data) | Step::TryWrite(data) => self.write(data),
            Step::WriteAt(data, offset) => self.write_at(data, *offset),
            Step::WriteLines(parts) | Step::StreamIn(parts) => {
                parts.iter().for_each(|part| drop(self.write(part)));
                Told::Nothing
            }
            Step::Truncate(size) => {
                self.bytes.resize(size.unwrap_or(self.position) as usize, 0);
                Told::Nothing
            }
            Step::Seek(offset, whence) => {
                self.position = self.target(*offset, *whence).expect("a place to seek to");
                Told::Number(self.position)
            }
            Step::Size => Told::Number(self.bytes.len() as u64),
            Step::Flush | Step::Sync | Step::Rollover => Told::Nothing,
        }
    }

    fn slice(&self, position: u64, max: u64) -> &[u8] {
        let start = position.min(self.bytes.len() as u64) as usize;
        let end = position.saturating_add(max).min(self.bytes.len() as u64) as usize;
        &self.bytes[start..end.max(start)]
    }

    fn read(&mut self, max: u64) -> Vec<u8> {
        let read = self.slice(self.position, max).to_vec();
        self.position += read.len() as u64;
        read
    }

    fn read_line(&mut self, limit: u64) -> Vec<u8> {
        let rest = self.slice(self.position, u64::MAX);
        let length = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
        self.read(limit.min(length as u64))
    }

    fn read_lines(&mut self, hint: u64) -> Vec<Vec<u8>> {
        let (mut lines, mut length) = (Vec::new(), 0);
        while lines.is_empty() || length < hint {
            let line = self.read_line(u64::MAX);
            if line.is_empty() {
                break;
            }
            length += line.len() as u64;
            lines.push(line);
        }
        lines
    }

    fn write_at(&mut self, data: &[u8], offset: u64) -> Told {
        let end = offset as usize + data.len();
        if !data.is_empty() {
            self.bytes.resize(self.bytes.len().max(end), 0);
            self.bytes[end - data.len()..end].copy_from_slice(data);
        }
        Told::Nothing
    }

    fn write(&mut self, data: &[u8]) -> Told {
        if !data.is_empty() {
            let start = if self.appends { self.bytes.len() as u64 } else { self.position };
            self.write_at(data, start);
            self.position = start + data.len() as u64;
        }
        Told::Nothing
    }

    fn target(&self, offset: i64, whence: Whence) -> Option<u64> {
        let base = match whence {
            Whence::Start => 0,
            Whence::Current => self.position,
            Whence::End => self.bytes.len() as u64,
        };
        base.checked_add_signed(offset).filter(|position| *position <= i64::MAX as u64)
    }
}
