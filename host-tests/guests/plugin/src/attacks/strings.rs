//! Hostile strings for every parameter that takes one.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::Calls;
use super::creators::{Creator, Options};
use super::kept::refill;
use crate::bindings::{OpenFlags, TemporaryDirectory, TemporaryFile, TextFile, TextOptions, find_encoding};
use crate::checks::text;

pub(crate) async fn hostile_strings() -> Result<u32, String> {
    let mut calls = Calls::default();
    for hostile in strings() {
        let shown: String = hostile.chars().take(40).collect();
        try_all(&hostile, &mut calls).await.map_err(|error| format!("{shown:?}: {error}"))?;
    }
    refill().await?;
    Ok(calls.0)
}

async fn try_all(hostile: &str, calls: &mut Calls) -> Result<(), String> {
    create(hostile, calls).await?;
    in_a_directory(hostile, calls).await?;
    persist(hostile, calls).await?;
    as_encoding(hostile, calls).await?;
    as_text(hostile, calls).await
}

async fn create(hostile: &str, calls: &mut Calls) -> Result<(), String> {
    let hostile = || Some(String::from(hostile));
    for creator in Creator::ALL {
        for options in [
            Options { prefix: hostile(), ..Options::default() },
            Options { suffix: hostile(), ..Options::default() },
            Options { directory: hostile(), ..Options::default() },
            Options { prefix: hostile(), suffix: hostile(), directory: hostile(), ..Options::default() },
        ] {
            if let Some(made) = calls.count(creator.create(options).await)? {
                made.close().await.map_err(text)?;
            }
        }
    }
    Ok(())
}

async fn in_a_directory(hostile: &str, calls: &mut Calls) -> Result<(), String> {
    let directory = TemporaryDirectory::create(None).await.map_err(text)?;
    let hostile = || String::from(hostile);
    for flags in [OpenFlags::empty(), OpenFlags::CREATE, OpenFlags::CREATE | OpenFlags::EXCLUSIVE] {
        if let Some(file) = calls.count(directory.open(hostile(), flags, None).await)? {
            file.close().await.map_err(text)?;
        }
    }
    calls.count(directory.entries(hostile()).await)?;
    calls.count(directory.remove(hostile()).await)?;
    calls.count(directory.create_directory(hostile()).await)?;
    calls.count(directory.entries(hostile()).await)?;
    // Everything it created is removed with the directory.
    directory.close().await.map_err(text)
}

async fn persist(hostile: &str, calls: &mut Calls) -> Result<(), String> {
    for replace in [false, true] {
        for file in [TemporaryFile::create(None).await, TemporaryFile::create_named(None).await] {
            let file = file.map_err(text)?;
            calls.count(file.persist(hostile.into(), replace).await)?;
            file.close().await.map_err(text)?;
        }
    }
    Ok(())
}

async fn as_encoding(hostile: &str, calls: &mut Calls) -> Result<(), String> {
    calls.count(find_encoding(hostile))?;
    let file = TemporaryFile::create(None).await.map_err(text)?;
    let options = TextOptions { encoding: Some(hostile.into()), errors: None, newline: None };
    if let Some(file) = calls.count(TextFile::create(file, Some(&options)))? {
        file.close().await.map_err(text)?;
    }
    Ok(())
}

async fn as_text(hostile: &str, calls: &mut Calls) -> Result<(), String> {
    for encoding in ["utf-8", "utf-8-sig", "utf-16", "latin-1", "ascii"] {
        let file = TemporaryFile::create(None).await.map_err(text)?;
        let options = TextOptions { encoding: Some(encoding.into()), errors: None, newline: None };
        let file = TextFile::create(file, Some(&options)).map_err(text)?;
        calls.count(file.write(hostile.into()).await)?;
        calls.count(file.write_lines(vec![hostile.into(); 2]).await)?;
        file.close().await.map_err(text)?;
    }
    Ok(())
}

