//! Random programs on a buffer compared with a vector and a position.
//!
//! Calls of the remote file fail, delay and transfer less than requested. Futures are dropped after
//! any number of polls.

use std::pin::pin;
use std::task::{Context, Waker};

use futures::executor::block_on;
use proptest::prelude::*;

use super::*;
use crate::TempFile;
use crate::fake::{Fake, Fate};

#[derive(Debug, Clone)]
enum Step {
    Read(usize),
    ReadVec(usize),
    ReadUntil(u8),
    ReadLine,
    ReadAt(usize, u64),
    ReadToEnd,
    /// A write of `futures::io`, which may take a part of the data.
    Write(Vec<u8>),
    WriteVec(Vec<u8>),
    Seek(SeekFrom),
    Size,
    Flush,
}

/// A step, and the number of polls before it is dropped.
type Try = (Step, u8);

fn data() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(b'a'..b'e', 0..20)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => (0..20usize).prop_map(Step::Read),
        1 => (0..20usize).prop_map(Step::ReadVec),
        1 => (b'a'..b'f').prop_map(Step::ReadUntil),
        1 => Just(Step::ReadLine),
        1 => (0..20usize, 0..40u64).prop_map(|(max, offset)| Step::ReadAt(max, offset)),
        1 => Just(Step::ReadToEnd),
        3 => data().prop_map(Step::Write),
        2 => data().prop_map(Step::WriteVec),
        2 => (0..24u64).prop_map(|offset| Step::Seek(SeekFrom::Start(offset))),
        1 => (-12..6i64).prop_map(|offset| Step::Seek(SeekFrom::Current(offset))),
        1 => (-20..4i64).prop_map(|offset| Step::Seek(SeekFrom::End(offset))),
        1 => Just(Step::Size),
        1 => Just(Step::Flush),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    (prop_oneof![2 => Just(0), 1 => 1..4u8], proptest::bool::weighted(0.1), proptest::bool::weighted(0.2))
        .prop_map(|(delay, fails, short)| Fate { delay, fails, short })
}

fn attempt() -> impl Strategy<Value = Try> {
    (step(), prop_oneof![2 => Just(u8::MAX), 1 => 1..4u8])
}

/// Polls a future and drops it. Returns its result, if it had one by then.
fn tried<T>(polls: u8, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let cx = &mut Context::from_waker(Waker::noop());
    (0..polls).find_map(|_| match future.as_mut().poll(cx) {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => None,
    })
}

/// A buffer, and the content and position that it should have.
struct Compared {
    file: TempFile,
    content: Vec<u8>,
    position: u64,
}

impl Compared {
    fn new(remote: &Fake, access: Access, capacity: usize) -> Self {
        let file = TempFile::new(remote.clone(), access, capacity, false);
        Self { file, content: Vec::new(), position: 0 }
    }

    fn rest(&self) -> &[u8] {
        &self.content[self.content.len().min(self.position as usize)..]
    }

    /// Checks that the bytes are those at the position, and that there are none only at the end.
    fn check_read(&mut self, wanted: usize, bytes: &[u8]) {
        assert!(bytes.len() <= wanted);
        assert!(self.rest().starts_with(bytes), "{:?} at {}", bytes, self.position);
        assert!(!bytes.is_empty() || wanted == 0 || self.rest().is_empty());
        self.position += bytes.len() as u64;
    }

    fn write(&mut self, data: &[u8]) {
        if data.is_empty() {
            return;
        }
        let start = if self.file.content.appends() { self.content.len() } else { self.position as usize };
        let end = start + data.len();
        if self.content.len() < end {
            self.content.resize(end, 0);
        }
        self.content[start..end].copy_from_slice(data);
        self.position = end as u64;
    }

