//! Reading text: encodings, errors, line ends, and characters split between pieces of the file.

use crate::tests::text::*;
use crate::tests::*;
use crate::text::TextSettings;
use crate::text::encoding::{Encoding, ErrorHandling};
use crate::text::newline::Newline;

const ILLEGAL: core::result::Result<String, ErrorCode> = Err(ErrorCode::IllegalByteSequence);

fn ok(text: &str) -> core::result::Result<String, ErrorCode> {
    Ok(text.to_owned())
}

#[test]
fn every_encoding_is_read() {
    for (encoding, bytes) in [
        (Encoding::Utf8, "é€😀".as_bytes()),
        (Encoding::Utf8Sig, "\u{feff}é€😀".as_bytes()),
        (Encoding::Utf8Sig, "é€😀".as_bytes()),
        (Encoding::Utf16, b"\xff\xfe\xe9\0\xac\x20\x3d\xd8\x00\xde"),
        (Encoding::Utf16, b"\xfe\xff\0\xe9\x20\xac\xd8\x3d\xde\x00"),
        (Encoding::Utf16Le, b"\xe9\0\xac\x20\x3d\xd8\x00\xde"),
        (Encoding::Utf16Be, b"\0\xe9\x20\xac\xd8\x3d\xde\x00"),
    ] {
        assert_eq!(decoded(encoded(encoding), bytes), ok("é€😀"), "{encoding:?}");
    }
    assert_eq!(decoded(encoded(Encoding::Latin1), b"\xe9\x80\xff"), ok("é\u{80}ÿ"));
    assert_eq!(decoded(encoded(Encoding::Ascii), b"a\x7f"), ok("a\x7f"));
}

#[test]
fn a_byte_order_mark_is_skipped_only_at_the_beginning() {
    assert_eq!(decoded(encoded(Encoding::Utf8Sig), "\u{feff}a\u{feff}b".as_bytes()), ok("a\u{feff}b"));
    assert_eq!(decoded(encoded(Encoding::Utf16), b"\xfe\xff\0a\xfe\xff"), ok("a\u{feff}"));
    for (encoding, bytes) in [
        (Encoding::Utf8, &b"\xef\xbb\xbfa"[..]),
        (Encoding::Utf16Le, b"\xff\xfea\0"),
        (Encoding::Utf16Be, b"\xfe\xff\0a"),
    ] {
        assert_eq!(decoded(encoded(encoding), bytes), ok("\u{feff}a"), "{encoding:?}");
    }
}

#[test]
fn utf_16_without_a_byte_order_mark_cannot_be_read() {
    for errors in [ErrorHandling::Strict, ErrorHandling::Ignore, ErrorHandling::Replace] {
        let settings = TextSettings { errors, ..encoded(Encoding::Utf16) };
        assert_eq!(decoded(settings, b"a\0b\0"), ILLEGAL);
        assert_eq!(decoded(settings, b""), ok(""));
    }
}

#[test]
fn invalid_bytes_are_treated_as_the_error_handling_says() {
    use ErrorHandling::*;
    for (errors, expected) in [
        (Strict, ILLEGAL),
        (Ignore, ok("ab")),
        (Replace, ok("a\u{fffd}\u{fffd}b")),
        (BackslashReplace, ok("a\\xff\\xe2\\x82b")),
        (SurrogateEscape, ILLEGAL),
    ] {
        assert_eq!(decoded(with_errors(errors), b"a\xff\xe2\x82b"), expected, "{errors:?}");
    }
}

#[test]
fn half_a_surrogate_pair_is_invalid() {
    for bytes in [b"a\0\x3d\xd8b\0", b"a\0\x00\xdeb\0"] {
        for (errors, expected) in [
            (ErrorHandling::Strict, ILLEGAL),
            (ErrorHandling::Ignore, ok("ab")),
            (ErrorHandling::Replace, ok("a\u{fffd}b")),
        ] {
            let settings = TextSettings { errors, ..encoded(Encoding::Utf16Le) };
            assert_eq!(decoded(settings, bytes), expected, "{errors:?}");
        }
    }
    assert_eq!(decoded(settings(), b"\xed\xa0\x80"), ILLEGAL);
}

