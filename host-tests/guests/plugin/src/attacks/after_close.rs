//! Every function after `close`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;

use super::creators::Options;
use super::expect_code;
use crate::bindings::{
    Error, ErrorCode, OpenFlags, Removal, Target, TemporaryDirectory, TemporaryFile, TextFile, TextPosition,
    Whence, wit_stream,
};
use crate::checks::{check, text};
use crate::join::both;

pub(crate) async fn after_close() -> Result<(), String> {
    let rolled = TemporaryFile::create_spooled(None, None).map_err(text)?;
    rolled.rollover().await.map_err(text)?;
    for (what, file) in [
        ("an unnamed file", TemporaryFile::create(None).await),
        ("a named file", TemporaryFile::create_named(None).await),
        ("a spooled file", TemporaryFile::create_spooled(None, None)),
        ("a spooled file on disk", Ok(rolled)),
    ] {
        let file = file.map_err(text)?;
        check_closed_file(&file).await.map_err(of(what))?;
        check_fate_is_decided(&file).await.map_err(of(what))?;
    }

    let directory = TemporaryDirectory::create(None).await.map_err(text)?;
    let file = directory.open("f".into(), OpenFlags::CREATE, None).await.map_err(text)?;
    // It is removed with its directory, whatever `keep` or `persist` return.
    check_closed_file(&file).await.map_err(of("a file in a directory"))?;
    check_fate_is_open(&directory).await.map_err(of("a file that is removed when it is dropped"))?;
    check_directory(&directory).await.map_err(of("a directory"))?;
    check_text().await.map_err(of("a text"))
}

fn of(what: &str) -> impl Fn(String) -> String {
    move |error| format!("{what}: {error}")
}

fn closed<T>(what: &str, outcome: Result<T, Error>) -> Result<(), String> {
    expect_code(outcome, ErrorCode::Closed, what)
}

/// Closes a file with content, and calls all functions but `persist` and `keep`.
async fn check_closed_file(file: &TemporaryFile) -> Result<(), String> {
    file.write(b"content".to_vec()).await.map_err(text)?;
    let path = file.path();
    file.close().await.map_err(text)?;

    check_reading(file).await?;
    check_writing(file).await?;
    for whence in [Whence::Start, Whence::Current, Whence::End] {
        closed("seek", file.seek(0, whence).await)?;
    }
    closed("size", file.size().await)?;
    closed("flush", file.flush().await)?;
    closed("sync", file.sync().await)?;
    closed("rollover", file.rollover().await)?;
    _ = (file.tell(), file.is_rolled());
    check(file.path() == path, "the path is not the one of before")?;
    check(file.is_closed(), "it does not say that it is closed")?;
    file.close().await.map_err(text)
}

async fn check_reading(file: &TemporaryFile) -> Result<(), String> {
    for max in [0, 1, u64::MAX] {
        closed("read", file.read(max).await)?;
        closed("read-at", file.read_at(max, 0).await)?;
        closed("read-line", file.read_line(Some(max)).await)?;
        closed("read-lines", file.read_lines(Some(max)).await)?;
        closed("try-read", file.try_read(max))?;
    }
    closed("read-line", file.read_line(None).await)?;
    closed("read-lines", file.read_lines(None).await)?;
    closed("read-to-end", file.read_to_end().await)?;
    let (stream, outcome) = file.read_via_stream().await;
    check(stream.collect().await.is_empty(), "it brought a stream with content")?;
    closed("read-via-stream", outcome.await)
}

async fn check_writing(file: &TemporaryFile) -> Result<(), String> {
    for data in [&b""[..], b"x", &[b'x'; 100_000]] {
        closed("write", file.write(data.into()).await)?;
        closed("write-at", file.write_at(data.into(), 0).await)?;
        closed("write-lines", file.write_lines(vec![data.into(); 2]).await)?;
        closed("try-write", file.try_write(data))?;
        let (mut sender, receiver) = wit_stream::new::<u8>();
        let sending = async {
            sender.write_all(data.into()).await;
            drop(sender);
        };
        closed("write-via-stream", both(file.write_via_stream(receiver), sending).await.0)?;
    }
    closed("write-lines", file.write_lines(vec![]).await)?;
    closed("truncate", file.truncate(None).await)?;
    closed("truncate", file.truncate(Some(0)).await)?;
    closed("truncate", file.truncate(Some(1 << 40)).await)
}

