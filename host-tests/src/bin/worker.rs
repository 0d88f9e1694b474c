//! A process that uses the provider in a directory, for tests with several processes.
//!
//! - `worker churn DIRECTORY` creates and removes files and trees until it is killed.
//! - `worker hold DIRECTORY` runs a program with a private `/tmp`, whose large contents are in the directory,
//!   until the end of standard input.
//! - `worker create DIRECTORY NUMBER COUNT` creates `COUNT` files of its own and removes them, each
//!   step at the word of the test that started it.

use std::collections::HashSet;
use std::env;
use std::io;
use std::path::Path;

use host_tests::{
    FileOptions, Mode, OpenFlags, Program, Removal, Result, Scratch, Setup, TemporaryFile, in_mode,
};

fn main() -> Result {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["churn", directory] => churn(directory.as_ref()),
        ["hold", directory] => {
            let program = Program::in_memory("hold 8").preopen(directory.as_ref(), "/tmp");
            program.on_standard_streams().run();
            Ok(())
        }
        ["create", directory, number, count] => create(directory.as_ref(), number.parse()?, count.parse()?),
        _ => {
            Err("worker churn DIRECTORY | worker hold DIRECTORY | worker create DIRECTORY NUMBER COUNT"
                .into())
        }
    }
}

fn churn(directory: &Path) -> Result {
    in_mode(Mode::P3Blocking, async |scratch: Scratch| {
        let scratch = scratch.another(Setup::nothing().preopen_at("/tmp", directory)).await;
        println!("busy");
        loop {
            let (file, tree) = (scratch.create_named().await?, scratch.create_directory().await?);
            file.write(&[1; 1_000]).await?;
            tree.create_directory("below").await?;
            for name in ["below/a", "below/b"] {
                tree.open(name, OpenFlags::CREATE, None).await?.write(b"content").await?;
            }
            file.flush().await?;
            file.close().await?;
            tree.close().await?;
        }
    })
}

fn create(directory: &Path, number: usize, count: usize) -> Result {
    let mode = [Mode::P3Blocking, Mode::P3, Mode::P2][number % 3];
    in_mode(mode, async |scratch: Scratch| {
        let scratch = scratch.another(Setup::nothing().preopen_at("/tmp", directory)).await;
        announce_and_await("ready", "create")?;
        let mut files = Vec::new();
        for file in 0..count {
            let content = format!("file {file} of process {number}");
            files.push(create_named(&scratch, content.as_bytes(), file).await?);
        }
        assert_eq!(paths(&files).await.len(), count);
        announce_and_await("created", "end")?;
        for (index, file) in files.iter().enumerate() {
            if !index.is_multiple_of(3) {
                file.close().await?;
            }
        }
        drop(files);
        scratch.assert_nothing_used().await;
        Ok(())
    })
}

/// Creates a named file. Every other one is closed and keeps its name, so that the process needs
/// fewer descriptors.
async fn create_named(scratch: &Scratch, content: &[u8], number: usize) -> Result<TemporaryFile> {
    let removal = if number.is_multiple_of(2) { Removal::OnClose } else { Removal::OnDrop };
    let file = scratch.create_named_with(FileOptions::new().removal(removal)).await?;
    file.write(content).await?;
    if number.is_multiple_of(2) {
        file.flush().await?
    } else {
        file.close().await?
    }
    Ok(file)
}

async fn paths(files: &[TemporaryFile]) -> HashSet<String> {
    let mut paths = HashSet::new();
    for file in files {
        paths.extend(file.path().await);
    }
    paths
}

/// Reports to the test that a step is done, and waits for the word that starts the next one.
fn announce_and_await(done: &str, next: &str) -> Result {
    println!("{done}");
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    assert_eq!(line.trim_end(), next);
    Ok(())
}
