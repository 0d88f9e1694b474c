//! Tests that need a process of their own, under conditions that would be hard on others.
//!
//! Such a test starts this program again for itself alone; the child finds its name in the
//! environment and does what is to be tested.

use std::env;
use std::io::{self, Write as _};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Names to the child the test that it is to do.
const CHILD: &str = "SCRATCH_TEST_CHILD";

/// What a test's process finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conditions {
    /// Nothing else runs in it.
    Alone,
    /// All directories are on a filesystem of 1 MiB in memory, which the test may remount.
    SmallDisk,
    /// No file grows beyond 512 KiB, and growing it is an error: the signal is ignored that would
    /// end a process which doesn't ask for the error.
    SmallFiles,
    /// No more than 64 files are open at a time.
    FewOpenFiles,
    /// A mode that forbids something binds its owner, be that root.
    BoundByModes,
}

impl Conditions {
    /// Does `body` under these conditions: in a child that runs `test` alone, or here if this is
    /// the child. What this machine does not allow is told and left out.
    ///
    /// # Panics
    ///
    /// Panics if the child fails or does something else.
    pub fn run(self, test: &str, body: impl FnOnce()) {
        if env::var_os(CHILD).is_some_and(|name| name == test) {
            return body();
        }
        let place = tempfile::tempdir().expect("the host has a temporary directory");
        let Some(mut program) = self.find(&place) else {
            // Not with `println!`, which shows nothing of a test that passes.
            _ = writeln!(io::stderr(), "{test} is left out: this machine allows no {self:?}");
            return;
        };
        let child = env::current_exe().expect("this program has a file");
        program.arg(child).args(["--exact", test, "--nocapture"]).env(CHILD, test);
        let Output { status, stdout, stderr } = program.output().expect("the child can be started");
        let [told, complaints] = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        println!("{told}");
        assert!(status.success(), "under {self:?}: {status}\n{told}{complaints}");
        assert!(told.contains("1 passed"), "the child has no test {test}:\n{told}");
    }

    /// The first way to these conditions that this machine allows, lacking the program to run.
    fn find(self, place: &TempDir) -> Option<Command> {
        let ways: &[&[&str]] = match self {
            Conditions::Alone | Conditions::SmallFiles | Conditions::FewOpenFiles => &[&[]],
            Conditions::SmallDisk => &[&["unshare", "-m"], &["unshare", "-Urm"]],
            Conditions::BoundByModes => {
                &[&[], &["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]]
            }
        };
        let make = |way: &&[&str]| {
            let mut words = way.iter().copied().chain(["sh", "-c", self.script(), "sh"]);
            let mut command = Command::new(words.next().expect("a way ends with a shell"));
            command.args(words).env("TMPDIR", place.path());
            command
        };
        let is_possible =
            |way: &&&[&str]| make(way).arg("true").output().is_ok_and(|tried| tried.status.success());
        ways.iter().find(is_possible).map(make)
    }

    /// What a shell does before it becomes the program.
    fn script(self) -> &'static str {
        match self {
            Conditions::Alone => r#"exec "$@""#,
            Conditions::SmallDisk => r#"mount -t tmpfs -o size=1m scratch "$TMPDIR" && exec "$@""#,
            // In blocks of 512 bytes.
            Conditions::SmallFiles => r#"trap '' XFSZ && ulimit -f 1024 && exec "$@""#,
            Conditions::FewOpenFiles => r#"ulimit -n 64 && exec "$@""#,
            Conditions::BoundByModes => {
                r#"mkdir -p "$TMPDIR/bound" && chmod 500 "$TMPDIR/bound" && ! mkdir "$TMPDIR/bound/x" && exec "$@""#
            }
        }
    }
}

/// Makes a test for each mode of each `async fn` named, as [`in_every_mode!`](crate::in_every_mode)
/// does, under [`Conditions`].
#[macro_export]
macro_rules! in_every_mode_under {
    ($conditions:ident: $($name:ident),+ $(,)?) => { $(
        mod $name {
            $crate::in_mode_under!($conditions, $name, p3_blocking = P3Blocking);
            $crate::in_mode_under!($conditions, $name, p3 = P3);
            $crate::in_mode_under!($conditions, $name, p2 = P2);
        }
    )+ };
}

/// The same for what only an asynchronous interface has.
#[macro_export]
macro_rules! in_async_modes_under {
    ($conditions:ident: $($name:ident),+ $(,)?) => { $(
        mod $name {
            $crate::in_mode_under!($conditions, $name, p3_blocking = P3Blocking);
            $crate::in_mode_under!($conditions, $name, p3 = P3);
        }
    )+ };
}

#[doc(hidden)]
#[macro_export]
macro_rules! in_mode_under {
    ($conditions:ident, $name:ident, $test:ident = $mode:ident) => {
        #[test]
        fn $test() {
            let test = concat!(stringify!($name), "::", stringify!($test));
            let body = || $crate::in_mode($crate::Mode::$mode, super::$name);
            $crate::Conditions::$conditions.run(test, body);
        }
    };
}
