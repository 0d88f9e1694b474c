//! Tests that need a process of their own, under conditions that would disturb others.
//!
//! Such a test starts this program again for itself alone; the child finds its name in the
//! environment and runs the test.

use std::env;
use std::fmt;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::fixture::Result;

/// The variable with the name of the test that a child runs.
const CHILD: &str = "SCRATCH_TEST_CHILD";

/// The conditions of a test's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conditions {
    /// Nothing else runs in it.
    Alone,
    /// All directories are on a filesystem of 1 MiB in memory, which the test may remount.
    SmallDisk,
    /// No file grows beyond 512 KiB. Growing it fails with an error, because the signal is ignored
    /// that would otherwise end the process.
    SmallFiles,
    /// No more than 64 files are open at a time.
    FewOpenFiles,
    /// As many as 12,000 files are open at a time.
    ManyOpenFiles,
    /// File modes bind the owner of a file, even root.
    BoundByModes,
}

/// Something that a test needs and this machine does not allow.
#[derive(Debug)]
pub struct Unavailable(&'static str);

impl Unavailable {
    /// A filesystem beside that of the temporary directory.
    pub const SECOND_FILESYSTEM: Unavailable = Unavailable("a second filesystem at /dev/shm");
}

impl fmt::Display for Unavailable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "it needs {}", self.0)
    }
}

impl std::error::Error for Unavailable {}

impl Conditions {
    /// Runs `body` under these conditions: in a child that runs `test` alone, or here if this is
    /// the child.
    ///
    /// # Errors
    ///
    /// Fails with [`Unavailable`] if this machine does not allow the conditions, and as `body` does.
    ///
    /// # Panics
    ///
    /// Panics if the child fails or does something else.
    pub fn run(self, test: &str, body: impl FnOnce() -> Result) -> Result {
        if env::var_os(CHILD).is_some_and(|name| name == test) {
            return body();
        }
        let directory = tempfile::tempdir()?;
        let mut program = self.find(&directory).ok_or(Unavailable(self.need()))?;
        let child = env::current_exe()?;
        program.arg(child).args(["--exact", test, "--nocapture", "--include-ignored"]).env(CHILD, test);
        let Output { status, stdout, stderr } = program.output()?;
        let [output, errors] = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert!(status.success(), "under {self:?}: {status}\n{output}{errors}");
        assert!(output.contains("1 passed"), "the child has no test {test}:\n{output}");
        crate::note!("{output}");
        Ok(())
    }

    /// The first command for these conditions that this machine allows, without the program to run.
    fn find(self, directory: &TempDir) -> Option<Command> {
        let ways: &[&[&str]] = match self {
            Conditions::Alone
            | Conditions::SmallFiles
            | Conditions::FewOpenFiles
            | Conditions::ManyOpenFiles => &[&[]],
            Conditions::SmallDisk => &[&["unshare", "-m"], &["unshare", "-Urm"]],
            Conditions::BoundByModes => {
                &[&[], &["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]]
            }
        };
        let make = |way: &&[&str]| {
            let mut words = way.iter().copied().chain(["sh", "-c", self.script(), "sh"]);
            let mut command = Command::new(words.next().expect("a command ends with a shell"));
            command.args(words).env("TMPDIR", directory.path());
            command
        };
        let is_possible =
            |way: &&&[&str]| make(way).arg("true").output().is_ok_and(|tried| tried.status.success());
        ways.iter().find(is_possible).map(make)
    }

    /// The requirement on the machine.
    fn need(self) -> &'static str {
        match self {
            Conditions::Alone => "a shell",
            Conditions::SmallDisk => "mounts, as root or in a user namespace",
            Conditions::SmallFiles | Conditions::FewOpenFiles => "a shell with `ulimit`",
            Conditions::ManyOpenFiles => "12,000 open files",
            Conditions::BoundByModes => "a user who is not root, or `setpriv`",
        }
    }

    /// The script of the shell that becomes the program.
    fn script(self) -> &'static str {
        match self {
            Conditions::Alone => r#"exec "$@""#,
            Conditions::SmallDisk => r#"mount -t tmpfs -o size=1m scratch "$TMPDIR" && exec "$@""#,
            // In blocks of 512 bytes.
            Conditions::SmallFiles => r#"trap '' XFSZ && ulimit -f 1024 && exec "$@""#,
            Conditions::FewOpenFiles => r#"ulimit -n 64 && exec "$@""#,
            Conditions::ManyOpenFiles => r#"ulimit -n 12000 && exec "$@""#,
            Conditions::BoundByModes => {
                r#"mkdir -p "$TMPDIR/bound" && chmod 500 "$TMPDIR/bound" && ! mkdir "$TMPDIR/bound/x" && exec "$@""#
            }
        }
    }
}
