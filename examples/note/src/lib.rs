#![cfg(target_family = "wasm")]

wit_bindgen::generate!({
    inline: "
        package example:note;

        world note {
            import scratch:tempfile/tempfile@0.3.0;
        }
    ",
    path: "../../wit",
    world: "example:note/note",
    generate_all,
});

use scratch::tempfile::tempfile::{Error, TemporaryFile, Whence};

/// Writes a note into a temporary file and reads it again.
async fn note() -> Result<String, Error> {
    let file = TemporaryFile::create_spooled(Some(1024), None)?;
    file.write(b"in memory until it grows".to_vec()).await?;
    file.seek(0, Whence::Start).await?;
    let text = file.read_to_end().await?;
    file.close().await?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

struct Command;

wasip3::cli::command::export!(Command);

impl wasip3::exports::cli::run::Guest for Command {
    async fn run() -> Result<(), ()> {
        let text = note().await.map_err(|error| eprintln!("{}", error.message))?;
        println!("{text}");
        Ok(())
    }
}
