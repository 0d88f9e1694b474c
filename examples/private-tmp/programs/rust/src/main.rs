//! Writes a number of bytes to a temporary file, and reads them again.

use std::env;
use std::io::{self, Read as _, Seek as _, Write as _};

use tempfile::NamedTempFile;

fn main() -> io::Result<()> {
    let size: u64 = env::args().nth(1).and_then(|size| size.parse().ok()).unwrap_or(1000);
    // On WASI, the standard library knows no directory for temporary files.
    let mut file = NamedTempFile::new_in("/tmp")?;
    io::copy(&mut io::repeat(7).take(size), &mut file)?;
    file.flush()?;
    file.rewind()?;
    let read = io::copy(&mut file, &mut io::sink())?;
    println!("wrote and read {read} bytes in {}", file.path().parent().unwrap_or(file.path()).display());
    Ok(())
}
