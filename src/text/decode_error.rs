//! Errors for bytes that cannot be decoded, and their messages.

use core::fmt::{self, Display};

use super::encoding::Encoding;

/// Bytes that cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DecodeError {
    /// Their offset from the start of the piece; negative if they begin in an earlier piece.
    pub(crate) offset: isize,
    /// The number of bytes.
    pub(crate) length: usize,
    /// The first byte.
    pub(crate) byte: u8,
    /// The reason of the error.
    pub(crate) fault: DecodeFault,
    pub(super) encoding: Encoding,
    /// Whether the caller requested surrogateescape, which is not possible.
    pub(super) is_escape_wanted: bool,
}

/// The reason for which bytes cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecodeFault {
    /// No character begins with this byte.
    Start,
    /// The bytes after the first one do not continue the character.
    Continuation,
    /// The text ends within a character.
    End,
    /// The second half of a surrogate pair without the first.
    LowSurrogate,
    /// The first half of a surrogate pair without the second.
    HighSurrogate,
    /// Not one of the 128 characters of ASCII.
    NotAscii,
    /// The text has no byte-order mark, so its byte order is unknown. Every error handling reports
    /// this.
    NoByteOrderMark,
}

impl DecodeError {
    /// Returns the message. `base` is the offset of the piece in the file.
    pub(crate) fn describe(&self, base: u64) -> impl Display + use<> {
        Description { error: *self, position: base.saturating_add_signed(self.offset as i64) }
    }
}

struct Description {
    error: DecodeError,
    position: u64,
}

impl Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DecodeError { byte, fault, encoding, is_escape_wanted, .. } = self.error;
        let position = self.position;
        write!(f, "{}: ", encoding.name())?;
        match fault {
            DecodeFault::Start => write!(f, "invalid start byte {byte:#04x} at position {position}"),
            DecodeFault::Continuation => {
                write!(f, "invalid continuation byte after {byte:#04x} at position {position}")
            }
            DecodeFault::End => {
                write!(f, "the text ends within the character at position {position} (byte {byte:#04x})")
            }
            DecodeFault::LowSurrogate | DecodeFault::HighSurrogate => {
                write!(f, "half a surrogate pair at position {position}")
            }
            DecodeFault::NotAscii => write!(f, "byte {byte:#04x} at position {position} is not ASCII"),
            DecodeFault::NoByteOrderMark => write!(f, "no byte-order mark at position {position}"),
        }?;
        match is_escape_wanted {
            true => f.write_str("; surrogateescape needs lone surrogates, which a string cannot contain"),
            false => Ok(()),
        }
    }
}
