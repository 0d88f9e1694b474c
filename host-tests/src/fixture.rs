//! The environment of one test: a fixture in a mode, started before the test and watched to its end.

use std::rc::Rc;

use tokio::runtime::Builder;
use tokio::task::LocalSet;

use crate::directories::{Directories, Setup};
use crate::instance::Crash;
use crate::mode::Mode;

/// The outcome of a test.
pub type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// The argument of a test: an instance in a mode, with directories of its own.
pub trait Fixture: Sized {
    /// Starts it with directories and an environment.
    fn start(mode: Mode, setup: Setup) -> impl Future<Output = Self>;

    /// The directories of the host that it uses.
    fn directories(&self) -> &Rc<Directories>;

    #[doc(hidden)]
    fn crash(&self) -> Crash;
}

/// Runs one test in one mode.
///
/// # Errors
///
/// Fails as the test does.
///
/// # Panics
///
/// Panics if the test does, or if its instance traps, even after the test's last line.
pub fn in_mode<F: Fixture>(mode: Mode, test: impl AsyncFnOnce(F) -> Result) -> Result {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime can be built");
    LocalSet::new().block_on(&runtime, async {
        let fixture = F::start(mode, Setup::default()).await;
        // The host's directories outlive the removal of whatever is dropped last.
        let directories = fixture.directories().clone();
        let crash = fixture.crash();
        test(fixture).await?;
        crash.after_the_end().await;
        drop(directories);
        Ok(())
    })
}
