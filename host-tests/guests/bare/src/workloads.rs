//! The workloads on the host's directory.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use futures::future::try_join_all;
use wasip3::clocks::monotonic_clock::now;
use wasip3::filesystem::types::{Descriptor, DescriptorFlags, DescriptorType, OpenFlags, PathFlags};
use wasip3::wit_stream;
use wit_bindgen::StreamResult;

use crate::bare_file::{Result, create, directory, failed, read, write};
use crate::bindings::Component;
use crate::bindings::exports::test::benchmarks::workloads::{By, Guest, Way};

const SMALL: usize = 1024;

impl Guest for Component {
    async fn small_files(count: u32) -> Result<u64> {
        let directory = directory()?;
        let start = now();
        for _ in 0..count {
            let file = create(&directory).await?;
            write_small(&file).await?;
            read_small(&file).await?;
        }
        Ok(now() - start)
    }

    async fn small_files_beside(open: u32, count: u32) -> Result<u64> {
        let directory = directory()?;
        let mut others = Vec::new();
        for _ in 0..open {
            others.push(create(&directory).await?);
        }
        Self::small_files(count).await
    }

    async fn small_writes(count: u32, size: u32) -> Result<u64> {
        let directory = directory()?;
        let mut piece = vec![7; size as usize];
        let start = now();
        let file = create(&directory).await?;
        let (mut stream, data_end) = wit_stream::new();
        let outcome = file.write_via_stream(data_end, 0);
        for _ in 0..count {
            piece = stream.write_all(piece).await;
            piece.resize(size as usize, 7);
        }
        drop(stream);
        outcome.await.map_err(failed)?;
        drop(file);
        Ok(now() - start)
    }

    async fn large_pieces(size: u64, piece: u32, way: Way) -> Result<u64> {
        let directory = directory()?;
        let data = vec![7; piece as usize];
        let start = now();
        let file = create(&directory).await?;
        let read = match way {
            Way::Streams => {
                let (mut stream, data_end) = wit_stream::new();
                let outcome = file.write_via_stream(data_end, 0);
                let mut data = data;
                for _ in 0..size / u64::from(piece) {
                    stream.write_all(data).await;
                    data = vec![7; piece as usize];
                }
                drop(stream);
                outcome.await.map_err(failed)?;
                let (mut stream, outcome) = file.read_via_stream(0);
                let (mut read, mut buffer) = (0, Vec::with_capacity(piece as usize));
                loop {
                    let (status, bytes) = stream.read(buffer).await;
                    read += bytes.len() as u64;
                    buffer = bytes;
                    buffer.clear();
                    if status == StreamResult::Dropped {
                        break;
                    }
                }
                outcome.await.map_err(failed)?;
                read
            }
            Way::Lists => {
                for offset in (0..size).step_by(piece as usize) {
                    write(&file, offset, data.clone()).await?;
                }
                let mut length = 0;
                for offset in (0..size).step_by(piece as usize) {
                    length += read(&file, offset, piece as usize).await.len() as u64;
                }
                length
            }
        };
        drop(file);
        let elapsed = now() - start;
        if read == size { Ok(elapsed) } else { Err(format!("{read} of {size} bytes were read")) }
    }

    async fn many_files(count: u32) -> Result<u64> {
        let directory = directory()?;
        let start = now();
        let files = try_join_all((0..count).map(|_| create(&directory))).await?;
        try_join_all(files.iter().map(write_small)).await?;
        try_join_all(files.iter().map(read_small)).await?;
        drop(files);
        Ok(now() - start)
    }

    async fn tree(directories: u32, files: u32) -> Result<u64> {
        let top = directory()?;
        top.create_directory_at("bare-tree".into()).await.map_err(failed)?;
        let tree = open_directory(&top, "bare-tree".into()).await?;
        for number in 0..directories {
            tree.create_directory_at(format!("{number}")).await.map_err(failed)?;
            let below = open_directory(&tree, format!("{number}")).await?;
            for number in 0..files {
                let open = OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
                below
                    .open_at(PathFlags::empty(), format!("{number}"), open, DescriptorFlags::WRITE)
                    .await
                    .map_err(failed)?;
            }
        }
        let start = now();
        for (name, _) in list(&tree).await? {
            let below = open_directory(&tree, name.clone()).await?;
            for (name, kind) in list(&below).await? {
                match kind {
                    DescriptorType::Directory => return Err(format!("{name} is a directory")),
                    _ => below.unlink_file_at(name).await.map_err(failed)?,
                }
            }
            tree.remove_directory_at(name).await.map_err(failed)?;
        }
        top.remove_directory_at("bare-tree".into()).await.map_err(failed)?;
        Ok(now() - start)
    }

    async fn lines(count: u32, _: By) -> Result<u64> {
        const PIECE: usize = 64 * 1024;
        let file = create(&directory()?).await?;
        let lines: String = (0..count).map(|number| format!("{number:>39}\n")).collect();
        write(&file, 0, lines.into_bytes()).await?;
        let start = now();
        let (mut stream, outcome) = file.read_via_stream(0);
        let (mut read, mut buffer) = (0, Vec::with_capacity(PIECE));
        loop {
            let (status, mut bytes) = stream.read(buffer).await;
            let mut rest = &bytes[..];
            while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                read += 1;
                rest = &rest[end + 1..];
            }
            let kept = bytes.len() - rest.len();
            bytes.drain(..kept);
            buffer = bytes;
            if status == StreamResult::Dropped {
                break;
            }
        }
        outcome.await.map_err(failed)?;
        let elapsed = now() - start;
        if read == count { Ok(elapsed) } else { Err(format!("{read} of {count} lines were read")) }
    }
}

async fn write_small(file: &Descriptor) -> Result<()> {
    write(file, 0, vec![7; SMALL]).await
}

async fn read_small(file: &Descriptor) -> Result<()> {
    let length = read(file, 0, SMALL).await.len();
    if length == SMALL { Ok(()) } else { Err(format!("{length} bytes were read")) }
}

async fn open_directory(parent: &Descriptor, name: String) -> Result<Descriptor> {
    let flags = DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY;
    parent.open_at(PathFlags::empty(), name, OpenFlags::DIRECTORY, flags).await.map_err(failed)
}

async fn list(directory: &Descriptor) -> Result<Vec<(String, DescriptorType)>> {
    let (mut stream, outcome) = directory.read_directory();
    let mut entries = Vec::new();
    loop {
        let (status, some) = stream.read(Vec::with_capacity(256)).await;
        entries.extend(some.into_iter().map(|entry| (entry.name, entry.type_)));
        if status == StreamResult::Dropped {
            outcome.await.map_err(failed)?;
            return Ok(entries);
        }
    }
}
