//! Long loops of small operations, and many files open at a time.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use scratch_tempfile::{Error, SeekFrom, tempfile};

use crate::bindings::{TemporaryFile, Whence};
use crate::checks::check;

type Result<T = ()> = core::result::Result<T, String>;

/// The content of a small file.
const SMALL: [u8; 1024] = [7; 1024];

/// Operations on one file of the client before another is created.
const FOR_EACH_FILE: u32 = 100;

/// Makes at least `count` calls of the client: creation, small writes and reads, seeks, sizes,
/// truncation, a flush, close.
pub(crate) async fn client_operations(count: u32) -> Result {
    let mut left = count;
    while left > 0 {
        let made = use_a_file().await.map_err(text)?;
        left = left.saturating_sub(made);
    }
    Ok(())
}

async fn use_a_file() -> core::result::Result<u32, Error> {
    let mut file = tempfile().await?;
    let (mut made, mut read) = (3, [0; 4]);
    for number in 0..FOR_EACH_FILE {
        file.write_all(&number.to_le_bytes()).await?;
        file.flush().await?;
        file.size().await?;
        file.seek(SeekFrom::Start(u64::from(number) * 4)).await?;
        file.read_exact(&mut read).await?;
        made += 5;
    }
    file.set_len(8).await?;
    file.rewind().await?;
    file.close().await?;
    Ok(made)
}

/// Makes at least `count` calls of plain functions of the interface, each of which has to succeed.
pub(crate) async fn plain_functions(count: u32) -> Result {
    // The first creation finds the default directory.
    TemporaryFile::create(None).await.map_err(|error| error.message)?;
    for _ in 0..count.div_ceil(12) {
        call_each().map_err(|error| error.message)?.ok_or("a plain function did nothing")?;
    }
    Ok(())
}

fn call_each() -> core::result::Result<Option<()>, crate::bindings::Error> {
    let Some(file) = TemporaryFile::try_create(None)? else { return Ok(None) };
    let all_done = file.try_write(b"one\ntwo\n")?
        && file.try_write_at(b"ONE", 0)?
        && file.try_seek(0, Whence::Start)? == Some(0)
        && file.try_read_line(None)?.is_some_and(|line| line == b"ONE\n")
        && file.try_read(3)?.is_some_and(|bytes| bytes == b"two")
        && file.try_read_at(3, 4)?.is_some_and(|bytes| bytes == b"two")
        && file.try_size()? == Some(8)
        && file.try_truncate(Some(4))?
        && file.tell() == 7
        && !file.is_rolled()
        && file.try_close()?;
    Ok(all_done.then_some(()))
}

/// Opens `count` files, writes 1 KiB into each, and reads and closes them all.
pub(crate) async fn open_at_once(count: u32) -> Result {
    let mut files = Vec::new();
    for number in 0..count {
        let create = async {
            let mut file = tempfile().await?;
            file.write_all(&SMALL).await?;
            file.flush().await?;
            Ok::<_, Error>(file)
        };
        files.push(create.await.map_err(|error| format!("file {number}: {}", text(error)))?);
    }
    for file in &mut files {
        file.rewind().await.map_err(text)?;
        let bytes = file.read_vec(SMALL.len() + 1).await.map_err(text)?;
        check(bytes == SMALL, "a file has other bytes")?;
        file.close().await.map_err(text)?;
    }
    Ok(())
}

fn text(error: Error) -> String {
    format!("{}: {error}", error.code)
}
