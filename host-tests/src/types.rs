//! The types of the interface `tempfile`, the same in every version of it.

use std::fmt;

use wasmtime::component::{ComponentType, Lift, Lower};

pub use self::flags::OpenFlags;

/// An error of the provider.
#[derive(Clone, Debug, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Error {
    /// The code to branch on.
    pub code: ErrorCode,
    /// The message for people.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}: {}", self.code, self.message)
    }
}

impl std::error::Error for Error {}

impl Error {
    /// Asserts the code, and that the message contains each of `words`.
    ///
    /// # Panics
    ///
    /// Panics if it is another error, or if its message lacks a word.
    #[track_caller]
    pub fn assert(&self, code: ErrorCode, words: &[&str]) {
        assert_eq!(self.code, code, "{}", self.message);
        for word in words {
            assert!(self.message.contains(word), "no {word:?} in the message: {}", self.message);
        }
    }
}

/// Declares enums with the names that their cases have in the WIT, in the same order.
macro_rules! enums {
    ($($(#[$meta:meta])* $name:ident { $($case:ident = $wit:literal),+ $(,)? })+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ComponentType, Lift, Lower)]
        #[component(enum)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "the WIT documents each case")]
        pub enum $name { $(#[component(name = $wit)] $case),+ }
    )+ };
}

enums! {
    /// The kind of an error.
    ErrorCode {
        Access = "access",
        Busy = "busy",
        Closed = "closed",
        CrossDevice = "cross-device",
        Exist = "exist",
        FileTooLarge = "file-too-large",
        IllegalByteSequence = "illegal-byte-sequence",
        Interrupted = "interrupted",
        InsufficientMemory = "insufficient-memory",
        InsufficientSpace = "insufficient-space",
        Invalid = "invalid",
        Io = "io",
        IsDirectory = "is-directory",
        Loop = "loop",
        NameTooLong = "name-too-long",
        NoEntry = "no-entry",
        NotDirectory = "not-directory",
        NotEmpty = "not-empty",
        NotPermitted = "not-permitted",
        Quota = "quota",
        ReadOnly = "read-only",
        Unsupported = "unsupported",
        Other = "other",
    }

    /// The operations that a file allows.
    Access {
        ReadWrite = "read-write",
        ReadOnly = "read-only",
        WriteOnly = "write-only",
        Append = "append",
        AppendOnly = "append-only",
    }

    /// The moment at which a name is removed.
    Removal { OnClose = "on-close", OnDrop = "on-drop", Never = "never" }

    /// The position from which `seek` counts.
    Whence { Start = "start", Current = "current", End = "end" }

    /// The kind of a directory's entry.
    EntryKind { File = "file", Directory = "directory", SymbolicLink = "symbolic-link", Other = "other" }
}

/// Options for creating a file.
#[derive(Clone, Debug, Default, ComponentType, Lower)]
#[component(record)]
pub struct FileOptions {
    prefix: Option<String>,
    suffix: Option<String>,
    directory: Option<String>,
    access: Option<Access>,
    removal: Option<Removal>,
    #[component(name = "buffer-size")]
    buffer_size: Option<u64>,
}

/// Options for creating a directory.
#[derive(Clone, Debug, Default, ComponentType, Lower)]
#[component(record)]
pub struct DirectoryOptions {
    prefix: Option<String>,
    suffix: Option<String>,
    directory: Option<String>,
    removal: Option<Removal>,
    #[component(name = "ignore-errors")]
    ignore_errors: Option<bool>,
}

/// Declares a setter for each optional field.
macro_rules! setters {
    ($($name:ident: $argument:ty),+ $(,)?) => { $(
        /// Sets the field of that name.
        pub fn $name(mut self, $name: $argument) -> Self {
            self.$name = Some($name.into());
            self
        }
    )+ };
}

impl FileOptions {
    /// Leaves every field out.
    pub fn new() -> FileOptions {
        FileOptions::default()
    }

    setters!(prefix: &str, suffix: &str, directory: &str, access: Access, removal: Removal, buffer_size: u64);
}

impl DirectoryOptions {
    /// Leaves every field out.
    pub fn new() -> DirectoryOptions {
        DirectoryOptions::default()
    }

    setters!(prefix: &str, suffix: &str, directory: &str, removal: Removal, ignore_errors: bool);
}

#[allow(missing_docs, reason = "the macro takes no documentation, and the WIT has it")]
mod flags {
    wasmtime::component::flags! {
        OpenFlags {
            #[component(name = "create")]
            const CREATE;
            #[component(name = "exclusive")]
            const EXCLUSIVE;
            #[component(name = "truncate")]
            const TRUNCATE;
        }
    }
}

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: EntryKind,
    /// The size of a file in bytes, 0 for anything else.
    pub size: u64,
}

pub(crate) use {enums, setters};
