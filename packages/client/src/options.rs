//! Access, removal, and the base of a seek.

/// The operations that a file allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

/// The moment when a file or directory is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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
