//! A plugin that creates temporary entries and ends in the way that its argument says.

#![cfg(target_family = "wasm")]

use std::{env, io, process};

use scratch_tempfile::{Builder, NamedTempFile, Removal, TempDir, tempdir};
use wasip3::cli::exit::exit_with_code;

struct Command;

wasip3::cli::command::export!(Command);

impl wasip3::exports::cli::run::Guest for Command {
    async fn run() -> Result<(), ()> {
        let ending = env::args().nth(1).unwrap_or_default();
        run(&ending).await.map_err(|error| eprintln!("{error}"))
    }
}

async fn run(ending: &str) -> io::Result<()> {
    let file = named().await?;
    let tree = tree().await?;
    match ending {
        // A drop does not wait for the removal.
        "return" => Ok(()),
        "fail" => Err(io::Error::other("as asked")),
        "trap" => panic!("as asked"),
        "abort" => process::abort(),
        "exit" => {
            exit_with_code(3);
            Ok(())
        }
        "keep" => {
            let (_, path) = file.keep().await?;
            println!("{path}");
            Ok(())
        }
        "leave" => {
            println!("{}", left().await?);
            process::exit(0)
        }
        _ => {
            println!("started");
            // These are there whenever a signal ends the plugin, others at any point of their lives.
            let _there = (file, tree);
            loop {
                drop((named().await?, tree_with_file().await?));
            }
        }
    }
}

async fn named() -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new().await?;
    file.write_all(b"content").await?;
    Ok(file)
}

async fn tree_with_file() -> io::Result<TempDir> {
    let tree = tempdir().await?;
    tree.create("file").await?.close().await?;
    Ok(tree)
}

async fn tree() -> io::Result<TempDir> {
    let tree = tempdir().await?;
    for directory in 0..10 {
        tree.create_dir(&format!("{directory}")).await?;
        for file in 0..10 {
            tree.create(&format!("{directory}/{file}")).await?.write_all(&[0; 1000]).await?;
        }
    }
    Ok(tree)
}

/// Creates a file that is not removed when it is dropped.
async fn left() -> io::Result<String> {
    let file = Builder::new().removal(Removal::Never).tempfile().await?;
    Ok(file.path())
}
