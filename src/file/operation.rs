//! The operations on a file.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Result;
use crate::file::lines::LineBlock;
use crate::file::open_file::OpenFile;
use crate::file::status::CloseRequest;
use crate::filesystem::Filesystem;
use crate::options::Whence;
use crate::task::call::Operate;

/// Memory of a line in a list, beside its bytes: its place in the list and the allocator's share.
pub(crate) const LINE: usize = 32;

/// A call on a file.
pub(crate) enum Operation {
    Seek(i64, Whence),
    Size,
    Read(u64),
    ReadAt(u64, u64),
    ReadLine(u64),
    ReadLines(u64),
    ReadBlock(u64),
    Peek {
        max: usize,
        ahead: bool,
    },
    Write(Vec<u8>),
    /// A write of as much as the limits allow.
    WriteFitting(Vec<u8>),
    WriteLines(Vec<Vec<u8>>),
    WriteAt(Vec<u8>, u64),
    Truncate(Option<u64>),
    Flush,
    Sync,
    Rollover,
    Persist(String, bool),
    Keep,
    Descriptor,
    /// A close; streams end while it waits for its turn.
    Close(CloseRequest),
}

/// The result of a call.
pub(crate) enum Outcome<F: Filesystem> {
    Done,
    Number(u64),
    Bytes(Vec<u8>),
    Lines(Vec<Vec<u8>>),
    Block(LineBlock),
    Descriptor(F::Descriptor),
}

impl<F: Filesystem> Operate for OpenFile<F> {
    type Operation = Operation;
    type Outcome = Outcome<F>;

    fn waiting_memory(operation: &Operation) -> Option<usize> {
        match operation {
            Operation::Write(data) | Operation::WriteFitting(data) | Operation::WriteAt(data, _) => {
                Some(data.len())
            }
            Operation::WriteLines(lines) => Some(lines.iter().map(|line| line.len() + LINE).sum()),
            Operation::Persist(path, _) => Some(path.len()),
            Operation::Close(_) => None,
            _ => Some(0),
        }
    }

    fn operate_now(&mut self, operation: &Operation) -> Option<Result<Outcome<F>>> {
        let outcome = match operation {
            Operation::Seek(offset, whence) => {
                self.seek_now(*offset, *whence).map(|n| n.map(Outcome::Number))
            }
            Operation::Read(max) => self.read_now(*max).map(|bytes| bytes.map(Outcome::Bytes)),
            Operation::ReadAt(max, at) => self.read_at_now(*max, *at).map(|bytes| bytes.map(Outcome::Bytes)),
            Operation::ReadLine(limit) => self.read_line_now(*limit).map(|line| line.map(Outcome::Bytes)),
            Operation::Write(data) | Operation::WriteFitting(data) => {
                self.write_now(data).map(|written| written.then_some(Outcome::Done))
            }
            Operation::WriteAt(data, at) => {
                self.write_at_now(data, *at).map(|written| written.then_some(Outcome::Done))
            }
            Operation::Size => self.size_now().map(|size| size.map(Outcome::Number)),
            Operation::Truncate(size) => self.truncate_now(*size).map(|done| done.map(Outcome::from)),
            Operation::Close(_) => Ok(self.close_now().map(Outcome::from)),
            _ => return None,
        };
        outcome.transpose()
    }

    async fn operate(&mut self, operation: Operation) -> Result<Outcome<F>> {
        match operation {
            Operation::Seek(offset, whence) => self.seek(offset, whence).await.map(Outcome::Number),
            Operation::Size => self.size().await.map(Outcome::Number),
            Operation::Read(max) => self.read(max).await.map(Outcome::Bytes),
            Operation::ReadAt(max, offset) => self.read_at(max, offset).await.map(Outcome::Bytes),
            Operation::ReadLine(limit) => self.read_line(limit).await.map(Outcome::Bytes),
            Operation::ReadLines(hint) => self.read_lines(hint).await.map(Outcome::Lines),
            Operation::ReadBlock(hint) => self.read_block(hint).await.map(Outcome::Block),
            Operation::Peek { max, ahead } => self.peek(max, ahead).await.map(Outcome::Bytes),
            Operation::Write(data) => self.write_slowly(data).await.map(Outcome::from),
            Operation::WriteFitting(data) => self.write_fitting(data).await.map(Outcome::from),
            Operation::WriteLines(lines) => self.write_lines(lines).await.map(Outcome::from),
            Operation::WriteAt(data, offset) => self.write_at_slowly(data, offset).await.map(Outcome::from),
            Operation::Truncate(size) => self.truncate(size).await.map(Outcome::from),
            Operation::Flush => self.flush().await.map(Outcome::from),
            Operation::Sync => self.sync().await.map(Outcome::from),
            Operation::Rollover => self.rollover().await.map(Outcome::from),
            Operation::Persist(path, replace) => self.persist(&path, replace).await.map(Outcome::from),
            Operation::Keep => self.keep().await.map(Outcome::from),
            Operation::Descriptor => self.share_descriptor().await.map(Outcome::Descriptor),
            Operation::Close(_request) => self.close().await.map(Outcome::from),
        }
    }
}

impl<F: Filesystem> From<()> for Outcome<F> {
    fn from((): ()) -> Outcome<F> {
        Outcome::Done
    }
}

impl<F: Filesystem> From<Outcome<F>> for () {
    fn from(_: Outcome<F>) {}
}

impl<F: Filesystem> From<Outcome<F>> for u64 {
    fn from(outcome: Outcome<F>) -> u64 {
        match outcome {
            Outcome::Number(number) => number,
            _ => unreachable!("the operation returns a number"),
        }
    }
}

impl<F: Filesystem> From<Outcome<F>> for Vec<u8> {
    fn from(outcome: Outcome<F>) -> Vec<u8> {
        match outcome {
            Outcome::Bytes(bytes) => bytes,
            _ => unreachable!("the operation returns bytes"),
        }
    }
}

impl<F: Filesystem> From<Outcome<F>> for LineBlock {
    fn from(outcome: Outcome<F>) -> LineBlock {
        match outcome {
            Outcome::Block(block) => block,
            _ => unreachable!("the operation returns a block"),
        }
    }
}

impl<F: Filesystem> From<Outcome<F>> for Vec<Vec<u8>> {
    fn from(outcome: Outcome<F>) -> Vec<Vec<u8>> {
        match outcome {
            Outcome::Lines(lines) => lines,
            _ => unreachable!("the operation returns lines"),
        }
    }
}
