//! A file of the provider, called through generated bindings.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;

use futures::future::join;
use wit_bindgen::StreamResult;

use self::bindings::wit_stream;
use self::wit::{TemporaryFile, Whence};
use crate::remote::{Call, Cut, Remote, Write};
use crate::{Access, Error, ErrorCode, Removal};

/// The smallest transfer that uses a stream, in bytes.
///
/// Between components a list is copied byte by byte. A stream is copied at once, but takes three
/// calls. The provider charges the pieces of a stream to its memory limit. If that is used up, the
/// transfer falls back to a list, which needs no memory there.
const STREAMED: u64 = 16 * 1024;

/// The largest read for which memory is allocated in advance, in bytes.
const LARGEST: u64 = 1 << 20;

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package scratch:tempfile-client;

            world client {
                import scratch:tempfile/tempfile@0.3.0;
            }
        ",
        path: "../../wit",
        world: "scratch:tempfile-client/client",
        generate_all,
    });
}

pub(crate) use bindings::scratch::tempfile::tempfile as wit;

/// A file of the provider, shared by pending calls.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    file: Rc<TemporaryFile>,
    /// The provider's position, if it is known: after a written stream, until the next call begins.
    /// A dropped call may leave it anywhere.
    position: Rc<Cell<Option<u64>>>,
}

impl Provider {
    pub(crate) fn new(file: TemporaryFile) -> Self {
        Self { file: Rc::new(file), position: Rc::default() }
    }

    /// Moves the provider's position to `offset`, unless it is known to be there.
    async fn move_to(&self, offset: u64) -> Result<(), Error> {
        let Self { file, position } = self;
        if position.take() != Some(offset) {
            // No position exceeds `i64::MAX`.
            file.seek(offset as i64, Whence::Start).await?;
        }
        Ok(())
    }

    async fn read_by_stream(&self, max: usize, offset: u64) -> Result<Vec<u8>, Error> {
        self.move_to(offset).await?;
        let (mut stream, outcome) = self.file.read_via_stream().await;
        let mut bytes = Vec::with_capacity(max);
        while bytes.len() < max {
            let (status, more) = stream.read(bytes).await;
            bytes = more;
            if status == StreamResult::Dropped {
                outcome.await?;
                break;
            }
        }
        Ok(bytes)
    }

    async fn write_by_stream(&self, data: Vec<u8>, offset: u64) -> Result<u64, Cut> {
        self.move_to(offset).await?;
        let Self { file, position } = self;
        let length = data.len();
        let (mut sender, receiver) = wit_stream::new();
        let send = async move { sender.write_all(data).await };
        match join(file.write_via_stream(receiver), send).await {
            (Ok(stored), _) => {
                let end = offset + stored;
                position.set(Some(end));
                Ok(end)
            }
            (Err(error), rest) if error.code == wit::ErrorCode::Quota && rest.len() == length => {
                self.write_by_list(rest, offset).await
            }
            (Err(error), _) => Err(Cut { stored: file.tell().saturating_sub(offset), error: error.into() }),
        }
    }

    async fn write_by_list(&self, data: Vec<u8>, offset: u64) -> Result<u64, Cut> {
        let end = offset + data.len() as u64;
        self.file.write_at(data, offset).await.map_err(Error::from)?;
        Ok(end)
    }

    async fn append(&self, data: Vec<u8>) -> Result<u64, Cut> {
        let Self { file, position } = self;
        position.set(None);
        file.write(data).await.map_err(Error::from)?;
        Ok(file.tell())
    }
}

impl Remote for Provider {
    fn read_at(&self, max: u64, offset: u64) -> Call<Vec<u8>> {
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

    fn write(&self, data: Vec<u8>, offset: Option<u64>) -> Write {
        let provider = self.clone();
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
        let Self { file, .. } = self.clone();
        Box::pin(async move { Ok(file.size().await?) })
    }

    fn set_len(&self, size: u64) -> Call<()> {
        let Self { file, .. } = self.clone();
        Box::pin(async move { Ok(file.truncate(Some(size)).await?) })
    }

    fn sync(&self) -> Call<()> {
        let Self { file, .. } = self.clone();
        Box::pin(async move { Ok(file.sync().await?) })
    }

    fn persist(&self, path: String, replace: bool) -> Call<()> {
        let Self { file, .. } = self.clone();
        Box::pin(async move { Ok(file.persist(path, replace).await?) })
    }

    fn path(&self) -> Option<String> {
        self.file.path()
    }

    fn keep(&self) -> Call<()> {
        let Self { file, .. } = self.clone();
        Box::pin(async move { Ok(file.keep().await?) })
    }

    fn is_rolled(&self) -> bool {
        self.file.is_rolled()
    }

    fn roll(&self) -> Call<()> {
        let Self { file, .. } = self.clone();
        Box::pin(async move { Ok(file.rollover().await?) })
    }

    fn close(&self) -> Call<()> {
        let Self { file, .. } = self.clone();
        Box::pin(async move { Ok(file.close().await?) })
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
