//! The reference for texts, compared with the encodings of the standard library.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::testing::models::text::Model;
use crate::text::TextSettings;
use crate::text::encoding::{Encoding, ErrorHandling};
use crate::text::newline::Newline;

/// Reads bytes as text, with U+FFFD for invalid ones.
fn replaced(encoding: Encoding, bytes: &[u8]) -> String {
    let settings = TextSettings { encoding, errors: ErrorHandling::Replace, newline: Newline::Lf };
    Model::new(settings, false, bytes.to_vec(), false).read(u64::MAX).expect("invalid bytes are replaced")
}

proptest! {
    #[test]
    fn the_reference_decodes_as_the_standard_library_does(
        bytes in vec(prop_oneof![any::<u8>(), 0x80..0xc0_u8, 0xd7..=0xff_u8], 0..24)
    ) {
        prop_assert_eq!(replaced(Encoding::Utf8, &bytes), String::from_utf8_lossy(&bytes));
        let latin: String = bytes.iter().copied().map(char::from).collect();
        prop_assert_eq!(replaced(Encoding::Latin1, &bytes), latin);

        let (units, _) = bytes.as_chunks::<2>();
        let whole = units.as_flattened();
        let text = |unit: fn([u8; 2]) -> u16| {
            let units: Vec<u16> = units.iter().copied().map(unit).collect();
            String::from_utf16_lossy(&units)
        };
        prop_assert_eq!(replaced(Encoding::Utf16Le, whole), text(u16::from_le_bytes));
        prop_assert_eq!(replaced(Encoding::Utf16Be, whole), text(u16::from_be_bytes));
    }
}
