//! Many processes on one directory: names never collide, and no process touches another's files.

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::suite::tests;

tests! {
    once {
        eight_processes_create_a_thousand_files_each_in_one_directory,
    }
}

const PROCESSES: usize = 8;
/// Files that each process creates.
const FILES: usize = 1_000;

fn eight_processes_create_a_thousand_files_each_in_one_directory() {
    let directory = tempfile::tempdir().expect("the host has a temporary directory");
    let shared = directory.path().join("shared");
    fs::create_dir(&shared).expect("the directory is writable");
    let mut workers: Vec<Worker> =
        (0..PROCESSES).map(|number| Worker::start(number, &shared, directory.path())).collect();

    workers.iter_mut().for_each(|worker| worker.expect("ready"));
    // All at once, from here on.
    workers.iter_mut().for_each(|worker| worker.send("create"));
    workers.iter_mut().for_each(|worker| worker.expect("created"));

    let mut contents = HashSet::new();
    for entry in fs::read_dir(&shared).expect("the directory exists") {
        contents.insert(fs::read_to_string(entry.expect("an entry").path()).expect("it is a file"));
    }
    let expected = (0..PROCESSES)
        .flat_map(|process| (0..FILES).map(move |file| format!("file {file} of process {process}")));
    assert_eq!(contents, expected.collect(), "each file has one name and its own content");
    workers.iter_mut().for_each(|worker| worker.send("end"));
    workers.into_iter().for_each(Worker::assert_succeeded);
    assert_eq!(fs::read_dir(&shared).expect("the directory exists").count(), 0);
}

/// One of the processes.
struct Worker {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Worker {
    fn start(number: usize, shared: &Path, temporary: &Path) -> Worker {
        let mut process = Command::new(env!("CARGO_BIN_EXE_worker"))
            .arg("create")
            .arg(shared)
            .args([number.to_string(), FILES.to_string()])
            .env("TMPDIR", temporary)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the worker can be started");
        let input = process.stdin.take().expect("it is piped");
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        Worker { process, input, output }
    }

    fn send(&mut self, word: &str) {
        writeln!(self.input, "{word}").expect("the worker reads");
    }

    fn expect(&mut self, word: &str) {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the worker writes");
        assert_eq!(line.trim_end(), word);
    }

    fn assert_succeeded(mut self) {
        assert!(self.process.wait().expect("it ends").success());
    }
}
