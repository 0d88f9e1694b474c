//! A file that a stream holds: its bytes go from and to the stream piece by piece.

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
use crate::task::call::Call;
use crate::task::turns::Turn;

/// How large a piece may be: smaller where memory is short.
const PIECES: [usize; 3] = [128 * 1024, 16 * 1024, 512];

/// A file that a stream holds.
pub(crate) struct Stream<F: Filesystem> {
    background: Background<F>,
    status: Rc<FileStatus>,
    turn: Option<Turn<OpenFile<F>>>,
    /// What the piece takes that is on its way.
    memory: Option<Memory>,
    /// Whether more than a beginning is wanted, so that nothing needs to be held for other readers.
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

    /// Waits until somebody wants to close the file.
    pub(crate) async fn closing(&self) {
        self.status.closing().await;
    }

    /// The error of a stream that ends for a `close`.
    pub(crate) fn closed(&self) -> Error {
        self.turn().closed()
    }

    /// The next bytes at the position, none at the end; `advance` then advances it.
    pub(crate) async fn peek(&mut self, max: usize) -> Result<Vec<u8>> {
        self.turn().check_reading()?;
        let most = self.take_memory(Ok).map_err(|code| self.turn().failed("reading", code))?;
        match self.call(Operation::Peek { max: most.min(max), ahead: !self.is_flowing }).await? {
            Outcome::Bytes(bytes) => {
                if let Some(memory) = &mut self.memory {
                    // Taking less is never refused.
                    let _ = memory.take(bytes.capacity());
                }
                Ok(bytes)
            }
            _ => unreachable!("the operation returns bytes"),
        }
    }

    /// Advances the position over bytes that the reader of the stream has got.
    pub(crate) fn advance(&mut self, length: usize) {
        let file = self.turn();
        file.set_position(file.position() + length as u64);
        self.is_flowing = length > 0;
    }

    /// Fails if the file can't be written at all.
    pub(crate) fn check_writing(&self) -> Result<()> {
        self.turn().check_writing()
    }

    /// Room for the next piece.
    pub(crate) fn buffer(&mut self) -> Result<Vec<u8>> {
        self.take_memory(with_capacity).map_err(|code| self.turn().failed("writing", code))
    }

    /// Writes what a stream brought, up to a limit.
    pub(crate) async fn write(&mut self, data: Vec<u8>) -> Result<()> {
        self.call(Operation::WriteFitting(data)).await.map(|_| ())
    }

    /// Makes something as large as a piece for which there is memory.
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
        let (turn, outcome) = Call::with_turn(&self.background, turn, operation).await;
        self.turn = Some(turn);
        outcome
    }
}
