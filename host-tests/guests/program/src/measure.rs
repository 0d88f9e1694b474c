//! Programs that time calls on a directory, and print the nanoseconds on standard error.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::time::{Duration, Instant};

/// The number of bytes of a small read or write.
const SMALL: usize = 100;

/// The number of bytes of a large one.
const LARGE: usize = 64 << 10;

/// Runs calls of one kind in `directory`, and prints their time.
pub(crate) fn measure(kind: &str, directory: &str, count: usize) {
    let path = format!("{directory}/measured");
    let elapsed = match kind {
        "nothing" => Duration::ZERO,
        "small-writes" => writes(&path, count, SMALL),
        "small-reads" => reads(&path, count, SMALL),
        "large-writes" => writes(&path, count, LARGE),
        "large-reads" => reads(&path, count, LARGE),
        "creations" => creations(directory, count),
        "output" => output(count),
        _ => panic!("no such kind: {kind}"),
    };
    eprint!("{}", elapsed.as_nanos());
}

fn new(path: &str) -> File {
    File::options().read(true).write(true).create(true).truncate(true).open(path).unwrap()
}

fn writes(path: &str, count: usize, size: usize) -> Duration {
    let (mut file, data) = (new(path), vec![7; size]);
    let start = Instant::now();
    for _ in 0..count {
        file.write_all(&data).unwrap();
    }
    let elapsed = start.elapsed();
    fs::remove_file(path).unwrap();
    elapsed
}

fn reads(path: &str, count: usize, size: usize) -> Duration {
    let (mut file, mut data) = (new(path), vec![7; size]);
    for _ in 0..count {
        file.write_all(&data).unwrap();
    }
    file.rewind().unwrap();
    let start = Instant::now();
    for _ in 0..count {
        file.read_exact(&mut data).unwrap();
    }
    let elapsed = start.elapsed();
    fs::remove_file(path).unwrap();
    elapsed
}

/// Creates files of 5 bytes.
fn creations(directory: &str, count: usize) -> Duration {
    let start = Instant::now();
    for number in 0..count {
        fs::write(format!("{directory}/{number}"), b"small").unwrap();
    }
    let elapsed = start.elapsed();
    for number in 0..count {
        fs::remove_file(format!("{directory}/{number}")).unwrap();
    }
    elapsed
}

fn output(count: usize) -> Duration {
    let (mut output, data) = (io::stdout().lock(), vec![7; LARGE]);
    let start = Instant::now();
    for _ in 0..count {
        output.write_all(&data).unwrap();
    }
    start.elapsed()
}
