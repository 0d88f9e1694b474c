//! Text: characters and lines over files of every kind, and positions in them.

use futures::future::try_join_all;
use host_tests::{
    Access, ErrorCode, FileOptions, Newline, Result, Scratch, Target, TextOptions, TextPosition,
};

use crate::suite::tests;

tests! {
    every_mode {
        written_text_is_read_from_the_start,
        lines_are_iterated_to_the_end,
        iteration_continues_across_a_rollover,
        characters_are_counted_not_bytes,
        a_line_can_be_limited_in_characters,
        lines_are_read_until_a_hint_in_characters,
        each_newline_reads_as_in_python,
        each_newline_writes_as_in_python,
        seeking_returns_to_a_position,
        an_invented_position_is_refused,
        a_write_after_a_read_continues_at_the_position,
        truncate_cuts_at_the_position_or_to_a_size,
        appended_text_is_written_at_the_end,
        ten_megabytes_without_a_newline_are_one_line,
    }
    async_modes {
        operations_on_one_text_happen_in_the_order_of_their_calls,
    }
}

async fn written_text_is_read_from_the_start(scratch: Scratch) -> Result {
    for text in scratch.text_of_each_kind(TextOptions::new()).await? {
        text.write("Temporary files are fün!").await?;
        text.seek(Target::Start).await?;

        assert_eq!(text.read(None).await?, "Temporary files are fün!");
        assert_eq!(text.read(None).await?, "");
        text.close().await?;
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn lines_are_iterated_to_the_end(scratch: Scratch) -> Result {
    for text in scratch.text_of_each_kind(TextOptions::new()).await? {
        text.write_lines(&["first\n", "\n", "third, ", "still\n", "last"]).await?;
        text.seek(Target::Start).await?;

        for line in ["first\n", "\n", "third, still\n", "last", "", ""] {
            assert_eq!(text.read_line(None).await?, line);
        }
        text.close().await?;
    }
    Ok(())
}

async fn iteration_continues_across_a_rollover(scratch: Scratch) -> Result {
    let text = scratch.text_of(scratch.create_spooled(30).await?, TextOptions::new()).await?;
    text.write("eins\nzwei\ndrei\nvier\n").await?;
    text.seek(Target::Start).await?;
    assert_eq!(text.read_line(None).await?, "eins\n");
    let second = text.tell().await?;

    text.seek(Target::End).await?;
    text.write("fünf\nund viele mehr\n").await?;
    assert!(text.is_rolled().await);
    text.seek(Target::Position(second)).await?;

    assert_eq!(text.read_line(None).await?, "zwei\n");
    assert_eq!(text.read_lines(None).await?, ["drei\n", "vier\n", "fünf\n", "und viele mehr\n"]);
    Ok(())
}

async fn characters_are_counted_not_bytes(scratch: Scratch) -> Result {
    for text in scratch.text_of_each_kind(TextOptions::new()).await? {
        text.write("aä€𝄞z").await?;
        text.seek(Target::Start).await?;

        assert_eq!(text.read(Some(0)).await?, "");
        assert_eq!(text.read(Some(2)).await?, "aä");
        assert_eq!(text.read(Some(2)).await?, "€𝄞");
        assert_eq!(text.read(Some(u64::MAX)).await?, "z");
    }
    Ok(())
}

async fn a_line_can_be_limited_in_characters(scratch: Scratch) -> Result {
    let text = scratch.text_of_bytes("äöüß\n€\n".as_bytes(), TextOptions::new()).await?;

    assert_eq!(text.read_line(Some(0)).await?, "");
    assert_eq!(text.read_line(Some(3)).await?, "äöü");
    assert_eq!(text.read_line(Some(3)).await?, "ß\n");
    assert_eq!(text.read_line(Some(u64::MAX)).await?, "€\n");
    assert_eq!(text.read_line(Some(1)).await?, "");
    Ok(())
}

async fn lines_are_read_until_a_hint_in_characters(scratch: Scratch) -> Result {
    let text = scratch.text_of_bytes("ää\nöö\nüü\nß".as_bytes(), TextOptions::new()).await?;

    assert_eq!(text.read_lines(Some(4)).await?, ["ää\n", "öö\n"]);
    assert_eq!(text.read_lines(Some(1)).await?, ["üü\n"]);
    assert_eq!(text.read_lines(Some(u64::MAX)).await?, ["ß"]);
    assert!(text.read_lines(None).await?.is_empty());
    text.seek(Target::Start).await?;
    assert_eq!(text.read_lines(Some(0)).await?.len(), 4, "as without a hint");
    Ok(())
}

async fn each_newline_reads_as_in_python(scratch: Scratch) -> Result {
    let table: [(Newline, &[&str]); 5] = [
        (Newline::Universal, &["a\n", "b\n", "c\n", "\n", "d"]),
        (Newline::Untranslated, &["a\n", "b\r", "c\r\n", "\r", "d"]),
        (Newline::LineFeed, &["a\n", "b\rc\r\n", "\rd"]),
        (Newline::CarriageReturn, &["a\nb\r", "c\r", "\n\r", "d"]),
        (Newline::CarriageReturnLineFeed, &["a\nb\rc\r\n", "\rd"]),
    ];
    for (newline, lines) in table {
        let options = TextOptions::new().newline(newline);
        let text = scratch.text_of_bytes(b"a\nb\rc\r\n\rd", options).await?;

        assert_eq!(text.read_lines(None).await?, lines, "{newline:?}");
        assert_eq!(text.contents().await?, lines.concat(), "{newline:?}");
        text.seek(Target::Start).await?;
        for line in lines {
            assert_eq!(text.read_line(None).await?, *line, "{newline:?}");
        }
    }
    Ok(())
}

async fn each_newline_writes_as_in_python(scratch: Scratch) -> Result {
    for (newline, bytes) in [
        (Newline::Universal, "a\nb\r\nc\rd"),
        (Newline::Untranslated, "a\nb\r\nc\rd"),
        (Newline::LineFeed, "a\nb\r\nc\rd"),
        (Newline::CarriageReturn, "a\rb\r\rc\rd"),
        (Newline::CarriageReturnLineFeed, "a\r\nb\r\r\nc\rd"),
    ] {
        for text in scratch.text_of_each_kind(TextOptions::new().newline(newline)).await? {
            text.write("a\nb\r").await?;
            text.write_lines(&["\nc", "\rd"]).await?;

            assert_eq!(text.into_bytes().await?, bytes.as_bytes(), "{newline:?}");
        }
    }
    Ok(())
}

async fn seeking_returns_to_a_position(scratch: Scratch) -> Result {
    let content = "aä€𝄞\r\nb\rc\n𝄞\n".repeat(50);
    for encoding in ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"] {
        for newline in [Newline::Universal, Newline::Untranslated] {
            let options = TextOptions::new().encoding(encoding).newline(newline);
            let text = scratch.text_of(scratch.create().await?, options).await?;
            text.write(&content).await?;
            let whole = text.contents().await?;
            let length = whole.chars().count() as u64;

            for count in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100, length] {
                text.seek(Target::Start).await?;
                let begin = text.read(Some(count)).await?;
                let position = text.tell().await?;
                assert_eq!(begin.clone() + &text.read(None).await?, whole);
                text.seek(Target::Position(position)).await?;
                let again = begin + &text.read(None).await?;
                assert_eq!(again, whole, "{encoding} {newline:?} {count}");
            }
        }
    }
    Ok(())
}

