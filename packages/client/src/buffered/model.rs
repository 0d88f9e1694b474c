//! Random programs on a buffer compared with a vector and a position.
//!
//! Calls of the remote file fail, in part or whole, and take their time. Futures are dropped after any
//! number of polls.

use std::pin::pin;
use std::task::{Context, Waker};

use futures::executor::block_on;
use proptest::prelude::*;

use self::state::State;
use super::*;
use crate::fake::{Fake, Fate};
use crate::{SeekFrom, TempFile};

mod state;

#[derive(Debug, Clone)]
enum Step {
    Read(usize),
    ReadExact(usize),
    ReadVec(usize),
    ReadUntil(u8),
    ReadLine,
    NextLine,
    NextStr,
    ReadAt(usize, u64),
    ReadToEnd,
    /// A write of `futures::io`, which may take a part of the data.
    Write(Vec<u8>),
    WriteAll(Vec<u8>),
    WriteVec(Vec<u8>),
    WriteAt(Vec<u8>, u64),
    SetLen(u64),
    Seek(SeekFrom),
    Position,
    Size,
    Flush,
    Sync,
    Discard,
    /// A write of another handle.
    WriteElsewhere(Vec<u8>, u64),
    /// The handle is dropped, and the file is opened again.
    Reopen,
}

/// A step, and the number of polls before it is dropped.
type Try = (Step, u8);

fn data() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(b'a'..b'e', 0..20)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => (0..20usize).prop_map(Step::Read),
        1 => (0..20usize).prop_map(Step::ReadExact),
        1 => (0..20usize).prop_map(Step::ReadVec),
        1 => (b'a'..b'f').prop_map(Step::ReadUntil),
        1 => Just(Step::ReadLine),
        1 => Just(Step::NextLine),
        1 => Just(Step::NextStr),
        1 => (0..20usize, 0..40u64).prop_map(|(max, offset)| Step::ReadAt(max, offset)),
        1 => Just(Step::ReadToEnd),
        2 => data().prop_map(Step::Write),
        3 => data().prop_map(Step::WriteAll),
        2 => data().prop_map(Step::WriteVec),
        1 => (data(), 0..30u64).prop_map(|(data, offset)| Step::WriteAt(data, offset)),
        1 => (0..40u64).prop_map(Step::SetLen),
        2 => (0..24u64).prop_map(|offset| Step::Seek(SeekFrom::Start(offset))),
        1 => (-12..6i64).prop_map(|offset| Step::Seek(SeekFrom::Current(offset))),
        1 => (-20..4i64).prop_map(|offset| Step::Seek(SeekFrom::End(offset))),
        1 => Just(Step::Position),
        1 => Just(Step::Size),
        1 => Just(Step::Flush),
        1 => Just(Step::Sync),
        1 => Just(Step::Discard),
        2 => (data(), 0..30u64).prop_map(|(data, offset)| Step::WriteElsewhere(data, offset)),
        1 => Just(Step::Reopen),
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

/// A buffer, and the states that it may be in after calls that failed or were dropped.
struct Compared {
    remote: Fake,
    access: Access,
    capacity: usize,
    shared: bool,
    file: TempFile,
    states: Vec<State>,
}

impl Compared {
    fn new(remote: &Fake, access: Access, capacity: usize, shared: bool) -> Self {
        let file = TempFile::new(remote.clone(), access, capacity, shared);
        let states = vec![State { content: Vec::new(), position: 0 }];
        Self { remote: remote.clone(), access, capacity, shared, file, states }
    }

    fn appends(&self) -> bool {
        matches!(self.access, Access::Append)
    }

    /// Keeps the states in which `observed` is right.
    fn observe(&mut self, mut observed: impl FnMut(&mut State) -> bool) {
        let before = self.states.clone();
        self.states.retain_mut(&mut observed);
        assert!(!self.states.is_empty(), "{before:?}");
        self.simplify();
    }

    fn change(&mut self, change: impl FnMut(&mut State)) {
        self.states.iter_mut().for_each(change);
    }

    /// Adds the states after a write of `length` bytes that may have been cut: before the first byte,
    /// after it, or at the limit.
    fn may_write(
        &mut self,
        length: usize,
        start: impl Fn(&State) -> usize,
        change: impl Fn(&mut State, usize),
    ) {
        let limit = self.remote.limit.get();
        let changed = self.states.iter().flat_map(|state| {
            let room = limit.map_or(length, |limit| limit.saturating_sub(start(state)).min(length));
            let parts = [0, 1.min(length), room, length];
            parts.map(|part| {
                let mut state = state.clone();
                change(&mut state, part);
                state
            })
        });
        let changed: Vec<State> = changed.collect();
        self.states.extend(changed);
        self.simplify();
    }

    fn simplify(&mut self) {
        self.states.sort();
        self.states.dedup();
        if self.states.len() > 50 {
            let [_, _] = [(); 2].map(|()| block_on(self.file.flush()).is_ok());
            let position = block_on(self.file.stream_position());
            self.states.retain(|state| position.as_ref().is_ok_and(|position| state.position == *position));
            assert!(!self.states.is_empty() || position.is_err());
        }
    }

