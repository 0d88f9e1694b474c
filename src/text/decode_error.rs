//! What is wrong with bytes that are no character, and how to say so.

use core::fmt::{self, Display};

use super::encoding::Encoding;

/// Bytes that are no character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DecodeError {
    /// Where they begin, from the beginning of the piece; below 0 if an earlier piece had them.
    pub(crate) offset: isize,
    /// How many they are.
    pub(crate) length: usize,
    /// The first of them.
    pub(crate) byte: u8,
    /// What is wrong with them.
    pub(crate) fault: DecodeFault,
    pub(super) encoding: Encoding,
    /// Whether surrogateescape was asked for, in vain.
    pub(super) is_escape_wanted: bool,
}

/// Why bytes are no character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecodeFault {
    /// No character begins like this.
    Start,
    /// A character begins like this but does not go on like what follows.
    Continuation,
    /// The text ends within a character.
    End,
    /// The second half of a surrogate pair without the first.
    LowSurrogate,
    /// The first half of a surrogate pair without the second.
    HighSurrogate,
    /// Not one of the 128 characters of ASCII.
    NotAscii,
    /// The text does not begin with a byte-order mark and so does not tell its byte order.
    /// Error handling has no say in this.
    NoByteOrderMark,
}

impl DecodeError {
    /// What is wrong, and where; `base` is the position of the piece in the file.
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
            DecodeFault::Start => write!(f, "byte {byte:#04x} at position {position} begins no character"),
            DecodeFault::Continuation => {
                write!(f, "the character that byte {byte:#04x} at position {position} begins does not go on")
            }
            DecodeFault::End => {
                write!(
                    f,
                    "the text ends within the character that byte {byte:#04x} at position {position} begins"
                )
            }
            DecodeFault::LowSurrogate | DecodeFault::HighSurrogate => {
                write!(f, "half a surrogate pair at position {position}")
            }
            DecodeFault::NotAscii => write!(f, "byte {byte:#04x} at position {position} is no character"),
            DecodeFault::NoByteOrderMark => write!(f, "no byte-order mark at position {position}"),
        }?;
        match is_escape_wanted {
            true => f.write_str("; surrogateescape needs lone surrogates, which a string here cannot hold"),
            false => Ok(()),
        }
    }
}
