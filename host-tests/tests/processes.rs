//! Many processes on one directory: no two names are alike, and nobody touches what another has.

use std::collections::HashSet;
use std::env;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use host_tests::{FileOptions, Mode, Removal, Result, Scratch, Setup, TemporaryFile, in_mode};

/// How many processes there are, and how many files each of them creates.
const PROCESSES: usize = 8;
const FILES: usize = 1_000;

/// Names a directory and a number to a neighbour.
const PLACE: &str = "SCRATCH_TEST_NEIGHBOURHOOD";
const NUMBER: &str = "SCRATCH_TEST_NEIGHBOUR";

#[test]
fn eight_processes_create_a_thousand_files_each_in_one_directory() {
    let place = tempfile::tempdir().expect("the host has a temporary directory");
    let mut neighbours: Vec<Neighbour> =
        (0..PROCESSES).map(|number| Neighbour::start(number, place.path())).collect();

    neighbours.iter_mut().for_each(|neighbour| neighbour.hear("ready"));
    // All at once, from here on.
    neighbours.iter_mut().for_each(|neighbour| neighbour.tell("create"));
    neighbours.iter_mut().for_each(|neighbour| neighbour.hear("created"));

    let mut contents = HashSet::new();
    for entry in fs::read_dir(place.path()).expect("the place is there") {
        contents.insert(fs::read_to_string(entry.expect("it is listed").path()).expect("it is a file"));
    }
    let expected = (0..PROCESSES).flat_map(|process| (0..FILES).map(move |file| content(process, file)));
    assert_eq!(contents, expected.collect(), "each has its own, and none more than one name");
    println!("{} files of {PROCESSES} processes at a time", contents.len());
    neighbours.iter_mut().for_each(|neighbour| neighbour.tell("end"));
    neighbours.into_iter().for_each(Neighbour::assert_ended);
    assert_eq!(fs::read_dir(place.path()).expect("the place is there").count(), 0);
}

fn content(process: usize, file: usize) -> String {
    format!("file {file} of process {process}")
}

/// A process beside others.
struct Neighbour {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Neighbour {
    fn start(number: usize, place: &Path) -> Neighbour {
        let mut process = Command::new(env::current_exe().expect("this program has a file"))
            .args(["--exact", "--nocapture", "neighbour"])
            .env(PLACE, place)
            .env(NUMBER, number.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be started");
        let input = process.stdin.take().expect("it is piped");
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        Neighbour { process, input, output }
    }

    fn tell(&mut self, word: &str) {
        writeln!(self.input, "{word}").expect("the neighbour listens");
    }

    fn hear(&mut self, word: &str) {
        let mut line = String::new();
        while !line.ends_with(&format!("{word}\n")) {
            line.clear();
            assert_ne!(self.output.read_line(&mut line).expect("it talks"), 0, "it ended before {word:?}");
        }
    }

    fn assert_ended(mut self) {
        self.hear("gone");
        assert!(self.process.wait().expect("it ends").success());
    }
}

/// Not a test by itself: one of the processes.
#[test]
fn sibling() {
    let (Some(place), Ok(number)) = (env::var_os(PLACE), env::var(NUMBER)) else { return };
    let number: usize = number.parse().expect("it is a number");
    let mode = [Mode::P3Blocking, Mode::P3, Mode::P2][number % 3];
    in_mode(mode, async |scratch: Scratch| -> Result {
        let scratch = scratch.another(Setup::nothing().preopen_at("/tmp", Path::new(&place))).await;
        say_and_hear("ready", "create")?;
        let mut files = Vec::new();
        for file in 0..FILES {
            files.push(create(&scratch, content(number, file).as_bytes(), file).await?);
        }
        let names: HashSet<String> = paths(&files).await;
        assert_eq!(names.len(), FILES);
        say_and_hear("created", "end")?;
        for (place, file) in files.iter().enumerate() {
            if !place.is_multiple_of(3) {
                file.close().await?;
            }
        }
        drop(files);
        scratch.assert_nothing_used().await;
        Ok(())
    });
    println!("gone");
}

/// Creates a named file; every other one is closed and keeps its name, so that a process may have
/// as many as it likes.
async fn create(scratch: &Scratch, content: &[u8], number: usize) -> Result<TemporaryFile> {
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

fn say_and_hear(word: &str, answer: &str) -> Result {
    println!("\n{word}");
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    assert_eq!(line.trim_end(), answer);
    Ok(())
}