/// None of them is a path below `/tmp` to which a file could be persisted.
fn strings() -> Vec<String> {
    let mut strings: Vec<String> = SHORT.iter().map(|short| String::from(*short)).collect();
    for length in [219, 220, 255, 256, 5_000, 100_000] {
        strings.push("x".repeat(length));
    }
    strings.extend([
        "é".repeat(128),
        "\u{1f4a9}".repeat(64),
        "../".repeat(2_000),
        "a/".repeat(2_000),
        "/".repeat(5_000),
        ".".repeat(300),
        "\0".repeat(300),
        "\u{301}".repeat(300),
        format!("{}.txt", "x".repeat(252)),
    ]);
    strings
}

#[rustfmt::skip]
const SHORT: &[&str] = &[
    // Empty strings and spaces.
    "", " ", "  ", "\t", "\n", "\r\n", ".", "-", "~", "'", "`",
    // Separators and parent directories.
    "/", "//", "\\", "\\\\", "a/b", "a\\b", "/a", "a/", "..", "../", "../x", "./..", "a/..", "a/../..",
    "a/../../x", "..\\x", "...", ". .", "..;/x", "%2e%2e%2fx", "%2e%2e/x", "..%c0%afx", "..%00",
    "\u{2024}\u{2024}/x", "\u{ff0e}\u{ff0e}\u{ff0f}x", "..\u{2215}x",
    // Absolute paths of several systems.
    "/etc/passwd", "/proc/self/fd/0", "/dev/null", "/tmp/..", "/tmp/../etc/passwd", "//server/share",
    "\\\\server\\share", "\\\\?\\C:\\x", "\\\\.\\PhysicalDrive0", "C:", "C:x", "C:\\x", "C:/x",
    "file:///etc/passwd", "Z:\\..\\x",
    // Names that are special on Windows.
    "CON", "con", "Con.txt", "con.tar.gz", "PRN", "AUX", "NUL", "nul.", "nul ", "COM1", "COM1.txt",
    "COM\u{b9}", "com\u{b2}.txt", "LPT9", "LPT\u{b3}", "CONIN$", "CONOUT$", "CLOCK$", "x:stream",
    "x::$DATA", "x:$I30:$INDEX_ALLOCATION", "x.", "x ", "x. ", " x", "*", "?", "\"", "<", ">", "|",
    "*?\"<>|:", "desktop.ini", "PROGRA~1",
    // Control characters and bytes that end strings elsewhere.
    "\0", "a\0b", "\0\0", "x\0.txt", "\u{1}", "\u{7}", "\u{8}", "\u{1b}[2J", "\u{7f}", "\u{80}", "\u{85}",
    "\u{9f}", "a\nb",
    // Unicode that is displayed, compared or truncated in surprising ways.
    "e\u{301}", "\u{e9}", "\u{212b}", "\u{130}", "\u{df}", "\u{fb01}", "\u{feff}x", "x\u{feff}",
    "\u{202e}txt.exe", "\u{200b}", "\u{200d}", "\u{2028}", "\u{fffd}", "\u{fffe}", "\u{ffff}", "\u{10ffff}",
    "\u{e000}", "\u{d7ff}", "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}", "\u{1f1e9}\u{1f1ea}",
    "\u{0}\u{10ffff}", "\u{3164}",
    // Code for shells, formatters and others.
    "$(x)", "`x`", "${HOME}", "$HOME", "%s%n", "%s%s%s%s%n", "{}", "{0}", "%TEMP%", "!x", "-rf", "--",
    "; ls", "| ls", "&& ls", "<script>", "' OR 1=1 --", "../../${x}", "\\u002e\\u002e", "\\x00",
    // Names like the provider's own, and encodings.
    "tmp", "tmpaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "utf-8", "UTF8", "utf_16", "utf-16\0", "utf-8\u{130}",
    "none", "idna", "rot13", "hex", "zlib", "undefined", "mbcs",
];
