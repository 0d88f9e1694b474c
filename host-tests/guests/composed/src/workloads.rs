//! The workloads on `scratch:tempfile`.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use futures::future::{join, try_join_all};
use scratch_tempfile::{Access, Error, OpenFlags, TempFile, spooled_tempfile, tempdir, tempfile};
use wasip3::clocks::monotonic_clock::now;
use wit_bindgen::StreamResult;

use crate::bindings::exports::test::benchmarks::{spools, workloads};
use crate::bindings::scratch::tempfile::tempfile::{Error as WitError, TemporaryFile, Whence};
use crate::bindings::{Component, wit_stream};
use workloads::{By, Way};

type Result<T> = core::result::Result<T, String>;

const SMALL: usize = 1024;

impl workloads::Guest for Component {
    async fn small_files(count: u32) -> Result<u64> {
        let start = now();
        for _ in 0..count {
            let mut file = tempfile().await.map_err(failed)?;
            write_small(&mut file).await?;
            read_small(&mut file).await?;
            file.close().await.map_err(failed)?;
        }
        Ok(now() - start)
    }

    async fn small_files_beside(open: u32, count: u32) -> Result<u64> {
        let mut others = Vec::new();
        for _ in 0..open {
            others.push(tempfile().await.map_err(failed)?);
        }
        Self::small_files(count).await
    }

    async fn small_writes(count: u32, size: u32) -> Result<u64> {
        let piece = vec![7; size as usize];
        let start = now();
        let mut file = tempfile().await.map_err(failed)?;
        for _ in 0..count {
            file.write_all(&piece).await.map_err(failed)?;
        }
        file.close().await.map_err(failed)?;
        Ok(now() - start)
    }

    async fn large_pieces(size: u64, piece: u32, way: Way) -> Result<u64> {
        let start = now();
        let read = match way {
            Way::Lists => lists(size, piece as usize).await.map_err(failed)?,
            Way::Streams => streams(size, piece as usize).await.map_err(wit_failed)?,
        };
        let elapsed = now() - start;
        if read == size { Ok(elapsed) } else { Err(format!("{read} of {size} bytes were read")) }
    }

    async fn many_files(count: u32) -> Result<u64> {
        let start = now();
        let mut files = try_join_all((0..count).map(|_| tempfile())).await.map_err(failed)?;
        try_join_all(files.iter_mut().map(write_small)).await?;
        try_join_all(files.iter_mut().map(read_small)).await?;
        try_join_all(files.iter_mut().map(TempFile::close)).await.map_err(failed)?;
        Ok(now() - start)
    }

    async fn tree(directories: u32, files: u32) -> Result<u64> {
        let mut tree = tempdir().await.map_err(failed)?;
        let how = OpenFlags::new().create().exclusive();
        for directory in 0..directories {
            tree.create_dir(&format!("{directory}")).await.map_err(failed)?;
            for file in 0..files {
                let path = format!("{directory}/{file}");
                tree.open_with(&path, Access::WriteOnly, how).await.map_err(failed)?;
            }
        }
        let start = now();
        tree.close().await.map_err(failed)?;
        Ok(now() - start)
    }

    async fn lines(count: u32, by: By) -> Result<u64> {
        let lines: String = (0..count).map(|number| format!("{number:>39}\n")).collect();
        let (elapsed, read) = match by {
            By::Lines => lines_one_by_one(lines.into_bytes()).await.map_err(failed)?,
            By::Lists => lines_together(lines.into_bytes()).await.map_err(wit_failed)?,
            By::Blocks => lines_in_blocks(lines.into_bytes()).await.map_err(wit_failed)?,
        };
        if read == count { Ok(elapsed) } else { Err(format!("{read} of {count} lines were read")) }
    }
}

