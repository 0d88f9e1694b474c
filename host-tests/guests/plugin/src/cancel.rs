//! Calls that are dropped under way.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::future::poll_fn;
use core::pin::{Pin, pin};
use core::task::Poll;

use crate::bindings::{
    Error, FileOptions, Kind, Target, TemporaryDirectory, TemporaryFile, TextFile, Whence, wit_stream,
};
use crate::checks::{check, text};
use crate::join::both;

/// The number of turns of the last call in a cycle.
pub(crate) const TURNS: u32 = 16;

pub(crate) async fn creates(kind: Kind, count: u32) -> u32 {
    let mut under_way = 0;
    for number in 0..count {
        let mut call = create(kind);
        under_way += u32::from(poll_for(call.as_mut(), number % TURNS).await.is_none());
    }
    under_way
}

pub(crate) async fn creates_together(kind: Kind, count: u32) -> u32 {
    let mut calls: Vec<_> = (0..count).map(|_| create(kind)).collect();
    let mut under_way = 0;
    for call in &mut calls {
        under_way += u32::from(poll_for(call.as_mut(), 0).await.is_none());
    }
    under_way
}

/// Creates something and drops it at once.
fn create(kind: Kind) -> Pin<Box<dyn Future<Output = Result<(), Error>>>> {
    match kind {
        Kind::Unnamed => Box::pin(async { create_on_disk().await.map(drop) }),
        Kind::Named => Box::pin(async { TemporaryFile::create_named(None).await.map(drop) }),
        Kind::Directory => Box::pin(async { TemporaryDirectory::create(None).await.map(drop) }),
    }
}

/// Creates a file that is not in memory at first.
async fn create_on_disk() -> Result<TemporaryFile, Error> {
    let buffer_size = Some(0);
    let (prefix, suffix, directory, access, removal) = (None, None, None, None, None);
    let options = FileOptions { prefix, suffix, directory, access, removal, buffer_size };
    TemporaryFile::create(Some(options)).await
}

pub(crate) async fn writes(count: u32) -> Result<(), String> {
    const PIECE: usize = 100_000; // more than the buffer holds
    let file = TemporaryFile::create(None).await.map_err(text)?;
    let mut whole = 0;
    for number in 0..count {
        let letter = b'a' + (number % 26) as u8;
        let mut call = Box::pin(file.write(vec![letter; PIECE]));
        poll_for(call.as_mut(), number % TURNS).await.transpose().map_err(text)?;
        drop(call);
        let position = file.tell() as usize;
        check(position.is_multiple_of(PIECE), "a write was done in part, or goes on after it was dropped")?;
        whole = position / PIECE;
    }
    file.write(b"end".to_vec()).await.map_err(text)?;

    file.seek(0, Whence::Start).await.map_err(text)?;
    let content = file.read_to_end().await.map_err(text)?;

    // The last of the dropped writes may have ended after its `tell`.
    check(content.ends_with(b"end"), "the write after the dropped ones is not at the end")?;
    let (pieces, rest) = content[..content.len() - 3].as_chunks::<PIECE>();
    check(rest.is_empty() && pieces.len() >= whole, "a piece is missing or not whole")?;
    check(pieces.iter().all(|piece| piece.iter().all(|byte| *byte == piece[0])), "pieces are mixed")?;
    file.close().await.map_err(text)
}

pub(crate) async fn text_reads(count: u32) -> Result<(), String> {
    const PIECE: usize = 50_000; // more than the buffer holds, since each character has two bytes
    let letter = |number: usize| ['ä', 'ö', 'ü', 'é', 'ñ'][number % 5];
    let content: Vec<char> = (0..count as usize).flat_map(|number| [letter(number); PIECE]).collect();
    let file = TextFile::create(TemporaryFile::create(None).await.map_err(text)?, None).map_err(text)?;
    file.write(content.iter().collect()).await.map_err(text)?;
    file.seek(Target::Start).await.map_err(text)?;

    for number in 0..count {
        let mut call = Box::pin(file.read(Some(PIECE as u64)));
        poll_for(call.as_mut(), number % TURNS).await.transpose().map_err(text)?;
    }

    let rest: Vec<char> = file.read(None).await.map_err(text)?.chars().collect();
    check(rest.len().is_multiple_of(PIECE), "a read was done in part")?;
    check(content.ends_with(&rest), "what is left is not the end of the text")?;
    file.close().await.map_err(text)
}

pub(crate) async fn waiting_write() -> Result<(), String> {
    let file = TemporaryFile::create(None).await.map_err(text)?;
    let (mut sender, receiver) = wit_stream::new::<u8>();
    let mut first = Box::pin(file.write_via_stream(receiver));
    check(poll_for(first.as_mut(), TURNS).await.is_none(), "the stream ended by itself")?;

    let mut second = Box::pin(file.write(b"never".to_vec()));
    check(poll_for(second.as_mut(), TURNS).await.is_none(), "a write did not wait for its turn")?;
    drop(second);

    let sending = async {
        sender.write_all(b"streamed".to_vec()).await;
        drop(sender);
    };
    let written = both(first, sending).await.0.map_err(text)?;
    check(written == 8, "the stream was not written whole")?;
    file.seek(0, Whence::Start).await.map_err(text)?;
    let content = file.read_to_end().await.map_err(text)?;
    check(content == b"streamed", "the dropped write did something")?;
    file.close().await.map_err(text)
}

pub(crate) async fn stream_write() -> Result<(), String> {
    let file = TemporaryFile::create(None).await.map_err(text)?;
    let (mut sender, receiver) = wit_stream::new::<u8>();
    let mut call = Box::pin(file.write_via_stream(receiver));
    let mut left = None;
    {
        let mut sending = pin!(async { left = Some(sender.write_all(b"before".to_vec()).await) });
        // The call can't end while its stream is open, so this ends when everything is sent.
        poll_fn(|context| {
            _ = call.as_mut().poll(context);
            sending.as_mut().poll(context)
        })
        .await;
    }
    check(left.is_some_and(|rest| rest.is_empty()), "the stream was not taken")?;
    drop(call);

    file.write(b" and after".to_vec()).await.map_err(text)?;
    file.seek(0, Whence::Start).await.map_err(text)?;
    let content = file.read_to_end().await.map_err(text)?;
    check(
        content == b"before and after",
        &format!("not what the stream brought: {}", content.escape_ascii()),
    )?;
    check(
        !sender.write_all(b"later".to_vec()).await.is_empty(),
        "the stream of a dropped call is still read",
    )?;
    file.close().await.map_err(text)
}

/// Polls `future`, lets others run for up to `turns`, and returns its output if it has ended.
pub(crate) async fn poll_for<F: Future + ?Sized>(mut future: Pin<&mut F>, turns: u32) -> Option<F::Output> {
    for turn in 0..=turns {
        if turn > 0 {
            // A turn of the store's loop, in which finished work of the host is delivered.
            wit_bindgen::yield_async().await;
        }
        let polled = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
        if let Poll::Ready(output) = polled {
            return Some(output);
        }
    }
    None
}
