//! Telling whether the service can work.

use scratch_tempfile_client::{Builder, NamedTempFile, TempFile, tempfile};

use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::storage::Storage;

/// Does in small what an upload does: makes a temporary file, and an entry where files are stored.
///
/// Fails with what keeps uploads from being stored: a directory that is missing or can only be read,
/// a variable that makes no sense, a limit that is reached, a full disk.
pub(crate) async fn check(settings: &Settings) -> Result<(), Refusal> {
    let storage = Storage::open(settings).await?;
    let scratch = async {
        let mut file: TempFile = tempfile().await?;
        file.close().await
    };
    scratch.await.map_err(|error| Refusal::of_provider("temporary files", &error))?;
    let stored = async {
        let created = Builder::new().prefix("probe").directory(storage.path()).tempfile().await;
        let mut file: NamedTempFile = created?;
        file.close().await
    };
    stored.await.map_err(|error| Refusal::of_provider("stored files", &error))
}