#[test]
fn an_incomplete_character_at_the_end_is_invalid() {
    for (encoding, bytes) in [
        (Encoding::Utf8, &b"a\xe2\x82"[..]),
        (Encoding::Utf16Le, b"a\0b"),
        (Encoding::Utf16Le, b"a\0\x3d\xd8"),
    ] {
        let settings = TextSettings { encoding, errors: ErrorHandling::Replace, ..settings() };
        assert_eq!(decoded(encoded(encoding), bytes), ILLEGAL);
        assert_eq!(decoded(settings, bytes), ok("a\u{fffd}"), "{encoding:?}");
    }
}

#[test]
fn an_error_names_the_position_and_the_byte() {
    let instance = Instance::new();
    let text = instance.text(settings(), &[&[b'a'; 40000][..], b"\xff"].concat());

    let error = text.read_all().unwrap_err();

    assert!(
        error.message.contains("spooled file: utf-8: invalid start byte 0xff at position 40000"),
        "{}",
        error.message
    );
}

#[test]
fn surrogate_escape_is_refused_with_a_reason() {
    let instance = Instance::new();
    let text = instance.text(with_errors(ErrorHandling::SurrogateEscape), b"\xff");

    let error = text.read_all().unwrap_err();

    assert_eq!(error.code, ErrorCode::IllegalByteSequence);
    assert!(error.message.contains("lone surrogates"), "{}", error.message);
}

#[test]
fn the_text_before_invalid_bytes_can_be_read() {
    for at_once in [1, 3, 32768] {
        let instance = Instance::new();
        let text = instance.text(with_newline(Newline::Universal), b"one\ntwo\r\xffthree");
        text.text.decode_at_once(at_once);

        assert_eq!(text.read_line().unwrap(), "one\n");
        let told = text.tell().unwrap();
        assert_eq!(code(text.read_all()), Some(ErrorCode::IllegalByteSequence));
        assert_eq!(code(text.read_lines()), Some(ErrorCode::IllegalByteSequence));
        assert_eq!(text.tell().unwrap(), told);
        assert_eq!(text.read_line().unwrap(), "two\n");
        for _ in 0..2 {
            assert_eq!(code(text.read(1)), Some(ErrorCode::IllegalByteSequence));
        }

        let file = text.into_file();
        assert_eq!(file.file.tell(), 8);
        assert_eq!(file.contents(), b"one\ntwo\r\xffthree");
    }
}

#[test]
fn line_ends_are_read_as_the_newline_setting_says() {
    let bytes = b"a\nb\rc\r\nd\r";
    for (newline, expected) in [
        (Newline::Universal, &["a\n", "b\n", "c\n", "d\n"][..]),
        (Newline::Untranslated, &["a\n", "b\r", "c\r\n", "d\r"]),
        (Newline::Lf, &["a\n", "b\rc\r\n", "d\r"]),
        (Newline::Cr, &["a\nb\r", "c\r", "\nd\r"]),
        (Newline::CrLf, &["a\nb\rc\r\n", "d\r"]),
    ] {
        for at_once in [1, 2, 3, 32768] {
            let instance = Instance::new();
            let text = instance.text(with_newline(newline), bytes);
            text.text.decode_at_once(at_once);

            assert_eq!(text.read_lines().unwrap(), expected, "{newline:?}");
            text.rewind();
            for line in expected {
                assert_eq!(text.read_line().unwrap(), *line, "{newline:?}");
            }
            assert_eq!(text.read_line().unwrap(), "");
            assert_eq!(text.contents(), expected.concat());
        }
    }
}

