//! The client crate on a provider: what users of the crates `tempfile`, `cap-tempfile` and
//! `async-tempfile` rely on.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use scratch_tempfile::{
    Access, Builder, ErrorCode, NamedTempFile, OpenFlags, SeekFrom, SpooledTempFile, TempDir,
    spooled_tempfile, tempdir, tempfile,
};

use crate::checks::{check, content};
use crate::client::{Result, read_all, text};

/// The alphabet as the content of a file, and a part that replaces a part of it.
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8] = b"0123456789";

/// A spooled file has the same content and positions in memory and on disk.
pub(crate) async fn spooled() -> Result {
    for max_size in [1_000, 10, 0] {
        let mut file = spooled_tempfile(max_size).map_err(text)?;
        file.write_all(LETTERS).await.map_err(text)?;
        file.flush().await.map_err(text)?;
        check(file.is_rolled() == (max_size < 26), "the size decides whether a file is on disk")?;
        reads_and_seeks(&mut file).await?;
        overwrites(&mut file).await?;
        resizes(&mut file).await?;
        check(file.is_rolled() == (max_size < 40), "a file moved at another size")?;
        file.close().await.map_err(text)?;
    }
    Ok(())
}

async fn reads_and_seeks(file: &mut SpooledTempFile) -> Result {
    check(file.stream_position().await == Ok(26), "a write moves the position")?;
    check(file.read(&mut [0; 5]).await == Ok(0), "nothing is read at the end")?;
    for (target, position) in [
        (SeekFrom::Start(5), 5),
        (SeekFrom::Current(3), 8),
        (SeekFrom::Current(-4), 4),
        (SeekFrom::End(-20), 6),
        (SeekFrom::End(10), 36),
    ] {
        check(file.seek(target).await == Ok(position), &format!("{target:?} is not {position}"))?;
    }
    check(file.read(&mut [0; 5]).await == Ok(0), "nothing is read after the end")?;
    let refused = file.seek(SeekFrom::Current(-37)).await.map_err(|error| error.code);
    check(refused == Err(ErrorCode::Invalid), &format!("a position before the start: {refused:?}"))?;
    check(file.stream_position().await == Ok(36), "a refused seek moved the position")?;

    file.seek(SeekFrom::Start(15)).await.map_err(text)?;
    let mut rest = [0; 15];
    check(file.read(&mut rest).await == Ok(11) && rest[..11] == LETTERS[15..], "a short read")?;
    let early = file.read_exact(&mut rest).await.map_err(|error| error.code);
    check(early == Err(ErrorCode::UnexpectedEnd), &format!("a read over the end: {early:?}"))
}

async fn overwrites(file: &mut SpooledTempFile) -> Result {
    file.seek(SeekFrom::Start(10)).await.map_err(text)?;
    file.write_all(DIGITS).await.map_err(text)?;
    check(content_of(file).await? == b"abcdefghij0123456789uvwxyz", "the middle was not replaced")?;
    file.seek(SeekFrom::End(-5)).await.map_err(text)?;
    file.write_all(DIGITS).await.map_err(text)?;
    let expected = b"abcdefghij0123456789u0123456789";
    check(content_of(file).await? == expected, "the end was not replaced and extended")
}

async fn resizes(file: &mut SpooledTempFile) -> Result {
    file.set_len(10).await.map_err(text)?;
    check(file.stream_position().await == Ok(31), "cutting moved the position")?;
    check(file.read(&mut [0; 5]).await == Ok(0), "there is more than what was left")?;
    file.seek(SeekFrom::Start(15)).await.map_err(text)?;
    file.write_all(DIGITS).await.map_err(text)?;
    check(content_of(file).await? == b"abcdefghij\0\0\0\0\x000123456789", "the gap is not zeros")?;
    file.set_len(40).await.map_err(text)?;
    check(file.stream_position().await == Ok(25), "growing moved the position")?;
    let grown = content_of(file).await?;
    check(grown.len() == 40 && grown[25..].iter().all(|byte| *byte == 0), "the growth is not zeros")
}

async fn content_of(file: &mut SpooledTempFile) -> Result<Vec<u8>> {
    let position = file.stream_position().await.map_err(text)?;
    file.rewind().await.map_err(text)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).await.map_err(text)?;
    file.seek(SeekFrom::Start(position)).await.map_err(text)?;
    Ok(bytes)
}

