//! Streams: whole contents in and out; a stream holds its file until its end.

use host_tests::{Bytes, ErrorCode, FileOptions, Result, Scratch, Whence, bytes, pattern};

use crate::suite::tests;

tests! {
    async_modes {
        a_stream_reads_from_the_position_to_the_end,
        a_stream_writes_everything_and_returns_the_size,
        a_stream_into_a_spool_rolls_it_over,
        pieces_of_any_size_are_taken,
        an_empty_stream_changes_nothing,
        taken_bytes_count_as_read,
        a_stream_holds_its_file_until_it_is_dropped,
        a_write_waits_for_the_stream_before_it,
        closing_ends_a_stream_being_read,
        closing_ends_a_stream_being_written,
        a_stream_outlives_its_dropped_file,
        many_streams_run_side_by_side,
        a_stream_from_one_file_into_another_copies_it,
        a_slow_writer_does_not_hold_up_other_files,
    }
}

async fn a_stream_reads_from_the_position_to_the_end(scratch: Scratch) -> Result {
    let content = pattern(1_000_000);
    for file in [scratch.create().await?, scratch.create_spooled(None).await?] {
        file.write(&content).await?;
        file.seek(10, Whence::Start).await?;

        let (read, outcome) = file.read_via_stream().await.collect().await;

        outcome?;
        assert!(read == content[10..]);
        assert_eq!(file.tell().await, 1_000_000);
        file.close().await?;
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn a_stream_writes_everything_and_returns_the_size(scratch: Scratch) -> Result {
    let content = pattern(1_000_000);
    for file in [scratch.create().await?, scratch.create_spooled(None).await?, scratch.create_named().await?]
    {
        file.write(b"before").await?;

        let written = file.write_via_stream(Bytes::from_vec(content.clone())).await?;

        assert_eq!(written, 1_000_000);
        assert_eq!(file.tell().await, 1_000_006);
        file.write(b"after").await?;
        assert!(file.contents().await? == [b"before", &content[..], b"after"].concat());
        file.close().await?;
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn a_stream_into_a_spool_rolls_it_over(scratch: Scratch) -> Result {
    let content = pattern(200_000);
    let file = scratch.create_spooled(100_000).await?;

    file.write_via_stream(Bytes::from_vec(content.clone())).await?;

    assert!(file.is_rolled().await);
    assert!(file.contents().await? == content);
    Ok(())
}

async fn pieces_of_any_size_are_taken(scratch: Scratch) -> Result {
    let file = scratch.create_with(FileOptions::new().buffer_size(10)).await?;
    let pieces: Vec<Vec<u8>> = [1, 0, 9, 10, 11, 70_000, 3].map(pattern).to_vec();
    let (mut sender, bytes) = bytes();

    let sending = async {
        for piece in &pieces {
            assert!(sender.send(piece).await);
        }
        drop(sender);
    };
    let (written, ()) = futures::join!(file.write_via_stream(bytes), sending);

    assert_eq!(written?, 70_034);
    assert!(file.contents().await? == pieces.concat());
    Ok(())
}

async fn an_empty_stream_changes_nothing(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    file.seek(5, Whence::Start).await?;

    assert_eq!(file.write_via_stream(Bytes::from_vec(Vec::new())).await?, 0);
    let (read, outcome) = file.read_via_stream().await.collect().await;

    outcome?;
    assert!(read.is_empty());
    assert_eq!(file.tell().await, 5);
    assert_eq!(file.size().await?, 0);
    Ok(())
}

async fn taken_bytes_count_as_read(scratch: Scratch) -> Result {
    let content = pattern(1_000_000);
    let file = scratch.create().await?;
    file.write(&content).await?;
    file.seek(0, Whence::Start).await?;

    let mut stream = file.read_via_stream().await;
    let mut taken = 0;
    while taken < 100_000 {
        taken += stream.next().await.expect("there is more").len();
    }
    stream.outcome().await?;
    let position = file.tell().await as usize;

    // The harness buffers a piece or two.
    assert!((taken..1_000_000).contains(&position), "{taken} {position}");
    assert!(file.read_to_end().await? == content[position..]);
    Ok(())
}

async fn a_stream_holds_its_file_until_it_is_dropped(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    file.write(&pattern(1_000_000)).await?;
    file.seek(0, Whence::Start).await?;
    let mut stream = file.read_via_stream().await;
    stream.next().await.expect("there is content");

    assert!(!file.try_write(b"x").await?);
    assert_eq!(file.try_read(1).await?, None);
    let (write, outcome) = futures::join!(file.write_at(b"x", 0), stream.outcome());

    write?;
    outcome?;
    assert_eq!(file.read_at(1, 0).await?, b"x");
    Ok(())
}

async fn a_write_waits_for_the_stream_before_it(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    let (mut sender, bytes) = bytes();

    let sending = async move {
        for piece in [b"one ", b"two "] {
            assert!(sender.send(piece).await);
            tokio::task::yield_now().await;
        }
    };
    let (streamed, written, ()) = futures::join!(file.write_via_stream(bytes), file.write(b"three"), sending);

    written?;
    assert_eq!(streamed?, 8);
    assert_eq!(file.contents().await?, b"one two three");
    Ok(())
}

async fn closing_ends_a_stream_being_read(scratch: Scratch) -> Result {
    for file in [scratch.create_named().await?, scratch.create_spooled(None).await?] {
        file.write(&pattern(3_000_000)).await?;
        file.seek(0, Whence::Start).await?;
        let mut stream = file.read_via_stream().await;
        stream.next().await.expect("there is content");

        file.close().await?;
        let (rest, outcome) = stream.collect().await;

        outcome.unwrap_err().assert(ErrorCode::Closed, &[]);
        assert!(rest.len() < 3_000_000);
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn closing_ends_a_stream_being_written(scratch: Scratch) -> Result {
    let file = scratch.create_named().await?;
    let (mut sender, bytes) = bytes();

    let closing = async {
        assert!(sender.send(b"before").await);
        file.close().await
    };
    let (written, closed) = futures::join!(file.write_via_stream(bytes), closing);

    closed?;
    written.unwrap_err().assert(ErrorCode::Closed, &[]);
    while sender.send(b"after").await {}
    scratch.assert_empty().await;
    Ok(())
}

async fn a_stream_outlives_its_dropped_file(scratch: Scratch) -> Result {
    let content = pattern(1_000_000);
    for file in [scratch.create_named().await?, scratch.create_spooled(None).await?] {
        file.write(&content).await?;
        file.seek(0, Whence::Start).await?;
        let stream = file.read_via_stream().await;

        drop(file);
        let (read, outcome) = stream.collect().await;

        outcome?;
        assert!(read == content);
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn many_streams_run_side_by_side(scratch: Scratch) -> Result {
    let work = async |number: usize| -> Result {
        let content = pattern(50_000 + number);
        let file = scratch.create_named().await?;
        file.write_via_stream(Bytes::from_vec(content.clone())).await?;
        file.seek(0, Whence::Start).await?;
        let (read, outcome) = file.read_via_stream().await.collect().await;
        outcome?;
        assert!(read == content);
        Ok(file.close().await?)
    };

    futures::future::try_join_all((0..50).map(work)).await?;

    scratch.assert_empty().await;
    Ok(())
}

async fn a_stream_from_one_file_into_another_copies_it(scratch: Scratch) -> Result {
    let content = pattern(2_000_000);
    let (source, target) = (scratch.create().await?, scratch.create_spooled(1_000_000).await?);
    source.write(&content).await?;
    source.seek(0, Whence::Start).await?;

    let (mut sender, bytes) = bytes();
    let mut stream = source.read_via_stream().await;
    let copying = async {
        while let Some(piece) = stream.next().await {
            assert!(sender.send(&piece).await);
        }
        drop(sender);
        stream.outcome().await
    };
    let (written, outcome) = futures::join!(target.write_via_stream(bytes), copying);

    outcome?;
    assert_eq!(written?, 2_000_000);
    assert!(target.contents().await? == content);
    Ok(())
}

async fn a_slow_writer_does_not_hold_up_other_files(scratch: Scratch) -> Result {
    let (slow, other) = (scratch.create().await?, scratch.create().await?);
    let (mut sender, bytes) = bytes();

    let meanwhile = async {
        for _ in 0..20 {
            assert!(sender.send(b"x").await);
            other.write(&pattern(10_000)).await?;
            assert_eq!(other.read_at(1, 0).await?.len(), 1);
        }
        drop(sender);
        Ok::<_, host_tests::Error>(())
    };
    let (written, meanwhile) = futures::join!(slow.write_via_stream(bytes), meanwhile);

    meanwhile?;
    assert_eq!(written?, 20);
    assert_eq!(other.size().await?, 200_000);
    Ok(())
}
