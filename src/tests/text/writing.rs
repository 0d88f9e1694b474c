//! Writing text: encodings, errors, line ends, byte-order marks, and positions.

use crate::tests::text::*;
use crate::tests::*;
use crate::text::TextSettings;
use crate::text::encoding::{Encoding, ErrorHandling};
use crate::text::newline::Newline;

fn appending() -> FileOptions {
    with_access(Access::Append)
}

#[test]
fn every_encoding_is_written() {
    for (encoding, expected) in [
        (Encoding::Utf8, "é€😀".as_bytes()),
        (Encoding::Utf8Sig, "\u{feff}é€😀".as_bytes()),
        (Encoding::Utf16, b"\xff\xfe\xe9\0\xac\x20\x3d\xd8\x00\xde"),
        (Encoding::Utf16Le, b"\xe9\0\xac\x20\x3d\xd8\x00\xde"),
        (Encoding::Utf16Be, b"\0\xe9\x20\xac\xd8\x3d\xde\x00"),
    ] {
        assert_eq!(written(encoded(encoding), "é€😀").unwrap(), expected, "{encoding:?}");
    }
    assert_eq!(written(encoded(Encoding::Latin1), "éÿ").unwrap(), b"\xe9\xff");
    assert_eq!(written(encoded(Encoding::Ascii), "a\x7f").unwrap(), b"a\x7f");
}

#[test]
fn unencodable_characters_are_treated_as_the_error_handling_says() {
    use ErrorHandling::*;
    for (errors, expected) in [
        (Strict, Err(ErrorCode::IllegalByteSequence)),
        (Ignore, Ok(&b"ab"[..])),
        (Replace, Ok(b"a???b")),
        (BackslashReplace, Ok(b"a\\xe9\\u20ac\\U0001f600b")),
        (SurrogateEscape, Err(ErrorCode::IllegalByteSequence)),
    ] {
        let settings = TextSettings { errors, ..encoded(Encoding::Ascii) };
        assert_eq!(
            written(settings, "aé€😀b").as_deref(),
            expected.as_ref().map(|bytes| *bytes),
            "{errors:?}"
        );
    }
}

#[test]
fn unencodable_text_is_an_error_that_changes_nothing() {
    let instance = Instance::new();
    let text = instance.text(encoded(Encoding::Latin1), b"abcdef");
    text.read(2).unwrap();

    let error = text.write("éé€").unwrap_err();

    assert_eq!(error.code, ErrorCode::IllegalByteSequence);
    assert!(error.message.contains("U+20AC at character 2"), "{}", error.message);
    assert_eq!(code(text.write_lines(&["X", "€", "Y"])), Some(ErrorCode::IllegalByteSequence));
    assert_eq!(text.read(1).unwrap(), "d");
    assert_eq!(text.into_bytes(), b"abXdef");
}

#[test]
fn line_ends_are_written_as_the_newline_setting_says() {
    for (newline, expected) in [
        (Newline::Universal, "a\nb\r\nc\r"),
        (Newline::Untranslated, "a\nb\r\nc\r"),
        (Newline::Lf, "a\nb\r\nc\r"),
        (Newline::Cr, "a\rb\r\rc\r"),
        (Newline::CrLf, "a\r\nb\r\r\nc\r"),
    ] {
        let bytes = written(with_newline(newline), "a\nb\r\nc\r").unwrap();
        assert_eq!(bytes, expected.as_bytes(), "{newline:?}");
    }
}

#[test]
fn a_byte_order_mark_is_written_only_at_the_beginning() {
    for (encoding, mark) in [(Encoding::Utf8Sig, &b"\xef\xbb\xbf"[..]), (Encoding::Utf16, b"\xff\xfe")] {
        let character = encoding == Encoding::Utf16;
        let unit = |byte: u8| if character { vec![byte, 0] } else { vec![byte] };
        let instance = Instance::new();
        let text = instance.text(encoded(encoding), b"");

        text.write("").unwrap();
        text.write("ab").unwrap();
        text.rewind();
        text.write("c").unwrap();
        text.seek(Target::End).unwrap();
        text.write("d").unwrap();

        assert_eq!(text.into_bytes(), [mark, &unit(b'c'), &unit(b'b'), &unit(b'd')].concat());
    }
}

#[test]
fn a_text_opened_behind_the_beginning_of_its_file_gets_no_byte_order_mark() {
    let instance = Instance::new();
    let file = instance.unnamed();
    file.write(b"head").unwrap();
    let text = file.into_text(encoded(Encoding::Utf16));

    text.write("a").unwrap();

    assert_eq!(text.into_bytes(), b"heada\0");
}

#[test]
fn a_byte_order_mark_is_written_again_after_a_truncation_to_nothing() {
    let instance = Instance::new();
    let text = instance.text(encoded(Encoding::Utf8Sig), b"");
    text.write("old").unwrap();

    text.truncate(Some(0)).unwrap();
    text.rewind();
    text.write("new").unwrap();

    assert_eq!(text.into_bytes(), "\u{feff}new".as_bytes());
}

#[test]
fn a_text_read_as_big_endian_is_written_as_big_endian() {
    let instance = Instance::new();
    let text = instance.text(encoded(Encoding::Utf16), b"\xfe\xff\0a");

    assert_eq!(text.read_all().unwrap(), "a");
    text.write("b").unwrap();
    text.rewind();
    text.seek(Target::End).unwrap();
    text.write("c").unwrap();

    assert_eq!(text.into_bytes(), b"\xfe\xff\0a\0b\0c");
}

