//! The modes in which every behaviour is tested, and how one test runs in one of them.

use std::rc::Rc;

use tokio::runtime::Builder;
use tokio::task::LocalSet;

use crate::instance::Crash;
use crate::places::{Places, Setup};

/// A generation of WASI, and how its host runs calls that may block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// WASI 0.3 with `allow_blocking_current_thread(true)`: no call of the filesystem suspends.
    P3Blocking,
    /// WASI 0.3 without it: each call is a thread hop, during which others go on.
    P3,
    /// WASI 0.2, as a synchronous host runs it: a call is done when it returns, and so are those
    /// of the filesystem that it makes.
    P2,
}

impl Mode {
    /// The provider's component for this mode.
    pub fn provider(self) -> &'static str {
        match self {
            Mode::P3Blocking | Mode::P3 => env!("SCRATCH_P3"),
            Mode::P2 => env!("SCRATCH_P2"),
        }
    }

    /// Whether the interface has streams; that of WASI 0.2 has none.
    pub fn has_streams(self) -> bool {
        self != Mode::P2
    }

    pub(crate) fn allows_blocking(self) -> bool {
        self != Mode::P3
    }
}

/// What a test is given: something that runs in a mode, on places of its own.
pub trait Fixture: Sized {
    /// Starts it as `setup` says.
    fn start(mode: Mode, setup: Setup) -> impl Future<Output = Self>;

    /// The directories of the host that it uses.
    fn places(&self) -> &Rc<Places>;

    #[doc(hidden)]
    fn crash(&self) -> Crash;
}

/// Runs one test in one mode.
///
/// # Panics
///
/// Panics if the test fails, or if its instance traps, be it after the test's last line.
pub fn in_mode<F: Fixture, E: std::fmt::Display>(mode: Mode, test: impl AsyncFnOnce(F) -> Result<(), E>) {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime can be built");
    LocalSet::new().block_on(&runtime, async {
        let fixture = F::start(mode, Setup::default()).await;
        // Holding the places keeps the host's directory until what was dropped last is gone.
        let places = fixture.places().clone();
        let crash = fixture.crash();
        if let Err(error) = test(fixture).await {
            panic!("{error}");
        }
        crash.after_the_end().await;
        drop(places);
    });
}
