//! The decoder, compared with results of CPython 3.11.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use Encoding::{Ascii, Latin1, Utf8, Utf8Sig, Utf16, Utf16Be, Utf16Le};

/// The start and the end of invalid bytes in the whole input, and the reason.
type Fault = (usize, usize, DecodeFault);

/// Decodes pieces one after the other, each with a decoder made from the state of the last one.
fn decoded(encoding: Encoding, errors: ErrorHandling, pieces: &[&[u8]]) -> Result<String, (String, Fault)> {
    let mut decoder = Decoder::new(encoding, errors);
    let mut text = String::new();
    let mut base = 0;
    for (number, piece) in pieces.iter().enumerate() {
        let state = State::from_bits(decoder.state().to_bits());
        decoder = Decoder::from_state(encoding, errors, state).expect("a state that a decoder had");
        if let Err(error) = decoder.decode(piece, number + 1 == pieces.len(), &mut text) {
            let start = (base + error.offset) as usize;
            return Err((text, (start, start + error.length, error.fault)));
        }
        base += piece.len() as isize;
    }
    Ok(text)
}

fn replaced(encoding: Encoding, bytes: &[u8]) -> String {
    decoded(encoding, ErrorHandling::Replace, &[bytes]).expect("invalid bytes are replaced")
}

fn fault(encoding: Encoding, bytes: &[u8]) -> Fault {
    decoded(encoding, ErrorHandling::Strict, &[bytes]).expect_err("the bytes are invalid").1
}

fn decode_error(encoding: Encoding, errors: ErrorHandling, bytes: &[u8]) -> String {
    let error = Decoder::new(encoding, errors)
        .decode(bytes, true, &mut String::new())
        .expect_err("the bytes are invalid");
    error.describe(100).to_string()
}

