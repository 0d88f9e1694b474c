//! Files: reading back what was written, at positions and by lines.

use host_tests::{Bytes, ErrorCode, FileOptions, OpenFlags, Result, Scratch, Whence};

use crate::suite::tests;

tests! {
    every_mode {
        a_new_file_is_empty,
        every_kind_of_write_is_read_back,
        the_position_follows_reads_and_writes,
        seeking_counts_from_the_start_the_position_or_the_end,
        seeking_below_zero_fails_and_keeps_the_position,
        seeking_beyond_the_largest_position_fails_and_keeps_the_position,
        a_write_beyond_the_end_fills_the_gap_with_zeros,
        truncate_cuts_and_extends_and_keeps_the_position,
        positional_reads_and_writes_keep_the_position,
        lines_are_read_with_their_ends,
        a_line_can_be_limited,
        lines_are_read_until_a_hint,
        a_long_line_crosses_buffers,
        content_larger_than_every_buffer_is_read_back,
        unbuffered_files_behave_the_same,
        an_unnamed_file_has_no_name_on_disk,
        many_files_are_open_at_once,
        closing_releases_the_resources_of_the_host,
        random_operations_behave_as_a_model,
    }
}

async fn a_new_file_is_empty(scratch: Scratch) -> Result {
    let file = scratch.create().await?;

    assert_eq!(file.size().await?, 0);
    assert_eq!(file.tell().await, 0);
    assert_eq!(file.read_to_end().await?, b"");
    assert_eq!(file.path().await, None);
    assert!(!file.is_rolled().await);
    assert!(!file.is_closed().await);
    file.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn every_kind_of_write_is_read_back(scratch: Scratch) -> Result {
    let options = FileOptions::new;
    let kinds = [
        scratch.create().await?,
        scratch.create_with(options().buffer_size(0)).await?,
        scratch.create_named().await?,
        scratch.create_spooled(None).await?,
        scratch.create_spooled(7).await?,
        scratch.create_spooled(0).await?,
    ];
    for file in kinds {
        file.write(b"one ").await?;
        file.write_lines(&[b"two ", b"", b"three "]).await?;
        assert!(file.try_write(b"four ").await? || file.write(b"four ").await.is_ok());
        file.write_at(b"FIVE", 19).await?;
        file.seek(0, Whence::End).await?;
        if scratch.mode().has_streams() {
            assert_eq!(file.write_via_stream(Bytes::from_vec(b" six".to_vec())).await?, 4);
        } else {
            file.write(b" six").await?;
        }

        assert_eq!(file.contents().await?, b"one two three four FIVE six");
        file.flush().await?;
        file.sync().await?;
        assert_eq!(file.contents().await?, b"one two three four FIVE six");
        file.close().await?;
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn the_position_follows_reads_and_writes(scratch: Scratch) -> Result {
    let file = scratch.create().await?;

    file.write(b"0123456789").await?;
    assert_eq!(file.tell().await, 10);
    file.seek(2, Whence::Start).await?;
    assert_eq!(file.read(3).await?, b"234");
    assert_eq!(file.tell().await, 5);
    file.write(b"x").await?;
    assert_eq!(file.tell().await, 6);
    assert_eq!(file.read_to_end().await?, b"6789");
    assert_eq!(file.tell().await, 10);

    assert_eq!(file.contents().await?, b"01234x6789");
    Ok(())
}

async fn seeking_counts_from_the_start_the_position_or_the_end(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    file.write(b"0123456789").await?;

    assert_eq!(file.seek(3, Whence::Start).await?, 3);
    assert_eq!(file.seek(4, Whence::Current).await?, 7);
    assert_eq!(file.seek(-2, Whence::Current).await?, 5);
    assert_eq!(file.seek(-1, Whence::End).await?, 9);
    assert_eq!(file.read(9).await?, b"9");
    assert_eq!(file.seek(5, Whence::End).await?, 15);
    assert_eq!(file.read(9).await?, b"");
    assert_eq!(file.size().await?, 10, "seeking does not change the size");
    Ok(())
}

async fn seeking_below_zero_fails_and_keeps_the_position(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    file.write(b"0123").await?;

    for (offset, whence) in [
        (-1, Whence::Start),
        (-5, Whence::Current),
        (-5, Whence::End),
        (i64::MIN, Whence::Start),
        (i64::MIN, Whence::End),
    ] {
        let error = file.seek(offset, whence).await.unwrap_err();

        error.assert(ErrorCode::Invalid, &["offset"]);
        assert_eq!(file.tell().await, 4);
    }
    Ok(())
}

async fn seeking_beyond_the_largest_position_fails_and_keeps_the_position(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    file.write(b"0123").await?;
    assert_eq!(file.seek(i64::MAX, Whence::Start).await?, i64::MAX as u64, "the largest position");

    let current = file.seek(1, Whence::Current).await.unwrap_err();
    let end = file.seek(i64::MAX, Whence::End).await.unwrap_err();
    let write = file.write(b"x").await.unwrap_err();

    current.assert(ErrorCode::Invalid, &["offset"]);
    end.assert(ErrorCode::Invalid, &["offset"]);
    assert_eq!(write.code, ErrorCode::FileTooLarge, "{write}");
    assert_eq!(file.read(u64::MAX).await?, b"");
    assert_eq!(file.tell().await, i64::MAX as u64);
    assert_eq!(file.contents().await?, b"0123");
    Ok(())
}

async fn a_write_beyond_the_end_fills_the_gap_with_zeros(scratch: Scratch) -> Result {
    for file in
        [scratch.create().await?, scratch.create_spooled(None).await?, scratch.create_spooled(5).await?]
    {
        file.write(b"ab").await?;
        file.seek(5, Whence::Start).await?;
        file.write(b"c").await?;
        file.write_at(b"d", 8).await?;

        assert_eq!(file.contents().await?, b"ab\0\0\0c\0\0d");
        assert_eq!(file.size().await?, 9);
        assert_eq!(file.tell().await, 6);
    }
    Ok(())
}

async fn truncate_cuts_and_extends_and_keeps_the_position(scratch: Scratch) -> Result {
    for file in
        [scratch.create().await?, scratch.create_spooled(None).await?, scratch.create_spooled(9).await?]
    {
        file.write(b"0123456789").await?;

        file.truncate(Some(4)).await?;
        assert_eq!(file.tell().await, 10);
        assert_eq!(file.contents().await?, b"0123");
        file.truncate(Some(6)).await?;
        assert_eq!(file.contents().await?, b"0123\0\0");
        file.seek(2, Whence::Start).await?;
        file.truncate(None).await?;
        assert_eq!(file.contents().await?, b"01");

        let error = file.truncate(Some(1 << 63)).await.unwrap_err();
        error.assert(ErrorCode::Invalid, &["size"]);
        assert_eq!(file.contents().await?, b"01");
    }
    Ok(())
}

async fn positional_reads_and_writes_keep_the_position(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    file.write(b"0123456789").await?;
    file.seek(3, Whence::Start).await?;

    file.write_at(b"ab", 6).await?;
    assert_eq!(file.read_at(4, 5).await?, b"5ab8");
    assert_eq!(file.read_at(100, 8).await?, b"89");
    assert_eq!(file.read_at(100, 11).await?, b"");
    assert_eq!(file.read_at(100, i64::MAX as u64).await?, b"");
    let read = file.read_at(1, 1 << 63).await.unwrap_err();
    let write = file.write_at(b"x", u64::MAX).await.unwrap_err();

    read.assert(ErrorCode::Invalid, &["offset"]);
    write.assert(ErrorCode::Invalid, &["offset"]);
    assert_eq!(file.tell().await, 3);
    assert_eq!(file.read(1).await?, b"3");
    Ok(())
}

async fn lines_are_read_with_their_ends(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    file.write(b"first\n\nthird\r\nlast").await?;
    file.seek(0, Whence::Start).await?;

    for line in [&b"first\n"[..], b"\n", b"third\r\n", b"last", b"", b""] {
        assert_eq!(file.read_line(None).await?, line);
    }
    assert_eq!(file.tell().await, 18);
    Ok(())
}

async fn a_line_can_be_limited(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    file.write(b"0123456\n89\n").await?;
    file.seek(0, Whence::Start).await?;

    assert_eq!(file.read_line(Some(0)).await?, b"");
    assert_eq!(file.read_line(Some(3)).await?, b"012");
    assert_eq!(file.tell().await, 3);
    assert_eq!(file.read_line(Some(5)).await?, b"3456\n");
    assert_eq!(file.read_line(Some(u64::MAX)).await?, b"89\n");
    assert_eq!(file.read_line(Some(u64::MAX)).await?, b"");
    Ok(())
}

async fn lines_are_read_until_a_hint(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    file.write(b"aa\nbb\ncc\ndd").await?;
    file.seek(0, Whence::Start).await?;

    assert_eq!(file.read_lines(Some(4)).await?, [b"aa\n", b"bb\n"]);
    assert_eq!(file.tell().await, 6);
    assert_eq!(file.read_lines(Some(1)).await?, [b"cc\n"]);
    assert_eq!(file.read_lines(Some(u64::MAX)).await?, [b"dd"]);
    assert!(file.read_lines(None).await?.is_empty());
    file.seek(0, Whence::Start).await?;
    assert_eq!(file.read_lines(Some(0)).await?.concat(), b"aa\nbb\ncc\ndd");
    Ok(())
}

async fn a_long_line_crosses_buffers(scratch: Scratch) -> Result {
    let line = [vec![b'x'; 200_000], vec![b'\n']].concat();
    for file in [scratch.create().await?, scratch.create_with(FileOptions::new().buffer_size(0)).await?] {
        file.write_lines(&[&line, b"short\n", &line]).await?;
        file.seek(0, Whence::Start).await?;

        assert_eq!(file.read_line(None).await?, line);
        assert_eq!(file.read_line(None).await?, b"short\n");
        assert_eq!(file.read_lines(None).await?, [&line[..]]);
    }
    Ok(())
}

async fn content_larger_than_every_buffer_is_read_back(scratch: Scratch) -> Result {
    let content: Vec<u8> = (0..5_000_000_u32).map(|index| (index ^ (index >> 9)) as u8).collect();
    let file = scratch.create().await?;
    for piece in content.chunks(1_234_567) {
        file.write(piece).await?;
    }

    file.seek(0, Whence::Start).await?;
    let mut read = Vec::new();
    while read.len() < content.len() {
        read.extend(file.read(777_777).await?);
    }

    assert_eq!(file.read(1).await?, b"");
    assert!(read == content);
    assert!(file.contents().await? == content);
    Ok(())
}

async fn unbuffered_files_behave_the_same(scratch: Scratch) -> Result {
    for size in [0, 1, 3, 1 << 40] {
        let file = scratch.create_with(FileOptions::new().buffer_size(size)).await?;
        for digit in b"0123456789" {
            file.write(&[*digit]).await?;
        }
        file.seek(2, Whence::Start).await?;
        assert_eq!(file.read(3).await?, b"234");
        file.write(b"x").await?;
        assert_eq!(file.read_line(None).await?, b"6789");

        assert_eq!(file.contents().await?, b"01234x6789");
    }
    Ok(())
}

async fn an_unnamed_file_has_no_name_on_disk(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    file.write(&vec![b'x'; 1_000_000]).await?;
    file.flush().await?;

    assert!(scratch.entries().is_empty());
    Ok(())
}

async fn many_files_are_open_at_once(scratch: Scratch) -> Result {
    let mut files = Vec::new();
    for number in 0..200_u32 {
        let file = scratch.create_named().await?;
        file.write(&number.to_le_bytes()).await?;
        files.push(file);
    }
    assert_eq!(scratch.entries().len(), 200);

    for (number, file) in (0_u32..).zip(&files) {
        assert_eq!(file.contents().await?, number.to_le_bytes());
        file.close().await?;
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn closing_releases_the_resources_of_the_host(scratch: Scratch) -> Result {
    let round = async || -> Result {
        for file in [scratch.create().await?, scratch.create_named().await?, scratch.create_spooled(0).await?]
        {
            file.write(&vec![b'x'; 100_000]).await?;
            file.read_at(10, 0).await?;
            file.close().await?;
        }
        let directory = scratch.create_directory().await?;
        directory.open("file", OpenFlags::CREATE, None).await?.close().await?;
        directory.entries(".").await?;
        Ok(directory.close().await?)
    };
    round().await?;
    let before = scratch.host_resources().await;

    for _ in 0..20 {
        round().await?;
    }

    assert_eq!(scratch.host_resources().await, before);
    scratch.assert_empty().await;
    Ok(())
}

/// Compares many operations on a file with the same on bytes in memory, for several maximum sizes.
async fn random_operations_behave_as_a_model(scratch: Scratch) -> Result {
    let mut state = 42_u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for (max_size, buffer_size) in
        [(None, 0), (Some(0), 0), (Some(0), 16), (Some(100), 16), (Some(0), 65_536)]
    {
        let file = scratch.create_spooled_with(max_size, FileOptions::new().buffer_size(buffer_size)).await?;
        let mut model: Vec<u8> = Vec::new();
        let mut position = 0;
        for step in 0..300 {
            let amount = random(40) as usize;
            match random(6) {
                0 | 1 => {
                    let data = vec![step as u8; amount];
                    file.write(&data).await?;
                    overwrite(&mut model, position, &data);
                    position += amount;
                }
                2 => {
                    let end = model.len().min(position + amount);
                    let expected = model.get(position..end).unwrap_or_default();
                    assert_eq!(file.read(amount as u64).await?, expected, "step {step}");
                    position += expected.len();
                }
                3 => {
                    position = random(300) as usize;
                    file.seek(position as i64, Whence::Start).await?;
                }
                4 => {
                    let offset = random(300) as usize;
                    let data = vec![step as u8; amount];
                    file.write_at(&data, offset as u64).await?;
                    overwrite(&mut model, offset, &data);
                }
                _ => {
                    let size = random(300) as usize;
                    file.truncate(Some(size as u64)).await?;
                    model.resize(size, 0);
                }
            }
            assert_eq!(file.tell().await, position as u64, "step {step}");
        }
        assert_eq!(file.contents().await?, model, "{max_size:?} {buffer_size}");
    }
    Ok(())
}

fn overwrite(model: &mut Vec<u8>, offset: usize, data: &[u8]) {
    if !data.is_empty() {
        model.resize(model.len().max(offset + data.len()), 0);
        model[offset..offset + data.len()].copy_from_slice(data);
    }
}