    fn play(&mut self, (step, polls): Try) {
        let file = &mut self.file;
        match step {
            Step::Read(max) => {
                let mut buffer = vec![0; max];
                if let Some(Ok(amount)) = tried(polls, file.read(&mut buffer)) {
                    self.check_read(max, &buffer[..amount]);
                }
            }
            Step::ReadVec(max) => {
                if let Some(Ok(bytes)) = tried(polls, file.read_vec(max)) {
                    self.check_read(max, &bytes);
                }
            }
            Step::ReadUntil(byte) => {
                let mut bytes = Vec::new();
                let outcome = tried(polls, file.read_until(byte, &mut bytes));
                let length = self.rest().iter().position(|other| *other == byte).map(|place| place + 1);
                if let Some(Ok(amount)) = outcome {
                    assert_eq!(amount, length.unwrap_or(self.rest().len()));
                }
                // The bytes in the vector were read, even if an error followed.
                assert!(self.rest().starts_with(&bytes));
                self.position += bytes.len() as u64;
            }
            Step::ReadLine => {
                let mut line = String::new();
                if let Some(Ok(amount)) = tried(polls, file.read_line(&mut line)) {
                    assert_eq!(amount, self.rest().len());
                    assert_eq!(line.as_bytes(), self.rest());
                    self.position += amount as u64;
                } else {
                    assert_eq!(line, "");
                }
            }
            Step::ReadAt(max, offset) => {
                if let Some(Ok(bytes)) = tried(polls, file.read_at(max, offset)) {
                    let expected = &self.content[self.content.len().min(offset as usize)..];
                    assert!(expected.starts_with(&bytes));
                    assert!(!bytes.is_empty() || max == 0 || expected.is_empty());
                }
            }
            Step::ReadToEnd => {
                let mut bytes = Vec::new();
                let outcome = tried(polls, file.read_to_end(&mut bytes));
                assert!(self.rest().starts_with(&bytes));
                if let Some(Ok(_)) = outcome {
                    assert_eq!(self.rest(), bytes);
                }
                self.position += bytes.len() as u64;
            }
            Step::Write(data) => {
                let write = std::future::poll_fn(|cx| file.content.poll_write(cx, &data));
                if let Some(Ok(amount)) = tried(polls, write) {
                    assert!(amount > 0 || data.is_empty());
                    self.write(&data[..amount]);
                }
            }
            Step::WriteVec(data) => self.write_vec(data, polls),
            Step::Seek(target) => {
                let base = match target {
                    SeekFrom::Start(offset) => Some(offset),
                    SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
                    SeekFrom::End(offset) => (self.content.len() as u64).checked_add_signed(offset),
                };
                match tried(polls, file.seek(target)) {
                    Some(Ok(position)) => {
                        assert_eq!(Some(position), base);
                        self.position = position;
                    }
                    Some(Err(error)) if error.code == ErrorCode::Invalid => assert_eq!(base, None),
                    Some(Err(_)) | None => {}
                }
            }
            Step::Size => {
                if let Some(Ok(size)) = tried(polls, file.size()) {
                    assert_eq!(size, self.content.len() as u64);
                }
            }
            Step::Flush => {
                if let Some(Ok(())) = tried(polls, file.flush()) {
                    assert_eq!(*file.content.remote().content.borrow(), self.content);
                }
            }
        }
    }

    /// Plays a piece that bypasses the buffer. If it fails, the position is after the stored bytes.
    fn write_vec(&mut self, mut data: Vec<u8>, polls: u8) {
        data.resize(data.len().max(self.file.content.capacity), b'-');
        let outcome = match tried(polls, self.file.write_vec(data.clone())) {
            None if matches!(self.file.content.call, Some(UnderWay::Piece { .. })) => {
                Some(block_on(self.file.flush()))
            }
            outcome => outcome,
        };
        match outcome {
            Some(Ok(())) => self.write(&data),
            // Appending is all or nothing, and the position is unknown before the flush.
            Some(Err(_)) if self.file.content.appends() => {}
            Some(Err(_)) => {
                let stored = self.file.content.position - self.position;
                self.write(&data[..stored as usize]);
            }
            None => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_buffer_is_a_vector_and_a_position(
        access in prop_oneof![Just(Access::ReadWrite), Just(Access::Append)],
        is_private: bool,
        capacity in 1..16usize,
        fates in proptest::collection::vec(fate(), 0..60),
        steps in proptest::collection::vec(attempt(), 0..40),
    ) {
        let remote = Fake::default();
        remote.fates.borrow_mut().extend(fates);
        let mut compared = Compared::new(&remote, access, capacity);
        if is_private {
            compared.file = compared.file.private();
        }

        for step in steps {
            compared.play(step);
        }

        remote.fates.borrow_mut().clear();
        // The pending call may still fail. Its bytes are then written by the second flush.
        let _ = block_on(compared.file.flush());
        block_on(compared.file.flush()).unwrap();
        prop_assert_eq!(&*remote.content.borrow(), &compared.content);
        prop_assert_eq!(compared.file.content.position, compared.position);
    }
}
