//! What may be done with a file, when it goes, and from where its position counts.

/// What may be done with the content of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// Reading and writing, at any position.
    #[default]
    ReadWrite,
    /// Reading.
    ReadOnly,
    /// Writing, at any position.
    WriteOnly,
    /// Reading at any position; every write goes to the end and leaves the position there.
    Append,
    /// As `Append`, without reading.
    AppendOnly,
}

/// When what was created is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Removal {
    /// When it is closed or dropped.
    #[default]
    OnClose,
    /// When it is dropped: after `close` others can still open a named file by its path.
    OnDrop,
    /// Never; the caller removes it (`tempfile`'s `Builder::disable_cleanup`).
    Never,
}

/// From where a position counts, in bytes; as `std::io::SeekFrom`, which becomes it by `into`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeekFrom {
    /// From the beginning of the file.
    Start(u64),
    /// From its end.
    End(i64),
    /// From the position.
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
