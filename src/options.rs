//! The options of a creation.

/// The permitted use of a file's content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Access {
    #[default]
    ReadWrite,
    ReadOnly,
    WriteOnly,
    Append,
    AppendOnly,
}

impl Access {
    pub(crate) fn reads(self) -> bool {
        !matches!(self, Access::WriteOnly | Access::AppendOnly)
    }

    pub(crate) fn writes(self) -> bool {
        self != Access::ReadOnly
    }

    pub(crate) fn appends(self) -> bool {
        matches!(self, Access::Append | Access::AppendOnly)
    }
}

/// The event that removes a named file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Removal {
    #[default]
    OnClose,
    OnDrop,
    Never,
}

/// The options of a new file.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileOptions {
    pub(crate) prefix: Option<String>,
    pub(crate) suffix: Option<String>,
    pub(crate) directory: Option<String>,
    pub(crate) access: Option<Access>,
    pub(crate) removal: Option<Removal>,
    pub(crate) buffer_size: Option<u64>,
}

/// The options of a new directory.
#[derive(Clone, Debug, Default)]
pub(crate) struct DirectoryOptions {
    pub(crate) prefix: Option<String>,
    pub(crate) suffix: Option<String>,
    pub(crate) directory: Option<String>,
    pub(crate) removal: Option<Removal>,
    pub(crate) ignore_errors: Option<bool>,
}

/// The origin of a seek.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whence {
    Start,
    Current,
    End,
}

/// The flags for opening a file of a directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OpenFlags {
    pub(crate) create: bool,
    pub(crate) exclusive: bool,
    pub(crate) truncate: bool,
}

use alloc::string::String;
