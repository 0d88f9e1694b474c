//! A file of the provider, called through generated bindings.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use core::ops::Deref;
use core::task::{Context, Poll};

use futures::future::join;
use wit_bindgen::{FutureReader, StreamReader, StreamResult};

use self::bindings::wit_stream;
use self::wit::{TemporaryFile, Whence};
use crate::buffered::no_memory;
use crate::names::check_path;
use crate::remote::{Call, Cut, Remote, Work, Write};
use crate::siblings::Siblings;
use crate::task;
use crate::{Access, Error, ErrorCode, Removal};

/// The smallest transfer that uses a stream, in bytes.
///
/// Between components a list is copied byte by byte. A stream is copied at once, but takes three
/// calls. The provider charges the pieces of a stream to its memory limit. If that is used up, the
/// transfer falls back to a list, which needs no memory there.
const STREAMED: u64 = 16 * 1024;

/// The largest read that uses a stream, in bytes.
const LARGEST: u64 = 1 << 20;

/// The memory that is first allocated for a read by a stream, in bytes.
const FIRST: usize = 64 << 10;

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package scratch:tempfile-client;

            world client {
                import scratch:tempfile/tempfile@0.3.0;
            }
        ",
        path: "wit",
        world: "scratch:tempfile-client/client",
        generate_all,
    });
}

pub(crate) use bindings::scratch::tempfile::tempfile as wit;

/// A file of the provider, shared by pending calls and other handles.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    file: Rc<TemporaryFile>,
    position: Rc<Cell<Position>>,
    siblings: Rc<Siblings>,
}

/// The provider's position in a file.
#[derive(Debug, Clone, Copy, Default)]
enum Position {
    #[default]
    Unknown,
    /// Known after a written stream, until the next call begins. A dropped call may leave it anywhere.
    At(u64),
    /// Moved by several handles at the same time.
    Shared,
}

impl Provider {
    pub(crate) fn new(file: TemporaryFile, siblings: Rc<Siblings>) -> Self {
        Self { file: Rc::new(file), position: Rc::default(), siblings }
    }

    /// Moves the provider's position to `offset`, unless it is known to be there.
    ///
    /// The first poll begins the call. A call that begins in the same poll comes next, whatever other
    /// handles do.
    async fn move_to(&self, offset: u64) -> Result<(), Error> {
        let before = self.position.get();
        if !matches!(before, Position::Shared) {
            self.position.set(Position::Unknown);
        }
        if !matches!(before, Position::At(position) if position == offset) {
            // No position exceeds `i64::MAX`.
            if self.file.try_seek(offset as i64, Whence::Start)?.is_none() {
                self.file.seek(offset as i64, Whence::Start).await?;
            }
        }
        Ok(())
    }

    fn moved_to(&self, offset: u64) {
        if !matches!(self.position.get(), Position::Shared) {
            self.position.set(Position::At(offset));
        }
    }

    /// Returns the content from `offset` on as a stream, and how reading ended.
    pub(crate) async fn read_via_stream(&self, offset: u64) -> Result<(StreamReader<u8>, Outcome), Error> {
        let (moved, stream) = join(self.move_to(offset), self.file.read_via_stream()).await;
        moved.map(|()| stream)
    }

    /// Writes all bytes of a stream at `offset`, without one at the end of the file.
    pub(crate) fn write_via_stream(&self, data: StreamReader<u8>, offset: Option<u64>) -> Write {
        let provider = self.changing();
        Box::pin(async move { provider.write_stream(data, offset).await })
    }

    async fn write_stream(&self, data: StreamReader<u8>, offset: Option<u64>) -> Result<u64, Cut> {
        let Self { file, .. } = self;
        let Some(offset) = offset else {
            self.moved();
            let before = self.measured().await?;
            let outcome = file.write_via_stream(data).await;
            let end = file.tell();
            return outcome
                .map(|_| end)
                .map_err(|error| Cut { stored: end.saturating_sub(before), error: error.into() });
        };
        let (moved, written) = join(self.move_to(offset), file.write_via_stream(data)).await;
        moved?;
        match written {
            Ok(stored) => {
                self.moved_to(offset + stored);
                Ok(offset + stored)
            }
            Err(error) => Err(Cut { stored: file.tell().saturating_sub(offset), error: error.into() }),
        }
    }

