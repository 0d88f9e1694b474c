//! Access, removal, and the base of a seek.

/// The operations that a file allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Access {
    /// Reading and writing, at any position.
    #[default]
    ReadWrite,
    /// Reading.
    ReadOnly,
    /// Writing, at any position.
    WriteOnly,
    /// Reading at any position. Every write goes to the end and leaves the position there.
    Append,
    /// Writing at the end only, as `Append` but without reading.
    AppendOnly,
}

impl Access {
    /// Returns the same rights to read and write with every write at the end, or with none there.
    #[cfg(any(test, target_family = "wasm"))]
    pub(crate) fn appending(self, append: bool) -> Self {
        match (self, append) {
            (Self::ReadWrite | Self::ReadOnly | Self::Append, true) => Self::Append,
            (Self::WriteOnly | Self::AppendOnly, true) => Self::AppendOnly,
            (Self::Append, false) => Self::ReadWrite,
            (Self::AppendOnly, false) => Self::WriteOnly,
            (other, false) => other,
        }
    }
}

/// The moment when a file or directory is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Removal {
    /// When it is closed or dropped.
    #[default]
    OnClose,
    /// When it is dropped. After `close`, others can still open a named file by its path.
    OnDrop,
    /// Never. The caller removes it (`tempfile`'s `Builder::disable_cleanup`).
    Never,
}

/// The base and offset of a seek, in bytes, as `std::io::SeekFrom`, which converts to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SeekFrom {
    /// The offset from the beginning of the file.
    Start(u64),
    /// The offset from the end of the file.
    End(i64),
    /// The offset from the current position.
    Current(i64),
}

#[cfg(feature = "std")]
impl From<std::io::SeekFrom> for SeekFrom {
    fn from(target: std::io::SeekFrom) -> Self {
        match target {
            std::io::SeekFrom::Start(offset) => Self::Start(offset),
            std::io::SeekFrom::End(offset) => Self::End(offset),
            std::io::SeekFrom::Current(offset) => Self::Current(offset),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Access::{self, *};

    #[test]
    fn append_changes_no_other_right() {
        for access in [ReadWrite, ReadOnly, WriteOnly] {
            assert_eq!(access.appending(false), access);
        }
        assert_eq!([ReadWrite, WriteOnly].map(|access| access.appending(true)), [Append, AppendOnly]);
        let back = |access: Access| access.appending(true).appending(false);
        assert_eq!([ReadWrite, WriteOnly].map(back), [ReadWrite, WriteOnly]);
    }
}
