//! Encodings: text is encoded and decoded as in Python, and an error loses nothing.

use host_tests::{ErrorCode, ErrorHandling, FileOptions, Result, Scratch, Target, TextOptions};

use crate::suite::tests;

tests! {
    every_mode {
        each_encoding_writes_its_bytes_and_reads_them,
        encodings_are_found_by_the_names_python_knows,
        an_unknown_encoding_lists_the_known_ones,
        a_file_refused_for_its_encoding_is_removed,
        a_byte_order_mark_is_written_once,
        a_byte_order_mark_sets_the_byte_order,
        without_a_byte_order_mark_utf_16_cannot_be_read,
        a_byte_order_mark_in_the_middle_is_a_character,
        undecodable_bytes_are_handled_as_requested,
        a_truncated_character_is_handled_as_requested,
        half_a_surrogate_pair_is_handled_as_requested,
        unencodable_characters_are_handled_as_requested,
        an_unencodable_text_writes_nothing,
        lines_before_an_unencodable_one_are_written,
        a_failed_read_keeps_the_position_and_loses_nothing,
        characters_are_split_by_buffers_of_any_size,
    }
}

const STRICT: ErrorHandling = ErrorHandling::Strict;
const IGNORE: ErrorHandling = ErrorHandling::Ignore;
const REPLACE: ErrorHandling = ErrorHandling::Replace;
const BACKSLASH: ErrorHandling = ErrorHandling::BackslashReplace;
const ESCAPE: ErrorHandling = ErrorHandling::SurrogateEscape;

const NAMES: [&str; 7] = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "ascii"];

fn options(encoding: &str, errors: ErrorHandling) -> TextOptions {
    TextOptions::new().encoding(encoding).errors(errors)
}

/// Checks the text read from `bytes` for each kind of error handling; `None` is an error.
async fn check_reading(
    scratch: &Scratch,
    encoding: &str,
    bytes: &[u8],
    table: [(ErrorHandling, Option<&str>); 5],
) -> Result {
    for (errors, expected) in table {
        let text = scratch.text_of_bytes(bytes, options(encoding, errors)).await?;

        match (text.read(None).await, expected) {
            (Ok(read), Some(expected)) => assert_eq!(read, expected, "{errors:?}"),
            (Err(error), None) => error.assert(ErrorCode::IllegalByteSequence, &[encoding, "position"]),
            (read, _) => panic!("{encoding} {errors:?}: {read:?} instead of {expected:?}"),
        }
        assert_eq!(text.into_bytes().await?, bytes, "{errors:?}");
    }
    Ok(())
}

async fn each_encoding_writes_its_bytes_and_reads_them(scratch: Scratch) -> Result {
    let table: [(&str, &str, &[u8]); 7] = [
        ("utf-8", "ä€𝄞", b"\xc3\xa4\xe2\x82\xac\xf0\x9d\x84\x9e"),
        ("utf-8-sig", "ä€", b"\xef\xbb\xbf\xc3\xa4\xe2\x82\xac"),
        ("utf-16", "ä𝄞", b"\xff\xfe\xe4\0\x34\xd8\x1e\xdd"),
        ("utf-16-le", "ä𝄞", b"\xe4\0\x34\xd8\x1e\xdd"),
        ("utf-16-be", "ä𝄞", b"\0\xe4\xd8\x34\xdd\x1e"),
        ("latin-1", "a\u{80}äÿ", b"a\x80\xe4\xff"),
        ("ascii", "a~\0", b"a~\0"),
    ];
    for (encoding, content, bytes) in table {
        for max_size in [None, Some(3), Some(0)] {
            let file = scratch.create_spooled(max_size).await?;
            let text = scratch.text_of(file, options(encoding, STRICT)).await?;
            text.write(content).await?;

            assert_eq!(text.contents().await?, content, "{encoding}");
            assert_eq!(text.into_bytes().await?, bytes, "{encoding}");
        }
    }
    Ok(())
}

async fn encodings_are_found_by_the_names_python_knows(scratch: Scratch) -> Result {
    for (name, expected) in [
        ("utf8", "utf-8"),
        ("UTF-8", "utf-8"),
        ("U8", "utf-8"),
        ("utf 8 sig", "utf-8-sig"),
        ("Utf_16", "utf-16"),
        ("UTF-16LE", "utf-16-le"),
        ("utf_16_be", "utf-16-be"),
        ("latin1", "latin-1"),
        ("ISO-8859-1", "latin-1"),
        ("us-ascii", "ascii"),
        ("646", "ascii"),
    ] {
        assert_eq!(scratch.find_encoding(name).await?, expected);
    }
    for name in NAMES {
        assert_eq!(scratch.find_encoding(name).await?, name);
    }
    Ok(())
}

