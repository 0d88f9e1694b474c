//! Errors, with the codes of the interface.

use alloc::string::String;
use core::fmt;

/// Defines [`ErrorCode`] and its conversion from the provider's codes.
macro_rules! error_code {
    ($($(#[doc = $doc:literal])+ $code:ident = $word:literal,)+) => {
        /// The kind of an error, to branch on: the codes of `scratch:tempfile`, and `UnexpectedEnd`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ $code,)+
            /// The file ended before a buffer was filled. Only `read_exact` returns it.
            UnexpectedEnd,
        }

        /// The word of the interface, such as `no-entry`.
        impl fmt::Display for ErrorCode {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(match self {
                    $(Self::$code => $word,)+
                    Self::UnexpectedEnd => "unexpected-end",
                })
            }
        }

        #[cfg(target_family = "wasm")]
        impl From<crate::provider::wit::ErrorCode> for ErrorCode {
            fn from(code: crate::provider::wit::ErrorCode) -> Self {
                match code {
                    $(crate::provider::wit::ErrorCode::$code => Self::$code,)+
                }
            }
        }
    };
}

error_code! {
    /// The host refused access.
    Access = "access",
    /// The entry is in use.
    Busy = "busy",
    /// The file or directory was closed.
    Closed = "closed",
    /// The source and the target of a move lie on different filesystems.
    CrossDevice = "cross-device",
    /// The entry exists already.
    Exist = "exist",
    /// The file would exceed the largest size or position.
    FileTooLarge = "file-too-large",
    /// A name or a text cannot be encoded or decoded.
    IllegalByteSequence = "illegal-byte-sequence",
    /// The call was interrupted and may be repeated.
    Interrupted = "interrupted",
    /// The provider has too little memory.
    InsufficientMemory = "insufficient-memory",
    /// The disk is full.
    InsufficientSpace = "insufficient-space",
    /// An argument is invalid. The message names it.
    Invalid = "invalid",
    /// The host reported an I/O error.
    Io = "io",
    /// The path names a directory where a file is needed.
    IsDirectory = "is-directory",
    /// The path leads through a symbolic link that is not followed, or too many.
    Loop = "loop",
    /// A name or path is longer than the host allows.
    NameTooLong = "name-too-long",
    /// The path names nothing, or no directory is usable.
    NoEntry = "no-entry",
    /// The path, or a part of it, is not a directory.
    NotDirectory = "not-directory",
    /// The directory still has entries.
    NotEmpty = "not-empty",
    /// The operation is not allowed by the file's access, the host or the provider's rules.
    NotPermitted = "not-permitted",
    /// A limit of the provider is reached.
    Quota = "quota",
    /// The filesystem can only be read.
    ReadOnly = "read-only",
    /// The host or its filesystem cannot do this.
    Unsupported = "unsupported",
    /// Another error. The message describes it.
    Other = "other",
}

/// An error: a code to branch on and a message to show.
///
/// With the feature `std` it converts to `std::io::Error`, by `?` or `into`. The kind of that error is
/// the nearest to the code, and it contains this error: `error.get_ref()?.downcast_ref::<Error>()`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Error {
    /// The kind of the error.
    pub code: ErrorCode,
    /// A message for people, not to be parsed.
    pub message: String,
}

impl Error {
    /// Creates an error.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl core::error::Error for Error {}

#[cfg(target_family = "wasm")]
impl From<crate::provider::wit::Error> for Error {
    fn from(error: crate::provider::wit::Error) -> Self {
        Self { code: error.code.into(), message: error.message }
    }
}

#[cfg(feature = "std")]
impl From<ErrorCode> for std::io::ErrorKind {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::Access | ErrorCode::NotPermitted => Self::PermissionDenied,
            ErrorCode::Busy => Self::ResourceBusy,
            ErrorCode::CrossDevice => Self::CrossesDevices,
            ErrorCode::Exist => Self::AlreadyExists,
            ErrorCode::FileTooLarge => Self::FileTooLarge,
            ErrorCode::IllegalByteSequence => Self::InvalidData,
            ErrorCode::Interrupted => Self::Interrupted,
            ErrorCode::InsufficientMemory => Self::OutOfMemory,
            ErrorCode::InsufficientSpace => Self::StorageFull,
            ErrorCode::Invalid => Self::InvalidInput,
            ErrorCode::IsDirectory => Self::IsADirectory,
            ErrorCode::NameTooLong => Self::InvalidFilename,
            ErrorCode::NoEntry => Self::NotFound,
            ErrorCode::NotDirectory => Self::NotADirectory,
            ErrorCode::NotEmpty => Self::DirectoryNotEmpty,
            ErrorCode::Quota => Self::QuotaExceeded,
            ErrorCode::ReadOnly => Self::ReadOnlyFilesystem,
            ErrorCode::Unsupported => Self::Unsupported,
            ErrorCode::UnexpectedEnd => Self::UnexpectedEof,
            // Stable Rust has no kind for these.
            ErrorCode::Closed | ErrorCode::Io | ErrorCode::Loop | ErrorCode::Other => Self::Other,
        }
    }
}

#[cfg(feature = "std")]
impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        Self::new(error.code.into(), error)
    }
}

/// The error of bytes that were to be text.
#[cfg(any(test, target_family = "wasm"))]
pub(crate) fn not_utf8(what: &str) -> Error {
    Error::new(ErrorCode::IllegalByteSequence, alloc::format!("cannot read as text: {what} is not UTF-8"))
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_displayed_as_the_word_of_the_interface() {
        assert_eq!(ErrorCode::InsufficientSpace.to_string(), "insufficient-space");
        assert_eq!(ErrorCode::Io.to_string(), "io");
    }

    #[test]
    fn an_io_error_has_the_kind_of_the_code_and_holds_the_error() {
        let error = Error::new(ErrorCode::Quota, "limit reached: bytes on disk");

        let io = std::io::Error::from(error.clone());

        assert_eq!(io.kind(), std::io::ErrorKind::QuotaExceeded);
        assert_eq!(io.to_string(), error.message);
        assert_eq!(io.get_ref().and_then(|inner| inner.downcast_ref()), Some(&error));
    }
}
