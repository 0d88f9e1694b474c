//! Attempts to reach an entry of another instance.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::creators::{Creator, Options};
use crate::bindings::{Error, OpenFlags, TemporaryDirectory, TemporaryFile};
use crate::checks::{check, text};

pub(crate) async fn guess_names(other: &str) -> Result<(), String> {
    let (parent, name) = other.trim_end_matches('/').rsplit_once('/').unwrap_or(("", other));
    let mine = TemporaryDirectory::create(None).await.map_err(text)?;
    // So that paths can go down before they go up.
    mine.create_directory("a".into()).await.map_err(text)?;

    for path in ways_out(other, name) {
        check_no_way_out(&mine, &path).await?;
    }
    for path in lookalikes(other, name) {
        check_is_mine(&mine, &path).await?;
    }
    for directory in spellings(other).into_iter().chain(spellings(parent)) {
        for creator in Creator::ALL {
            let created = creator.create_and_close(Options::in_directory(&directory)).await;
            refused(created, &format!("{creator:?} in"), &directory)?;
        }
    }
    for target in spellings(other).into_iter().chain([format!("{parent}/a/../{name}")]) {
        check_no_move(&target).await?;
    }
    mine.close().await.map_err(text)
}

/// Paths that lead out of a directory, to an entry beside it or to an absolute path.
fn ways_out(other: &str, name: &str) -> Vec<String> {
    let mut paths: Vec<String> = [
        "../{}",
        "./../{}",
        "a/../../{}",
        ".././{}",
        "..//{}",
        "//../{}",
        "a/./../..//{}",
        "../a/../{}",
        "/../{}",
        "../../{}",
        "..\\{}",
        "a\\..\\..\\{}",
        "..\\../{}",
        "../{}\0",
        "..\0/{}",
    ]
    .iter()
    .map(|way| way.replace("{}", name))
    .collect();
    paths.extend([other.into(), format!("/{other}"), format!("/.{other}"), format!("file://{other}/..")]);
    for end in ["/", "/.", "//", "/..", "/../"] {
        paths.push(format!("../{name}{end}"));
        paths.push(format!("{other}{end}"));
    }
    paths.extend(["..", "../", "../.", "./..", "a/../.."].map(String::from));
    paths
}

/// Valid names that look like paths out of a directory.
fn lookalikes(other: &str, name: &str) -> Vec<String> {
    let mut paths: Vec<String> = [
        // Dots and separators of other scripts and widths.
        "\u{2024}\u{2024}/{}",
        "\u{ff0e}\u{ff0e}/{}",
        "..\u{2215}{}",
        "..\u{2044}{}",
        "..\u{ff0f}{}",
        "\u{2025}/{}",
        "..\u{29f5}{}",
        "..\u{ff3c}{}",
        "\u{2024}\u{2024}\u{2215}{}",
        // Encodings that other programs decode.
        "%2e%2e/{}",
        "%2e%2e%2f{}",
        "..%2f{}",
        "..%5c{}",
        "%252e%252e%252f{}",
        "..%c0%af{}",
        "&#46;&#46;/{}",
        // Characters that other programs ignore.
        "..\u{200b}/{}",
        "\u{feff}../{}",
        ".\u{ad}./{}",
        ". ./{}",
        "... /{}",
        ".../{}",
        "~/{}",
    ]
    .iter()
    .map(|way| way.replace("{}", name))
    .collect();
    paths.extend([name.into(), other.trim_start_matches('/').into(), format!("a/{name}")]);
    paths
}

/// Ways to write an absolute path.
fn spellings(path: &str) -> Vec<String> {
    ["", "/", "/.", "//", "/../"]
        .iter()
        .map(|end| format!("{path}{end}"))
        .filter(|path| !path.is_empty())
        .collect()
}

fn refused<T>(outcome: Result<T, Error>, what: &str, path: &str) -> Result<(), String> {
    check(outcome.is_err(), &format!("{what} {path:?} was not refused"))
}

async fn check_no_way_out(mine: &TemporaryDirectory, path: &str) -> Result<(), String> {
    refused(mine.open(path.into(), OpenFlags::empty(), None).await, "to open", path)?;
    refused(mine.open(path.into(), OpenFlags::CREATE, None).await, "to open or create", path)?;
    refused(mine.create_directory(path.into()).await, "to create a directory at", path)?;
    refused(mine.entries(path.into()).await, "to list", path)?;
    refused(mine.remove(path.into()).await, "to remove", path)
}

/// Checks that a path leads only to the entry that is created there.
async fn check_is_mine(mine: &TemporaryDirectory, path: &str) -> Result<(), String> {
    refused(mine.open(path.into(), OpenFlags::empty(), None).await, "to open", path)?;
    refused(mine.entries(path.into()).await, "to list", path)?;
    let flags = OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
    let created = mine.open(path.into(), flags, None).await;
    if let Ok(file) = &created {
        file.write(b"mine".to_vec()).await.map_err(text)?;
        file.close().await.map_err(text)?;
        let directory = if path.starts_with("a/") { "a" } else { "" };
        let entries = mine.entries(directory.into()).await.map_err(text)?;
        let is_here = entries.iter().any(|entry| path.ends_with(&entry.name) && entry.size == 4);
        check(is_here, &format!("a file created at {path:?} is not in the directory"))?;
    }
    let removed = mine.remove(path.into()).await;
    if created.is_ok() {
        removed.map_err(|error| format!("to remove {path:?}: {}", text(error)))?;
    }
    refused(mine.open(path.into(), OpenFlags::empty(), None).await, "to open", path)
}

async fn check_no_move(target: &str) -> Result<(), String> {
    for file in [
        TemporaryFile::create(None).await,
        TemporaryFile::create_named(None).await,
        TemporaryFile::create_spooled(None, None),
    ] {
        let file = file.map_err(text)?;
        file.write(b"in its place".to_vec()).await.map_err(text)?;
        for replace in [false, true] {
            refused(file.persist(target.into(), replace).await, "to move a file to", target)?;
        }
        file.close().await.map_err(text)?;
    }
    Ok(())
}