async fn an_invented_position_is_refused(scratch: Scratch) -> Result {
    let text = scratch.text_of_bytes("äöü".as_bytes(), TextOptions::new()).await?;
    let other = TextOptions::new().encoding("utf-16-le");
    let other = scratch.text_of_bytes(b"a\0b\0c\0", other).await?;
    other.read(Some(1)).await?;
    text.read(Some(1)).await?;
    let told = text.tell().await?;

    for position in [
        TextPosition { offset: 3, state: 0 },
        TextPosition { offset: u64::MAX, state: u64::MAX },
        TextPosition { offset: told.offset + 1, ..told },
        TextPosition { state: told.state ^ 1, ..told },
        other.tell().await?,
    ] {
        let error = text.seek(Target::Position(position)).await.unwrap_err();

        error.assert(ErrorCode::Invalid, &["position"]);
        assert_eq!(text.tell().await?, told);
    }
    assert_eq!(text.read(None).await?, "öü");
    Ok(())
}

async fn a_write_after_a_read_continues_at_the_position(scratch: Scratch) -> Result {
    for text in scratch.text_of_each_kind(TextOptions::new()).await? {
        text.write("0123456789\n").await?;
        text.seek(Target::Start).await?;
        assert_eq!(text.read(Some(3)).await?, "012");

        text.write("xyz").await?;

        assert_eq!(text.read(Some(2)).await?, "67");
        assert_eq!(text.contents().await?, "012xyz6789\n");
    }
    Ok(())
}

async fn truncate_cuts_at_the_position_or_to_a_size(scratch: Scratch) -> Result {
    for text in scratch.text_of_each_kind(TextOptions::new()).await? {
        text.write("äöü and more").await?;
        text.seek(Target::Start).await?;
        text.read(Some(2)).await?;

        text.truncate(None).await?;
        assert_eq!(text.read(None).await?, "");
        assert_eq!(text.contents().await?, "äö");
        text.truncate(Some(5)).await?;
        assert_eq!(text.contents().await?, "äö\0", "a size is in bytes");
    }
    Ok(())
}

async fn appended_text_is_written_at_the_end(scratch: Scratch) -> Result {
    for max_size in [None, Some(4), Some(0)] {
        let file = scratch.create_spooled_with(max_size, FileOptions::new().access(Access::Append)).await?;
        let text = scratch.text_of(file, TextOptions::new().encoding("utf-8-sig")).await?;
        text.write("one ").await?;
        text.seek(Target::Start).await?;

        text.write("two").await?;

        assert_eq!(text.contents().await?, "one two");
        assert_eq!(text.into_bytes().await?, "\u{feff}one two".as_bytes(), "one mark is enough");
    }
    Ok(())
}

async fn ten_megabytes_without_a_newline_are_one_line(scratch: Scratch) -> Result {
    let line = "ä".repeat(5 * 1024 * 1024);
    let text = scratch.text_of_bytes(line.as_bytes(), TextOptions::new()).await?;

    assert_eq!(text.read_line(Some(3)).await?, "äää");
    assert!(text.read_line(None).await? == line[6..]);
    assert_eq!(text.read_line(None).await?, "");
    Ok(())
}

async fn operations_on_one_text_happen_in_the_order_of_their_calls(scratch: Scratch) -> Result {
    for text in scratch.text_of_each_kind(TextOptions::new().encoding("utf-16")).await? {
        let pieces: Vec<String> = (0..100).map(|number| format!("Zeile für {number}\n")).collect();

        try_join_all(pieces.iter().map(|piece| text.write(piece))).await?;
        let (start, one, two) =
            futures::join!(text.seek(Target::Start), text.read_line(None), text.read_line(None));

        start?;
        assert_eq!([one?, two?], pieces[..2]);
        assert_eq!(text.read_lines(None).await?, pieces[2..]);
    }
    Ok(())
}
