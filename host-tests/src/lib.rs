//! The harness of the host tests: a private directory, an instance of the provider in it, and the
//! functions that tests call.
//!
//! - [`Scratch`] is one instance of the provider in one [`Mode`], with directories of the host that
//!   are its alone, chosen by [`Setup`]. [`Plugin`] is a plugin on top of a provider.
//! - [`TemporaryFile`], [`TextFile`] and [`TemporaryDirectory`] are the guest's resources: dropping
//!   one drops it in the guest. Calls of one instance may overlap: `futures::join!` them.
//! - [`in_mode`] runs a test in one mode, [`Conditions`] gives it a process of its own.
//!
//! A trap fails the test whose instance trapped.

mod attacks;
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
mod note;
mod plugin;
mod program;
mod scratch;
mod streams;
mod text;
mod types;

pub use attacks::{Filled, Filling, KindOfWaste, Releasing};
pub use composition::{
    composition, fetch_with_private_tmp, plugin_component, private_tmp_component, private_tmp_http_component,
    with_private_tmp,
};
pub use content::pattern;
pub use control::{Gauge, Limits, SweepFailure, SweepReport, Usage};
pub use directories::{Directories, Setup};
pub use directory::TemporaryDirectory;
pub use file::TemporaryFile;
pub use fixture::{Fixture, Result, in_mode};
pub use foreign_files::ForeignFiles;
pub use host::engine;
pub use isolated::{Conditions, Unavailable};
pub use lowlevel::Descriptor;
pub use mode::Mode;
pub use note::{notes_are_shown, show_notes};
pub use plugin::{Kind, LineKind, LinedFile, Plugin, Tally};
pub use program::{Ended, Program};
pub use scratch::Scratch;
pub use streams::{ByteSender, ByteStream, Bytes, bytes};
pub use text::{ErrorHandling, Newline, Target, TextFile, TextOptions, TextPosition};
pub use types::{
    Access, DirectoryOptions, Entry, EntryKind, Error, ErrorCode, FileOptions, OpenFlags, Removal, Whence,
};
