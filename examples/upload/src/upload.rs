//! Storing a body under a name, whole or not at all.

use scratch_tempfile_client::{Builder, Error, ErrorCode, SpooledTempFile};

use crate::body::Body;
use crate::intake::Intake;
use crate::name::Name;
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::storage::Storage;

/// Stores the body as the file of that name, and tells whether there was one before.
///
/// Until all has come and been checked, what has come is in a temporary file without a name, which
/// is gone when it is dropped; then it is copied beside the place that it gets and moved there.
///
/// Fails with what is wrong with the body, and as the provider does.
pub(crate) async fn store(
    settings: &Settings,
    storage: &Storage,
    name: &Name,
    mut intake: Intake,
    mut body: Body,
) -> Result<bool, Refusal> {
    // Before the body comes, as something that is no file is never replaced.
    storage.has(name).await?;
    // Pieces are large: they pass the client's buffer.
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
    intake.finish()?;
    let replaced = persist(&mut file, storage, name).await?;
    let closed = file.close().await;
    closed.map_err(|error| Refusal::of_provider("closing the file", &error))?;
    Ok(replaced)
}

async fn persist(file: &mut SpooledTempFile, storage: &Storage, name: &Name) -> Result<bool, Refusal> {
    let path = storage.path_of(name);
    let refusal = |error: Error| Refusal::of_provider("storing the file", &error);
    // Of several uploads under one new name, one creates it, and the others replace that one.
    if !storage.has(name).await? {
        match file.persist_noclobber(&path).await {
            Ok(()) => return Ok(false),
            Err(error) if error.code == ErrorCode::Exist => {}
            // A filesystem without links: it can only be moved, whatever may be there by now.
            Err(error) if matches!(error.code, ErrorCode::Unsupported | ErrorCode::NotPermitted) => {
                return file.persist(&path).await.map(|()| false).map_err(refusal);
            }
            Err(error) => return Err(refusal(error)),
        }
    }
    file.persist(&path).await.map(|()| true).map_err(refusal)
}
