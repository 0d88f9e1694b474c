//! The file below a text: its access, rollover and removal.

use host_tests::{Access, ErrorCode, FileOptions, Result, Scratch, Target, TextOptions, Whence};

use crate::suite::tests;

tests! {
    every_mode {
        max_size_counts_bytes,
        a_rollover_moves_bytes_as_they_are,
        operations_that_access_forbids_are_refused,
        a_text_begins_at_the_position_of_its_file,
        a_text_gives_its_file_back_at_its_position,
        dropping_a_text_removes_its_file,
        closing_a_text_removes_its_file,
        after_close_a_text_is_closed,
        a_closed_file_becomes_no_text,
    }
    async_modes {
        a_file_with_a_stream_under_way_becomes_no_text,
    }
}

async fn max_size_counts_bytes(scratch: Scratch) -> Result {
    let text = scratch.text_of(scratch.create_spooled(4).await?, TextOptions::new()).await?;

    text.write("äö").await?;
    assert!(!text.is_rolled().await);
    text.write("ü").await?;

    assert!(text.is_rolled().await);
    assert_eq!(text.contents().await?, "äöü");
    Ok(())
}

async fn a_rollover_moves_bytes_as_they_are(scratch: Scratch) -> Result {
    let text = scratch.text_of(scratch.create_spooled(None).await?, TextOptions::new()).await?;
    text.write("a\r\nb\nc\r").await?;
    let end = text.tell().await?;

    text.rollover().await?;

    assert!(text.is_rolled().await);
    assert_eq!(text.tell().await?, end);
    assert_eq!(text.contents().await?, "a\nb\nc\n");
    assert_eq!(text.into_bytes().await?, b"a\r\nb\nc\r");
    Ok(())
}

async fn operations_that_access_forbids_are_refused(scratch: Scratch) -> Result {
    for (access, may_read, may_write) in [
        (Access::ReadWrite, true, true),
        (Access::ReadOnly, true, false),
        (Access::WriteOnly, false, true),
        (Access::Append, true, true),
        (Access::AppendOnly, false, true),
    ] {
        for max_size in [None, Some(0)] {
            let file = scratch.create_spooled_with(max_size, FileOptions::new().access(access)).await?;
            let text = scratch.text_of(file, TextOptions::new()).await?;

            for write in [text.write("x").await, text.write_lines(&["x"]).await, text.truncate(Some(0)).await]
            {
                let expected = if may_write { Ok(()) } else { Err(ErrorCode::NotPermitted) };
                assert_eq!(write.map_err(|error| error.code), expected, "{access:?}");
            }
            for read in [
                text.read(None).await.map(drop),
                text.read_line(None).await.map(drop),
                text.read_lines(None).await.map(drop),
            ] {
                let expected = if may_read { Ok(()) } else { Err(ErrorCode::NotPermitted) };
                assert_eq!(read.map_err(|error| error.code), expected, "{access:?}");
            }
        }
    }
    Ok(())
}

async fn a_text_begins_at_the_position_of_its_file(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    file.write(b"abcdef").await?;
    file.seek(2, Whence::Start).await?;

    let text = scratch.text_of(file, TextOptions::new()).await?;

    assert_eq!(text.read(None).await?, "cdef");
    assert_eq!(text.contents().await?, "abcdef");
    Ok(())
}

async fn a_text_gives_its_file_back_at_its_position(scratch: Scratch) -> Result {
    for text in scratch.text_of_each_kind(TextOptions::new()).await? {
        text.write("äöü, €").await?;
        text.seek(Target::Start).await?;
        assert_eq!(text.read(Some(2)).await?, "äö");

        let file = text.into_file().await;

        assert_eq!(file.tell().await, 4);
        assert_eq!(file.read_to_end().await?, "ü, €".as_bytes());
        file.close().await?;
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn dropping_a_text_removes_its_file(scratch: Scratch) -> Result {
    let texts = scratch.text_of_each_kind(TextOptions::new()).await?;
    for text in &texts {
        text.write("still in the buffer").await?;
    }
    assert_eq!(scratch.entries(), texts[1].path().await.as_slice());

    drop(texts);

    scratch.assert_empty().await;
    Ok(())
}

async fn closing_a_text_removes_its_file(scratch: Scratch) -> Result {
    let text = scratch.text_of(scratch.create_named().await?, TextOptions::new()).await?;
    text.write("content").await?;
    let path = text.path().await;
    text.flush().await?;
    assert_eq!(std::fs::read(scratch.host(path.as_deref().expect("it has a name")))?, b"content");

    text.close().await?;

    assert!(scratch.entries().is_empty());
    assert!(text.is_closed().await);
    assert_eq!(text.path().await, path);
    text.close().await?;
    Ok(())
}

async fn after_close_a_text_is_closed(scratch: Scratch) -> Result {
    for text in scratch.text_of_each_kind(TextOptions::new()).await? {
        text.write("content").await?;
        text.close().await?;

        let results = [
            text.read(None).await.map(drop),
            text.read_line(None).await.map(drop),
            text.read_lines(None).await.map(drop),
            text.write("x").await,
            text.write_lines(&["x"]).await,
            text.tell().await.map(drop),
            text.seek(Target::Start).await,
            text.truncate(None).await,
            text.flush().await,
            text.rollover().await,
        ];
        for (number, result) in results.into_iter().enumerate() {
            assert_eq!(result.unwrap_err().code, ErrorCode::Closed, "operation {number}");
        }
        assert!(text.into_file().await.is_closed().await);
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn a_closed_file_becomes_no_text(scratch: Scratch) -> Result {
    for file in [scratch.create().await?, scratch.create_named().await?, scratch.create_spooled(None).await?]
    {
        file.close().await?;

        let error = scratch.text_of(file, TextOptions::new()).await.unwrap_err();

        error.assert(ErrorCode::Closed, &[]);
    }
    Ok(())
}

async fn a_file_with_a_stream_under_way_becomes_no_text(scratch: Scratch) -> Result {
    let file = scratch.create_named().await?;
    file.write(&vec![b'x'; 1_000_000]).await?;
    file.seek(0, Whence::Start).await?;
    let stream = file.read_via_stream().await;

    let error = scratch.text_of(file, TextOptions::new()).await.unwrap_err();

    error.assert(ErrorCode::Busy, &["an operation is running"]);
    let (read, outcome) = stream.collect().await;
    outcome?;
    assert_eq!(read.len(), 1_000_000, "the stream goes on");
    scratch.assert_empty().await;
    Ok(())
}
