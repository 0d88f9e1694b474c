//! The modes in which every behaviour is tested.

use std::fmt;

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

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Mode::P3Blocking => "p3_blocking",
            Mode::P3 => "p3",
            Mode::P2 => "p2",
        })
    }
}
