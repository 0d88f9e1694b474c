//! Programs that take as much as they get, and print how much that was.

use std::fs::{self, File};
use std::io::{self, Write as _};

use rustix::fs::symlink;

/// Writes pieces to one file until that fails.
pub(crate) fn bytes(piece: usize) {
    let mut file = File::create("/tmp/full").unwrap();
    let data = vec![7; piece];
    let error = loop {
        if let Err(error) = file.write_all(&data) {
            break error;
        }
    };
    let length = fs::metadata("/tmp/full").unwrap().len();
    println!("{length} {:?}", error.raw_os_error());
    // The content can still be read and overwritten.
    assert_eq!(fs::read("/tmp/full").unwrap(), vec![7; length as usize]);
    fs::write("/tmp/full", &data[..piece.min(length as usize)]).unwrap();
}

/// Creates entries of one kind until that fails, or 1,000,000 of them.
pub(crate) fn with(kind: &str) {
    fs::write("/tmp/file", b"").unwrap();
    let mut open = Vec::new();
    let mut deepest = String::from("/tmp");
    let mut create = |number: usize| -> io::Result<()> {
        let path = format!("/tmp/{number}");
        match kind {
            "empty-files" => File::create(path).map(drop),
            "directories" => fs::create_dir(path),
            "links" => fs::hard_link("/tmp/file", path),
            "symbolic-links" => Ok(symlink("file", path)?),
            "long-links" => Ok(symlink("t".repeat(4_000), path)?),
            "long-names" => File::create(format!("{path}{}", "n".repeat(240))).map(drop),
            "open-files" => File::create(path).map(|file| open.push(file)),
            "open-directories" => File::open("/tmp").map(|directory| open.push(directory)),
            "one-file-again" => File::open("/tmp/file").map(|file| open.push(file)),
            "removed-files" => {
                open.push(File::create(&path)?);
                fs::remove_file(path)
            }
            "depth" => {
                deepest += "/d";
                fs::create_dir(&deepest)
            }
            "moved-depth" => {
                // Each level is created at the top, and everything before is moved below it.
                fs::create_dir(&path)?;
                if number == 0 { Ok(()) } else { fs::rename(format!("/tmp/{}", number - 1), path + "/d") }
            }
            "holes" => File::create(path)?.set_len(1 << 40),
            _ => panic!("no such kind: {kind}"),
        }
    };
    let refused = (0..1_000_000).find_map(|number| create(number).err().map(|error| (number, error)));
    match refused {
        Some((number, error)) => println!("{number} {:?}", error.raw_os_error()),
        None => println!("1000000 None"),
    }
    // A handle that is closed can be used again.
    if open.pop().is_some() {
        File::open("/tmp/file").unwrap();
    }
}

/// Creates small files, and reads all of them.
pub(crate) fn small_files(count: usize) {
    for number in 0..count {
        fs::write(format!("/tmp/{number}"), format!("content of {number}")).unwrap();
    }
    for number in 0..count {
        assert_eq!(fs::read_to_string(format!("/tmp/{number}")).unwrap(), format!("content of {number}"));
    }
}

/// Creates a file of each size up to some megabytes, says so, and waits for the end of standard input.
pub(crate) fn hold(count: usize) {
    let files: Vec<File> = (0..count)
        .map(|number| {
            let path = format!("/tmp/{number}");
            fs::write(&path, vec![7; number * 500_000]).unwrap();
            File::open(path).unwrap()
        })
        .collect();
    println!("holding");
    io::stdout().flush().unwrap();
    io::copy(&mut io::stdin(), &mut io::sink()).unwrap();
    drop(files);
}

/// Writes a large file, and traps while it is open.
pub(crate) fn trap() {
    let mut file = File::create("/tmp/file").unwrap();
    file.write_all(&vec![7; 3_000_000]).unwrap();
    std::process::abort();
}

/// Writes a file of this size.
pub(crate) fn large(mut left: usize) -> io::Result<()> {
    let piece = vec![7; 65536];
    let mut file = File::create("/tmp/large")?;
    while left > 0 {
        let length = left.min(piece.len());
        file.write_all(&piece[..length])?;
        left -= length;
    }
    Ok(())
}
