//! Operations on the content and the position of a file.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::stage::{LINE, PLACE, SIZE, Stage, Subject, content};
use super::{Call, Manner, Moment, Progress, done, returns};
use crate::bindings::{TemporaryFile, Whence};
use crate::checks::{check, text};

/// The written bytes: more than the buffer holds.
const WRITTEN: usize = 3_000;

pub(super) struct Operation {
    pub(super) name: &'static str,
    subject: Subject,
    call: for<'a> fn(&'a TemporaryFile) -> Call<'a>,
    effect: fn(&mut State),
}

/// The state of a file that an operation may change.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) content: Vec<u8>,
    pub(super) position: u64,
}

impl State {
    /// The initial state of each file.
    pub(super) fn at_first() -> State {
        State { content: content(), position: PLACE }
    }

    /// The state of a file after all operations that were started on it.
    pub(super) async fn of(file: &TemporaryFile) -> Result<State, String> {
        let size = file.size().await.map_err(text)?;
        let position = file.tell();
        let content = file.read_at(size + 1, 0).await.map_err(text)?;
        check(content.len() as u64 == size, "the size is not that of the content")?;
        Ok(State { content, position })
    }

    pub(super) fn put(&mut self, offset: u64, data: &[u8]) {
        let (start, end) = (offset as usize, offset as usize + data.len());
        self.content.resize(self.content.len().max(end), 0);
        self.content[start..end].copy_from_slice(data);
    }

    fn write(&mut self, data: &[u8]) {
        self.put(self.position, data);
        self.position += data.len() as u64;
    }
}

fn nothing(_: &mut State) {}

fn written() -> Vec<u8> {
    vec![b'W'; WRITTEN]
}

fn lines_written() -> Vec<Vec<u8>> {
    (b'0'..b'4').map(|letter| vec![letter; WRITTEN / 3]).collect()
}

fn part(from: u64, length: usize) -> Vec<u8> {
    content()[from as usize..][..length].to_vec()
}

fn lines_read(hint: usize) -> Vec<Vec<u8>> {
    part(PLACE, hint).chunks(LINE).map(<[u8]>::to_vec).collect()
}

pub(super) const OPERATIONS: [Operation; 20] = {
    const fn of(
        name: &'static str,
        subject: Subject,
        call: for<'a> fn(&'a TemporaryFile) -> Call<'a>,
        effect: fn(&mut State),
    ) -> Operation {
        Operation { name, subject, call, effect }
    }
    [
        of("write", Subject::Unnamed, |file| done(file.write(written())), |state| state.write(&written())),
        of(
            "write into the buffer",
            Subject::Named,
            |file| done(file.write(b"small".to_vec())),
            |state| state.write(b"small"),
        ),
        of(
            "write at the end",
            Subject::Appending,
            |file| done(file.write(written())),
            |state| {
                state.position = SIZE;
                state.write(&written());
            },
        ),
        of(
            "write that rolls over",
            Subject::Spooled,
            |file| done(async { file.write_at(written(), SIZE).await }),
            |state| state.put(SIZE, &written()),
        ),
        of(
            "write-at",
            Subject::Named,
            |file| done(file.write_at(written(), 123)),
            |state| state.put(123, &written()),
        ),
        of(
            "write-at beyond the end",
            Subject::Unnamed,
            |file| done(file.write_at(written(), SIZE + 5_000)),
            |state| state.put(SIZE + 5_000, &written()),
        ),
        of(
            "write-lines",
            Subject::Unnamed,
            |file| done(file.write_lines(lines_written())),
            |state| state.write(&lines_written().concat()),
        ),
        of(
            "read",
            Subject::Unnamed,
            |file| returns(file.read(5_000), part(PLACE, 5_000), "it read something else"),
            |state| state.position += 5_000,
        ),
        of(
            "read-to-end",
            Subject::Named,
            |file| returns(file.read_to_end(), part(PLACE, 10_000), "it read something else"),
            |state| state.position = SIZE,
        ),
        of(
            "read-at",
            Subject::Unnamed,
            |file| returns(file.read_at(5_000, 777), part(777, 5_000), "it read something else"),
            nothing,
        ),
        of(
            "read-line",
            Subject::Unnamed,
            |file| returns(file.read_line(None), part(PLACE, LINE), "it read another line"),
            |state| state.position += LINE as u64,
        ),
        of(
            "read-lines",
            Subject::Unnamed,
            |file| returns(file.read_lines(Some(3_000)), lines_read(3_000), "it read other lines"),
            |state| state.position += 3_000,
        ),
        of(
            "seek from the end",
            Subject::InTree,
            |file| returns(file.seek(-5, Whence::End), SIZE - 5, "it moved to another position"),
            |state| state.position = SIZE - 5,
        ),
        of("size", Subject::InTree, |file| returns(file.size(), SIZE, "it returned another size"), nothing),
        of(
            "truncate to less",
            Subject::Unnamed,
            |file| done(file.truncate(Some(5_000))),
            |state| state.content.truncate(5_000),
        ),
        of(
            "truncate to more",
            Subject::Named,
            |file| done(file.truncate(Some(30_000))),
            |state| state.content.resize(30_000, 0),
        ),
        of(
            "truncate that rolls over",
            Subject::Spooled,
            |file| done(file.truncate(Some(30_000))),
            |state| state.content.resize(30_000, 0),
        ),
        of("flush", Subject::Named, |file| done(file.flush()), nothing),
        of("sync", Subject::Unnamed, |file| done(file.sync()), nothing),
        of("rollover", Subject::Spooled, |file| done(file.rollover()), nothing),
    ]
};

impl Operation {
    pub(super) async fn attempt(&self, stage: &Stage, moment: Moment) -> Result<bool, String> {
        let file = stage.subject(self.subject).await?;
        let finished = moment.end_on(&file, (self.call)(&file)).await?;
        if moment.manner != Manner::DroppedWithItsFile {
            self.check(&file, Progress::of(moment, finished)).await?;
            file.close().await.map_err(text)?;
        }
        drop(file);
        stage.remove_subject(self.subject).await?;
        Ok(finished)
    }

    /// Checks that the call has taken effect or not, and that it can be repeated.
    async fn check(&self, file: &TemporaryFile, progress: Progress) -> Result<(), String> {
        let before = State::at_first();
        let mut after = before.clone();
        (self.effect)(&mut after);
        let now = State::of(file).await?;
        if now != before && now != after {
            let (length, position) = (now.content.len(), now.position);
            return Err(format!("neither done nor not done: {length} bytes, position {position}"));
        }
        if before != after {
            progress.allows(now == after)?;
        }
        if now == before {
            (self.call)(file).await.map_err(|error| format!("when repeated: {error}"))?;
            check(State::of(file).await? == after, "done another way when it was repeated")?;
        }
        Ok(())
    }
}