/// A spooled file moves to disk when it is asked to, when it grows over a gap or by its length, and never
/// back.
pub(crate) async fn rollover() -> Result {
    let mut asked = spooled_tempfile(100).map_err(text)?;
    asked.write_all(LETTERS).await.map_err(text)?;
    asked.seek(SeekFrom::Start(4)).await.map_err(text)?;
    asked.roll().await.map_err(text)?;
    check(asked.is_rolled(), "the file is not on disk")?;
    check(asked.stream_position().await == Ok(4), "moving to disk moved the position")?;
    asked.set_len(0).await.map_err(text)?;
    check(asked.is_rolled(), "an empty file went back to memory")?;

    let mut sparse = spooled_tempfile(10).map_err(text)?;
    sparse.write_all(b"abcde").await.map_err(text)?;
    sparse.seek(SeekFrom::Current(5)).await.map_err(text)?;
    check(!sparse.is_rolled(), "a seek moved the file to disk")?;
    sparse.write_all(b"klmno").await.map_err(text)?;
    sparse.flush().await.map_err(text)?;
    check(sparse.is_rolled(), "a write after the size did not")?;
    check(content_of(&mut sparse).await? == b"abcde\0\0\0\0\0klmno", "the gap is not zeros")?;

    let mut grown = spooled_tempfile(10).map_err(text)?;
    grown.write_all(b"abcde").await.map_err(text)?;
    grown.set_len(20).await.map_err(text)?;
    check(grown.is_rolled(), "a length above the size did not move the file to disk")?;
    check(grown.stream_position().await == Ok(5), "growing moved the position")?;

    let tree = tempdir().await.map_err(text)?;
    let inside = SpooledTempFile::new_in(0, tree.path()).map_err(text)?;
    let mut file = inside.into_file().await.map_err(text)?;
    file.write_all(LETTERS).await.map_err(text)?;
    check(file.size().await == Ok(26), "the file on disk is not usable")?;
    let far = file.seek(SeekFrom::Start(u64::MAX)).await.map_err(|error| error.code);
    check(far == Err(ErrorCode::Invalid), &format!("the largest position: {far:?}"))
}

/// A path keeps its file, which others can open by it until the path is dropped.
pub(crate) async fn paths() -> Result {
    let mut tree = tempdir().await.map_err(text)?;
    let mut named = NamedTempFile::new_in(tree.path()).await.map_err(text)?;
    named.write_all(b"before").await.map_err(text)?;
    let path = named.into_temp_path();
    let name = name_of(&path.path());
    let mut other = tree.open_with(&name, Access::ReadWrite, OpenFlags::new()).await.map_err(text)?;
    other.write_all(b"after!").await.map_err(text)?;
    drop(other);
    check(read_all(&tree, &name).await? == b"after!", "the file is not the one that was written")?;

    let taken = format!("{}/taken", tree.path());
    drop(tree.create("taken").await.map_err(text)?);
    let Err(failed) = path.persist_noclobber(&taken).await else { return Err("a file was replaced".into()) };
    check(failed.error.code == ErrorCode::Exist, &failed.error.message)?;
    failed.file.persist(&taken).await.map_err(text)?;
    check(read_all(&tree, "taken").await? == b"after!", "the file was not moved")?;

    let mut path = NamedTempFile::new_in(tree.path()).await.map_err(text)?.into_temp_path();
    path.close().await.map_err(text)?;
    drop(NamedTempFile::new_in(tree.path()).await.map_err(text)?.into_temp_path());
    let mut file = NamedTempFile::new_in(tree.path()).await.map_err(text)?.into_file();
    file.write_all(LETTERS).await.map_err(text)?;
    file.close().await.map_err(text)?;
    only_stays(&tree, &["taken"]).await?;
    tree.close().await.map_err(text)
}

fn name_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().into()
}

/// Waits for the removals that drops have started.
async fn only_stays(tree: &TempDir, expected: &[&str]) -> Result {
    let mut entries = Vec::new();
    for _ in 0..1_000 {
        entries = tree.entries(".").await.map_err(text)?;
        if entries.iter().map(|entry| entry.name.as_str()).eq(expected.iter().copied()) {
            return Ok(());
        }
    }
    Err(format!("{entries:?}"))
}

