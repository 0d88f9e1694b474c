//! The provider's side of a file, by way of the generated bindings.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;

use self::wit::TemporaryFile;
use crate::remote::{Call, Remote};
use crate::{Access, Removal};

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package scratch:tempfile-client;

            world client {
                import scratch:tempfile/tempfile@0.3.0;
            }
        ",
        path: "../wit",
        world: "scratch:tempfile-client/client",
        generate_all,
    });
}

pub(crate) use bindings::scratch::tempfile::tempfile as wit;

/// A file of the provider; calls under way share it.
#[derive(Debug, Clone)]
pub(crate) struct Provider(pub(crate) Rc<TemporaryFile>);

impl Remote for Provider {
    fn read_at(&self, max: u64, offset: u64) -> Call<Vec<u8>> {
        let Self(file) = self.clone();
        Box::pin(async move { Ok(file.read_at(max, offset).await?) })
    }

    fn write(&self, data: Vec<u8>, offset: Option<u64>) -> Call<u64> {
        let Self(file) = self.clone();
        Box::pin(async move {
            match offset {
                Some(offset) => {
                    let end = offset + data.len() as u64;
                    file.write_at(data, offset).await?;
                    Ok(end)
                }
                None => {
                    file.write(data).await?;
                    Ok(file.tell())
                }
            }
        })
    }

    fn size(&self) -> Call<u64> {
        let Self(file) = self.clone();
        Box::pin(async move { Ok(file.size().await?) })
    }

    fn close(&self) -> Call<()> {
        let Self(file) = self.clone();
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
