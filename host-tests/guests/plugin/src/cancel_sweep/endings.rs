//! The end of a file: `persist`, `keep` and `close`.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use super::files::State;
use super::stage::{Stage, Subject, content};
use super::{Manner, Moment, Progress};
use crate::bindings::{ErrorCode, TemporaryFile};
use crate::checks::{check, text};

const TARGET: &str = "target";
const OLD: &[u8] = b"what was there before";

pub(super) struct Operation {
    pub(super) name: &'static str,
    subject: Subject,
    ending: Ending,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Persist,
    Replace,
    Keep,
    Close,
}

pub(super) const OPERATIONS: [Operation; 13] = {
    const fn of(name: &'static str, subject: Subject, ending: Ending) -> Operation {
        Operation { name, subject, ending }
    }
    [
        of("persist a named file", Subject::Named, Ending::Persist),
        of("persist an unnamed file", Subject::Unnamed, Ending::Persist),
        of("persist a spooled file", Subject::Spooled, Ending::Persist),
        of("replace with a named file", Subject::Named, Ending::Replace),
        of("replace with an unnamed file", Subject::Unnamed, Ending::Replace),
        of("replace with a spooled file", Subject::Spooled, Ending::Replace),
        of("keep", Subject::Named, Ending::Keep),
        of("keep until dropped", Subject::NamedUntilDropped, Ending::Keep),
        of("close an unnamed file", Subject::Unnamed, Ending::Close),
        of("close a named file", Subject::Named, Ending::Close),
        of("close a file named until dropped", Subject::NamedUntilDropped, Ending::Close),
        of("close a spooled file", Subject::Spooled, Ending::Close),
        of("close a file of a directory", Subject::InTree, Ending::Close),
    ]
};

impl Operation {
    /// After a drop `persist` may still take effect at any time, and closing ends the stream that holds
    /// the file.
    pub(super) fn knows(&self, manner: Manner) -> bool {
        match manner {
            Manner::Dropped | Manner::Beside => true,
            Manner::DroppedWithItsFile => self.ending == Ending::Close,
            Manner::Waiting => self.ending != Ending::Close,
        }
    }

    pub(super) async fn attempt(&self, stage: &Stage, moment: Moment) -> Result<bool, String> {
        if self.ending == Ending::Replace {
            stage.create(TARGET, OLD).await?;
        }
        let file = stage.subject(self.subject).await?;
        let call = Box::pin(async { self.call(stage, &file).await });
        let finished = moment.end_on(&file, call).await?;
        let progress = Progress::of(moment, finished);
        match self.ending {
            _ if moment.manner == Manner::DroppedWithItsFile => {}
            Ending::Persist | Ending::Replace => self.check_persisted(stage, &file, progress).await?,
            Ending::Keep => self.check_kept(stage, &file, progress).await?,
            Ending::Close => self.check_closed(stage, &file, progress).await?,
        }
        drop(file);
        stage.remove_subject(self.subject).await?;
        Ok(finished)
    }

    async fn call(&self, stage: &Stage, file: &TemporaryFile) -> Result<(), String> {
        match self.ending {
            Ending::Persist => file.persist(target(stage), false).await,
            Ending::Replace => file.persist(target(stage), true).await,
            Ending::Keep => file.keep().await,
            Ending::Close => file.close().await,
        }
        .map_err(text)
    }

    /// Checks that the whole file or nothing is at the target, and that it can be persisted.
    async fn check_persisted(
        &self,
        stage: &Stage,
        file: &TemporaryFile,
        progress: Progress,
    ) -> Result<(), String> {
        let path = file.path();
        check(State::of(file).await? == State::at_first(), "the file was changed")?;
        let before = (self.ending == Ending::Replace).then_some(OLD);
        let is_there = match stage.content_of(TARGET).await?.as_deref() {
            found if found == before => false,
            Some(found) if found == content() => true,
            Some(found) => return Err(format!("{} other bytes are at the target", found.len())),
            None => return Err("the old file at the target is missing".into()),
        };
        progress.allows(is_there)?;
        let is_told = file.path() == Some(target(stage));
        check(is_told == is_there, &format!("at the target: {is_there}, but its path is {path:?}"))?;
        if !is_there {
            self.call(stage, file).await.map_err(|error| format!("when repeated: {error}"))?;
        }
        file.close().await.map_err(text)?;
        check(stage.content_of(TARGET).await? == Some(content()), "what was persisted is not whole")?;
        stage.remove(TARGET).await
    }

    /// Checks that the whole file is kept, or that it is removed.
    async fn check_kept(
        &self,
        stage: &Stage,
        file: &TemporaryFile,
        progress: Progress,
    ) -> Result<(), String> {
        let name = stage.name_of(file).ok_or("a named file has no name")?;
        check(State::of(file).await? == State::at_first(), "the file was changed")?;
        file.close().await.map_err(text)?;
        let found = stage.content_of(&name).await?;
        let is_whole = found.as_ref().is_none_or(|found| *found == content());
        check(is_whole, "what is at its path is not whole")?;
        let was_kept = match self.subject {
            // Whether it is kept shows when it is dropped; until then it can be kept once.
            Subject::NamedUntilDropped => match file.keep().await {
                Ok(()) => false,
                Err(error) if error.code == ErrorCode::Closed => true,
                Err(error) => return Err(format!("when repeated: {}", text(error))),
            },
            _ => found.is_some(),
        };
        progress.allows(was_kept)?;
        if found.is_some() { stage.remove(&name).await } else { Ok(()) }
    }

    /// Checks that the file is closed, by the dropped call or by the next.
    async fn check_closed(
        &self,
        stage: &Stage,
        file: &TemporaryFile,
        progress: Progress,
    ) -> Result<(), String> {
        let name = stage.name_of(file);
        check(progress != Progress::Everything || file.is_closed(), "it returned but the file is open")?;
        file.close().await.map_err(|error| format!("when repeated: {}", text(error)))?;
        check(file.is_closed(), "it is not closed")?;
        let size = file.size().await;
        check(size.is_err_and(|error| error.code == ErrorCode::Closed), "it can be used once closed")?;
        let is_kept = matches!(self.subject, Subject::NamedUntilDropped | Subject::InTree);
        if let Some(name) = name {
            let expected = is_kept.then(content);
            check(stage.content_of(&name).await? == expected, "of the name is not left what should be")?;
        }
        Ok(())
    }
}

fn target(stage: &Stage) -> String {
    format!("{}/{TARGET}", stage.path())
}
