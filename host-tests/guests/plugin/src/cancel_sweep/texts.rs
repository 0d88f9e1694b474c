//! Operations on a text file.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::stage::{SIZE, Stage, Subject};
use super::{Call, Manner, Moment, Progress, done, returns};
use crate::bindings::{Target, TextFile};
use crate::checks::{check, text};

/// The characters of a line, of two bytes each but for its end.
const LINE: usize = 50;

/// The size of a text in bytes, that of other files.
const LINES: usize = SIZE as usize / (2 * LINE - 1);

/// The number of lines before the initial position.
const BEFORE: usize = 100;

pub(super) struct Operation {
    pub(super) name: &'static str,
    subject: Subject,
    call: for<'a> fn(&'a TextFile) -> Call<'a>,
    effect: fn(&mut State),
}

/// The state of a text that an operation may change.
#[derive(Clone, PartialEq, Eq)]
struct State {
    whole: String,
    /// The rest after the position.
    rest: String,
}

impl State {
    fn at_first() -> State {
        State { whole: (0..LINES).map(line).collect(), rest: (BEFORE..LINES).map(line).collect() }
    }

    /// The state of a text after all operations that were started on it.
    async fn of(file: &TextFile) -> Result<State, String> {
        let rest = file.read(None).await.map_err(text)?;
        file.seek(Target::Start).await.map_err(text)?;
        let whole = file.read(None).await.map_err(text)?;
        Ok(State { whole, rest })
    }

    /// Reads that many characters.
    fn read(&mut self, count: usize) {
        self.rest = self.rest.chars().skip(count).collect();
    }

    /// Overwrites as many bytes as these have.
    fn write(&mut self, written: &str) {
        let position = self.whole.len() - self.rest.len();
        self.whole.replace_range(position..position + written.len(), written);
        self.rest = self.whole[position + written.len()..].into();
    }
}

fn nothing(_: &mut State) {}

fn line(number: usize) -> String {
    let letter = ['ä', 'ö', 'ü', 'é', 'ñ', 'å', 'ø'][number % 7];
    let mut line: String = [letter; LINE - 1].iter().collect();
    line.push('\n');
    line
}

fn lines(count: usize) -> Vec<String> {
    (BEFORE..BEFORE + count).map(line).collect()
}

/// As long as a number of lines, so that no character after it is cut.
fn written() -> Vec<String> {
    (0..30).map(|_| line(0).replace('ä', "ß")).collect()
}

pub(super) const OPERATIONS: [Operation; 11] = {
    const fn of(
        name: &'static str,
        call: for<'a> fn(&'a TextFile) -> Call<'a>,
        effect: fn(&mut State),
    ) -> Operation {
        Operation { name, subject: Subject::Unnamed, call, effect }
    }
    const LEFT: usize = 10;
    [
        of(
            "write text",
            |file| done(file.write(written().concat())),
            |state| state.write(&written().concat()),
        ),
        of(
            "write lines of text",
            |file| done(file.write_lines(written())),
            |state| state.write(&written().concat()),
        ),
        of(
            "read text",
            |file| returns(file.read(Some((40 * LINE) as u64)), lines(40).concat(), "it read something else"),
            |state| state.read(40 * LINE),
        ),
        of(
            "read a line of text",
            |file| returns(file.read_line(None), line(BEFORE), "it read another line"),
            |state| state.read(LINE),
        ),
        of(
            "read lines of text",
            |file| returns(file.read_lines(Some((30 * LINE) as u64)), lines(30), "it read other lines"),
            |state| state.read(30 * LINE),
        ),
        of("seek to the end of text", |file| done(file.seek(Target::End)), |state| state.rest.clear()),
        of(
            "tell the position in a text",
            |file| Box::pin(async { file.tell().await.map(|_| ()).map_err(text) }),
            nothing,
        ),
        of(
            "truncate text",
            |file| done(file.truncate(Some((LEFT * line(0).len()) as u64))),
            |state| {
                state.whole.truncate(LEFT * line(0).len());
                state.rest.clear();
            },
        ),
        of("flush text", |file| done(file.flush()), nothing),
        Operation {
            name: "roll text over",
            subject: Subject::Spooled,
            call: |file| done(file.rollover()),
            effect: nothing,
        },
        Operation {
            name: "close text",
            subject: Subject::Named,
            call: |file| done(file.close()),
            effect: nothing,
        },
    ]
};

impl Operation {
    pub(super) async fn attempt(&self, stage: &Stage, moment: Moment) -> Result<bool, String> {
        let file = self.subject(stage).await?;
        let finished = moment.end((self.call)(&file)).await?;
        if moment.manner != Manner::DroppedWithItsFile {
            if self.name != "close text" {
                self.check(&file, Progress::of(moment, finished)).await?;
            }
            file.close().await.map_err(text)?;
            check(file.is_closed(), "it is not closed")?;
        }
        Ok(finished)
    }

    /// Creates a text, positioned in the middle with nothing read ahead.
    async fn subject(&self, stage: &Stage) -> Result<TextFile, String> {
        let file = stage.empty_subject(self.subject).await?;
        let file = TextFile::create(file, None).map_err(text)?;
        let State { whole, rest } = State::at_first();
        let (start, rest) = (&whole[..whole.len() - rest.len()], rest);
        file.write(start.into()).await.map_err(text)?;
        let place = file.tell().await.map_err(text)?;
        let (middle, end) = rest.split_at(rest.len() - line(0).len());
        file.write(middle.into()).await.map_err(text)?;
        file.write(end.into()).await.map_err(text)?;
        file.seek(Target::Position(place)).await.map_err(text)?;
        Ok(file)
    }

    /// Checks that the call has taken effect or not, and that the text can be used.
    async fn check(&self, file: &TextFile, progress: Progress) -> Result<(), String> {
        let before = State::at_first();
        let mut after = before.clone();
        (self.effect)(&mut after);
        let position = file.tell().await.map_err(text)?;
        let now = State::of(file).await?;
        if now != before && now != after {
            let (whole, rest) = (now.whole.len(), now.rest.len());
            return Err(format!(
                "neither done nor not done: {whole} bytes, of which {rest} are left to read"
            ));
        }
        if before != after {
            progress.allows(now == after)?;
        }
        if now == before {
            file.seek(Target::Position(position)).await.map_err(text)?;
            (self.call)(file).await.map_err(|error| format!("when repeated: {error}"))?;
            check(State::of(file).await? == after, "done another way when it was repeated")?;
        }
        Ok(())
    }
}
