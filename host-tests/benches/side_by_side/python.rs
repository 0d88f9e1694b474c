//! CPython's `tempfile` and anyio: a process that runs workloads on request.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::measure::Outcome;

const ANYIO: &str = "anyio==4.16.0";

/// A Python process with anyio.
pub(crate) struct Python {
    process: Child,
    pipes: RefCell<(ChildStdin, BufReader<ChildStdout>)>,
    /// The versions of CPython and anyio.
    pub(crate) versions: String,
}

impl Drop for Python {
    fn drop(&mut self) {
        // The process ends with its input at the latest.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Python {
    /// Creates an environment with anyio below `target` once, and starts Python in `directory`.
    pub(crate) fn start(target: &Path, directory: &Path) -> Outcome<Python> {
        let environment = target.join("python/side-by-side");
        let python = environment.join("bin/python");
        let has_anyio = || {
            let asked = Command::new(&python).args(["-c", "import anyio"]).stderr(Stdio::null()).status();
            asked.is_ok_and(|status| status.success())
        };
        if !has_anyio() {
            run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
            let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ANYIO];
            run(Command::new(&python).args(pip))?;
        }
        let about = "import platform, importlib.metadata as m; \
                     print('CPython', platform.python_version() + ', anyio', m.version('anyio'))";
        let versions = Command::new(&python).args(["-c", about]).output()?.stdout;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/side_by_side/peers.py");
        let mut process = Command::new(&python)
            .arg(script)
            .env("TMPDIR", directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (input, output) = (process.stdin.take(), process.stdout.take());
        let pipes = RefCell::new((input.expect("piped"), BufReader::new(output.expect("piped"))));
        Ok(Python { process, pipes, versions: String::from_utf8_lossy(&versions).trim().into() })
    }

    /// Runs a workload with a library.
    pub(crate) fn work(&self, library: &str, workload: &str, numbers: &[u64]) -> Outcome {
        let (input, output) = &mut *self.pipes.borrow_mut();
        let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
        writeln!(input, "{library} {workload} {}", numbers.join(" "))?;
        let mut answer = String::new();
        output.read_line(&mut answer)?;
        let nanoseconds = answer.trim().parse().map_err(|_| answer.trim().to_owned())?;
        Ok(Duration::from_nanos(nanoseconds))
    }
}

fn run(command: &mut Command) -> Outcome<()> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}
