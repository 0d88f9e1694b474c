//! Paths of the guest.

/// The names that a path consists of, without the empty ones and `.`, which lead nowhere.
pub(crate) fn names(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|name| !matches!(*name, "" | "."))
}