    async fn read_by_stream(&self, max: usize, offset: u64) -> Result<Vec<u8>, Error> {
        let (mut stream, outcome) = self.read_via_stream(offset).await?;
        let mut bytes = Vec::new();
        while bytes.len() < max {
            if bytes.len() == bytes.capacity() {
                // Few files have as many bytes as a caller would take.
                let room = bytes.len().max(FIRST).min(max - bytes.len());
                bytes.try_reserve_exact(room).map_err(|_| no_memory())?;
            }
            let (status, more) = stream.read(bytes).await;
            bytes = more;
            if status == StreamResult::Dropped {
                outcome.await?;
                break;
            }
        }
        bytes.truncate(max);
        Ok(bytes)
    }

    async fn write_by_stream(&self, data: Vec<u8>, offset: u64) -> Result<u64, Cut> {
        let length = data.len();
        let (mut sender, receiver) = wit_stream::new();
        let send = async move { sender.write_all(data).await };
        match join(self.write_stream(receiver, Some(offset)), send).await {
            (Err(cut), rest) if cut.error.code == ErrorCode::Quota && rest.len() == length => {
                self.write_by_list(rest, offset).await
            }
            (outcome, _) => outcome,
        }
    }

    async fn write_by_list(&self, data: Vec<u8>, offset: u64) -> Result<u64, Cut> {
        let end = offset + data.len() as u64;
        self.file.write_at(data, offset).await.map_err(Error::from)?;
        Ok(end)
    }

    async fn measured(&self) -> Result<u64, Error> {
        match self.file.try_size()? {
            Some(size) => Ok(size),
            None => Ok(self.file.size().await?),
        }
    }

    async fn append(&self, data: Vec<u8>) -> Result<u64, Cut> {
        self.moved();
        self.file.write(data).await.map_err(Error::from)?;
        Ok(self.file.tell())
    }

    /// Forgets the position, which a call moves.
    fn moved(&self) {
        if !matches!(self.position.get(), Position::Shared) {
            self.position.set(Position::Unknown);
        }
    }

    /// Returns a handle for a call that changes the content, which others learn when it ends.
    fn changing(&self) -> Changing {
        task::resume();
        Changing(self.clone())
    }

    fn call<T>(&self, call: impl AsyncFnOnce(&TemporaryFile) -> Result<T, wit::Error> + 'static) -> Call<T>
    where
        T: 'static,
    {
        task::resume();
        let file = self.file.clone();
        Box::pin(async move { Ok(call(&file).await?) })
    }
}

/// Returns a call that has ended already.
fn ended<T: 'static, E: 'static>(outcome: Result<T, E>) -> Call<T, E> {
    Box::pin(core::future::ready(outcome))
}

/// A handle for a call that changes the content.
struct Changing(Provider);

impl Deref for Changing {
    type Target = Provider;

    fn deref(&self) -> &Provider {
        &self.0
    }
}

impl Drop for Changing {
    fn drop(&mut self) {
        self.0.siblings.changed();
    }
}

/// The end of reading by a stream.
pub(crate) type Outcome = FutureReader<Result<(), wit::Error>>;

impl Remote for Provider {
    fn read_at(&self, max: u64, offset: u64) -> Call<Vec<u8>> {
        task::resume();
        if max < STREAMED {
            match self.file.try_read_at(max, offset) {
                Ok(None) => {}
                Ok(Some(bytes)) => return ended(Ok(bytes)),
                Err(error) => return ended(Err(error.into())),
            }
        }
        let provider = self.clone();
        Box::pin(async move {
            if (STREAMED..=LARGEST).contains(&max) && i64::try_from(offset).is_ok() {
                match provider.read_by_stream(max as usize, offset).await {
                    Err(error) if error.code == ErrorCode::Quota => {}
                    outcome => return outcome,
                }
            }
            Ok(provider.file.read_at(max, offset).await?)
        })
    }

