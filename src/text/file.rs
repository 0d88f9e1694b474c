//! The resource `text-file`: each operation takes its turn and runs to its end.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::open_text::OpenText;
use super::position::TextPosition;
use super::{Target, TextSettings};
use crate::error::{Error, ErrorCode, Quoted, Result};
use crate::file::File;
use crate::file::operation::LINE;
use crate::filesystem::Filesystem;
use crate::task::call::{Operate, Request};
use crate::task::turns::Turns;

/// A text over a temporary file.
pub(crate) struct TextFile<F: Filesystem> {
    file: File<F>,
    turns: Rc<Turns<OpenText<F>>>,
}

/// An operation on a text file, with its arguments.
pub(crate) enum Operation {
    Read(u64),
    ReadLine(u64),
    ReadLines(u64),
    Write(String),
    WriteLines(Vec<String>),
    Tell,
    Seek(Target),
    Truncate(Option<u64>),
    Flush,
    Rollover,
    Close,
}

/// The result of an operation.
pub(crate) enum Outcome {
    Done,
    Text(String),
    Lines(Vec<String>),
    Position(TextPosition),
}

impl<F: Filesystem> Operate for OpenText<F> {
    type Operation = Operation;
    type Outcome = Outcome;

    fn waiting_memory(operation: &Operation) -> Option<usize> {
        match operation {
            Operation::Write(text) => Some(text.len()),
            Operation::WriteLines(lines) => Some(lines.iter().map(|line| line.len() + LINE).sum()),
            Operation::Close => None,
            _ => Some(0),
        }
    }

    fn operate_now(&mut self, operation: &Operation) -> Option<Result<Outcome>> {
        match operation {
            Operation::Read(max) => self.read_now(*max).map(|text| text.map(Outcome::Text)).transpose(),
            Operation::ReadLine(limit) => {
                self.read_line_now(*limit).map(|line| line.map(Outcome::Text)).transpose()
            }
            Operation::Tell => Some(self.tell().map(Outcome::Position)),
            _ => None,
        }
    }

    async fn operate(&mut self, operation: Operation) -> Result<Outcome> {
        match operation {
            Operation::Read(max) => return self.read(max).await.map(Outcome::Text),
            Operation::ReadLine(limit) => return self.read_line(limit).await.map(Outcome::Text),
            Operation::ReadLines(hint) => return self.read_lines(hint).await.map(Outcome::Lines),
            Operation::Tell => return self.tell().map(Outcome::Position),
            Operation::Write(text) => self.write(text).await,
            Operation::WriteLines(lines) => self.write_lines(lines).await,
            Operation::Seek(target) => self.seek(target).await,
            Operation::Truncate(size) => self.truncate(size).await,
            Operation::Flush => self.file.flush().await,
            Operation::Rollover => self.file.rollover().await,
            Operation::Close => self.file.close().await,
        }
        .map(|()| Outcome::Done)
    }
}

impl<F: Filesystem> TextFile<F> {
    /// Opens `file` as text, from its position on.
    pub(crate) fn new(file: File<F>, settings: TextSettings) -> Result<TextFile<F>> {
        let Some(open) = file.take() else {
            let subject = file.path().map_or("unnamed file".into(), |path| format!("file {}", Quoted(&path)));
            return Err(Error::new(ErrorCode::Busy, format!("{subject}: an operation is running")));
        };
        if file.is_closed() {
            return Err(open.closed());
        }
        let memory = open.scratch.budget()?.memory();
        Ok(TextFile { file, turns: Turns::new(OpenText::new(open, settings, memory)) })
    }

    /// Returns the file, with its position where the position of the text was.
    ///
    /// The file's operations wait until a running operation of the text has ended.
    pub(crate) fn into_file(self) -> File<F> {
        self.file
    }

    /// Sets the number of bytes that are decoded at a time.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn decode_at_once(&self, bytes: u64) {
        self.turns.now().expect("no operation is under way").decode_at_once(bytes);
    }

    pub(crate) fn path(&self) -> Option<Rc<str>> {
        self.file.path()
    }

    pub(crate) fn is_rolled(&self) -> bool {
        self.file.is_rolled()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.file.is_closed()
    }

    pub(crate) fn read(&self, max: Option<u64>) -> Request<F, OpenText<F>, String> {
        self.request(Operation::Read(max.unwrap_or(u64::MAX)))
    }

    pub(crate) fn read_line(&self, limit: Option<u64>) -> Request<F, OpenText<F>, String> {
        self.request(Operation::ReadLine(limit.unwrap_or(u64::MAX)))
    }

    pub(crate) fn read_lines(&self, hint: Option<u64>) -> Request<F, OpenText<F>, Vec<String>> {
        self.request(Operation::ReadLines(hint.filter(|hint| *hint > 0).unwrap_or(u64::MAX)))
    }

    pub(crate) fn write(&self, text: String) -> Request<F, OpenText<F>, ()> {
        self.request(Operation::Write(text))
    }

    pub(crate) fn write_lines(&self, lines: Vec<String>) -> Request<F, OpenText<F>, ()> {
        self.request(Operation::WriteLines(lines))
    }

    pub(crate) fn tell(&self) -> Request<F, OpenText<F>, TextPosition> {
        self.request(Operation::Tell)
    }

    pub(crate) fn seek(&self, target: Target) -> Request<F, OpenText<F>, ()> {
        self.request(Operation::Seek(target))
    }

    pub(crate) fn truncate(&self, size: Option<u64>) -> Request<F, OpenText<F>, ()> {
        self.request(Operation::Truncate(size))
    }

    pub(crate) fn flush(&self) -> Request<F, OpenText<F>, ()> {
        self.request(Operation::Flush)
    }

    pub(crate) fn rollover(&self) -> Request<F, OpenText<F>, ()> {
        self.request(Operation::Rollover)
    }

    pub(crate) fn close(&self) -> Request<F, OpenText<F>, ()> {
        self.request(Operation::Close)
    }

    fn request<T>(&self, operation: Operation) -> Request<F, OpenText<F>, T> {
        Request::new(self.file.background(), self.turns.next(), operation, self.file.memory())
    }
}

impl From<Outcome> for () {
    fn from(_: Outcome) {}
}

impl From<Outcome> for String {
    fn from(outcome: Outcome) -> String {
        match outcome {
            Outcome::Text(text) => text,
            _ => unreachable!("the operation returns text"),
        }
    }
}

impl From<Outcome> for Vec<String> {
    fn from(outcome: Outcome) -> Vec<String> {
        match outcome {
            Outcome::Lines(lines) => lines,
            _ => unreachable!("the operation returns lines"),
        }
    }
}

impl From<Outcome> for TextPosition {
    fn from(outcome: Outcome) -> TextPosition {
        match outcome {
            Outcome::Position(position) => position,
            _ => unreachable!("the operation returns a position"),
        }
    }
}
