//! The comparison of two lines, mostly by a key of eight bytes.

use core::cmp::Ordering;

/// The number of bytes of a line in its key.
pub const KEY_BYTES: usize = 7;

/// The lowest byte of an ascending key for a line that is longer than the key.
const LONGER: u64 = KEY_BYTES as u64 + 1;

/// The order of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The smallest line first, by bytes.
    Ascending,
    /// The largest line first, by bytes.
    Descending,
}

impl Order {
    /// Returns a number for the beginning of `text`; the text with the smaller number comes first.
    ///
    /// The number consists of seven bytes of text and the length, counted up to eight. Texts with equal
    /// keys are therefore equal, unless their key [goes on](Self::goes_on). Without the length a text
    /// and the same text followed by NUL would have one key. No key is `u64::MAX`.
    pub fn key(self, text: &[u8]) -> u64 {
        let ascending = match text.first_chunk::<8>() {
            Some(&chunk) => u64::from_be_bytes(chunk) & !0xff | LONGER,
            None => {
                let mut chunk = [0; 8];
                for (to, &from) in chunk.iter_mut().zip(text) {
                    *to = from;
                }
                u64::from_be_bytes(chunk) | text.len() as u64
            }
        };
        match self {
            Self::Ascending => ascending,
            Self::Descending => !ascending & !0xff | (LONGER - (ascending & 0xff)),
        }
    }

    /// Returns whether a text with this key has more bytes than the key.
    pub fn goes_on(self, key: u64) -> bool {
        match self {
            Self::Ascending => key & 0xff == LONGER,
            Self::Descending => key & 0xff == 0,
        }
    }

    /// Compares two complete texts.
    pub fn compare(self, left: &[u8], right: &[u8]) -> Ordering {
        match self {
            Self::Ascending => compare(left, right),
            Self::Descending => compare(right, left),
        }
    }
}

/// Compares as slices do. The `memcmp` that slices call compares byte by byte in a component.
fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (left_words, _) = left.as_chunks::<8>();
    let (right_words, _) = right.as_chunks::<8>();
    for (left, right) in left_words.iter().zip(right_words) {
        if left != right {
            return u64::from_be_bytes(*left).cmp(&u64::from_be_bytes(*right));
        }
    }
    let compared = 8 * left_words.len().min(right_words.len());
    left[compared..].cmp(&right[compared..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_and_the_same_followed_by_nul_have_different_keys() {
        assert!(Order::Ascending.key(b"ab") < Order::Ascending.key(b"ab\0"));
        assert!(Order::Ascending.key(b"ab\0\0\0\0\0") < Order::Ascending.key(b"ab\0\0\0\0\0\0"));
        assert!(Order::Descending.key(b"ab") > Order::Descending.key(b"ab\0"));
    }

    #[test]
    fn no_key_is_the_largest_number() {
        for order in [Order::Ascending, Order::Descending] {
            for text in
                [&b""[..], b"\0", b"\xff\xff\xff\xff\xff\xff\xff", b"\xff\xff\xff\xff\xff\xff\xff\xff"]
            {
                assert!(order.key(text) < u64::MAX);
            }
        }
    }

    proptest! {
        #[test]
        fn comparing_is_comparing_slices(left in proptest::collection::vec(0..3u8, 0..40), right in proptest::collection::vec(0..3u8, 0..40)) {
            prop_assert_eq!(Order::Ascending.compare(&left, &right), left.cmp(&right));
            prop_assert_eq!(Order::Descending.compare(&left, &right), right.cmp(&left));
        }

        #[test]
        fn different_keys_decide_and_equal_ones_mean_equal_texts_unless_they_go_on(
            left in proptest::collection::vec(0..2u8, 0..12),
            right in proptest::collection::vec(0..2u8, 0..12),
        ) {
            for order in [Order::Ascending, Order::Descending] {
                let (left_key, right_key) = (order.key(&left), order.key(&right));

                prop_assert_eq!(order.goes_on(left_key), left.len() > KEY_BYTES);
                if left_key != right_key {
                    prop_assert_eq!(left_key.cmp(&right_key), order.compare(&left, &right));
                } else if !order.goes_on(left_key) {
                    prop_assert_eq!(&left, &right);
                }
            }
        }
    }
}
