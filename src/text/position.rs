//! Positions in a text, which callers cannot forge by accident.

use super::encoding::Encoding;
use super::newline::Newline;

/// A position in a text, as `tell` returns it and `seek` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextPosition {
    /// The offset at which decoding continues, in bytes.
    pub(crate) offset: u64,
    /// The decoder's state, the number of characters to skip, and a check over both and the offset.
    pub(crate) state: u64,
}

/// The content of a position whose check is valid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: u64,
    /// The decoder's state at the offset.
    pub(super) decoder: u32,
    /// The number of following characters that were read already. One sequence of bytes may become
    /// several characters.
    pub(super) skipped: u8,
}

impl Place {
    /// Returns the position for this place in a text of this kind.
    pub(super) fn tell(self, encoding: Encoding, newline: Newline) -> TextPosition {
        let known = u64::from(self.decoder) | u64::from(self.skipped) << 32;
        TextPosition {
            offset: self.offset,
            state: known | check(self.offset, known, encoding, newline) << 40,
        }
    }

    /// Returns the content of `position`, if a text of this kind returned it.
    pub(super) fn find(position: TextPosition, encoding: Encoding, newline: Newline) -> Option<Place> {
        let TextPosition { offset, state } = position;
        let known = state & ((1 << 40) - 1);
        let place = Place { offset, decoder: known as u32, skipped: (known >> 32) as u8 };
        (check(offset, known, encoding, newline) == state >> 40).then_some(place)
    }
}

#[cfg(any(test, fuzzing))]
impl TextPosition {
    /// Returns a position with a valid check for any content, which a text need not have returned.
    pub(crate) fn forged(
        offset: u64,
        decoder: u32,
        skipped: u8,
        (encoding, newline): (Encoding, Newline),
    ) -> TextPosition {
        Place { offset, decoder, skipped }.tell(encoding, newline)
    }
}

/// Returns a check of 24 bits, which a number made up by a caller is unlikely to have.
fn check(offset: u64, known: u64, encoding: Encoding, newline: Newline) -> u64 {
    let kind = (encoding as u64) << 8 | newline as u64;
    let mut hash = 0x9e37_79b9_7f4a_7c15_u64;
    for part in [offset, known, kind] {
        hash = (hash ^ part).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash ^= hash >> 29;
    }
    hash >> 40
}
