//! Decodes bytes in pieces of any size to text, as CPython's incremental decoders do.

use alloc::string::String;
use core::fmt::Write;

use super::decode_error::{DecodeError, DecodeFault};
use super::encoding::{Encoding, ErrorHandling};
use super::form::Form;

/// Decodes a stream of bytes, piece by piece.
///
/// A copy of a decoder, or a decoder made from its [`State`], continues at the same point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decoder {
    encoding: Encoding,
    errors: ErrorHandling,
    form: Option<Form>,
    pending: Pending,
}

/// The first bytes of an incomplete character or byte-order mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pending {
    bytes: [u8; 3],
    length: u8,
}

/// The state of a decoder between two pieces, without its encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State(u32);

const UTF_8_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// The largest number of bytes that complete pending bytes: two code units.
const LOOK_AHEAD: usize = 4;

impl Decoder {
    /// Creates a decoder for the beginning of a text.
    pub(crate) fn new(encoding: Encoding, errors: ErrorHandling) -> Self {
        let form = match encoding {
            Encoding::Utf8 => Some(Form::Utf8),
            Encoding::Utf8Sig | Encoding::Utf16 => None,
            Encoding::Utf16Le => Some(Form::Utf16Le),
            Encoding::Utf16Be => Some(Form::Utf16Be),
            Encoding::Latin1 => Some(Form::Latin1),
            Encoding::Ascii => Some(Form::Ascii),
        };
        Self { encoding, errors, form, pending: Pending::NONE }
    }

    /// Decodes `piece` and appends the text to `text`.
    ///
    /// An incomplete character at the end stays pending until the next piece, unless `is_last` ends
    /// the bytes. As in Python, a text of `utf-8-sig` that is only half a byte-order mark gives no
    /// text and no error.
    ///
    /// After an error `text` contains the text before the invalid bytes, and the decoder has consumed
    /// the bytes before them and no others.
    pub(crate) fn decode(
        &mut self,
        piece: &[u8],
        is_last: bool,
        text: &mut String,
    ) -> Result<(), DecodeError> {
        let mut taken = 0;
        let form = match self.form {
            Some(form) => form,
            None => match self.find_form(piece, is_last, &mut taken)? {
                Some(form) => *self.form.insert(form),
                None => return Ok(()),
            },
        };

        let pending = self.pending;
        let held = usize::from(pending.length);
        if held > 0 {
            let ahead = &piece[taken..piece.len().min(taken + LOOK_AHEAD)];
            let mut joined = [0; 3 + LOOK_AHEAD];
            joined[..held].copy_from_slice(pending.as_slice());
            joined[held..held + ahead.len()].copy_from_slice(ahead);
            let joined = &joined[..held + ahead.len()];
            let is_all = taken + ahead.len() == piece.len();

            self.pending = Pending::NONE;
            let origin = taken as isize - held as isize;
            let end = self.decode_until(held, form, joined, is_last && is_all, origin, text)?;
            if end < held {
                self.pending = Pending::new(&joined[end..]);
                return Ok(());
            }
            taken += end - held;
        }

        let rest = &piece[taken..];
        let end = self.decode_until(rest.len(), form, rest, is_last, taken as isize, text)?;
        self.pending = Pending::new(&rest[end..]);
        Ok(())
    }

    /// Returns the number of pending bytes.
    pub(crate) fn pending(&self) -> usize {
        self.pending.length.into()
    }

    /// Returns the decoder that decodes the pending bytes and the following ones again.
    pub(crate) fn without_pending(self) -> Self {
        Self { pending: Pending::NONE, ..self }
    }

    /// Returns a decoder that reports invalid bytes instead of replacing them.
    pub(crate) fn strict(self) -> Self {
        Self { errors: ErrorHandling::Strict, ..self }
    }

    /// Returns the end of the last `\r` in `bytes`, which this decoder has decoded completely.
    pub(crate) fn last_return(&self, bytes: &[u8]) -> Option<usize> {
        let wide = |unit: [u8; 2]| {
            bytes.as_chunks().0.iter().rposition(|other| *other == unit).map(|place| 2 * place + 2)
        };
        match self.form {
            Some(Form::Utf16Le) => wide([b'\r', 0]),
            Some(Form::Utf16Be) => wide([0, b'\r']),
            _ => bytes.iter().rposition(|byte| *byte == b'\r').map(|place| place + 1),
        }
    }

    /// Returns a decoder for bytes after the byte-order mark. `known` may have read the mark.
    pub(crate) fn after_mark(encoding: Encoding, errors: ErrorHandling, known: Self) -> Self {
        let form = known.form.unwrap_or(match encoding {
            Encoding::Utf16 => Form::Utf16Le,
            _ => Form::Utf8,
        });
        Self { form: Some(form), ..Self::new(encoding, errors) }
    }

    /// Returns the encoding for writing after the bytes that this decoder reads.
    pub(crate) fn settled(&self, encoding: Encoding) -> Encoding {
        match self.form {
            Some(Form::Utf16Be) => Encoding::Utf16Be,
            Some(Form::Utf16Le) => Encoding::Utf16Le,
            _ => encoding,
        }
    }

    /// Returns the state.
    pub(crate) fn state(&self) -> State {
        let form = match self.form {
            None => 0,
            Some(Form::Utf8) => 1,
            Some(Form::Utf16Le) => 2,
            Some(Form::Utf16Be) => 3,
            Some(Form::Latin1) => 4,
            Some(Form::Ascii) => 5,
        };
        let [first, second, third] = self.pending.bytes;
        State(u32::from_le_bytes([first, second, third, form << 2 | self.pending.length]))
    }

