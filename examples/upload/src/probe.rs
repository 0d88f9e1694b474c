//! The check whether the service can work.

use scratch_tempfile::{Builder, NamedTempFile, TempFile, tempfile};

use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::storage::Storage;

/// Does the steps of a small upload: creates a temporary file, and an entry in the storage directory.
///
/// Fails with the reason for which uploads cannot be stored: a missing or read-only directory, an
/// invalid variable, a limit, a full disk.
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
