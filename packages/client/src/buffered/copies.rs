//! Copies of few bytes, made in place.
//!
//! A copy of unknown length is an instruction that engines turn into a call out of the component. For
//! few bytes that costs more than the copy. Copies of a known, small length are loads and stores.

use alloc::vec::Vec;
use core::mem::take;

/// Copies shorter than this are made in place, in bytes.
const SHORT: usize = 128;

/// Calls a macro for the powers of two below [`SHORT`], the largest first.
macro_rules! for_each_part {
    ($part:ident) => {
        $part!(64);
        $part!(32);
        $part!(16);
        $part!(8);
        $part!(4);
        $part!(2);
        $part!(1);
    };
}

/// Appends `from` to `bytes`.
pub(crate) fn append(bytes: &mut Vec<u8>, mut from: &[u8]) {
    if from.len() >= SHORT {
        bytes.extend_from_slice(from);
        return;
    }
    bytes.reserve(from.len());
    macro_rules! part {
        ($size:literal) => {
            if from.len() & $size != 0 {
                let (part, rest) = from.split_at($size);
                bytes.extend_from_slice(part);
                from = rest;
            }
        };
    }
    for_each_part!(part);
    debug_assert!(from.is_empty());
}

/// Copies `from` to `to`, which is as long.
pub(crate) fn copy(mut to: &mut [u8], mut from: &[u8]) {
    if from.len() >= SHORT {
        to.copy_from_slice(from);
        return;
    }
    macro_rules! part {
        ($size:literal) => {
            if from.len() & $size != 0 {
                let (part, rest) = from.split_at($size);
                let (place, other) = take(&mut to).split_at_mut($size);
                place.copy_from_slice(part);
                (from, to) = (rest, other);
            }
        };
    }
    for_each_part!(part);
    debug_assert!(from.is_empty() && to.is_empty());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_copied_whole() {
        let bytes: Vec<u8> = (0..200).collect();
        for length in 0..bytes.len() {
            let (mut appended, mut copied) = (b"before".to_vec(), vec![0; length]);

            append(&mut appended, &bytes[..length]);
            copy(&mut copied, &bytes[..length]);

            assert_eq!(appended, [b"before", &bytes[..length]].concat());
            assert_eq!(copied, bytes[..length]);
        }
    }
}