impl spools::Guest for Component {
    async fn spooled(count: u32, max_size: u64, size: u32, piece: u32) -> Result<u64> {
        let piece = vec![7; piece as usize];
        let start = now();
        let mut bytes = Vec::new();
        for _ in 0..count {
            let mut file = spooled_tempfile(max_size).map_err(failed)?;
            for _ in 0..size as usize / piece.len() {
                file.write_all(&piece).await.map_err(failed)?;
            }
            file.rewind().await.map_err(failed)?;
            bytes.clear();
            file.read_to_end(&mut bytes).await.map_err(failed)?;
            file.close().await.map_err(failed)?;
            if bytes.len() != size as usize {
                return Err(format!("{} of {size} bytes were read", bytes.len()));
            }
        }
        Ok(now() - start)
    }
}

async fn lists(size: u64, piece: usize) -> core::result::Result<u64, Error> {
    let data = vec![7; piece];
    let mut file = tempfile().await?;
    for _ in 0..size / piece as u64 {
        file.write_all(&data).await?;
    }
    file.rewind().await?;
    let mut read = 0;
    loop {
        match file.read_vec(piece).await?.len() {
            0 => break,
            length => read += length as u64,
        }
    }
    file.close().await?;
    Ok(read)
}

async fn streams(size: u64, piece: usize) -> core::result::Result<u64, WitError> {
    let file = TemporaryFile::create(None).await?;
    let (mut stream, data_end) = wit_stream::new();
    let send = async move {
        for _ in 0..size / piece as u64 {
            stream.write_all(vec![7; piece]).await;
        }
    };
    let (stored, ()) = join(file.write_via_stream(data_end), send).await;
    stored?;
    file.seek(0, Whence::Start).await?;
    let (mut stream, outcome) = file.read_via_stream().await;
    let (mut read, mut buffer) = (0, Vec::with_capacity(piece));
    loop {
        let (status, bytes) = stream.read(buffer).await;
        read += bytes.len() as u64;
        buffer = bytes;
        buffer.clear();
        if status == StreamResult::Dropped {
            break;
        }
    }
    outcome.await?;
    file.close().await?;
    Ok(read)
}

/// The size of lines that are read together.
const TOGETHER: u64 = 64 * 1024;

async fn lines_in_blocks(lines: Vec<u8>) -> core::result::Result<(u64, u32), WitError> {
    let file = TemporaryFile::create(None).await?;
    file.write(lines).await?;
    file.seek(0, Whence::Start).await?;
    let (start, mut read, mut bytes) = (now(), 0, 0);
    loop {
        let block = file.read_line_block(Some(TOGETHER)).await?;
        if block.ends.is_empty() {
            break;
        }
        let mut begin = 0;
        for end in block.ends {
            bytes += block.bytes[begin..end as usize].len();
            begin = end as usize;
            read += 1;
        }
    }
    core::hint::black_box(bytes);
    Ok((now() - start, read))
}

async fn lines_together(lines: Vec<u8>) -> core::result::Result<(u64, u32), WitError> {
    let file = TemporaryFile::create(None).await?;
    file.write(lines).await?;
    file.seek(0, Whence::Start).await?;
    let (start, mut read) = (now(), 0);
    loop {
        match file.read_lines(Some(TOGETHER)).await?.len() {
            0 => break,
            count => read += count as u32,
        }
    }
    Ok((now() - start, read))
}

async fn lines_one_by_one(lines: Vec<u8>) -> core::result::Result<(u64, u32), Error> {
    let mut file = tempfile().await?;
    file.write_vec(lines).await?;
    file.rewind().await?;
    let (start, mut read, mut line) = (now(), 0, Vec::new());
    while file.read_until(b'\n', &mut line).await? > 0 {
        read += 1;
        line.clear();
    }
    Ok((now() - start, read))
}

async fn write_small(file: &mut TempFile) -> Result<()> {
    file.write_all(&[7; SMALL]).await.map_err(failed)
}

async fn read_small(file: &mut TempFile) -> Result<()> {
    file.rewind().await.map_err(failed)?;
    let mut bytes = [0; SMALL];
    file.read_exact(&mut bytes).await.map_err(failed)
}

fn failed(error: Error) -> String {
    error.message
}

fn wit_failed(error: WitError) -> String {
    error.message
}
