//! The reasons for which a plugin or a program cannot be composed.

use std::error::Error;
use std::fmt;
use std::iter;

/// The reason for which a plugin or a program is refused or cannot be composed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ComposeError {
    /// The bytes are not a component, with the reason.
    NotAComponent(String),
    /// The plugin imports `control`, with which it could lift its limits.
    Control,
    /// The plugin imports `lowlevel`, whose descriptors bypass limits.
    Lowlevel,
    /// The plugin imports this interface of `scratch:tempfile`, in a version that no provider has or beside
    /// interfaces of another version.
    Version(String),
    /// The program imports no filesystem, so a private `/tmp` would have no effect.
    NoFilesystem,
    /// The program imports an interface that a private `/tmp` cannot serve.
    Unservable {
        /// The name of the interface.
        import: String,
        /// The reason.
        reason: String,
    },
    /// The program exports this interface of `wasi:http`. A private `/tmp` serves programs that send requests,
    /// not those that get them from the host.
    Server(String),
    /// An interface has the right name and version, but other types than those that serve it.
    Types {
        /// The name of the interface.
        import: String,
        /// The difference, in the words of the composing library.
        reason: String,
    },
    /// The composition is not valid, with the reason.
    Invalid(String),
}

impl ComposeError {
    /// Converts an error of the composing library that has no variant of its own.
    pub(crate) fn invalid(error: impl Error) -> ComposeError {
        ComposeError::Invalid(with_sources(&error))
    }
}

/// Returns the messages of an error and of its sources.
pub(crate) fn with_sources(error: &dyn Error) -> String {
    let sources = iter::successors(error.source(), |&error| error.source());
    sources.fold(error.to_string(), |message, source| format!("{message}: {source}"))
}

impl fmt::Display for ComposeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ComposeError::NotAComponent(reason) => write!(f, "not a component: {reason}"),
            ComposeError::Control => f.write_str("the plugin imports control, which no plugin may have"),
            ComposeError::Lowlevel => f.write_str("the plugin imports lowlevel, which bypasses limits"),
            ComposeError::Version(import) => {
                write!(f, "the plugin imports another version of scratch:tempfile: {import}")
            }
            ComposeError::NoFilesystem => {
                f.write_str("the program imports no filesystem: it needs no private /tmp")
            }
            ComposeError::Unservable { import, reason } => {
                write!(f, "the program imports {import}: {reason}")
            }
            ComposeError::Server(export) => write!(
                f,
                "the program exports {export}: a private /tmp serves programs that send HTTP requests, not \
                 those that get them from the host"
            ),
            ComposeError::Types { import, reason } => {
                write!(f, "{import} is imported with other types than it is served with: {reason}")
            }
            ComposeError::Invalid(reason) => write!(f, "the composition is not valid: {reason}"),
        }
    }
}

impl Error for ComposeError {}
