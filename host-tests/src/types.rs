//! The types of the interface as tests see them, whichever version of it they talk to.

use std::fmt;

use crate::bindings::{p2, p3};

/// An error of the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Asserts the code, and that the message mentions all of `words`.
    ///
    /// # Panics
    ///
    /// Panics if it is another error, or one that says too little.
    #[track_caller]
    pub fn assert(&self, code: ErrorCode, words: &[&str]) {
        assert_eq!(self.code, code, "{}", self.message);
        for word in words {
            assert!(self.message.contains(word), "the message says nothing of {word:?}: {}", self.message);
        }
    }
}

/// Declares an enum of an interface and its conversions, to be listed once for each edge.
macro_rules! words {
    ($(#[$meta:meta])* $interface:ident::$name:ident { $($word:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the WIT documents each word")]
        pub enum $name { $($word),+ }

        crate::types::words!(p3 $interface::$name { $($word),+ });
        crate::types::words!(p2 $interface::$name { $($word),+ });
    };
    ($edge:ident $interface:ident::$name:ident { $($word:ident),+ }) => {
        impl From<$edge::$interface::$name> for $name {
            fn from(word: $edge::$interface::$name) -> $name {
                match word { $($edge::$interface::$name::$word => $name::$word),+ }
            }
        }

        impl From<$name> for $edge::$interface::$name {
            fn from(word: $name) -> $edge::$interface::$name {
                match word { $($name::$word => $edge::$interface::$name::$word),+ }
            }
        }
    };
}

words! {
    /// What went wrong, in a word.
    tempfile::ErrorCode {
        Access, Busy, Closed, CrossDevice, Exist, FileTooLarge, IllegalByteSequence, Interrupted, InsufficientMemory,
        InsufficientSpace, Invalid, Io, IsDirectory, Loop, NameTooLong, NoEntry, NotDirectory, NotEmpty, NotPermitted,
        Quota, ReadOnly, Unsupported, Other,
    }
}
words! {
    /// What may be done with the content of a file.
    tempfile::Access { ReadWrite, ReadOnly, WriteOnly, Append, AppendOnly }
}
words! {
    /// When a name is removed.
    tempfile::Removal { OnClose, OnDrop, Never }
}
words! {
    /// From where `seek` counts.
    tempfile::Whence { Start, Current, End }
}
words! {
    /// What kind of thing an entry of a directory is.
    tempfile::EntryKind { File, Directory, SymbolicLink, Other }
}

/// How to create a file.
#[derive(Clone, Debug, Default)]
pub struct FileOptions {
    prefix: Option<String>,
    suffix: Option<String>,
    directory: Option<String>,
    access: Option<Access>,
    removal: Option<Removal>,
    buffer_size: Option<u64>,
}

/// How to create a directory.
#[derive(Clone, Debug, Default)]
pub struct DirectoryOptions {
    prefix: Option<String>,
    suffix: Option<String>,
    directory: Option<String>,
    removal: Option<Removal>,
    ignore_errors: Option<bool>,
}

/// Declares a setter for each field of the options.
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

/// How to open a file of a directory.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenFlags {
    /// Create the file if there is none.
    pub create: bool,
    /// Fail if there is one.
    pub exclusive: bool,
    /// Make an existing file empty.
    pub truncate: bool,
}

impl OpenFlags {
    /// Asks for nothing beyond opening what is there.
    pub const NONE: OpenFlags = OpenFlags { create: false, exclusive: false, truncate: false };
    /// Asks for the creation of what is not there.
    pub const CREATE: OpenFlags = OpenFlags { create: true, ..OpenFlags::NONE };
}

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// How many bytes a file holds.
    pub size: u64,
}

/// Declares the conversions of records, to be listed once for each edge.
macro_rules! records {
    ($edge:ident) => {
        impl From<$edge::tempfile::Error> for Error {
            fn from(error: $edge::tempfile::Error) -> Error {
                Error { code: error.code.into(), message: error.message }
            }
        }

        impl From<$edge::tempfile::Entry> for Entry {
            fn from(entry: $edge::tempfile::Entry) -> Entry {
                Entry { name: entry.name, kind: entry.kind.into(), size: entry.size }
            }
        }

        impl From<FileOptions> for $edge::tempfile::FileOptions {
            fn from(options: FileOptions) -> $edge::tempfile::FileOptions {
                let FileOptions { prefix, suffix, directory, access, removal, buffer_size } = options;
                let (access, removal) = (access.map(Into::into), removal.map(Into::into));
                $edge::tempfile::FileOptions { prefix, suffix, directory, access, removal, buffer_size }
            }
        }

        impl From<DirectoryOptions> for $edge::tempfile::DirectoryOptions {
            fn from(options: DirectoryOptions) -> $edge::tempfile::DirectoryOptions {
                let DirectoryOptions { prefix, suffix, directory, removal, ignore_errors } = options;
                let removal = removal.map(Into::into);
                $edge::tempfile::DirectoryOptions { prefix, suffix, directory, removal, ignore_errors }
            }
        }

        impl From<OpenFlags> for $edge::tempfile::OpenFlags {
            fn from(flags: OpenFlags) -> $edge::tempfile::OpenFlags {
                use $edge::tempfile::OpenFlags as Flags;
                let chosen = |flag, asked| if asked { flag } else { Flags::empty() };
                chosen(Flags::CREATE, flags.create)
                    | chosen(Flags::EXCLUSIVE, flags.exclusive)
                    | chosen(Flags::TRUNCATE, flags.truncate)
            }
        }
    };
}

records!(p3);
records!(p2);

pub(crate) use {setters, words};
