//! The cancellation sweep: each operation is dropped after every number of turns until it ends.

mod creations;
mod endings;
mod files;
mod stage;
mod streams;
mod texts;
mod trees;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::pin::Pin;

use crate::bindings::{Error, Tally, TemporaryFile};
use crate::cancel::poll_for;
use crate::checks::{check, text};
use stage::Stage;

/// A number of turns that no operation needs, even with slow threads of the host.
const MOST_TURNS: u32 = 1_000_000;

/// The number of calls that wait for their turn.
const WAITING_CALLS: u32 = 3;

/// The number of other calls that keep the host busy.
const OTHER_CALLS: usize = 4;

/// A call that checks its own result.
type Call<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + 'a>>;

fn done<'a>(call: impl Future<Output = Result<(), Error>> + 'a) -> Call<'a> {
    Box::pin(async move { call.await.map_err(text) })
}

/// A call that has to return `expected`.
fn returns<'a, T: PartialEq + 'a>(
    call: impl Future<Output = Result<T, Error>> + 'a,
    expected: T,
    otherwise: &'static str,
) -> Call<'a> {
    Box::pin(async move { check(call.await.map_err(text)? == expected, otherwise) })
}

/// A way to drop a call, or the resource of the call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// The call is dropped, and then everything is checked.
    Dropped,
    /// The resource is dropped right after the call.
    DroppedWithItsFile,
    /// The call is dropped while other calls keep the host busy, so that it takes longer.
    Beside,
    /// The call is dropped while it waits behind a stream that holds the file.
    Waiting,
}

/// The number of turns before a call is dropped, and the way.
#[derive(Clone, Copy)]
struct Moment {
    turns: u32,
    manner: Manner,
}

impl Moment {
    /// Runs a call for some turns and drops it; returns whether it had ended.
    async fn end(self, mut call: Call<'_>) -> Result<bool, String> {
        let others = if self.manner == Manner::Beside { OTHER_CALLS } else { 0 };
        let mut others: Vec<_> = (0..others).map(|_| Box::pin(TemporaryFile::create(None))).collect();
        let mut unfinished = Vec::new();
        for mut other in others.drain(..) {
            if poll_for(other.as_mut(), 0).await.transpose().map_err(text)?.is_none() {
                unfinished.push(other);
            }
        }
        let outcome = poll_for(call.as_mut(), self.turns).await;
        drop(call);
        for other in unfinished {
            other.await.map_err(text)?;
        }
        Ok(outcome.transpose()?.is_some())
    }

    /// Does the same for a call on `file`.
    async fn end_on(self, file: &TemporaryFile, call: Call<'_>) -> Result<bool, String> {
        if self.manner != Manner::Waiting {
            return self.end(call).await;
        }
        let holder = file.read_via_stream().await;
        let finished = self.end(call).await?;
        drop(holder);
        check(!finished, "it did not wait for its turn")?;
        Ok(false)
    }
}

/// The progress of a dropped call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// It was waiting for its turn.
    Nothing,
    /// It was under way: all or nothing.
    Unknown,
    /// It returned.
    Everything,
}

impl Progress {
    fn of(moment: Moment, finished: bool) -> Progress {
        match (finished, moment.manner) {
            (true, _) => Progress::Everything,
            (false, Manner::Waiting) => Progress::Nothing,
            (false, _) => Progress::Unknown,
        }
    }

    /// Checks that the effect, or its absence, is possible.
    fn allows(self, effect: bool) -> Result<(), String> {
        check(self != Progress::Nothing || !effect, "it had an effect although it waited for its turn")?;
        check(self != Progress::Everything || effect, "it returned but had no effect")
    }
}

/// An operation that can be called and dropped.
enum Operation {
    OnContent(files::Operation),
    OnStream(streams::Operation),
    OnEnding(endings::Operation),
    OnText(texts::Operation),
    OnTree(trees::Operation),
    Creation(creations::Operation),
}

