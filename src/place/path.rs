//! Paths of the guest.

use alloc::vec::Vec;

/// Splits a path into its names, without empty ones and `.`.
pub(crate) fn names(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|name| !matches!(*name, "" | "."))
}

/// Splits a path into its names without `..`, each of which takes back the name before it.
///
/// Where that name is a link, the path leads elsewhere.
pub(crate) fn plain_names(path: &str) -> Vec<&str> {
    let mut plain = Vec::new();
    for name in names(path) {
        if name == ".." {
            plain.pop();
        } else {
            plain.push(name);
        }
    }
    plain
}
