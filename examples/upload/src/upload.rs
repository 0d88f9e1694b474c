//! The endpoint that stores a body under a name, whole or not at all.

use scratch_tempfile::{Builder, ErrorCode, PersistError, SpooledTempFile, TempFile};

use crate::body::Body;
use crate::intake::Intake;
use crate::name::Name;
use crate::precondition::Precondition;
use crate::refusal::{self, Refusal};
use crate::settings::Settings;
use crate::storage::Storage;

/// Stores the body as the file of that name, and returns whether it replaced a file.
///
/// Until the body is complete and checked, it is in a temporary file without a name, which is removed
/// when it is dropped. Then it is copied to the storage directory and moved into place.
///
/// Fails with the errors of the body and of the provider, and if the precondition is not met.
pub(crate) async fn store(
    settings: &Settings,
    storage: &Storage,
    name: &Name,
    precondition: Precondition,
    (mut intake, mut body): (Intake, Body),
) -> Result<bool, Refusal> {
    // Checked before the body is received: only files are replaced.
    precondition.check(storage.has(name).await?)?;
    // Pieces are large, so they need no buffer.
    let created = Builder::new().prefix("upload").buffer_size(0).spooled_tempfile(settings.spool_bytes);
    let mut file = created.map_err(|error| Refusal::of_provider("receiving the body", &error))?;
    loop {
        let piece = body.piece(intake.taken()).await?;
        if piece.is_empty() {
            break;
        }
        intake.take(&piece)?;
        let written = file.write_vec(piece).await;
        written.map_err(|error| Refusal::of_provider("receiving the body", &error))?;
    }
    intake.finish(body.trailing_digest()?)?;
    let (mut file, replaced) = persist(file, storage, name, precondition).await?;
    let closed = file.close().await;
    closed.map_err(|error| Refusal::of_provider("closing the file", &error))?;
    Ok(replaced)
}

/// Moves the file into the storage. Returns it, and whether it replaced another one.
async fn persist(
    mut file: SpooledTempFile,
    storage: &Storage,
    name: &Name,
    precondition: Precondition,
) -> Result<(TempFile, bool), Refusal> {
    let path = storage.path_of(name);
    let refusal =
        |failed: PersistError<SpooledTempFile>| Refusal::of_provider("storing the file", &failed.error);
    // Checked again, because another client may have stored a file meanwhile.
    let exists = storage.has(name).await?;
    precondition.check(exists)?;
    // If several uploads use one new name, one creates the file and the others replace it.
    if !exists {
        match file.persist_noclobber(&path).await {
            Ok(file) => return Ok((file, false)),
            Err(failed) if failed.error.code == ErrorCode::Exist => {
                precondition.check(true)?;
                file = failed.file;
            }
            // The file can only be moved, and may replace another one.
            Err(failed) if refusal::is_of_link(failed.error.code) => {
                return failed.file.persist(&path).await.map(|file| (file, false)).map_err(refusal);
            }
            Err(failed) => return Err(refusal(failed)),
        }
    }
    file.persist(&path).await.map(|file| (file, true)).map_err(refusal)
}