    fn write_now(&self, data: &[u8], offset: Option<u64>) -> Option<u64> {
        if data.len() as u64 >= STREAMED {
            return None;
        }
        let provider = self.changing();
        // An error is that of the call that follows.
        match offset {
            Some(offset) => {
                let written = provider.file.try_write_at(data, offset).is_ok_and(|done| done);
                written.then_some(offset + data.len() as u64)
            }
            None => {
                provider.moved();
                let written = provider.file.try_write(data).is_ok_and(|done| done);
                written.then(|| provider.file.tell())
            }
        }
    }

    fn write(&self, data: Vec<u8>, offset: Option<u64>) -> Write {
        if let Some(end) = self.write_now(&data, offset) {
            return ended(Ok(end));
        }
        let provider = self.changing();
        Box::pin(async move {
            match offset {
                // A partial append could not be undone. A list is appended whole or not at all.
                None => provider.append(data).await,
                Some(offset) if (data.len() as u64) < STREAMED => provider.write_by_list(data, offset).await,
                Some(offset) => provider.write_by_stream(data, offset).await,
            }
        })
    }

    fn size(&self) -> Call<u64> {
        task::resume();
        match self.file.try_size() {
            Ok(Some(size)) => ended(Ok(size)),
            _ => self.call(async |file| file.size().await),
        }
    }

    fn set_len(&self, size: u64) -> Call<()> {
        let provider = self.changing();
        if provider.file.try_truncate(Some(size)).is_ok_and(|done| done) {
            return ended(Ok(()));
        }
        Box::pin(async move { Ok(provider.file.truncate(Some(size)).await?) })
    }

    fn sync(&self) -> Call<()> {
        self.call(async |file| file.sync().await)
    }

    fn persist(&self, path: String, replace: bool) -> Call<()> {
        self.call(async move |file| {
            check_path(&path)
                .map_err(|error| wit::Error { code: wit::ErrorCode::NameTooLong, message: error.message })?;
            file.persist(path, replace).await
        })
    }

    fn path(&self) -> Option<String> {
        self.file.path()
    }

    fn keep(&self) -> Call<()> {
        self.call(async |file| file.keep().await)
    }

    fn is_rolled(&self) -> bool {
        self.file.is_rolled()
    }

    fn roll(&self) -> Call<()> {
        if self.file.is_rolled() { ended(Ok(())) } else { self.call(async |file| file.rollover().await) }
    }

    fn close(&self) -> Call<()> {
        task::resume();
        if self.file.try_close().is_ok_and(|done| done) {
            return ended(Ok(()));
        }
        self.call(async |file| file.close().await)
    }

    fn share(&self) {
        self.position.set(Position::Shared);
    }

    fn version(&self) -> u64 {
        self.siblings.version()
    }

    fn finish(&self, work: Work, lasting: bool) {
        task::finish(work, self.siblings.clone(), lasting);
    }

    fn poll_finished(&self, cx: &mut Context<'_>) -> Poll<()> {
        task::poll_finished(&self.siblings, cx)
    }
}

impl From<Access> for wit::Access {
    fn from(access: Access) -> Self {
        match access {
            Access::ReadWrite => Self::ReadWrite,
            Access::ReadOnly => Self::ReadOnly,
            Access::WriteOnly => Self::WriteOnly,
            Access::Append => Self::Append,
            Access::AppendOnly => Self::AppendOnly,
        }
    }
}

impl From<Removal> for wit::Removal {
    fn from(removal: Removal) -> Self {
        match removal {
            Removal::OnClose => Self::OnClose,
            Removal::OnDrop => Self::OnDrop,
            Removal::Never => Self::Never,
        }
    }
}
