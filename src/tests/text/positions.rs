//! Where a text is: positions that are told and sought, and those that are made up.

use crate::tests::text::*;
use crate::tests::*;
use crate::text::Settings;
use crate::text::encoding::{Encoding, ErrorHandling};
use crate::text::newline::Newline;
use crate::text::position::TextPosition;

/// Reads character by character, and from each position again to the end.
#[track_caller]
fn assert_positions_hold(settings: Settings, bytes: &[u8]) {
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
                let settings = Settings { newline, ..encoded(encoding) };
                let bytes = written(Settings { newline: Newline::Lf, ..settings }, text).unwrap();
                assert_positions_hold(settings, &bytes);
            }
        }
    }
}

#[test]
fn every_position_among_bytes_that_are_no_character_can_be_sought() {
    let utf_8: [&[u8]; 4] =
        [b"a\xff\xe2\x82\r\xffb", b"\xe2\xe2\xe2\xe2", b"\r\xff\n\xf0\x9f", b"\xef\xbb\xbf\xff"];
    let utf_16: [&[u8]; 3] = [b"a\0\0\xd8b\0", b"\0\xd8\0\xd8\0\xd8a", b"\r\0\0\xdc\n\0"];
    for errors in [ErrorHandling::Ignore, ErrorHandling::Replace, ErrorHandling::BackslashReplace] {
        for newline in Newline::EVERY {
            for bytes in utf_8 {
                assert_positions_hold(Settings { errors, ..with_newline(newline) }, bytes);
            }
            for bytes in utf_16 {
                assert_positions_hold(Settings { encoding: Encoding::Utf16Le, errors, newline }, bytes);
            }
        }
    }
}

#[test]
fn a_run_of_thousands_of_bad_bytes_has_a_position_at_each() {
    let instance = Instance::new();
    let text = instance.text(with_errors(ErrorHandling::Replace), &[0xe2; 5000]);

    text.read(2500).unwrap();
    let told = text.tell().unwrap();
    text.rewind();
    text.seek(Target::Position(told)).unwrap();

    assert_eq!(text.read_all().unwrap().chars().count(), 2500);
}

#[test]
fn a_position_holds_across_a_rollover_and_in_a_new_text_of_the_file() {
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
fn a_position_that_was_made_up_is_invalid() {
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

    for settings in [encoded(Encoding::Utf8), Settings { newline: Newline::Cr, ..encoded(Encoding::Utf8Sig) }]
    {
        let other = instance.text(settings, b"some text");
        assert_eq!(code(other.seek(Target::Position(told))), Some(ErrorCode::Invalid));
    }
}

#[test]
fn a_position_within_what_a_byte_became_is_no_position_of_a_strict_text() {
    let instance = Instance::new();
    let text = instance.text(with_errors(ErrorHandling::BackslashReplace), b"\xff");
    text.read(2).unwrap();
    let told = text.tell().unwrap();

    let strict = instance.text(settings(), b"\xff");

    assert_eq!(code(strict.seek(Target::Position(told))), Some(ErrorCode::Invalid));
}

#[test]
fn no_state_makes_a_text_fall_over() {
    let instance = Instance::new();
    for encoding in Encoding::EVERY {
        let settings = Settings { errors: ErrorHandling::BackslashReplace, ..encoded(encoding) };
        let text = instance.text(settings, b"\xff\xfe\xe2\x82\xac\r\n");
        for shift in 0..64 {
            for offset in [0, 1, 2, 6, 7, 8, i64::MAX as u64, u64::MAX] {
                let position = TextPosition { offset, state: 0x9e37_79b9_7f4a_7c15 << shift };
                if text.seek(Target::Position(position)).is_ok() {
                    let _ = text.read_all();
                }
            }
        }
        text.rewind();
    }
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