/// Directories in a temporary directory are removed with it, in any order.
pub(crate) async fn nested_directories() -> Result {
    let mut tree = tempdir().await.map_err(text)?;
    let mut outer = Builder::new().prefix("outer").tempdir_in(tree.path()).await.map_err(text)?;
    let mut inner = Builder::new().suffix(".inner").tempdir_in(outer.path()).await.map_err(text)?;
    check(name_of(outer.path()).starts_with("outer"), outer.path())?;
    check(name_of(inner.path()).ends_with(".inner"), inner.path())?;
    drop(inner.create("file").await.map_err(text)?);
    outer.close().await.map_err(text)?;
    check(inner.create("file").await.is_err(), "a file was created in a directory that is gone")?;
    inner.close().await.map_err(text)?;

    let mut outer = TempDir::new_in(tree.path()).await.map_err(text)?;
    let mut inner = TempDir::new_in(outer.path()).await.map_err(text)?;
    inner.close().await.map_err(text)?;
    outer.close().await.map_err(text)?;
    let outer = TempDir::new_in(tree.path()).await.map_err(text)?;
    let inner = TempDir::new_in(outer.path()).await.map_err(text)?;
    drop(outer);
    drop(inner);
    only_stays(&tree, &[]).await?;
    tree.close().await.map_err(text)
}

/// An entry that somebody else has removed is closed and dropped as if it were there.
pub(crate) async fn removed_by_others() -> Result {
    let mut tree = tempdir().await.map_err(text)?;
    for is_closed in [true, false] {
        let mut file = NamedTempFile::new_in(tree.path()).await.map_err(text)?;
        let mut directory = TempDir::new_in(tree.path()).await.map_err(text)?;
        tree.remove(name_of(&file.path())).await.map_err(text)?;
        tree.remove(name_of(directory.path())).await.map_err(text)?;
        file.write_all(LETTERS).await.map_err(text)?;
        check(file.size().await == Ok(26), "an open file without a name is not usable")?;
        if is_closed {
            file.close().await.map_err(text)?;
            directory.close().await.map_err(text)?;
        }
    }
    only_stays(&tree, &[]).await?;
    tree.close().await.map_err(text)
}

/// Prefix and suffix stay in the directory, and many names are all different.
pub(crate) async fn names() -> Result {
    let mut tree = tempdir().await.map_err(text)?;
    for affix in ["a/b", "../a", "/tmp/a", "a\0b", "a\\b"] {
        let refused = [
            NamedTempFile::with_prefix_in(affix, tree.path()).await.err(),
            NamedTempFile::with_suffix_in(affix, tree.path()).await.err(),
            TempDir::with_prefix_in(affix, tree.path()).await.err(),
            TempDir::with_suffix_in(affix, tree.path()).await.err(),
        ];
        let codes = refused.map(|error| error.map(|error| error.code));
        check(codes == [Some(ErrorCode::Invalid); 4], &format!("{affix:?}: {codes:?}"))?;
    }
    let mut files = Vec::new();
    for _ in 0..100 {
        files.push(NamedTempFile::with_prefix_in("", tree.path()).await.map_err(text)?);
    }
    let mut names: Vec<_> = files.iter().map(NamedTempFile::path).collect();
    names.sort();
    names.dedup();
    check(names.len() == 100, "two files have one name")?;
    drop(files);
    only_stays(&tree, &[]).await?;
    tree.close().await.map_err(text)
}

/// A file is appended to wherever its position is, and a private one is persisted.
pub(crate) async fn appended_and_persisted() -> Result {
    let mut tree = tempdir().await.map_err(text)?;
    let mut log = Builder::new().append(true).tempfile_in(tree.path()).await.map_err(text)?;
    for line in [&b"one\n"[..], b"two\n"] {
        log.rewind().await.map_err(text)?;
        log.write_all(line).await.map_err(text)?;
    }
    log.rewind().await.map_err(text)?;
    let mut lines = String::new();
    log.read_to_string(&mut lines).await.map_err(text)?;
    check(lines == "one\ntwo\n", &lines)?;
    log.close().await.map_err(text)?;

    let bytes = content(100_000);
    let mut private = tempfile().await.map_err(text)?;
    private.write_all(&bytes).await.map_err(text)?;
    let missing = format!("{}/missing/place", tree.path());
    let Err(failed) = private.persist(&missing).await else { return Err("a directory appeared".into()) };
    check(failed.error.code == ErrorCode::NoEntry, &failed.error.message)?;
    let place = format!("{}/place", tree.path());
    drop(failed.file.persist(&place).await.map_err(text)?);
    check(read_all(&tree, "place").await? == bytes, "other bytes are in place")?;
    check(vec!["place"] == names_in(&tree).await?, "more is in the directory than what is in place")?;
    tree.close().await.map_err(text)
}

async fn names_in(tree: &TempDir) -> Result<Vec<String>> {
    Ok(tree.entries(".").await.map_err(text)?.into_iter().map(|entry| entry.name).collect())
}
