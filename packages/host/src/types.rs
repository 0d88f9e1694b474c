//! The types of the provider's interface `control`, the same in every version of it.

use std::fmt;

use wasmtime::component::{ComponentType, Lift, Lower};

/// The limits of a run. A field without a number is no limit.
///
/// A call of the plugin that would exceed a limit fails with an error and costs the host nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Limits {
    /// The largest total size of all files on disk, in bytes, holes included: `SCRATCH_MAX_BYTES`.
    ///
    /// Set it together with `max_entries`: the disk then holds at most this and, on most filesystems, 8 KiB for
    /// each entry.
    #[component(name = "max-bytes")]
    pub max_bytes: Option<u64>,
    /// The largest size of one file, in memory or on disk, in bytes: `SCRATCH_MAX_FILE_BYTES`.
    #[component(name = "max-file-bytes")]
    pub max_file_bytes: Option<u64>,
    /// The largest number of files and directories on disk: `SCRATCH_MAX_ENTRIES`.
    #[component(name = "max-entries")]
    pub max_entries: Option<u64>,
    /// The largest number of open files and directories: `SCRATCH_MAX_HANDLES`. Each takes at most two
    /// descriptors of the host, and five during a call.
    #[component(name = "max-handles")]
    pub max_handles: Option<u64>,
    /// The largest amount of memory for contents and buffers, in bytes: `SCRATCH_MAX_MEMORY`.
    ///
    /// A private `/tmp` has 64 MiB if there is no number here.
    #[component(name = "max-memory")]
    pub max_memory: Option<u64>,
    /// The largest number of names in a path below a temporary directory: `SCRATCH_MAX_DEPTH`.
    #[component(name = "max-depth")]
    pub max_depth: Option<u64>,
    /// Whether the plugin reaches only the entries that it creates, and keeps none: `SCRATCH_CONFINED`. A program
    /// with a private `/tmp` then sees no other directory of the host.
    pub confined: bool,
    /// Whether a full disk is reported as a limit: `SCRATCH_HIDE_DISK_FULL`.
    #[component(name = "hide-disk-full")]
    pub hide_disk_full: bool,
}

impl Limits {
    /// Limits without numbers for a plugin that reaches only the entries that it creates.
    pub fn confined() -> Limits {
        Limits { confined: true, ..Limits::default() }
    }

    /// Returns the environment variables that set these limits.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let numbers = [
            ("SCRATCH_MAX_BYTES", self.max_bytes),
            ("SCRATCH_MAX_FILE_BYTES", self.max_file_bytes),
            ("SCRATCH_MAX_ENTRIES", self.max_entries),
            ("SCRATCH_MAX_HANDLES", self.max_handles),
            ("SCRATCH_MAX_MEMORY", self.max_memory),
            ("SCRATCH_MAX_DEPTH", self.max_depth),
        ];
        let flags = [("SCRATCH_CONFINED", self.confined), ("SCRATCH_HIDE_DISK_FULL", self.hide_disk_full)];
        let numbers = numbers.into_iter().filter_map(|(name, limit)| Some((name, limit?.to_string())));
        let flags = flags.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| (name, "1".to_owned()));
        numbers.chain(flags).collect()
    }
}

/// The present and the largest usage of one resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct Gauge {
    /// The present usage.
    pub now: u64,
    /// The largest usage so far.
    pub peak: u64,
}

/// The usage of a run. It is never too low.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct Usage {
    /// The total size of all files on disk, in bytes.
    #[component(name = "bytes-on-disk")]
    pub bytes_on_disk: Gauge,
    /// The number of files and directories on disk.
    pub entries: Gauge,
    /// The number of open files and directories.
    pub handles: Gauge,
    /// The memory for contents and buffers, in bytes.
    #[component(name = "memory-bytes")]
    pub memory_bytes: Gauge,
    /// The number of files and directories that were created on disk.
    pub created: u64,
    /// The number of those that were removed.
    pub removed: u64,
    /// The number of calls that a limit refused.
    pub refused: u64,
}

/// The result of a sweep.
#[derive(Clone, Debug, Default, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct SweepReport {
    /// The guest's paths of the removed leftovers, at most 1,000. If more were removed, one last element says how
    /// many.
    pub removed: Vec<String>,
    /// The leftovers that could not be removed, at most 100. If there were more, one last element says how many.
    pub failed: Vec<SweepFailure>,
}

/// A leftover that could not be removed.
#[derive(Clone, Debug, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct SweepFailure {
    /// The guest's path of the leftover, or of the directory if listing it failed.
    pub path: String,
    /// The reason.
    pub error: Error,
}

/// An error of the provider.
#[derive(Clone, Debug, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct Error {
    /// The code to branch on.
    pub code: ErrorCode,
    /// The message, which names the argument and the reason.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Declares the codes, whose order is that of the WIT.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $code:ident = $wit:literal),+ $(,)?) => {
        /// The kind of an error, with the names of `wasi:filesystem`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ComponentType, Lift)]
        #[component(enum)]
        #[repr(u8)]
        pub enum ErrorCode { $($(#[doc = $doc])+ #[component(name = $wit)] $code),+ }
    };
}

codes! {
    /// The host denied access.
    Access = "access",
    /// The entry is in use.
    Busy = "busy",
    /// The file or directory is closed.
    Closed = "closed",
    /// Source and target are on different filesystems.
    CrossDevice = "cross-device",
    /// The entry exists already.
    Exist = "exist",
    /// The file would be too large.
    FileTooLarge = "file-too-large",
    /// The bytes are not text in the encoding.
    IllegalByteSequence = "illegal-byte-sequence",
    /// The call was interrupted.
    Interrupted = "interrupted",
    /// Too little memory.
    InsufficientMemory = "insufficient-memory",
    /// Too little space on the disk.
    InsufficientSpace = "insufficient-space",
    /// An argument or an environment variable is invalid.
    Invalid = "invalid",
    /// The host could not read or write.
    Io = "io",
    /// The entry is a directory.
    IsDirectory = "is-directory",
    /// Too many symbolic links.
    Loop = "loop",
    /// The name is too long.
    NameTooLong = "name-too-long",
    /// The entry does not exist.
    NoEntry = "no-entry",
    /// The entry is not a directory.
    NotDirectory = "not-directory",
    /// The directory is not empty.
    NotEmpty = "not-empty",
    /// The operation is not permitted.
    NotPermitted = "not-permitted",
    /// A limit is reached.
    Quota = "quota",
    /// The filesystem is read-only.
    ReadOnly = "read-only",
    /// The host does not support the operation.
    Unsupported = "unsupported",
    /// Another error; the message says which.
    Other = "other",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_a_variable() {
        let one = Some(1);
        let limits = Limits {
            max_bytes: one,
            max_file_bytes: one,
            max_entries: one,
            max_handles: one,
            max_memory: one,
            max_depth: one,
            confined: true,
            hide_disk_full: true,
        };

        let variables = limits.variables();

        assert_eq!(variables.len(), 8);
        assert!(variables.iter().all(|(name, value)| name.starts_with("SCRATCH_") && value == "1"));
        assert!(Limits::default().variables().is_empty());
    }
}