#[test]
fn invalid_utf_8_is_replaced_as_cpython_does() {
    for (bytes, text) in [
        (&b"\x80"[..], "\u{fffd}"),
        (b"\xff\xfe", "\u{fffd}\u{fffd}"),
        (b"\xc0\x80", "\u{fffd}\u{fffd}"),
        (b"\xc2A", "\u{fffd}A"),
        (b"\xe2\x82A", "\u{fffd}A"),
        (b"\xe0\x80\x80", "\u{fffd}\u{fffd}\u{fffd}"),
        (b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}"),
        (b"\xf0\x90\x80A", "\u{fffd}A"),
        (b"\xf0\x80\x80\x80", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
        (b"\xf4\x90\x80\x80", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
        (b"\xf5A", "\u{fffd}A"),
        (b"a\xe2\x82", "a\u{fffd}"),
        (b"\xf0\x9f\x98", "\u{fffd}"),
        (b"\xf0\x9f\xf0\x9f\x98\x80", "\u{fffd}\u{1f600}"),
        (b"\xf4\x8f\xbf\xbf", "\u{10ffff}"),
    ] {
        assert_eq!(replaced(Utf8, bytes), text, "{bytes:x?}");
    }
}

#[test]
fn invalid_utf_16_is_replaced_as_cpython_does() {
    for (bytes, text) in [
        (&b"\0\xd8A\0"[..], "\u{fffd}A"),
        (b"\0\xdcA\0", "\u{fffd}A"),
        (b"\0\xd8\0\xd8\0\xdc", "\u{fffd}\u{10000}"),
        (b"\0\xdc\0\xd8", "\u{fffd}\u{fffd}"),
        (b"\0\xd8", "\u{fffd}"),
        (b"\0\xd8\0", "\u{fffd}"),
        (b"A\0B", "A\u{fffd}"),
        (b"=\xd8\0\xde", "\u{1f600}"),
    ] {
        assert_eq!(replaced(Utf16Le, bytes), text, "{bytes:x?}");
        let swapped: Vec<u8> = bytes.chunks(2).flat_map(|unit| unit.iter().rev().copied()).collect();
        if bytes.len() % 2 == 0 {
            assert_eq!(replaced(Utf16Be, &swapped), text, "{swapped:x?}");
        }
    }
}

#[test]
fn bad_bytes_are_left_out_or_escaped() {
    let bytes = b"a\xe2\x82b\xff";

    assert_eq!(decoded(Utf8, ErrorHandling::Ignore, &[bytes]).unwrap(), "ab");
    assert_eq!(decoded(Utf8, ErrorHandling::BackslashReplace, &[bytes]).unwrap(), "a\\xe2\\x82b\\xff");
    assert_eq!(decoded(Ascii, ErrorHandling::Ignore, &[bytes]).unwrap(), "ab");
    assert_eq!(decoded(Ascii, ErrorHandling::BackslashReplace, &[bytes]).unwrap(), "a\\xe2\\x82b\\xff");
    assert_eq!(decoded(Latin1, ErrorHandling::Strict, &[bytes]).unwrap(), "a\u{e2}\u{82}b\u{ff}");
}

#[test]
fn reasons_of_errors_are_those_of_cpython() {
    for (encoding, bytes, expected) in [
        (Utf8, &b"abc\xff"[..], (3, 4, DecodeFault::Start)),
        (Utf8, b"\xe2\x82A", (0, 2, DecodeFault::Continuation)),
        (Utf8, b"a\xe2\x82", (1, 3, DecodeFault::End)),
        (Utf16Le, b"A\0\0\xdc", (2, 4, DecodeFault::LowSurrogate)),
        (Utf16Le, b"\0\xd8A\0", (0, 2, DecodeFault::HighSurrogate)),
        (Utf16Be, b"\0A\xd8\0\xdc", (2, 5, DecodeFault::End)),
        (Utf16, b"\xff\xfeA", (2, 3, DecodeFault::End)),
        (Ascii, b"ab\x80\x81", (2, 3, DecodeFault::NotAscii)),
    ] {
        assert_eq!(fault(encoding, bytes), expected, "{encoding:?} {bytes:x?}");
    }
}

#[test]
fn a_byte_order_mark_is_skipped_only_at_the_beginning() {
    for (encoding, bytes, text) in [
        (Utf8, &b"\xef\xbb\xbfa"[..], "\u{feff}a"),
        (Utf8Sig, b"\xef\xbb\xbfa\xef\xbb\xbf", "a\u{feff}"),
        (Utf8Sig, b"\xef\xbb\xbf\xef\xbb\xbf", "\u{feff}"),
        (Utf8Sig, b"a", "a"),
        (Utf8Sig, b"\xef\xbb\xbf", ""),
        (Utf16, b"\xff\xfea\0\xff\xfe", "a\u{feff}"),
        (Utf16, b"\xfe\xff\0a\xfe\xff", "a\u{feff}"),
        (Utf16, b"", ""),
        (Utf16Le, b"\xff\xfea\0", "\u{feff}a"),
        (Utf16Be, b"\xfe\xff\0a", "\u{feff}a"),
    ] {
        assert_eq!(
            decoded(encoding, ErrorHandling::Strict, &[bytes]).unwrap(),
            text,
            "{encoding:?} {bytes:x?}"
        );
    }
}

#[test]
fn half_a_byte_order_mark_is_text_unless_it_is_the_whole_input() {
    assert_eq!(decoded(Utf8Sig, ErrorHandling::Strict, &[b"\xef", b"\xbb", b""]).unwrap(), "");
    assert_eq!(replaced(Utf8Sig, b"\xef\xbbA"), "\u{fffd}A");
    assert_eq!(decoded(Utf8Sig, ErrorHandling::Strict, &[b"\xef\xbb", b"\x80"]).unwrap(), "\u{fec0}");
}

#[test]
fn utf_16_without_a_mark_is_an_error_with_every_error_handling() {
    for errors in ErrorHandling::EVERY {
        let (text, fault) = decoded(Utf16, errors, &[b"a", b"\0b\0"]).unwrap_err();

        assert_eq!((text.as_str(), fault), ("", (0, 2, DecodeFault::NoByteOrderMark)));
    }
}

#[test]
fn an_error_keeps_the_text_before_it_and_is_repeatable() {
    let mut decoder = Decoder::new(Utf8, ErrorHandling::Strict);
    let mut text = String::new();
    decoder.decode(b"a\xe2", false, &mut text).unwrap();
    let before = decoder;

    let error = decoder.decode(b"(b", false, &mut text).unwrap_err();

    assert_eq!((error.offset, error.length, error.byte), (-1, 1, 0xe2));
    assert_eq!(text, "a");
    assert_eq!(decoder, Decoder::new(Utf8, ErrorHandling::Strict));
    assert_eq!({ before }.decode(b"(b", false, &mut text), Err(error));
}

#[test]
fn bytes_that_need_surrogateescape_are_an_error_with_the_reason() {
    let errors = ErrorHandling::SurrogateEscape;

    assert_eq!(decoded(Utf8, errors, &["é".as_bytes()]).unwrap(), "é");
    assert!(decode_error(Utf8, errors, b"\xff").contains("surrogateescape"));
    assert!(!decode_error(Utf16, errors, b"a\0").contains("surrogateescape"));
}

#[test]
fn messages_name_encoding_byte_and_position() {
    for (encoding, bytes, message) in [
        (Utf8, &b"abc\xff"[..], "utf-8: invalid start byte 0xff at position 103"),
        (Utf8, b"\xe2A", "utf-8: invalid continuation byte after 0xe2 at position 100"),
        (Utf8Sig, b"\xe2", "utf-8-sig: the text ends within the character at position 100 (byte 0xe2)"),
        (Utf16Le, b"\0\xdc", "utf-16-le: half a surrogate pair at position 100"),
        (Utf16, b"ab", "utf-16: no byte-order mark at position 100"),
        (Ascii, b"\x0a\x80", "ascii: byte 0x80 at position 101 is not ASCII"),
    ] {
        assert_eq!(decode_error(encoding, ErrorHandling::Strict, bytes), message);
    }
}

#[test]
fn an_impossible_state_is_refused() {
    for (encoding, errors) in Encoding::EVERY.into_iter().flat_map(|e| ErrorHandling::EVERY.map(|h| (e, h))) {
        for bits in [u32::MAX, 0x0300_0000, 0x0500_00ff, 0x1700_0000, 0x0000_0041, 0x0941_4141] {
            let state = State::from_bits(bits);

            assert_eq!(
                Decoder::from_state(encoding, errors, state),
                None,
                "{encoding:?} {errors:?} {bits:#x}"
            );
        }
    }
}

/// Pieces of bytes that are often parts of characters and byte-order marks.
fn hostile() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let byte = prop_oneof![
        proptest::sample::select(&b"\0A\n\x80\xbf\xc2\xe0\xa0\xed\xef\xbb\xf0\x90\xf4\xfe\xff\xd8\xdc"[..]),
        any::<u8>(),
    ];
    let mark = (0..4usize).prop_map(|number| [&b""[..], b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"][number]);
    let pieces = proptest::collection::vec(proptest::collection::vec(byte, 0..5), 1..12);
    (mark, pieces).prop_map(|(mark, mut pieces)| {
        pieces.insert(0, mark.to_owned());
        pieces
    })
}

proptest! {
    #[test]
    fn pieces_of_any_size_give_the_same_result(pieces in hostile()) {
        let whole = pieces.concat();
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        let bytes: Vec<&[u8]> = whole.chunks(1).chain([&[][..]]).collect();
        for encoding in Encoding::EVERY {
            for errors in ErrorHandling::EVERY {
                let expected = decoded(encoding, errors, &[&whole]);
                let context = format!("{encoding:?} {errors:?}");

                prop_assert_eq!(&decoded(encoding, errors, &pieces), &expected, "{}", context);
                prop_assert_eq!(&decoded(encoding, errors, &bytes), &expected, "{}", context);
            }
        }
    }

    #[test]
    fn utf_8_is_replaced_as_the_standard_library_does(bytes in proptest::collection::vec(any::<u8>(), 0..50)) {
        prop_assert_eq!(replaced(Utf8, &bytes), String::from_utf8_lossy(&bytes));
    }
}
