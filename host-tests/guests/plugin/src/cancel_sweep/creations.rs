//! Creations of all kinds whose results are dropped.

use alloc::boxed::Box;
use alloc::string::String;

use super::stage::Stage;
use super::{Call, Moment};
use crate::bindings::{DirectoryOptions, FileOptions, Removal, TemporaryDirectory, TemporaryFile};
use crate::checks::{check, text};

pub(super) struct Operation {
    pub(super) name: &'static str,
    /// Creates something, and drops the result.
    call: for<'a> fn(&'a Stage) -> Call<'a>,
    /// Whether the created entry is kept, also if the call was dropped after it had returned.
    is_kept: bool,
}

pub(super) const OPERATIONS: [Operation; 8] = {
    const fn of(name: &'static str, call: for<'a> fn(&'a Stage) -> Call<'a>) -> Operation {
        Operation { name, call, is_kept: false }
    }
    [
        of("create an unnamed file", |stage| {
            Box::pin(async { TemporaryFile::create(Some(stage.options())).await.map(drop).map_err(text) })
        }),
        of("create a named file", |stage| {
            Box::pin(async {
                TemporaryFile::create_named(Some(stage.options())).await.map(drop).map_err(text)
            })
        }),
        of("create a file named until dropped", |stage| {
            Box::pin(async { create_named(stage, Removal::OnDrop).await })
        }),
        Operation {
            name: "create a file that is kept",
            call: |stage| Box::pin(async { create_named(stage, Removal::Never).await }),
            is_kept: true,
        },
        of("create in memory and roll over", |stage| {
            Box::pin(async {
                let file = TemporaryFile::create_spooled(None, Some(&stage.options())).map_err(text)?;
                file.write(b"in memory".to_vec()).await.map_err(text)?;
                file.rollover().await.map_err(text)
            })
        }),
        of("create and close", |stage| {
            Box::pin(async {
                let file = TemporaryFile::create_named(Some(stage.options())).await.map_err(text)?;
                file.write(b"for a moment".to_vec()).await.map_err(text)?;
                file.close().await.map_err(text)
            })
        }),
        of("create a directory", |stage| {
            Box::pin(async { create_directory(stage, Removal::OnClose).await.map(drop) })
        }),
        Operation {
            name: "create a directory that is kept",
            call: |stage| Box::pin(async { create_directory(stage, Removal::Never).await.map(drop) }),
            is_kept: true,
        },
    ]
};

async fn create_named(stage: &Stage, removal: Removal) -> Result<(), String> {
    let options = FileOptions { removal: Some(removal), ..stage.options() };
    TemporaryFile::create_named(Some(options)).await.map(drop).map_err(text)
}

pub(super) async fn create_directory(stage: &Stage, removal: Removal) -> Result<TemporaryDirectory, String> {
    let options = DirectoryOptions {
        prefix: None,
        suffix: None,
        directory: Some(stage.path()),
        removal: Some(removal),
        ignore_errors: None,
    };
    TemporaryDirectory::create(Some(options)).await.map_err(text)
}

impl Operation {
    pub(super) async fn attempt(&self, stage: &Stage, moment: Moment) -> Result<bool, String> {
        let finished = moment.end((self.call)(stage)).await?;
        if self.is_kept {
            let left = stage.entries().await?;
            let possible = if finished { left.len() == 1 } else { left.len() <= 1 };
            check(possible, "it returned, but not just what it created is there")?;
            for name in left {
                stage.remove(&name).await?;
            }
        }
        Ok(finished)
    }
}
