//! Access: the operations that each kind allows, in memory and on disk.

use host_tests::{Access, Bytes, ErrorCode, FileOptions, Result, Scratch, Whence};

use crate::suite::tests;

tests! {
    every_mode {
        each_access_allows_its_operations_only,
        appending_writes_at_the_end_whatever_the_position,
    }
}

async fn each_access_allows_its_operations_only(scratch: Scratch) -> Result {
    use Access::{Append, AppendOnly, ReadOnly, ReadWrite, WriteOnly};

    for access in [ReadWrite, ReadOnly, WriteOnly, Append, AppendOnly] {
        let options = FileOptions::new().access(access);
        let files = [
            scratch.create_with(options.clone()).await?,
            scratch.create_named_with(options.clone()).await?,
            scratch.create_spooled_with(None, options).await?,
        ];
        for file in files {
            let refused = ErrorCode::NotPermitted;
            let mut reads = vec![
                file.read(1).await.map(drop),
                file.read_to_end().await.map(drop),
                file.read_line(None).await.map(drop),
                file.read_lines(None).await.map(drop),
                file.read_at(1, 0).await.map(drop),
                file.try_read(1).await.map(drop),
            ];
            let mut writes = vec![
                file.write(b"x").await,
                file.write_lines(&[b"x"]).await,
                file.try_write(b"x").await.map(drop),
                file.truncate(Some(1)).await,
            ];
            if scratch.mode().has_streams() {
                reads.push(file.read_via_stream().await.outcome().await);
                writes.push(file.write_via_stream(Bytes::from_vec(b"x".to_vec())).await.map(drop));
            }
            for read in reads {
                let expected = if matches!(access, WriteOnly | AppendOnly) { Err(refused) } else { Ok(()) };
                assert_eq!(read.map_err(|error| error.code), expected, "{access:?}");
            }
            for write in writes {
                let expected = if access == ReadOnly { Err(refused) } else { Ok(()) };
                assert_eq!(write.map_err(|error| error.code), expected, "{access:?}");
            }
            let positional = file.write_at(b"x", 0).await.map_err(|error| error.code);
            let expected = if matches!(access, ReadWrite | WriteOnly) { Ok(()) } else { Err(refused) };
            assert_eq!(positional, expected, "{access:?}");
            file.close().await?;
        }
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn appending_writes_at_the_end_whatever_the_position(scratch: Scratch) -> Result {
    for max_size in [None, Some(2), Some(100)] {
        let file = scratch.create_spooled_with(max_size, FileOptions::new().access(Access::Append)).await?;
        file.write(b"abc").await?;
        file.seek(0, Whence::Start).await?;
        file.write(b"def").await?;

        assert_eq!(file.tell().await, 6, "the position is at the end of the written bytes");
        file.seek(1, Whence::Start).await?;
        assert_eq!(file.read(2).await?, b"bc");
        file.write_lines(&[b"g", b"h"]).await?;
        assert_eq!(file.contents().await?, b"abcdefgh");
    }
    Ok(())
}