    fn play(&mut self, (step, polls): Try) {
        let appends = self.appends();
        let file = &mut self.file;
        match step {
            Step::Read(max) => {
                let mut buffer = vec![0; max];
                if let Some(Ok(amount)) = tried(polls, file.read(&mut buffer)) {
                    self.observe(|state| state.has_read(max, &buffer[..amount]));
                }
            }
            Step::ReadExact(length) => {
                let mut buffer = vec![0; length];
                match tried(polls, file.read_exact(&mut buffer)) {
                    Some(Ok(())) => self.observe(|state| state.has_read(length, &buffer)),
                    Some(Err(error)) if error.code == ErrorCode::UnexpectedEnd => {
                        self.observe(|state| state.rest().len() < length);
                    }
                    Some(Err(_)) | None => {}
                }
            }
            Step::ReadVec(max) => {
                if let Some(Ok(bytes)) = tried(polls, file.read_vec(max)) {
                    assert!(bytes.len() <= max);
                    self.observe(|state| state.has_read(max, &bytes));
                }
            }
            Step::ReadUntil(byte) => {
                let mut bytes = Vec::new();
                let outcome = tried(polls, file.read_until(byte, &mut bytes));
                // The bytes in the vector were read, even if an error followed.
                self.observe(|state| {
                    let length = state.rest().iter().position(|other| *other == byte).map(|place| place + 1);
                    let expected = length.unwrap_or(state.rest().len());
                    let is_whole = outcome.as_ref().is_none_or(|outcome| {
                        outcome.as_ref().is_ok_and(|amount| *amount == expected) || outcome.is_err()
                    });
                    state.has_read(0, &bytes) && is_whole
                });
            }
            Step::ReadLine => {
                let mut line = String::new();
                match tried(polls, file.read_line(&mut line)) {
                    Some(Ok(_)) => {
                        self.observe(|state| {
                            line.as_bytes() == state.rest() && state.has_read(0, line.as_bytes())
                        });
                    }
                    _ => assert_eq!(line, ""),
                }
            }
            Step::NextLine => {
                let line = tried(polls, file.lines().next_line());
                if let Some(Ok(line)) = line {
                    let line = line.unwrap_or_default();
                    self.observe(|state| {
                        line.as_bytes() == state.rest() && state.has_read(0, line.as_bytes())
                    });
                }
            }
            Step::NextStr => {
                let mut lines = file.lines();
                let line =
                    tried(polls, lines.next_str()).map(|line| line.map(|line| line.map(str::to_owned)));
                drop(lines);
                if let Some(Ok(line)) = line {
                    let line = line.unwrap_or_default();
                    self.observe(|state| {
                        line.as_bytes() == state.rest() && state.has_read(0, line.as_bytes())
                    });
                }
            }
            Step::ReadAt(max, offset) => {
                if let Some(Ok(bytes)) = tried(polls, file.read_at(max, offset)) {
                    self.observe(|state| {
                        let rest = &state.content[state.content.len().min(offset as usize)..];
                        rest[..rest.len().min(max)] == bytes
                    });
                }
            }
            Step::ReadToEnd => {
                let mut bytes = Vec::new();
                let is_done = matches!(tried(polls, file.read_to_end(&mut bytes)), Some(Ok(_)));
                self.observe(|state| (!is_done || state.rest() == bytes) && state.has_read(0, &bytes));
            }
            Step::Write(data) => {
                let write = std::future::poll_fn(|cx| file.content().poll_take(cx, &data, false));
                if let Some(Ok(amount)) = tried(polls, write) {
                    assert!(amount > 0 || data.is_empty());
                    self.change(|state| state.write(&data[..amount], appends));
                }
            }
            Step::WriteAll(data) => {
                let outcome = tried(polls, file.write_all(&data));
                self.wrote(outcome, &data);
            }
            Step::WriteVec(data) => {
                let outcome = tried(polls, file.write_vec(data.clone()));
                self.wrote(outcome, &data);
            }
            Step::WriteAt(data, offset) => match tried(polls, file.write_at(data.clone(), offset)) {
                Some(Ok(())) => self.change(|state| state.put(&data, offset as usize)),
                Some(Err(error)) if error.code == ErrorCode::NotPermitted => assert!(appends),
                _ if appends => {}
                _ => self.may_write(
                    data.len(),
                    |_| offset as usize,
                    |state, part| state.put(&data[..part], offset as usize),
                ),
            },
            Step::SetLen(size) => match tried(polls, file.set_len(size)) {
                Some(Ok(())) => self.change(|state| state.content.resize(size as usize, 0)),
                Some(Err(_)) => {}
                None => self.may_write(0, |_| 0, |state, _| state.content.resize(size as usize, 0)),
            },
            Step::Seek(target) => match tried(polls, file.seek(target)) {
                Some(Ok(position)) => self.observe(|state| {
                    let is_right = state.target(target) == Some(position);
                    state.position = position;
                    is_right
                }),
                Some(Err(error)) if error.code == ErrorCode::Invalid => {
                    self.observe(|state| state.target(target).is_none());
                }
                Some(Err(_)) | None => {}
            },
            Step::Position => {
                if let Some(Ok(position)) = tried(polls, file.stream_position()) {
                    self.observe(|state| state.position == position);
                }
            }
            Step::Size => {
                if let Some(Ok(size)) = tried(polls, file.size()) {
                    self.observe(|state| state.content.len() as u64 == size);
                }
            }
            Step::Flush => {
                if let Some(Ok(())) = tried(polls, file.flush()) {
                    self.observe_remote();
                }
            }
            Step::Sync => {
                if let Some(Ok(())) = tried(polls, file.sync_all()) {
                    self.observe_remote();
                }
            }
            Step::Discard => {
                if let Some(Ok(())) = tried(polls, file.discard()) {
                    let content = self.remote.content.borrow().clone();
                    let Ok(position) = block_on(self.file.stream_position()) else {
                        return self.start_again();
                    };
                    self.states = vec![State { content, position }];
                }
            }
            Step::WriteElsewhere(data, offset) => self.write_elsewhere(&data, offset as usize),
            Step::Reopen => {
                if self.shared {
                    self.remote.fates.borrow_mut().clear();
                    self.remote.limit.set(None);
                    self.file = TempFile::new(self.remote.clone(), self.access, self.capacity, true);
                    block_on(std::future::poll_fn(|cx| self.remote.poll_finished(cx)));
                    self.change(|state| state.position = 0);
                    self.observe_remote();
                }
            }
        }
    }