#[test]
fn a_write_goes_to_the_position_where_reading_stopped() {
    type Reading = fn(&TestText);
    let reading: [(&str, Newline, Reading, &[u8]); 5] = [
        ("characters", Newline::Lf, |text| drop(text.read(1).unwrap()), b"\xc3\xa4X\nc\r\xc3\xa4\xffd"),
        (
            "a line",
            Newline::Universal,
            |text| drop(text.read_line().unwrap()),
            b"\xc3\xa4\r\nX\r\xc3\xa4\xffd",
        ),
        (
            "a lone return",
            Newline::Universal,
            |text| drop(text.read(4).unwrap()),
            b"\xc3\xa4\r\nc\rX\xa4\xffd",
        ),
        (
            "half a pair",
            Newline::Untranslated,
            |text| drop(text.read(2).unwrap()),
            b"\xc3\xa4\rXc\r\xc3\xa4\xffd",
        ),
        ("all", Newline::Universal, |text| drop(text.read_all().unwrap()), b"\xc3\xa4\r\nc\r\xc3\xa4\xffdX"),
    ];
    for (name, newline, read, expected) in reading {
        for at_once in [1, 3, 32768] {
            let instance = Instance::new();
            let settings = TextSettings { errors: ErrorHandling::BackslashReplace, ..with_newline(newline) };
            let text = instance.text(settings, b"\xc3\xa4\r\nc\r\xc3\xa4\xffd");
            text.text.decode_at_once(at_once);

            read(&text);
            text.write("X").unwrap();

            assert_eq!(text.into_bytes(), expected, "{name}");
        }
    }
}

#[test]
fn a_write_within_an_escaped_byte_goes_after_that_byte() {
    let instance = Instance::new();
    let text = instance.text(with_errors(ErrorHandling::BackslashReplace), b"a\xff\xfeb");

    assert_eq!(text.read(3).unwrap(), "a\\x");
    text.write("").unwrap();
    assert_eq!(text.read(1).unwrap(), "f");
    text.write("X").unwrap();

    assert_eq!(text.read_all().unwrap(), "b");
    assert_eq!(text.into_bytes(), b"a\xffXb");
}

#[test]
fn ignored_bytes_at_the_end_are_not_overwritten() {
    let instance = Instance::new();
    let text = instance.text(with_errors(ErrorHandling::Ignore), b"a\xff\xe2\x82");

    assert_eq!(text.read_all().unwrap(), "a");
    text.write("b").unwrap();

    assert_eq!(text.into_bytes(), b"a\xff\xe2\x82b");
}

#[test]
fn appending_writes_at_the_end_from_every_position() {
    let instance = Instance::new();
    for file in [instance.try_named(appending()), instance.try_spooled(Some(3), appending())] {
        let text = file.unwrap().into_text(encoded(Encoding::Utf8Sig));

        text.write("one\n").unwrap();
        text.rewind();
        text.write("two\n").unwrap();
        text.rewind();
        assert_eq!(text.read_line().unwrap(), "one\n");
        text.write("three").unwrap();

        assert_eq!(text.read_all().unwrap(), "");
        assert_eq!(text.into_bytes(), "\u{feff}one\ntwo\nthree".as_bytes());
    }
}

#[test]
fn a_write_that_rolls_the_file_over_keeps_text_and_position() {
    let instance = Instance::new();
    let text = instance.spooled(8).into_text(encoded(Encoding::Utf16));

    text.write("abc").unwrap();
    assert!(!text.text.is_rolled());
    text.write("😀").unwrap();

    assert!(text.text.is_rolled());
    assert_eq!(text.contents(), "abc😀");
}

#[test]
fn truncation_without_a_size_cuts_at_the_position() {
    let instance = Instance::new();
    let text = instance.text(with_newline(Newline::Universal), "ä\r\nb\r\nc".as_bytes());

    text.read_line().unwrap();
    let told = text.tell().unwrap();
    text.truncate(None).unwrap();
    assert_eq!(text.tell().unwrap(), told);
    assert_eq!(text.read_all().unwrap(), "");
    text.truncate(Some(1)).unwrap();
    text.write("x").unwrap();

    assert_eq!(text.into_bytes(), b"\xc3\0\0\0x");
}

#[test]
fn truncated_text_is_not_read_any_more() {
    let instance = Instance::new();
    let text = instance.text(settings(), b"one\ntwo\n");
    text.read(2).unwrap();

    text.truncate(Some(5)).unwrap();

    assert_eq!(text.read_all().unwrap(), "e\nt");
}

#[test]
fn a_write_above_the_largest_position_is_refused() {
    let instance = Instance::new();
    let file = instance.unnamed();
    file.seek(i64::MAX, Whence::Start).unwrap();
    let text = file.into_text(settings());

    assert_eq!(code(text.write("x")), Some(ErrorCode::FileTooLarge));
    assert_eq!(text.read_all().unwrap(), "");
    let told = text.tell().unwrap();
    text.rewind();
    text.seek(Target::Position(told)).unwrap();
    assert_eq!(text.into_file().file.tell(), i64::MAX as u64);
}
