//! Checks without dropped calls: streams, the functions that never wait, resources that go out of
//! scope.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::bindings::{Error, Kind, TemporaryDirectory, TemporaryFile, Whence, wit_stream};
use crate::join::both;

pub(crate) fn text(error: Error) -> String {
    format!("{:?}: {}", error.code, error.message)
}

pub(crate) fn check(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}

/// Bytes without repetition between pieces.
pub(crate) fn content(size: usize) -> Vec<u8> {
    (0..size).map(|index| (index * 31 / 7) as u8).collect()
}

pub(crate) async fn drop_beside_work(count: u32) -> Result<(), String> {
    const PIECE: usize = 70_000;
    let busy = TemporaryFile::create(None).await.map_err(text)?;
    let mut idle = Vec::new();
    for _ in 0..count {
        let file = TemporaryFile::create_named(None).await.map_err(text)?;
        file.write(b"still in the buffer".to_vec()).await.map_err(text)?;
        idle.push(file);
    }

    for (number, file) in idle.into_iter().enumerate() {
        let letter = b'a' + (number % 26) as u8;
        let (written, ()) = both(busy.write(vec![letter; PIECE]), async { drop(file) }).await;
        written.map_err(text)?;
    }

    let size = busy.size().await.map_err(text)?;
    check(size == u64::from(count) * PIECE as u64, "a write beside a drop is lost")?;
    for number in 0..count {
        let piece = busy.read_at(PIECE as u64, u64::from(number) * PIECE as u64).await.map_err(text)?;
        let letter = b'a' + (number % 26) as u8;
        check(piece.iter().all(|byte| *byte == letter), "a write beside a drop is damaged")?;
    }
    busy.close().await.map_err(text)
}

pub(crate) async fn stream_both_ways(size: u64) -> Result<(), String> {
    let content = content(size as usize);
    let file = TemporaryFile::create(None).await.map_err(text)?;

    let (mut sender, receiver) = wit_stream::new::<u8>();
    let sending = async {
        let rest = sender.write_all(content.clone()).await;
        drop(sender);
        rest.len()
    };
    let (written, rest) = both(file.write_via_stream(receiver), sending).await;
    let written = written.map_err(text)?;
    check(written == size && rest == 0, "the stream into the file was cut short")?;
    check(file.tell() == size, "the position is not after what the stream brought")?;

    file.seek(0, Whence::Start).await.map_err(text)?;
    let (stream, outcome) = file.read_via_stream().await;
    let read = stream.collect().await;
    outcome.await.map_err(text)?;
    check(read == content, "the stream out of the file differs from the one into it")?;
    check(file.tell() == size, "the position is not after what was read")?;
    file.close().await.map_err(text)
}

pub(crate) async fn try_functions() -> Result<(), String> {
    let file = TemporaryFile::create(None).await.map_err(text)?;
    let line = b"a line that is short\n";
    let (mut at_once, mut waiting) = (0, 0);
    for _ in 0..10_000 {
        if file.try_write(line).map_err(text)? {
            at_once += 1;
        } else {
            waiting += 1;
            file.write(line.to_vec()).await.map_err(text)?;
        }
    }
    check(at_once > 9_000, "small writes hardly ever went without waiting")?;
    check(waiting > 0, "a buffer took more than it can hold")?;

    file.seek(0, Whence::Start).await.map_err(text)?;
    let mut read = Vec::new();
    let mut read_at_once = 0;
    loop {
        let piece = match file.try_read(1_000).map_err(text)? {
            Some(piece) => {
                read_at_once += 1;
                piece
            }
            None => file.read(1_000).await.map_err(text)?,
        };
        if piece.is_empty() {
            break;
        }
        read.extend(piece);
    }
    check(read == line.repeat(10_000), "what was read is not what was written")?;
    check(read_at_once > 0, "no read ever went without waiting")?;
    file.close().await.map_err(text)
}

pub(crate) async fn leave_open(kind: Kind) -> Result<(), String> {
    match kind {
        Kind::Unnamed => {
            let file = TemporaryFile::create(None).await.map_err(text)?;
            file.write(vec![b'x'; 1_000_000]).await.map_err(text)?;
            Box::leak(Box::new(file));
        }
        Kind::Named => {
            let file = TemporaryFile::create_named(None).await.map_err(text)?;
            file.write(vec![b'x'; 1_000_000]).await.map_err(text)?;
            Box::leak(Box::new(file));
        }
        Kind::Directory => {
            let directory = TemporaryDirectory::create(None).await.map_err(text)?;
            Box::leak(Box::new(directory));
        }
    }
    Ok(())
}
