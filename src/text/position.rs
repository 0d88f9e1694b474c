//! Positions in a text, which only the text itself can make.

use super::encoding::Encoding;
use super::newline::Newline;

/// A place in a text, as it is told and sought again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextPosition {
    /// Where to go on reading, in bytes.
    pub(crate) offset: u64,
    /// What a decoder has to know there, and a check that nobody made it up.
    pub(crate) state: u64,
}

/// What a position says, once it is known to be one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: u64,
    /// The decoder's state there.
    pub(super) decoder: u32,
    /// How many characters that follow were read already: one sequence of bytes may become several.
    pub(super) skipped: u8,
}

impl Place {
    pub(super) fn tell(self, encoding: Encoding, newline: Newline) -> TextPosition {
        let known = u64::from(self.decoder) | u64::from(self.skipped) << 32;
        TextPosition {
            offset: self.offset,
            state: known | check(self.offset, known, encoding, newline) << 40,
        }
    }

    /// What `position` says, if it was told by a text of this kind.
    pub(super) fn find(position: TextPosition, encoding: Encoding, newline: Newline) -> Option<Place> {
        let TextPosition { offset, state } = position;
        let known = state & ((1 << 40) - 1);
        let place = Place { offset, decoder: known as u32, skipped: (known >> 32) as u8 };
        (check(offset, known, encoding, newline) == state >> 40).then_some(place)
    }
}

/// 24 bits that numbers made up otherwise do not have.
fn check(offset: u64, known: u64, encoding: Encoding, newline: Newline) -> u64 {
    let kind = (encoding as u64) << 8 | newline as u64;
    let mut hash = 0x9e37_79b9_7f4a_7c15_u64;
    for part in [offset, known, kind] {
        hash = (hash ^ part).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash ^= hash >> 29;
    }
    hash >> 40
}
