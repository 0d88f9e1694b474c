//! The client crate on a provider: what a file in memory cannot show.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use scratch_tempfile::{
    Access, Builder, Error, ErrorCode, NamedTempFile, OpenFlags, Removal, SeekFrom, TempDir, TempFile,
    spooled_tempfile, tempdir, tempfile,
};

use crate::bindings::client::{self, GuestTree, GuestUnflushed};
use crate::bindings::wit_stream;
use crate::checks::{check, content};
use crate::client_tempfile;
use crate::join::both;

pub(crate) type Result<T = (), E = String> = core::result::Result<T, E>;

pub(crate) async fn check_by_name(name: &str) -> Result {
    match name {
        "dropped in a directory" => dropped_in_a_directory().await,
        "dropped after persist" => dropped_after_persist().await,
        "many files" => many_files().await,
        "many reads to the end" => many_reads_to_the_end().await,
        "at a limit" => at_a_limit().await,
        "two handles" => two_handles().await,
        "reopened" => reopened().await,
        "streams" => streams().await,
        "long names" => long_names().await,
        "kept" => kept().await,
        "persisted" => persisted().await,
        "persisted directory" => persisted_directory().await,
        "spooled" => client_tempfile::spooled().await,
        "rollover" => client_tempfile::rollover().await,
        "paths" => client_tempfile::paths().await,
        "nested directories" => client_tempfile::nested_directories().await,
        "removed by others" => client_tempfile::removed_by_others().await,
        "names" => client_tempfile::names().await,
        "appended and persisted" => client_tempfile::appended_and_persisted().await,
        "random programs" => crate::client_programs::play(15).await,
        _ => Err(format!("no check is called {name}")),
    }
}

pub(crate) fn text(error: impl Into<Error>) -> String {
    let error = error.into();
    format!("{}: {}", error.code, error.message)
}

async fn read(mut file: TempFile) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).await.map_err(text)?;
    Ok(bytes)
}

/// Files with unflushed bytes are dropped, and opened again at once.
async fn dropped_in_a_directory() -> Result {
    let mut tree = tempdir().await.map_err(text)?;
    for access in [Access::ReadWrite, Access::WriteOnly, Access::Append, Access::AppendOnly] {
        for size in [1, 1_000, 60_000] {
            let bytes = content(size);
            let name = format!("{access:?}{size}");
            let flags = OpenFlags::new().create();
            let mut file = tree.open_with(&name, access, flags).await.map_err(text)?;
            file.write_all(&bytes).await.map_err(text)?;
            drop(file);

            let found = read(tree.open(&name).await.map_err(text)?).await?;
            check(found == bytes, &format!("{name}: {} bytes are there", found.len()))?;
            let entries = tree.entries(".").await.map_err(text)?;
            check(entries.iter().any(|entry| entry.name == name && entry.size == size as u64), &name)?;
        }
    }
    tree.close().await.map_err(text)
}

/// Files that outlive their handle are dropped with unflushed bytes. Their directory's handle knows
/// nothing of them, and looks until they are there.
async fn dropped_after_persist() -> Result {
    let mut tree = tempdir().await.map_err(text)?;
    let bytes = content(1_000);

    let file = spooled_tempfile(1 << 20).map_err(text)?;
    let mut file = file.persist(format!("{}/persisted", tree.path())).await.map_err(text)?;
    file.write_all(&bytes).await.map_err(text)?;
    drop(file);

    let mut never = Builder::new();
    never.prefix("never").removal(Removal::Never);
    let mut file = never.tempfile_in(tree.path()).await.map_err(text)?;
    file.write_all(&bytes).await.map_err(text)?;
    drop(file);

    let file = NamedTempFile::with_prefix_in("kept", tree.path()).await.map_err(text)?;
    let (mut file, _) = file.keep().await.map_err(text)?;
    file.write_all(&bytes).await.map_err(text)?;
    drop(file);

    for _ in 0..1_000 {
        let entries = tree.entries(".").await.map_err(text)?;
        if entries.len() == 3 && entries.iter().all(|entry| entry.size == 1_000) {
            return tree.close().await.map_err(text);
        }
    }
    let entries = tree.entries(".").await.map_err(text)?;
    Err(format!("{entries:?}"))
}

