//! Paths of the guest.

/// Splits a path into its names, without empty ones and `.`.
pub(crate) fn names(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|name| !matches!(*name, "" | "."))
}