#[test]
fn limits_and_hints_count_characters() {
    let instance = Instance::new();
    let text = instance.text(settings(), "ää\nöööö\nü\n".as_bytes());
    let line = |limit| text.run(text.text.read_line(Some(limit))).unwrap();
    let lines = |hint| text.run(text.text.read_lines(hint)).unwrap();

    assert_eq!(line(0), "");
    assert_eq!(line(1), "ä");
    assert_eq!(line(9), "ä\n");
    assert_eq!(line(4), "öööö");
    assert_eq!(line(1), "\n");
    text.rewind();
    assert_eq!(lines(Some(3)), ["ää\n"]);
    text.rewind();
    assert_eq!(lines(Some(4)), ["ää\n", "öööö\n"]);
    assert_eq!(lines(Some(0)), ["ü\n"]);
    assert_eq!(lines(None), [""; 0]);
    text.rewind();
    assert_eq!(text.read(0).unwrap(), "");
    assert_eq!(text.read(4).unwrap(), "ää\nö");
    assert_eq!(text.read(u64::MAX).unwrap(), "ööö\nü\n");
    assert_eq!(text.read(1).unwrap(), "");
}

#[test]
fn a_limit_may_split_a_line_end() {
    for (newline, rest) in
        [(Newline::Untranslated, "\n"), (Newline::CrLf, "\nb\r\n"), (Newline::Universal, "b\n")]
    {
        let instance = Instance::new();
        let text = instance.text(with_newline(newline), b"a\r\nb\r\n");

        text.run(text.text.read_line(Some(2))).unwrap();

        assert_eq!(text.read_line().unwrap(), rest, "{newline:?}");
    }
}

#[test]
fn characters_and_line_ends_split_between_pieces_are_read_whole() {
    for (encoding, bytes) in [
        (Encoding::Utf8, "€😀\r\nx".as_bytes()),
        (Encoding::Utf16Le, b"\xac\x20\x3d\xd8\x00\xde\r\0\n\0x\0"),
        (Encoding::Utf16Be, b"\x20\xac\xd8\x3d\xde\x00\0\r\0\n\0x"),
    ] {
        let instance = Instance::new();
        for before in 32768 - bytes.len()..=32768 {
            // The two bytes of a wide character are not separated.
            if encoding != Encoding::Utf8 && before % 2 > 0 {
                continue;
            }
            let letter: &[u8] = match encoding {
                Encoding::Utf8 => b"a",
                Encoding::Utf16Le => b"a\0",
                _ => b"\0a",
            };
            let count = before / letter.len();
            let all = [&letter.repeat(count)[..], bytes].concat();
            let text = instance.text(TextSettings { newline: Newline::Universal, ..encoded(encoding) }, &all);

            assert_eq!(text.read(count as u64).unwrap().len(), count);
            assert_eq!(text.read_line().unwrap(), "€😀\n", "{encoding:?} after {before} bytes");
            assert_eq!(text.read_all().unwrap(), "x");
        }
    }
}

#[test]
fn ten_megabytes_without_a_line_end_are_one_line() {
    let instance = Instance::new();
    let text = instance.spooled(1000).into_text(with_newline(Newline::Universal));
    let line = "ä".repeat(5 * 1024 * 1024);
    text.write(&line).unwrap();
    text.rewind();

    assert_eq!(text.read_line().unwrap(), line);
    assert_eq!(text.read_line().unwrap(), "");
    text.rewind();
    assert_eq!(text.run(text.text.read_line(Some(100_000))).unwrap(), "ä".repeat(100_000));
}

#[test]
fn reading_continues_across_a_rollover() {
    let instance = Instance::new();
    let text = instance.spooled(1_000_000).into_text(with_newline(Newline::Universal));
    for number in 0..20_000 {
        text.write(&format!("€ {number}\r\n")).unwrap();
    }
    text.rewind();

    for number in 0..20_000 {
        if number == 10_000 {
            text.run(text.text.rollover()).unwrap();
            assert!(text.text.is_rolled());
        }
        assert_eq!(text.read_line().unwrap(), format!("€ {number}\n"));
    }

    assert_eq!(text.read_line().unwrap(), "");
}

#[test]
fn many_lines_are_read_with_few_calls_to_the_host() {
    let instance = Instance::new();
    let file = instance.try_unnamed(with_buffer(0)).unwrap();
    file.write("one line of text\n".repeat(10_000).as_bytes()).unwrap();
    let text = file.into_text(settings());
    text.rewind();
    instance.disk.forget_calls();

    while !text.read_line().unwrap().is_empty() {}

    assert!(instance.disk.calls() <= 170_000 / 32768 + 2, "{:?}", instance.disk.made());
}