/// 5,000 files of 1 KiB are open at a time, each written and read.
async fn many_files() -> Result {
    let bytes = content(1 << 10);
    let mut files = Vec::new();
    for _ in 0..5_000 {
        let mut file = spooled_tempfile(1 << 20).map_err(text)?;
        file.write_all(&bytes).await.map_err(text)?;
        file.flush().await.map_err(text)?;
        file.rewind().await.map_err(text)?;
        let mut read = vec![0; 1 << 10];
        file.read_exact(&mut read).await.map_err(text)?;
        check(read == bytes, "a file has other bytes")?;
        files.push(file);
    }
    Ok(())
}

/// 1,000 vectors are kept that `read_to_end` filled with 3 bytes.
async fn many_reads_to_the_end() -> Result {
    let mut tree = tempdir().await.map_err(text)?;
    let mut file = tree.create("three").await.map_err(text)?;
    file.write_all(b"abc").await.map_err(text)?;
    file.flush().await.map_err(text)?;
    let mut kept = Vec::new();
    for _ in 0..1_000 {
        file.rewind().await.map_err(text)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).await.map_err(text)?;
        check(bytes == b"abc" && bytes.capacity() <= 64, &format!("{} bytes are taken", bytes.capacity()))?;
        kept.push(bytes);
    }
    tree.close().await.map_err(text)
}

/// Within 64 KiB, 60,000 bytes are stored and 10,000 more are refused.
async fn at_a_limit() -> Result {
    let bytes = content(70_000);
    let mut tree = tempdir().await.map_err(text)?;
    let mut file = Builder::new().tempfile_in(tree.path()).await.map_err(text)?;
    file.write_all(&bytes[..60_000]).await.map_err(text)?;
    file.flush().await.map_err(text)?;
    file.write_all(&bytes[60_000..]).await.map_err(text)?;
    let refused = file.flush().await.err().map(|error| error.code);
    check(refused == Some(ErrorCode::Quota), &format!("the flush was not refused: {refused:?}"))?;

    file.rewind().await.map_err(text)?;
    let mut read = Vec::new();
    file.read_to_end(&mut read).await.map_err(text)?;
    check(read == bytes, "stored and unflushed bytes are not read")?;
    check(file.size().await == Ok(70_000), "the size is not that of all bytes")?;
    let failed = file.persist(format!("{}/persisted", tree.path())).await;
    let Err(failed) = failed else { return Err("bytes over the limit were persisted".into()) };
    file = failed.file;
    file.discard().await.map_err(text)?;
    check(file.stream_position().await == Ok(60_000), "the position is not the end")?;
    file.write_all(&bytes[60_000..]).await.map_err(text)?;
    file.set_len(30_000).await.map_err(text)?;
    let file = file.persist(format!("{}/persisted", tree.path())).await.map_err(text)?;
    drop(file);
    let stored = read_all(&tree, "persisted").await?;
    check(stored == bytes[..30_000], "what was persisted is not what was left")?;
    tree.close().await.map_err(text)
}

pub(crate) async fn read_all(tree: &TempDir, path: &str) -> Result<Vec<u8>> {
    read(tree.open(path).await.map_err(text)?).await
}

/// Writes through one handle of a file are seen by the other, small ones and large ones.
async fn two_handles() -> Result {
    let mut tree = tempdir().await.map_err(text)?;
    let mut first = tree.create("file").await.map_err(text)?;
    first.write_all(&content(1_000)).await.map_err(text)?;
    first.flush().await.map_err(text)?;
    first.rewind().await.map_err(text)?;
    first.read_vec(10).await.map_err(text)?;
    let mut second = tree.open_with("file", Access::ReadWrite, OpenFlags::new()).await.map_err(text)?;
    for size in [100, 100_000] {
        let bytes = vec![size as u8; size];
        second.seek(SeekFrom::Start(10)).await.map_err(text)?;
        second.write_all(&bytes).await.map_err(text)?;
        second.flush().await.map_err(text)?;

        first.seek(SeekFrom::Start(10)).await.map_err(text)?;
        let mut seen = vec![0; size];
        first.read_exact(&mut seen).await.map_err(text)?;
        check(seen == bytes, &format!("a write of {size} bytes is not seen"))?;
    }
    tree.close().await.map_err(text)
}

