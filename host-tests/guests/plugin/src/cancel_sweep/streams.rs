//! Streams into a file and out of it, of which any part may have been transferred.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::files::State;
use super::stage::{PLACE, SIZE, Stage, Subject, content};
use super::{Call, Manner, Moment, Progress};
use crate::bindings::{TemporaryFile, wit_stream};
use crate::checks::{check, text};
use crate::join::both;

const STREAMED: u64 = 5_000;

pub(super) struct Operation {
    pub(super) name: &'static str,
    call: for<'a> fn(&'a TemporaryFile) -> Call<'a>,
    /// The content after that many bytes have been transferred.
    content: fn(u64) -> Vec<u8>,
    most: u64,
}

pub(super) const OPERATIONS: [Operation; 2] = [
    Operation {
        name: "write-via-stream",
        call: |file| Box::pin(write(file)),
        content: |count| {
            let mut state = State::at_first();
            state.put(PLACE, &vec![b'S'; count as usize]);
            state.content
        },
        most: STREAMED,
    },
    Operation {
        name: "read-via-stream",
        call: |file| Box::pin(read(file)),
        content: |_| content(),
        most: SIZE - PLACE,
    },
];

async fn write(file: &TemporaryFile) -> Result<(), String> {
    let (mut sender, receiver) = wit_stream::new::<u8>();
    let sending = async {
        sender.write_all(vec![b'S'; STREAMED as usize]).await;
        drop(sender);
    };
    let (written, ()) = both(file.write_via_stream(receiver), sending).await;
    check(written.map_err(text)? == STREAMED, "the stream was cut short")
}

async fn read(file: &TemporaryFile) -> Result<(), String> {
    let (stream, outcome) = file.read_via_stream().await;
    let read = stream.collect().await;
    outcome.await.map_err(text)?;
    check(read == content()[PLACE as usize..], "the stream brought something else")
}

impl Operation {
    pub(super) async fn attempt(&self, stage: &Stage, moment: Moment) -> Result<bool, String> {
        let file = stage.subject(Subject::Unnamed).await?;
        let finished = moment.end_on(&file, (self.call)(&file)).await?;
        if moment.manner != Manner::DroppedWithItsFile {
            self.check(&file, Progress::of(moment, finished)).await?;
            file.close().await.map_err(text)?;
        }
        Ok(finished)
    }

    async fn check(&self, file: &TemporaryFile, progress: Progress) -> Result<(), String> {
        let now = State::of(file).await?;
        let count = now.position.checked_sub(PLACE).filter(|count| *count <= self.most);
        let count = count.ok_or("the position is not in what the stream could bring")?;
        let expected = match progress {
            Progress::Nothing => count == 0,
            Progress::Unknown => true,
            Progress::Everything => count == self.most,
        };
        check(expected, "more or less went through than could")?;
        check(now.content == (self.content)(count), "the content is not that of the position")?;

        let rest = file.read_to_end().await.map_err(text)?;
        check(rest == now.content[now.position as usize..], "reading does not go on from the position")
    }
}
