//! The time of calls on `/tmp`, to compare filesystems.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::time::Instant;

/// The number of bytes of a large transfer.
const LARGE: usize = 256 << 20;

const PIECE: usize = 64 << 10;

/// Prints the nanoseconds of a small call, and the megabytes per second of large transfers.
pub(crate) fn measure() -> io::Result<()> {
    const CALLS: u32 = 20_000;
    let mut file = File::options().read(true).write(true).create(true).truncate(true).open("/tmp/file")?;
    let begin = Instant::now();
    for _ in 0..CALLS {
        file.write_all(&[7; 100])?;
    }
    println!("write 100 B: {} ns", (begin.elapsed() / CALLS).as_nanos());

    file.rewind()?;
    let begin = Instant::now();
    for _ in 0..CALLS {
        file.read_exact(&mut [0; 100])?;
    }
    println!("read 100 B: {} ns", (begin.elapsed() / CALLS).as_nanos());

    const FILES: u32 = 2_000;
    let begin = Instant::now();
    for number in 0..FILES {
        fs::write(format!("/tmp/{number}"), b"small")?;
    }
    println!("create a file of 5 B: {} ns", (begin.elapsed() / FILES).as_nanos());

    let mut piece = vec![7; PIECE];
    file.set_len(0)?;
    file.rewind()?;
    let begin = Instant::now();
    for _ in 0..LARGE / PIECE {
        file.write_all(&piece)?;
    }
    println!("write pieces of 64 KiB: {:.0} MB/s", megabytes_per_second(begin));

    file.rewind()?;
    let begin = Instant::now();
    for _ in 0..LARGE / PIECE {
        file.read_exact(&mut piece)?;
    }
    println!("read pieces of 64 KiB: {:.0} MB/s", megabytes_per_second(begin));
    fs::remove_file("/tmp/file")
}

fn megabytes_per_second(begin: Instant) -> f64 {
    LARGE as f64 / 1e6 / begin.elapsed().as_secs_f64()
}
