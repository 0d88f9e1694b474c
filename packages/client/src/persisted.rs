//! Files that outlive their handle.

use core::fmt;

use crate::remote::Call;
use crate::{Error, Provider, TempFile};

/// The error of `persist` and `keep`, with the file or directory, unchanged
/// (`tempfile::PersistError`).
#[derive(Debug)]
#[non_exhaustive]
pub struct PersistError<F> {
    /// The error.
    pub error: Error,
    /// The file or directory.
    pub file: F,
}

impl<F> PersistError<F> {
    pub(crate) fn new(error: Error, file: F) -> Self {
        Self { error, file }
    }
}

impl<F> fmt::Display for PersistError<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(formatter)
    }
}

impl<F: fmt::Debug> core::error::Error for PersistError<F> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl<F> From<PersistError<F>> for Error {
    fn from(error: PersistError<F>) -> Self {
        error.error
    }
}

#[cfg(feature = "std")]
impl<F> From<PersistError<F>> for std::io::Error {
    fn from(error: PersistError<F>) -> Self {
        error.error.into()
    }
}

/// Flushes a file and runs a call that makes it outlive its handle. `wrap` makes the caller's type of
/// the file again if that fails.
pub(crate) async fn keep_file<F>(
    mut file: TempFile,
    wrap: impl FnOnce(TempFile) -> F,
    call: impl FnOnce(&Provider) -> Call<()>,
) -> Result<TempFile, PersistError<F>> {
    match file.stay(call).await {
        Ok(()) => Ok(file),
        Err(error) => Err(PersistError::new(error, wrap(file))),
    }
}
