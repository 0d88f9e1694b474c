//! A file locked by a stream, which reads or writes it piece by piece.

use alloc::rc::Rc;
use alloc::vec::Vec;

use crate::error::{Error, Result};
use crate::file::disk::with_capacity;
use crate::file::open_file::OpenFile;
use crate::file::operation::{Operation, Outcome};
use crate::file::status::FileStatus;
use crate::filesystem::{self, Filesystem};
use crate::limits::budget::{Memory, largest};
use crate::task::background::Background;
use crate::task::call::operate;
use crate::task::turns::Turn;

/// Sizes of a piece in bytes; the smaller ones are for when memory is short.
const PIECES: [usize; 3] = [128 * 1024, 16 * 1024, 512];

/// A file locked by a stream.
pub(crate) struct Stream<F: Filesystem> {
    background: Background<F>,
    status: Rc<FileStatus>,
    turn: Option<Turn<OpenFile<F>>>,
    /// The memory of the current piece.
    memory: Option<Memory>,
    /// Whether the reader has taken a piece already. Pieces after the first are not kept for other readers.
    is_flowing: bool,
}

impl<F: Filesystem> Stream<F> {
    pub(crate) fn new(
        background: Background<F>,
        status: Rc<FileStatus>,
        turn: Turn<OpenFile<F>>,
    ) -> Stream<F> {
        Stream { background, status, turn: Some(turn), memory: None, is_flowing: false }
    }

    /// Waits until the file is about to be closed.
    pub(crate) async fn closing(&self) {
        self.status.closing().await;
    }

    /// Returns the error of a stream ended by a `close`.
    pub(crate) fn closed(&self) -> Error {
        self.turn().closed()
    }

    /// Returns the next bytes at the position, none at the end. `advance` then moves the position.
    pub(crate) async fn peek(&mut self, max: usize) -> Result<Vec<u8>> {
        self.turn().check_reading()?;
        let most = self.take_memory(Ok).map_err(|code| self.turn().failed("read", code))?;
        match self.call(Operation::Peek { max: most.min(max), ahead: !self.is_flowing }).await? {
            Outcome::Bytes(bytes) => {
                if let Some(memory) = &mut self.memory {
                    // Taking less memory is never refused.
                    let _ = memory.take(bytes.capacity());
                }
                Ok(bytes)
            }
            _ => unreachable!("the operation returns bytes"),
        }
    }

    /// Moves the position past bytes that the stream's reader has received.
    pub(crate) fn advance(&mut self, length: usize) {
        let file = self.turn();
        file.set_position(file.position() + length as u64);
        self.is_flowing = length > 0;
    }

    /// Fails if the file is not open for writing.
    pub(crate) fn check_writing(&self) -> Result<()> {
        self.turn().check_writing()
    }

    /// Returns a buffer for the next piece.
    pub(crate) fn buffer(&mut self) -> Result<Vec<u8>> {
        self.take_memory(with_capacity).map_err(|code| self.turn().failed("write", code))
    }

    /// Writes bytes of the stream, as far as the limits allow.
    pub(crate) async fn write(&mut self, data: Vec<u8>) -> Result<()> {
        self.call(Operation::WriteFitting(data)).await.map(|_| ())
    }

    /// Calls `make` with the largest size of a piece for which there is memory.
    fn take_memory<T>(&mut self, make: impl Fn(usize) -> filesystem::Result<T>) -> filesystem::Result<T> {
        self.memory = None;
        let budget = self.turn().scratch.budget().map_err(|error| error.code)?;
        let mut memory = budget.memory();
        let made = largest(PIECES, |size| memory.take(size).and_then(|()| make(size)))?;
        self.memory = Some(memory);
        Ok(made)
    }

    fn turn(&self) -> &OpenFile<F> {
        self.turn.as_ref().expect("given back after each operation")
    }

    async fn call(&mut self, operation: Operation) -> Result<Outcome<F>> {
        let turn = self.turn.take().expect("given back after each operation");
        let (turn, outcome) = operate(&self.background, turn, operation).await;
        self.turn = Some(turn);
        outcome
    }
}