impl Operation {
    fn all() -> impl Iterator<Item = Operation> {
        let on_content = files::OPERATIONS.into_iter().map(Operation::OnContent);
        let on_stream = streams::OPERATIONS.into_iter().map(Operation::OnStream);
        let on_ending = endings::OPERATIONS.into_iter().map(Operation::OnEnding);
        let on_text = texts::OPERATIONS.into_iter().map(Operation::OnText);
        let on_tree = trees::OPERATIONS.into_iter().map(Operation::OnTree);
        let creations = creations::OPERATIONS.into_iter().map(Operation::Creation);
        on_content.chain(on_stream).chain(on_ending).chain(on_text).chain(on_tree).chain(creations)
    }

    fn name(&self) -> &'static str {
        match self {
            Operation::OnContent(operation) => operation.name,
            Operation::OnStream(operation) => operation.name,
            Operation::OnEnding(operation) => operation.name,
            Operation::OnText(operation) => operation.name,
            Operation::OnTree(operation) => operation.name,
            Operation::Creation(operation) => operation.name,
        }
    }

    /// Whether its effect can be determined after it was dropped in this way.
    fn knows(&self, manner: Manner) -> bool {
        match (self, manner) {
            (_, Manner::Dropped | Manner::Beside) | (Operation::OnContent(_) | Operation::OnStream(_), _) => {
                true
            }
            (Operation::OnEnding(operation), manner) => operation.knows(manner),
            (Operation::OnText(_), Manner::DroppedWithItsFile) => true,
            _ => false,
        }
    }

    /// Calls it, drops the call, and checks everything; returns whether it had ended.
    async fn attempt(&self, stage: &Stage, moment: Moment) -> Result<bool, String> {
        match self {
            Operation::OnContent(operation) => operation.attempt(stage, moment).await,
            Operation::OnStream(operation) => operation.attempt(stage, moment).await,
            Operation::OnEnding(operation) => operation.attempt(stage, moment).await,
            Operation::OnText(operation) => operation.attempt(stage, moment).await,
            Operation::OnTree(operation) => operation.attempt(stage, moment).await,
            Operation::Creation(operation) => operation.attempt(stage, moment).await,
        }
    }
}

pub(crate) fn operations() -> Vec<String> {
    Operation::all().map(|operation| operation.name().into()).collect()
}

pub(crate) async fn sweep(name: &str, rounds: u32) -> Result<Tally, String> {
    let operation = Operation::all().find(|operation| operation.name() == name);
    let operation = operation.ok_or_else(|| format!("no operation is named {name}"))?;
    let stage = Stage::set().await?;
    let mut tally = Tally { calls: 0, under_way: 0, waiting: 0, most_turns: 0 };
    for round in 0..rounds {
        let manner = [Manner::Dropped, Manner::Beside, Manner::DroppedWithItsFile][round as usize % 3];
        let manner = if operation.knows(manner) { manner } else { Manner::Beside };
        let mut turns = 0;
        while !attempt(&operation, &stage, Moment { turns, manner }, &mut tally).await? {
            check(turns < MOST_TURNS, &format!("{name} never ends"))?;
            // Every number of turns at first; the maximum depends on the host's speed.
            turns += 1 + turns / 8;
        }
    }
    for turns in (0..WAITING_CALLS).filter(|_| operation.knows(Manner::Waiting)) {
        attempt(&operation, &stage, Moment { turns, manner: Manner::Waiting }, &mut tally).await?;
    }
    stage.clear().await?;
    Ok(tally)
}

/// Makes one attempt and counts it.
async fn attempt(
    operation: &Operation,
    stage: &Stage,
    moment: Moment,
    tally: &mut Tally,
) -> Result<bool, String> {
    let attempted = async {
        let finished = operation.attempt(stage, moment).await?;
        stage.check_nothing_left().await?;
        Ok::<_, String>(finished)
    };
    let finished = attempted.await.map_err(|error| {
        let how = match moment.manner {
            Manner::Dropped => "dropped",
            Manner::DroppedWithItsFile => "dropped with its file",
            Manner::Beside => "dropped beside others",
            Manner::Waiting => "dropped waiting",
        };
        format!("{}, {how} after {} turns: {error}", operation.name(), moment.turns)
    })?;
    tally.calls += 1;
    if !finished {
        tally.under_way += 1;
        match moment.manner {
            Manner::Waiting => tally.waiting += 1,
            _ => tally.most_turns = tally.most_turns.max(moment.turns),
        }
    }
    Ok(finished)
}