/// Two handles of a named file write and read it at the same time, in pieces that go by stream.
async fn reopened() -> Result {
    const PIECE: usize = 100_000;
    let mut named = NamedTempFile::new().await.map_err(text)?;
    let mut other = named.reopen().await.map_err(text)?;
    for round in 0..10_u8 {
        let (ours, theirs) = (vec![round; PIECE], vec![0xff - round; PIECE]);
        let (first, second) = both(
            async {
                named.seek(SeekFrom::Start(0)).await?;
                named.write_vec(ours.clone()).await
            },
            async {
                other.seek(SeekFrom::Start(PIECE as u64)).await?;
                other.write_vec(theirs.clone()).await
            },
        )
        .await;
        first.and(second).map_err(text)?;
        let (first, second) = both(named.read_vec(PIECE), other.read_at(PIECE, 0)).await;
        check(first.map_err(text)? == theirs, "the bytes of the other handle are not there")?;
        check(second.map_err(text)? == ours, "the bytes of the named file are not there")?;
    }
    drop(named);
    check(other.size().await == Ok(2 * PIECE as u64), "the file is not usable through the other handle")?;
    other.close().await.map_err(text)
}

/// Bytes go into a file as a stream and come out as one.
async fn streams() -> Result {
    let bytes = content(300_000);
    let mut file = tempfile().await.map_err(text)?;
    file.write_all(b"head").await.map_err(text)?;
    let (mut sender, receiver) = wit_stream::new();
    let send = async {
        sender.write_all(bytes.clone()).await;
        drop(sender);
    };
    let (written, ()) = both(file.write_via_stream(receiver), send).await;
    check(written == Ok(300_000), &format!("{written:?}"))?;
    check(file.stream_position().await == Ok(300_004), "the position is not after the stream")?;
    file.write_all(b"tail").await.map_err(text)?;

    let (mut stream, outcome) = file.read_via_stream(4).await.map_err(text)?;
    let mut read = Vec::new();
    while let Some(byte) = stream.next().await {
        read.push(byte);
        if read.len() == 1 {
            break;
        }
    }
    loop {
        let (status, piece) = stream.read(Vec::with_capacity(64 << 10)).await;
        read.extend(piece);
        if status == wit_bindgen::StreamResult::Dropped {
            break;
        }
    }
    outcome.await.map_err(text)?;
    check(read[..300_000] == bytes && &read[300_000..] == b"tail", "other bytes came out")?;
    check(file.stream_position().await == Ok(300_008), "the stream moved the position")?;
    file.close().await.map_err(text)
}

/// Names that are too long are refused with a code of their own, wherever they stand.
async fn long_names() -> Result {
    let long = "n".repeat(300);
    let code = |error: Error| error.code;
    let mut tree = tempdir().await.map_err(text)?;
    let refused = [
        NamedTempFile::with_prefix(&long).await.err().map(code),
        TempDir::with_suffix(&long).await.err().map(code),
        tree.create(&long).await.err().map(code),
        tree.create_dir(format!("a/{long}")).await.err().map(code),
        tempfile().await.map_err(text)?.persist(&long).await.err().map(|failed| failed.error.code),
    ];
    check(refused == [Some(ErrorCode::NameTooLong); 5], &format!("{refused:?}"))?;
    tree.close().await.map_err(text)
}

/// Cleanup is disabled for one file and one directory, both of which stay.
async fn kept() -> Result {
    let mut tree = tempdir().await.map_err(text)?;
    let mut file = NamedTempFile::new_in(tree.path()).await.map_err(text)?;
    file.disable_cleanup().await.map_err(text)?;
    file.close().await.map_err(text)?;
    let directory = TempDir::new_in(tree.path()).await.map_err(text)?;
    directory.keep().await.map_err(text)?;
    let (file, path) = NamedTempFile::new_in(tree.path()).await.map_err(text)?.into_parts();
    check(!path.path().is_empty(), "a named file has no path")?;
    drop(file);
    let kept = path.keep().await.map_err(text)?;
    check(kept.starts_with(tree.path()), &kept)?;
    let entries = tree.entries(".").await.map_err(text)?;
    check(entries.len() == 3, &format!("{entries:?}"))?;
    tree.close().await.map_err(text)
}