async fn an_unknown_encoding_lists_the_known_ones(scratch: Scratch) -> Result {
    for name in ["utf-7", "klingon", "", "utf-88", "ütf-8", &"x".repeat(100_000)] {
        let found = scratch.find_encoding(name).await.unwrap_err();
        let create = scratch.text_of(scratch.create().await?, options(name, STRICT)).await.unwrap_err();

        found.assert(ErrorCode::Unsupported, &NAMES);
        create.assert(ErrorCode::Unsupported, &NAMES);
    }
    Ok(())
}

async fn a_file_refused_for_its_encoding_is_removed(scratch: Scratch) -> Result {
    let file = scratch.create_named().await?;

    scratch.text_of(file, options("klingon", STRICT)).await.unwrap_err();

    scratch.assert_empty().await;
    Ok(())
}

async fn a_byte_order_mark_is_written_once(scratch: Scratch) -> Result {
    for (encoding, bytes) in
        [("utf-8-sig", &b"\xef\xbb\xbfABcdef"[..]), ("utf-16", b"\xff\xfeA\0B\0c\0d\0e\0f\0")]
    {
        let text = scratch.text_of(scratch.create().await?, options(encoding, STRICT)).await?;
        text.write("abc").await?;
        text.write_lines(&["d", "e"]).await?;
        text.seek(Target::Start).await?;
        text.write("AB").await?;
        assert_eq!(text.read(None).await?, "cde", "a second mark is a character");
        text.write("f").await?;

        assert_eq!(text.contents().await?, "ABcdef");
        assert_eq!(text.into_bytes().await?, bytes);
    }
    Ok(())
}

async fn a_byte_order_mark_sets_the_byte_order(scratch: Scratch) -> Result {
    let text = scratch.text_of_bytes(b"\xfe\xff\0a\xd8\x34\xdd\x1e\0b", options("utf-16", STRICT)).await?;

    assert_eq!(text.read(Some(2)).await?, "a𝄞");
    text.write("c").await?;

    assert_eq!(text.contents().await?, "a𝄞c");
    Ok(())
}

async fn without_a_byte_order_mark_utf_16_cannot_be_read(scratch: Scratch) -> Result {
    for errors in [STRICT, IGNORE, REPLACE, BACKSLASH, ESCAPE] {
        let text = scratch.text_of_bytes(b"a\0b\0", options("utf-16", errors)).await?;

        let error = text.read(None).await.unwrap_err();

        error.assert(ErrorCode::IllegalByteSequence, &["utf-16", "byte-order mark"]);
        assert_eq!(text.into_bytes().await?, b"a\0b\0");
    }
    Ok(())
}

async fn a_byte_order_mark_in_the_middle_is_a_character(scratch: Scratch) -> Result {
    for encoding in ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"] {
        let text = scratch.text_of(scratch.create().await?, options(encoding, STRICT)).await?;

        text.write("a\u{feff}b").await?;

        assert_eq!(text.contents().await?, "a\u{feff}b", "{encoding}");
    }
    let text = scratch.text_of_bytes(b"\xef\xbb\xbfa", options("utf-8", STRICT)).await?;
    assert_eq!(text.read(None).await?, "\u{feff}a", "only utf-8-sig removes it");
    Ok(())
}

async fn undecodable_bytes_are_handled_as_requested(scratch: Scratch) -> Result {
    let utf_8 = [
        (STRICT, None),
        (IGNORE, Some("aäz")),
        (REPLACE, Some("a\u{fffd}\u{fffd}ä\u{fffd}z")),
        (BACKSLASH, Some("a\\xff\\xfeä\\xe2\\x82z")),
        (ESCAPE, None),
    ];
    check_reading(&scratch, "utf-8", b"a\xff\xfe\xc3\xa4\xe2\x82z", utf_8).await?;
    let ascii = [
        (STRICT, None),
        (IGNORE, Some("az")),
        (REPLACE, Some("a\u{fffd}\u{fffd}z")),
        (BACKSLASH, Some("a\\xc3\\xa4z")),
        (ESCAPE, None),
    ];
    check_reading(&scratch, "ascii", b"a\xc3\xa4z", ascii).await
}

async fn a_truncated_character_is_handled_as_requested(scratch: Scratch) -> Result {
    let utf_8 = [
        (STRICT, None),
        (IGNORE, Some("a")),
        (REPLACE, Some("a\u{fffd}")),
        (BACKSLASH, Some("a\\xe2\\x82")),
        (ESCAPE, None),
    ];
    check_reading(&scratch, "utf-8", b"a\xe2\x82", utf_8).await?;
    let utf_16 = [
        (STRICT, None),
        (IGNORE, Some("a")),
        (REPLACE, Some("a\u{fffd}")),
        (BACKSLASH, Some("a\\x62")),
        (ESCAPE, None),
    ];
    check_reading(&scratch, "utf-16-le", b"a\0b", utf_16).await
}

