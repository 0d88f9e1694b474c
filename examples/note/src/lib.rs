#![cfg(target_family = "wasm")]

use std::io;

use futures::TryStreamExt as _;
use scratch_tempfile::spooled_tempfile;

/// Writes notes into a temporary file and reads them again.
async fn notes() -> io::Result<Vec<String>> {
    let mut file = spooled_tempfile(1024)?;
    file.write_all(b"in memory until it grows\n").await?;
    file.write_all(b"gone when it is dropped\n").await?;
    file.rewind().await?;
    Ok(file.lines().try_collect().await?)
}

struct Command;

wasip3::cli::command::export!(Command);

impl wasip3::exports::cli::run::Guest for Command {
    async fn run() -> Result<(), ()> {
        let notes = notes().await.map_err(|error| eprintln!("{error}"))?;
        println!("{}", notes.join("\n"));
        Ok(())
    }
}