    /// Applies a write at the position.
    fn wrote(&mut self, outcome: Option<Result<(), Error>>, data: &[u8]) {
        let appends = self.appends();
        match outcome {
            Some(Ok(())) => self.change(|state| state.write(data, appends)),
            // Less than a buffer is written whole when it succeeds, or not at all.
            _ if data.len() < self.capacity => {}
            Some(Err(_)) if appends => {}
            None if appends => self.may_write(0, |_| 0, |state, _| state.write(data, true)),
            _ => self.may_write(
                data.len(),
                |state| state.position as usize,
                |state, part| state.write(&data[..part], false),
            ),
        }
    }

    /// Writes through another handle, within the file. This handle still sees its own dirty bytes.
    fn write_elsewhere(&mut self, data: &[u8], offset: usize) {
        let size = self.remote.content.borrow().len();
        if !self.shared || offset >= size || self.file.content().call.is_some() {
            return;
        }
        let data = &data[..data.len().min(size - offset)];
        let mut other = TempFile::new(self.remote.clone(), Access::ReadWrite, 0, true);
        let before = self.remote.content.borrow().clone();
        let _ = block_on(other.write_at(data.to_vec(), offset as u64));
        let after = self.remote.content.borrow().clone();
        let dirty = &self.file.content().dirty;
        let is_own = |place: usize| !dirty.is_empty() && (dirty.start..dirty.end()).contains(&(place as u64));
        let is_own = |place| !matches!(self.access, Access::Append) && is_own(place);
        let changed: Vec<usize> =
            (0..size).filter(|place| before[*place] != after[*place] && !is_own(*place)).collect();
        for state in &mut self.states {
            for place in &changed {
                if let Some(byte) = state.content.get_mut(*place) {
                    *byte = after[*place];
                }
            }
        }
    }

    fn observe_remote(&mut self) {
        let content = self.remote.content.borrow().clone();
        self.observe(|state| state.content == content);
    }

    /// Begins anew after a state that cannot be observed.
    fn start_again(&mut self) {
        self.remote.fates.borrow_mut().clear();
        let position = block_on(self.file.stream_position()).unwrap();
        self.states = vec![State { content: self.remote.content.borrow().clone(), position }];
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_buffer_is_a_vector_and_a_position(
        access in prop_oneof![Just(Access::ReadWrite), Just(Access::Append)],
        shared: bool,
        quick: bool,
        capacity in 0..16usize,
        limit in prop_oneof![2 => Just(None), 1 => (0..40usize).prop_map(Some)],
        fates in proptest::collection::vec(fate(), 0..60),
        steps in proptest::collection::vec(attempt(), 0..40),
    ) {
        let remote = Fake::default();
        remote.fates.borrow_mut().extend(fates);
        remote.limit.set(limit);
        remote.quick.set(quick);
        let mut compared = Compared::new(&remote, access, capacity, shared);

        for step in steps {
            compared.play(step);
        }

        remote.fates.borrow_mut().clear();
        remote.limit.set(None);
        // The pending call may still fail. Its bytes are then written by the second flush.
        let _ = block_on(compared.file.flush());
        block_on(compared.file.flush()).unwrap();
        let position = block_on(compared.file.stream_position()).unwrap();
        compared.observe(|state| state.position == position);
        compared.observe_remote();
    }
}
