//! The harness of the host tests: a private directory, one instance of the provider in it, and a
//! vocabulary in which tests read as prose.
//!
//! - [`Scratch`] is one instance of the provider in one [`Mode`], with directories of the host that
//!   are its alone; [`Setup`] says which. [`Plugin`] is a plugin on top of a provider instead.
//! - [`TemporaryFile`], [`TextFile`] and [`TemporaryDirectory`] are the guest's resources: dropping
//!   one drops it in the guest. Calls of one instance may overlap: `futures::join!` them.
//! - [`in_every_mode!`] makes a test for each mode of an `async fn(Scratch) -> Result`;
//!   [`in_async_modes!`] leaves out the mode that knows neither streams nor calls that overlap.
//!   [`in_every_mode_under!`] gives each of them a process of its own, under [`Conditions`].
//!
//! What the modes differ in is in `bindings.rs` and `types.rs`; a trap fails the test that met it.

mod attacks;
mod bindings;
mod calls;
mod composition;
mod content;
mod control;
mod directories;
mod directory;
mod file;
mod fixture;
mod foreign_files;
mod host;
mod instance;
mod isolated;
mod lowlevel;
mod mode;
mod plugin;
mod scratch;
mod streams;
mod text;
mod types;

pub use attacks::{Filled, Filling, KindOfWaste, Releasing};
pub use composition::{composition, plugin_component};
pub use content::pattern;
pub use control::{Gauge, Limits, SweepReport, Usage};
pub use directories::{Directories, Setup};
pub use directory::TemporaryDirectory;
pub use file::TemporaryFile;
pub use fixture::{Fixture, Result, in_mode};
pub use foreign_files::ForeignFiles;
pub use isolated::Conditions;
pub use lowlevel::Descriptor;
pub use mode::Mode;
pub use plugin::{Kind, LineKind, LinedFile, Plugin, Tally};
pub use scratch::Scratch;
pub use streams::{ByteSender, ByteStream, Bytes, bytes};
pub use text::{ErrorHandling, Newline, Target, TextFile, TextOptions, TextPosition};
pub use types::{
    Access, DirectoryOptions, Entry, EntryKind, Error, ErrorCode, FileOptions, OpenFlags, Removal, Whence,
};

/// Makes a test for each mode of each `async fn` named, which takes a [`Fixture`] and returns a
/// [`Result`]: `name::p3_blocking`, `name::p3` and `name::p2`.
#[macro_export]
macro_rules! in_every_mode {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            $crate::in_mode!(p3_blocking = P3Blocking, super::$name);
            $crate::in_mode!(p3 = P3, super::$name);
            $crate::in_mode!(p2 = P2, super::$name);
        }
    )+ };
}

/// The same for what only an asynchronous interface has: streams, calls that overlap or are
/// cancelled. It makes `name::p3_blocking` and `name::p3`.
#[macro_export]
macro_rules! in_async_modes {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            $crate::in_mode!(p3_blocking = P3Blocking, super::$name);
            $crate::in_mode!(p3 = P3, super::$name);
        }
    )+ };
}

#[doc(hidden)]
#[macro_export]
macro_rules! in_mode {
    ($test:ident = $mode:ident, $body:path) => {
        #[test]
        fn $test() {
            $crate::in_mode($crate::Mode::$mode, $body);
        }
    };
}