/// A removed file can neither be persisted nor kept.
async fn check_fate_is_decided(file: &TemporaryFile) -> Result<(), String> {
    let target = file.path().unwrap_or_else(|| "/tmp/after-close".into()) + ".moved";
    for replace in [false, true] {
        closed_or_ruled_out("persist", file.persist(target.clone(), replace).await)?;
    }
    closed_or_ruled_out("keep", file.keep().await)
}

/// In confined mode a call may be refused before the file is examined.
fn closed_or_ruled_out(what: &str, outcome: Result<(), Error>) -> Result<(), String> {
    let code = match &outcome {
        Err(error) if error.code == ErrorCode::NotPermitted => ErrorCode::NotPermitted,
        _ => ErrorCode::Closed,
    };
    expect_code(outcome, code, what)
}

/// Files that are removed when they are dropped can still be persisted and kept.
async fn check_fate_is_open(directory: &TemporaryDirectory) -> Result<(), String> {
    let create = async || {
        let mut options = Options::in_directory(&directory.path());
        options.removal = Some(Removal::OnDrop);
        TemporaryFile::create_named(Some(options.for_file())).await
    };
    let moved = match create().await {
        Err(error) if error.code == ErrorCode::NotPermitted => return Ok(()),
        created => created.map_err(text)?,
    };
    check_closed_file(&moved).await?;
    let target = directory.path() + "/moved";
    moved.persist(target.clone(), false).await.map_err(text)?;
    check(moved.path() == Some(target), "the path is not that of the move")?;

    let left = create().await.map_err(text)?;
    check_closed_file(&left).await?;
    left.keep().await.map_err(text)?;
    let left_path = left.path().unwrap_or_default();
    drop((moved, left));
    let left_name = left_path.rsplit('/').next().unwrap_or_default().to_string();

    let entries = directory.entries(String::new()).await.map_err(text)?;
    for name in ["moved", &left_name] {
        let found = entries.iter().find(|entry| entry.name == name);
        let size = found.map(|entry| entry.size);
        check(
            size == Some(7),
            &format!("{name} should have been kept with 7 bytes, but there are {size:?}"),
        )?;
    }
    Ok(())
}

async fn check_directory(directory: &TemporaryDirectory) -> Result<(), String> {
    let path = directory.path();
    directory.close().await.map_err(text)?;

    closed("open", directory.open("f".into(), OpenFlags::empty(), None).await)?;
    closed("open", directory.open("g".into(), OpenFlags::CREATE, None).await)?;
    for path in ["", ".", "d"] {
        closed("create-directory", directory.create_directory(path.into()).await)?;
        closed("entries", directory.entries(path.into()).await)?;
        closed("remove", directory.remove(path.into()).await)?;
    }
    closed_or_ruled_out("persist", directory.persist(format!("{path}-moved")).await)?;
    closed_or_ruled_out("keep", directory.keep().await)?;
    check(directory.path() == path, "the path is not the one of before")?;
    check(directory.is_closed(), "it does not say that it is closed")?;
    directory.close().await.map_err(text)
}

async fn check_text() -> Result<(), String> {
    let file = TextFile::create(TemporaryFile::create(None).await.map_err(text)?, None).map_err(text)?;
    file.write("content".into()).await.map_err(text)?;
    file.close().await.map_err(text)?;

    for number in [None, Some(0), Some(1)] {
        closed("read", file.read(number).await)?;
        closed("read-line", file.read_line(number).await)?;
        closed("read-lines", file.read_lines(number).await)?;
        closed("truncate", file.truncate(number).await)?;
    }
    for written in ["", "x"] {
        closed("write", file.write(written.into()).await)?;
        closed("write-lines", file.write_lines(vec![written.into()]).await)?;
    }
    closed("write-lines", file.write_lines(vec![]).await)?;
    closed("tell", file.tell().await)?;
    for target in [Target::Start, Target::End, Target::Position(TextPosition { offset: 0, state: 0 })] {
        closed("seek", file.seek(target).await)?;
    }
    closed("flush", file.flush().await)?;
    closed("rollover", file.rollover().await)?;
    _ = file.is_rolled();
    check(file.path().is_none(), "it has a path")?;
    check(file.is_closed(), "it does not say that it is closed")?;
    file.close().await.map_err(text)?;

    let file = TextFile::into_file(file);
    check(file.is_closed(), "the file of a closed text is open")?;
    closed("text-file.create", TextFile::create(file, None))
}
