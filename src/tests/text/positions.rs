//! Positions in a text: those that `tell` returned, and forged ones.

use crate::tests::text::*;
use crate::tests::*;
use crate::text::TextSettings;
use crate::text::encoding::{Encoding, ErrorHandling};
use crate::text::newline::Newline;
use crate::text::position::TextPosition;

/// Reads character by character, then seeks to each position and reads to the end.
#[track_caller]
fn assert_positions_hold(settings: TextSettings, bytes: &[u8]) {
    for at_once in [1, 2, 5, 32768] {
        let instance = Instance::new();
        let text = instance.text(settings, bytes);
        text.text.decode_at_once(at_once);
        let whole: Vec<char> = text.contents().chars().collect();

        text.rewind();
        let mut told = vec![text.tell().unwrap()];
        while !text.read(1).unwrap().is_empty() {
            told.push(text.tell().unwrap());
        }

        for (read, position) in told.iter().enumerate().take(whole.len() + 1) {
            text.seek(Target::Position(*position)).unwrap();
            assert_eq!(text.tell().unwrap(), *position, "after {read} characters");
            let rest: String = whole[read..].iter().collect();
            assert_eq!(text.read_all().unwrap(), rest, "{settings:?} after {read} characters");
        }
    }
}

#[test]
fn every_position_can_be_sought() {
    let texts = ["", "é€😀 a\u{feff}", "a\r\nb\r\rc\n\r\n\r", "\r", "\n"];
    for encoding in [Encoding::Utf8, Encoding::Utf8Sig, Encoding::Utf16, Encoding::Utf16Le, Encoding::Utf16Be]
    {
        for newline in Newline::EVERY {
            for text in texts {
                let settings = TextSettings { newline, ..encoded(encoding) };
                let bytes = written(TextSettings { newline: Newline::Lf, ..settings }, text).unwrap();
                assert_positions_hold(settings, &bytes);
            }
        }
    }
}

#[test]
fn every_position_among_invalid_bytes_can_be_sought() {
    let utf_8: [&[u8]; 4] =
        [b"a\xff\xe2\x82\r\xffb", b"\xe2\xe2\xe2\xe2", b"\r\xff\n\xf0\x9f", b"\xef\xbb\xbf\xff"];
    let utf_16: [&[u8]; 3] = [b"a\0\0\xd8b\0", b"\0\xd8\0\xd8\0\xd8a", b"\r\0\0\xdc\n\0"];
    for errors in [ErrorHandling::Ignore, ErrorHandling::Replace, ErrorHandling::BackslashReplace] {
        for newline in Newline::EVERY {
            for bytes in utf_8 {
                assert_positions_hold(TextSettings { errors, ..with_newline(newline) }, bytes);
            }
            for bytes in utf_16 {
                assert_positions_hold(TextSettings { encoding: Encoding::Utf16Le, errors, newline }, bytes);
            }
        }
    }
}

#[test]
fn a_position_among_thousands_of_invalid_bytes_can_be_sought() {
    let instance = Instance::new();
    let text = instance.text(with_errors(ErrorHandling::Replace), &[0xe2; 5000]);

    text.read(2500).unwrap();
    let told = text.tell().unwrap();
    text.rewind();
    text.seek(Target::Position(told)).unwrap();

    assert_eq!(text.read_all().unwrap().chars().count(), 2500);
}

#[test]
fn a_position_is_valid_after_a_rollover_and_in_a_new_text_of_the_file() {
    let instance = Instance::new();
    let text = instance.spooled(100).into_text(with_newline(Newline::Universal));
    text.write("ä\nö\nü\n").unwrap();
    text.rewind();
    text.read_line().unwrap();
    let told = text.tell().unwrap();

    text.run(text.text.rollover()).unwrap();
    text.seek(Target::Position(told)).unwrap();
    assert_eq!(text.read_line().unwrap(), "ö\n");
    let text = text.into_file().into_text(with_newline(Newline::Universal));
    text.seek(Target::Position(told)).unwrap();

    assert_eq!(text.read_line().unwrap(), "ö\n");
}