/// A directory is moved into place with what its open and dropped files wrote, and the error returns it.
async fn persisted_directory() -> Result {
    let mut tree = tempdir().await.map_err(text)?;
    let target = format!("{}/site", tree.path());
    let directory = tempdir().await.map_err(text)?;
    let mut dropped = directory.create("dropped").await.map_err(text)?;
    dropped.write_all(b"dropped").await.map_err(text)?;
    drop(dropped);
    let mut open = directory.create("open").await.map_err(text)?;
    open.write_all(b"open").await.map_err(text)?;

    tree.create_dir("site").await.map_err(text)?;
    let Err(failed) = directory.persist(&target).await else { return Err("a directory was replaced".into()) };
    check(failed.error.code == ErrorCode::Exist, &failed.error.message)?;
    let directory = failed.file;
    check(directory.path() != target, "the directory has the path of the target")?;
    tree.remove("site").await.map_err(text)?;
    directory.persist(&target).await.map_err(text)?;

    open.write_all(b", and more").await.map_err(text)?;
    open.close().await.map_err(text)?;
    check(read_all(&tree, "site/dropped").await? == b"dropped", "a dropped file was not moved")?;
    check(read_all(&tree, "site/open").await? == b"open, and more", "an open file was not moved")?;
    tree.close().await.map_err(text)
}

/// Files are moved into place, over another one or not, and the error returns the file.
async fn persisted() -> Result {
    let mut tree = tempdir().await.map_err(text)?;
    let target = format!("{}/target", tree.path());
    let mut file =
        Builder::new().prefix("pre-").suffix(".end").tempfile_in(tree.path()).await.map_err(text)?;
    let name = file.path();
    let name = name.rsplit('/').next().unwrap_or_default();
    check(name.starts_with("pre-") && name.ends_with(".end"), name)?;
    file.write_all(b"first").await.map_err(text)?;
    let mut first = file.persist_noclobber(&target).await.map_err(text)?;
    first.write_all(b" and more").await.map_err(text)?;
    drop(first);

    let mut file = spooled_tempfile(1 << 20).map_err(text)?;
    file.write_all(b"second").await.map_err(text)?;
    let Err(failed) = file.persist_noclobber(&target).await else { return Err("a file was replaced".into()) };
    check(failed.error.code == ErrorCode::Exist, &failed.error.message)?;
    let mut file = failed.file;
    check(file.size().await == Ok(6), "the file is not as it was")?;
    check(read_all(&tree, "target").await? == b"first and more", "the target is not as it was")?;
    drop(file.persist(&target).await.map_err(text)?);
    check(read_all(&tree, "target").await? == b"second", "the target was not replaced")?;

    let gone = NamedTempFile::new_in(tree.path()).await.map_err(text)?;
    let name = gone.path();
    drop(gone);
    let name = name.rsplit('/').next().unwrap_or_default();
    for _ in 0..1_000 {
        if tree.entries(".").await.map_err(text)?.iter().all(|entry| entry.name != name) {
            return tree.close().await.map_err(text);
        }
    }
    Err("a dropped file is still there".into())
}

pub(crate) struct Tree(TempDir);

pub(crate) struct Unflushed {
    _file: TempFile,
}

impl GuestTree for Tree {
    async fn create() -> Result<client::Tree> {
        Ok(client::Tree::new(Tree(tempdir().await.map_err(text)?)))
    }

    async fn unflushed(&self) -> Result<client::Unflushed> {
        let mut file = self.0.create("file").await.map_err(text)?;
        file.write_all(b"unflushed").await.map_err(text)?;
        Ok(client::Unflushed::new(Unflushed { _file: file }))
    }

    async fn check(&self) -> Result {
        let found = read_all(&self.0, "file").await?;
        check(found == b"unflushed", &format!("{} bytes are there", found.len()))
    }
}

impl GuestUnflushed for Unflushed {}
