//! Errors: a code to branch on, and a message that names the cause.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::fmt::{self, Display, Write};
use core::ops::Deref;

/// The kind of an error, with the names of the WIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorCode {
    Access,
    Busy,
    Closed,
    CrossDevice,
    Exist,
    FileTooLarge,
    IllegalByteSequence,
    Interrupted,
    InsufficientMemory,
    InsufficientSpace,
    Invalid,
    Io,
    IsDirectory,
    Loop,
    NameTooLong,
    NoEntry,
    NotDirectory,
    NotEmpty,
    NotPermitted,
    Quota(Limit),
    ReadOnly,
    Unsupported,
    Other,
}

impl ErrorCode {
    /// Whether a call that failed with this code may have taken effect.
    pub(crate) fn is_uncertain(self) -> bool {
        matches!(self, ErrorCode::Io | ErrorCode::Interrupted | ErrorCode::Other)
    }
}

/// The limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// A limit of the host.
    Host,
    Bytes,
    FileBytes,
    Entries,
    Handles,
    Memory,
    Depth,
}

impl Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Limit::Host => "the host's quota",
            Limit::Bytes => "bytes on disk",
            Limit::FileBytes => "bytes of one file",
            Limit::Entries => "files and directories on disk",
            Limit::Handles => "open files and directories",
            Limit::Memory => "bytes of memory",
            Limit::Depth => "depth of the directory",
        })
    }
}

impl Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ErrorCode::Access => "access denied",
            ErrorCode::Busy => "in use",
            ErrorCode::Closed => "closed",
            ErrorCode::CrossDevice => "on another filesystem",
            ErrorCode::Exist => "exists already",
            ErrorCode::FileTooLarge => "file too large",
            ErrorCode::IllegalByteSequence => "illegal byte sequence",
            ErrorCode::Interrupted => "interrupted",
            ErrorCode::InsufficientMemory => "not enough memory",
            ErrorCode::InsufficientSpace => "no space left",
            ErrorCode::Invalid => "invalid",
            ErrorCode::Io => "input/output error",
            ErrorCode::IsDirectory => "is a directory",
            ErrorCode::Loop => "a symbolic link is not followed, or there are too many",
            ErrorCode::NameTooLong => "name too long",
            ErrorCode::NoEntry => "no such file or directory",
            ErrorCode::NotDirectory => "not a directory",
            ErrorCode::NotEmpty => "directory not empty",
            ErrorCode::NotPermitted => "not permitted",
            ErrorCode::Quota(limit) => return write!(f, "limit reached: {limit}"),
            ErrorCode::ReadOnly => "read-only filesystem",
            ErrorCode::Unsupported => "not supported by the host",
            ErrorCode::Other => "unknown error of the host",
        })
    }
}

/// An error as callers receive it.
///
/// It is as small as a pointer, because nearly every result can hold one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Error(pub(crate) Box<ErrorReport>);

/// The content of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ErrorReport {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
}

impl Deref for Error {
    type Target = ErrorReport;

    fn deref(&self) -> &ErrorReport {
        &self.0
    }
}

/// The outcome of a caller's request.
pub(crate) type Result<T> = core::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Error {
        Error(Box::new(ErrorReport { code, message: message.into() }))
    }

    /// An error for an invalid argument: `prefix "a/b": a separator is not allowed`.
    pub(crate) fn invalid(argument: &str, value: &dyn Display, fault: &str) -> Error {
        Error::new(ErrorCode::Invalid, format!("{argument} {value}: {fault}"))
    }

    /// An error that the host reported: `directory "/tmp/x": no such file or directory`.
    pub(crate) fn host(subject: impl Display, code: ErrorCode) -> Error {
        Error::new(code, format!("{subject}: {code}"))
    }
}

/// Displays a caller's string in quotation marks, with control characters escaped and its length bounded.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

/// The largest number of characters that a message repeats.
const SHOWN_CHARACTERS: usize = 120;

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars().take(SHOWN_CHARACTERS) {
            match character {
                '"' | '\\' => write!(f, "\\{character}")?,
                _ if character.is_control() => write!(f, "\\u{{{:x}}}", u32::from(character))?,
                _ => f.write_char(character)?,
            }
        }
        f.write_str(if self.0.chars().nth(SHOWN_CHARACTERS).is_some() { "…\"" } else { "\"" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_quoted_string_shows_control_characters_and_is_bounded() {
        assert_eq!(Quoted("a\"b\\c\0\n").to_string(), r#""a\"b\\c\u{0}\u{a}""#);
        assert_eq!(Quoted(&"x".repeat(120)).to_string().chars().count(), 122);
        assert_eq!(Quoted(&"x".repeat(5000)).to_string().chars().count(), 123);
    }
}