#[test]
fn a_position_with_a_wrong_check_is_invalid() {
    let instance = Instance::new();
    let text = instance.text(settings(), b"some text");
    text.read(3).unwrap();
    let told = text.tell().unwrap();
    let TextPosition { offset, state } = told;

    let made_up =
        [(0, 0), (3, 0), (offset + 1, state), (offset, state + 1), (u64::MAX, state), (u64::MAX, u64::MAX)];
    for (offset, state) in made_up {
        let error = text.seek(Target::Position(TextPosition { offset, state })).unwrap_err();
        assert_eq!(error.code, ErrorCode::Invalid);
        assert!(error.message.contains("position"), "{}", error.message);
    }

    assert_eq!(text.tell().unwrap(), told);
    assert_eq!(text.read_all().unwrap(), "e text");
}

#[test]
fn a_position_of_another_kind_of_text_is_invalid() {
    let instance = Instance::new();
    let text = instance.text(encoded(Encoding::Utf8Sig), b"some text");
    text.read(3).unwrap();
    let told = text.tell().unwrap();

    for settings in
        [encoded(Encoding::Utf8), TextSettings { newline: Newline::Cr, ..encoded(Encoding::Utf8Sig) }]
    {
        let other = instance.text(settings, b"some text");
        assert_eq!(code(other.seek(Target::Position(told))), Some(ErrorCode::Invalid));
    }
}

#[test]
fn a_position_within_an_escaped_byte_is_invalid_in_a_strict_text() {
    let instance = Instance::new();
    let text = instance.text(with_errors(ErrorHandling::BackslashReplace), b"\xff");
    text.read(2).unwrap();
    let told = text.tell().unwrap();

    let strict = instance.text(settings(), b"\xff");

    assert_eq!(code(strict.seek(Target::Position(told))), Some(ErrorCode::Invalid));
}

#[test]
fn a_forged_position_with_a_valid_check_is_sought_exactly_or_refused() {
    const CONTENT: &[u8] = b"\xff\xfe\xe2\x82\xac\r\n";
    let instance = Instance::new();
    for (encoding, errors) in
        Encoding::EVERY.iter().flat_map(|encoding| ErrorHandling::EVERY.map(|errors| (*encoding, errors)))
    {
        let settings = TextSettings { errors, ..encoded(encoding) };
        let text = instance.text(settings, CONTENT);
        let (mut sought, mut refused) = (0, 0);
        for (offset, decoder, skipped) in forged_contents() {
            let kind = (encoding, settings.newline);
            let position = TextPosition::forged(offset, decoder, skipped, kind);
            match text.seek(Target::Position(position)) {
                Ok(()) => {
                    sought += 1;
                    assert_eq!(text.tell().unwrap(), position);
                    // The content may be invalid in this encoding; the instance has to survive.
                    let _ = text.read_all();
                }
                Err(error) => {
                    refused += 1;
                    assert_eq!(error.code, ErrorCode::Invalid);
                }
            }
        }
        // Neither outcome is possible unless the positions pass the check.
        assert!(sought > 0, "{settings:?}: every position was refused");
        assert!(refused > 0, "{settings:?}: every position was sought");
        text.seek(Target::Start).unwrap();
        assert_eq!(text.into_bytes(), CONTENT);
    }
}

/// Offsets, states of decoders and skipped characters: possible ones and many that are not.
fn forged_contents() -> impl Iterator<Item = (u64, u32, u8)> {
    let pending = [[0, 0, 0], [0xff, 0, 0], [0xe2, 0x82, 0], [0xef, 0xbb, 0xbf]];
    let decoders = (0..=u8::MAX).flat_map(move |form_and_length| {
        pending.map(|[first, second, third]| u32::from_le_bytes([first, second, third, form_and_length]))
    });
    decoders.flat_map(|decoder| {
        [0, 1, 7, 8, i64::MAX as u64, u64::MAX]
            .into_iter()
            .flat_map(move |offset| [0, 1, u8::MAX].map(|skipped| (offset, decoder, skipped)))
    })
}

#[test]
fn the_content_may_change_under_a_position() {
    let instance = Instance::new();
    let text = instance.text(with_errors(ErrorHandling::BackslashReplace), b"a\xff\xfe\xfd");
    text.read(4).unwrap();
    let told = text.tell().unwrap();

    text.rewind();
    text.write("xä€").unwrap();
    text.seek(Target::Position(told)).unwrap();

    assert_eq!(text.read_all().unwrap(), "");
    text.write("!").unwrap();
    assert_eq!(text.contents(), "xä€!");
}