async fn half_a_surrogate_pair_is_handled_as_requested(scratch: Scratch) -> Result {
    let first = [
        (STRICT, None),
        (IGNORE, Some("a")),
        (REPLACE, Some("\u{fffd}a")),
        (BACKSLASH, Some("\\x34\\xd8a")),
        (ESCAPE, None),
    ];
    check_reading(&scratch, "utf-16-le", b"\x34\xd8a\0", first).await?;
    let second = [
        (STRICT, None),
        (IGNORE, Some("a")),
        (REPLACE, Some("a\u{fffd}")),
        (BACKSLASH, Some("a\\xdd\\x1e")),
        (ESCAPE, None),
    ];
    check_reading(&scratch, "utf-16-be", b"\0a\xdd\x1e", second).await
}

async fn unencodable_characters_are_handled_as_requested(scratch: Scratch) -> Result {
    for (errors, expected) in [
        (STRICT, None),
        (IGNORE, Some(&b"az"[..])),
        (REPLACE, Some(b"a??z")),
        (BACKSLASH, Some(b"a\\u20ac\\U0001d11ez")),
        (ESCAPE, None),
    ] {
        for encoding in ["latin-1", "ascii"] {
            let text = scratch.text_of(scratch.create().await?, options(encoding, errors)).await?;

            match (text.write("a€𝄞z").await, expected) {
                (Ok(()), Some(expected)) => assert_eq!(text.into_bytes().await?, expected, "{errors:?}"),
                (Err(error), None) => error.assert(ErrorCode::IllegalByteSequence, &[encoding]),
                (written, _) => panic!("{encoding} {errors:?}: {written:?} instead of {expected:?}"),
            }
        }
    }
    Ok(())
}

async fn an_unencodable_text_writes_nothing(scratch: Scratch) -> Result {
    for max_size in [None, Some(8)] {
        let file = scratch.create_spooled(max_size).await?;
        let text = scratch.text_of(file, options("latin-1", STRICT)).await?;
        text.write("before").await?;
        let position = text.tell().await?;

        let error = text.write(&("ä".repeat(100_000) + "€")).await.unwrap_err();

        error.assert(ErrorCode::IllegalByteSequence, &["latin-1"]);
        assert!(!text.is_rolled().await);
        assert_eq!(text.tell().await?, position);
        text.write(", after").await?;
        assert_eq!(text.into_bytes().await?, b"before, after");
    }
    Ok(())
}

async fn lines_before_an_unencodable_one_are_written(scratch: Scratch) -> Result {
    let text = scratch.text_of(scratch.create().await?, options("ascii", STRICT)).await?;

    let error = text.write_lines(&["one\n", "two\n", "drü\n", "four\n"]).await.unwrap_err();

    error.assert(ErrorCode::IllegalByteSequence, &["ascii"]);
    assert_eq!(text.into_bytes().await?, b"one\ntwo\n");
    Ok(())
}

async fn a_failed_read_keeps_the_position_and_loses_nothing(scratch: Scratch) -> Result {
    let line = "a line before it\n".repeat(10_000);
    let bytes = [line.as_bytes(), b"bad: \xff\n", b"after\n"].concat();
    let text = scratch.text_of_bytes(&bytes, options("utf-8", STRICT)).await?;
    assert_eq!(text.read_line(None).await?, "a line before it\n");
    let position = text.tell().await?;

    for read in [
        text.read(None).await.map(drop),
        text.read_lines(None).await.map(drop),
        text.read(Some(170_000)).await.map(drop),
    ] {
        read.unwrap_err().assert(ErrorCode::IllegalByteSequence, &["0xff", "position 170005"]);
        assert_eq!(text.tell().await?, position);
    }

    assert_eq!(text.read_line(None).await?, "a line before it\n");
    let file = text.into_file().await;
    assert_eq!(file.tell().await, 34);
    assert!(file.contents().await? == bytes);
    Ok(())
}

async fn characters_are_split_by_buffers_of_any_size(scratch: Scratch) -> Result {
    let content = "aä€𝄞\n".repeat(10_000);
    for encoding in ["utf-8", "utf-16", "utf-16-be"] {
        for size in [0, 1, 3, 1_000, 1 << 20] {
            let file = scratch.create_with(FileOptions::new().buffer_size(size)).await?;
            let text = scratch.text_of(file, options(encoding, STRICT)).await?;
            text.write(&content).await?;

            assert!(text.contents().await? == content, "{encoding} {size}");
            text.seek(Target::Start).await?;
            let lines = text.read_lines(None).await?;
            assert!(lines.len() == 10_000 && lines.iter().all(|line| line == "aä€𝄞\n"), "{encoding} {size}");
        }
    }
    Ok(())
}