    /// Returns a decoder with this `state`, or nothing if no decoder can have the state.
    pub(crate) fn from_state(encoding: Encoding, errors: ErrorHandling, state: State) -> Option<Self> {
        let [first, second, third, form_and_length] = state.0.to_le_bytes();
        let length = form_and_length & 3;
        let form = match form_and_length >> 2 {
            0 => None,
            1 => Some(Form::Utf8),
            2 => Some(Form::Utf16Le),
            3 => Some(Form::Utf16Be),
            4 => Some(Form::Latin1),
            5 => Some(Form::Ascii),
            _ => return None,
        };
        let pending = Pending { bytes: [first, second, third], length };
        let decoder = Self { encoding, errors, form, pending };

        // A state is possible if decoding its pending bytes leads to the same state.
        let mut again = Self { form, ..Self::new(encoding, errors) };
        let is_possible = match encoding {
            Encoding::Utf8Sig => matches!(form, None | Some(Form::Utf8)),
            Encoding::Utf16 => matches!(form, None | Some(Form::Utf16Le | Form::Utf16Be)),
            _ => form == Self::new(encoding, errors).form,
        };
        let mut text = String::new();
        let is_left =
            again.decode(pending.as_slice(), false, &mut text).is_ok() && text.is_empty() && again == decoder;
        (is_possible && is_left).then_some(decoder)
    }

    /// Finds the form by the byte-order mark and sets `taken` to the number of bytes of the mark in
    /// `piece`. Returns nothing if the mark is incomplete.
    fn find_form(
        &mut self,
        piece: &[u8],
        is_last: bool,
        taken: &mut usize,
    ) -> Result<Option<Form>, DecodeError> {
        let mut beginning = [0; 3];
        let mut length = usize::from(self.pending.length);
        beginning[..length].copy_from_slice(self.pending.as_slice());
        for (to, &byte) in beginning[length..].iter_mut().zip(piece) {
            *to = byte;
            length += 1;
        }
        let beginning = &beginning[..length];

        let (form, mark) = if self.encoding == Encoding::Utf8Sig {
            if length < UTF_8_MARK.len() && UTF_8_MARK.starts_with(beginning) {
                if is_last && length > 0 {
                    *taken = piece.len();
                    self.pending = Pending::NONE;
                    return Ok(Some(Form::Utf8));
                }
                self.pending = Pending::new(beginning);
                return Ok(None);
            }
            (Form::Utf8, if beginning == UTF_8_MARK { UTF_8_MARK.len() } else { 0 })
        } else {
            match beginning {
                [0xff, 0xfe, ..] => (Form::Utf16Le, 2),
                [0xfe, 0xff, ..] => (Form::Utf16Be, 2),
                // As in Python, the decoder then reports the single byte as an incomplete character.
                [_] if is_last => (Form::Utf16Le, 0),
                [] | [_] => {
                    self.pending = Pending::new(beginning);
                    return Ok(None);
                }
                [first, ..] => {
                    let offset = -(self.pending.length as isize);
                    self.pending = Pending::NONE;
                    return Err(self.error(offset, 2, *first, DecodeFault::NoByteOrderMark));
                }
            }
        };
        if mark > 0 {
            *taken = mark - usize::from(self.pending.length);
            self.pending = Pending::NONE;
        }
        Ok(Some(form))
    }

    /// Decodes until `stop` bytes are consumed or the following character is incomplete. Returns the
    /// number of bytes consumed. `origin` is the offset of `bytes` in the piece.
    fn decode_until(
        &mut self,
        stop: usize,
        form: Form,
        bytes: &[u8],
        is_last: bool,
        origin: isize,
        text: &mut String,
    ) -> Result<usize, DecodeError> {
        let mut at = 0;
        while at < stop {
            let rest = &bytes[at..];
            let (decoded, bad) = form.decode(rest, is_last, text);
            at += decoded;
            match bad {
                Some((length, fault)) => {
                    let bad = &bytes[at..at + length];
                    if !self.replaced(bad, text) {
                        return Err(self.error(origin + at as isize, length, bad[0], fault));
                    }
                    at += length;
                }
                None => break,
            }
        }
        Ok(at)
    }

    /// Appends the replacement of `bad` bytes to `text`; returns `false` if they may not be replaced.
    fn replaced(&self, bad: &[u8], text: &mut String) -> bool {
        match self.errors {
            ErrorHandling::Strict | ErrorHandling::SurrogateEscape => return false,
            ErrorHandling::Ignore => {}
            ErrorHandling::Replace => text.push(char::REPLACEMENT_CHARACTER),
            ErrorHandling::BackslashReplace => {
                for byte in bad {
                    // Writing to a string does not fail.
                    let _ = write!(text, "\\x{byte:02x}");
                }
            }
        }
        true
    }

    fn error(&self, offset: isize, length: usize, byte: u8, fault: DecodeFault) -> DecodeError {
        let is_escape_wanted =
            self.errors == ErrorHandling::SurrogateEscape && fault != DecodeFault::NoByteOrderMark;
        DecodeError { offset, length, byte, fault, encoding: self.encoding, is_escape_wanted }
    }
}

impl Pending {
    const NONE: Self = Self { bytes: [0; 3], length: 0 };

    fn new(bytes: &[u8]) -> Self {
        let mut pending = Self { length: bytes.len() as u8, ..Self::NONE };
        pending.bytes[..bytes.len()].copy_from_slice(bytes);
        pending
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl State {
    /// Returns the state as a number.
    pub(crate) fn to_bits(self) -> u32 {
        self.0
    }

    /// Creates a state from any number, which may not be a result of [`Self::to_bits`].
    pub(crate) fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

#[cfg(test)]
mod tests;
