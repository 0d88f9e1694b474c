//! Errors, and the types of the interface `control`.

use crate::edge::bindings::exports::scratch::tempfile::control;
use crate::edge::tempfile as wit;
use crate::error::{self, ErrorCode, ErrorReport};
use crate::instance::sweep::SweepReport;
use crate::limits::budget::{Gauge, Usage};
use crate::limits::settings::Limits;

impl From<Limits> for control::Limits {
    fn from(limits: Limits) -> control::Limits {
        let Limits { max_bytes, max_file_bytes, max_entries, max_handles, .. } = limits;
        let Limits { max_memory, max_depth, confined, hide_disk_full, .. } = limits;
        control::Limits {
            max_bytes,
            max_file_bytes,
            max_entries,
            max_handles,
            max_memory,
            max_depth,
            confined,
            hide_disk_full,
        }
    }
}

impl From<control::Limits> for Limits {
    fn from(limits: control::Limits) -> Limits {
        let control::Limits { max_bytes, max_file_bytes, max_entries, max_handles, .. } = limits;
        let control::Limits { max_memory, max_depth, confined, hide_disk_full, .. } = limits;
        Limits {
            max_bytes,
            max_file_bytes,
            max_entries,
            max_handles,
            max_memory,
            max_depth,
            confined,
            hide_disk_full,
        }
    }
}

impl From<Gauge> for control::Gauge {
    fn from(gauge: Gauge) -> control::Gauge {
        control::Gauge { now: gauge.now, peak: gauge.peak }
    }
}

impl From<Usage> for control::Usage {
    fn from(usage: Usage) -> control::Usage {
        control::Usage {
            bytes_on_disk: usage.bytes.into(),
            entries: usage.entries.into(),
            handles: usage.handles.into(),
            memory_bytes: usage.memory.into(),
            created: usage.created,
            removed: usage.removed,
            refused: usage.refused,
        }
    }
}

impl From<SweepReport> for control::SweepReport {
    fn from(report: SweepReport) -> control::SweepReport {
        let failed = report.failed.into_iter();
        control::SweepReport {
            removed: report.removed,
            failed: failed.map(|(path, error)| control::SweepFailure { path, error: error.into() }).collect(),
        }
    }
}

impl From<error::Error> for wit::Error {
    fn from(error: error::Error) -> wit::Error {
        let ErrorReport { code, message } = *error.0;
        wit::Error { code: code.into(), message }
    }
}

impl From<ErrorCode> for wit::ErrorCode {
    fn from(code: ErrorCode) -> wit::ErrorCode {
        match code {
            ErrorCode::Access => wit::ErrorCode::Access,
            ErrorCode::Busy => wit::ErrorCode::Busy,
            ErrorCode::Closed => wit::ErrorCode::Closed,
            ErrorCode::CrossDevice => wit::ErrorCode::CrossDevice,
            ErrorCode::Exist => wit::ErrorCode::Exist,
            ErrorCode::FileTooLarge => wit::ErrorCode::FileTooLarge,
            ErrorCode::IllegalByteSequence => wit::ErrorCode::IllegalByteSequence,
            ErrorCode::Interrupted => wit::ErrorCode::Interrupted,
            ErrorCode::InsufficientMemory => wit::ErrorCode::InsufficientMemory,
            ErrorCode::InsufficientSpace => wit::ErrorCode::InsufficientSpace,
            ErrorCode::Invalid => wit::ErrorCode::Invalid,
            ErrorCode::Io => wit::ErrorCode::Io,
            ErrorCode::IsDirectory => wit::ErrorCode::IsDirectory,
            ErrorCode::Loop => wit::ErrorCode::Loop,
            ErrorCode::NameTooLong => wit::ErrorCode::NameTooLong,
            ErrorCode::NoEntry => wit::ErrorCode::NoEntry,
            ErrorCode::NotDirectory => wit::ErrorCode::NotDirectory,
            ErrorCode::NotEmpty => wit::ErrorCode::NotEmpty,
            ErrorCode::NotPermitted => wit::ErrorCode::NotPermitted,
            ErrorCode::Quota(_) => wit::ErrorCode::Quota,
            ErrorCode::ReadOnly => wit::ErrorCode::ReadOnly,
            ErrorCode::Unsupported => wit::ErrorCode::Unsupported,
            ErrorCode::Other => wit::ErrorCode::Other,
        }
    }
}
