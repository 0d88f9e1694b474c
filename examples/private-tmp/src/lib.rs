//! Plugs a private `/tmp` into a command of WASI 0.2, and checks such compositions.
//!
//! [`plug`] does what `wac plug` does, with two differences: it makes a component of a core module, and it
//! fails if the program would still reach the filesystem of the host. [`check`] finds that out for a
//! composition of any origin.

mod check;
mod plug;

pub use check::{Verdict, check};
pub use plug::{plug, plug_for_host};

/// The component for a private `/tmp`.
pub const COMPONENT: &[u8] = include_bytes!(env!("PRIVATE_TMP"));

/// The interface by which the component is recognised, and which hosts use.
pub const CONTROL: &str = "scratch:tempfile/control@0.2.0";
