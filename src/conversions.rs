//! Conversions of types and errors between the core, the interface and the host, shared by both edges.

use alloc::format;

use crate::directory::Found;
use crate::edge::bindings::exports::scratch::tempfile::{control, tempfile as wit, text};
use crate::edge::wasi::filesystem::types;
use crate::error::{self, Error, ErrorCode, ErrorReport, Limit, Quoted};
use crate::filesystem::Kind;
use crate::instance::sweep::SweepReport;
use crate::limits::budget::{Gauge, Usage};
use crate::limits::settings::Limits;
use crate::options;
use crate::text::encoding::{Encoding, ErrorHandling};
use crate::text::newline::Newline;
use crate::text::position::TextPosition;
use crate::text::{Target, TextSettings};

pub(crate) fn file_options(options: Option<wit::FileOptions>) -> options::FileOptions {
    options.map(Into::into).unwrap_or_default()
}

impl From<wit::FileOptions> for options::FileOptions {
    fn from(options: wit::FileOptions) -> options::FileOptions {
        let wit::FileOptions { prefix, suffix, directory, access, removal, buffer_size } = options;
        let (access, removal) = (access.map(Into::into), removal.map(Into::into));
        options::FileOptions { prefix, suffix, directory, access, removal, buffer_size }
    }
}

impl From<wit::DirectoryOptions> for options::DirectoryOptions {
    fn from(options: wit::DirectoryOptions) -> options::DirectoryOptions {
        let wit::DirectoryOptions { prefix, suffix, directory, removal, ignore_errors } = options;
        let removal = removal.map(Into::into);
        options::DirectoryOptions { prefix, suffix, directory, removal, ignore_errors }
    }
}

impl From<wit::Access> for options::Access {
    fn from(access: wit::Access) -> options::Access {
        match access {
            wit::Access::ReadWrite => options::Access::ReadWrite,
            wit::Access::ReadOnly => options::Access::ReadOnly,
            wit::Access::WriteOnly => options::Access::WriteOnly,
            wit::Access::Append => options::Access::Append,
            wit::Access::AppendOnly => options::Access::AppendOnly,
        }
    }
}

impl From<wit::Removal> for options::Removal {
    fn from(removal: wit::Removal) -> options::Removal {
        match removal {
            wit::Removal::OnClose => options::Removal::OnClose,
            wit::Removal::OnDrop => options::Removal::OnDrop,
            wit::Removal::Never => options::Removal::Never,
        }
    }
}

impl From<wit::Whence> for options::Whence {
    fn from(whence: wit::Whence) -> options::Whence {
        match whence {
            wit::Whence::Start => options::Whence::Start,
            wit::Whence::Current => options::Whence::Current,
            wit::Whence::End => options::Whence::End,
        }
    }
}

impl From<wit::OpenFlags> for options::OpenFlags {
    fn from(flags: wit::OpenFlags) -> options::OpenFlags {
        options::OpenFlags {
            create: flags.contains(wit::OpenFlags::CREATE),
            exclusive: flags.contains(wit::OpenFlags::EXCLUSIVE),
            truncate: flags.contains(wit::OpenFlags::TRUNCATE),
        }
    }
}

impl From<Found> for wit::Entry {
    fn from(found: Found) -> wit::Entry {
        let kind = match found.kind {
            Kind::File => wit::EntryKind::File,
            Kind::Directory => wit::EntryKind::Directory,
            Kind::SymbolicLink => wit::EntryKind::SymbolicLink,
            Kind::Other => wit::EntryKind::Other,
        };
        wit::Entry { name: found.name, kind, size: found.size }
    }
}

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

/// Returns the encoding with this name.
pub(crate) fn encoding(name: &str) -> core::result::Result<Encoding, Error> {
    Encoding::parse(name).map_err(|unknown| {
        Error::new(ErrorCode::Unsupported, format!("encoding {}: {unknown}", Quoted(name)))
    })
}

/// Returns the settings for a text, with defaults for omitted options.
pub(crate) fn text_settings(options: Option<text::TextOptions>) -> core::result::Result<TextSettings, Error> {
    let options = options.unwrap_or(text::TextOptions { encoding: None, errors: None, newline: None });
    Ok(TextSettings {
        encoding: options.encoding.map_or(Ok(Encoding::Utf8), |name| encoding(&name))?,
        errors: options.errors.map_or(ErrorHandling::Strict, Into::into),
        newline: options.newline.map_or(Newline::Universal, Into::into),
    })
}

impl From<text::ErrorHandling> for ErrorHandling {
    fn from(errors: text::ErrorHandling) -> ErrorHandling {
        match errors {
            text::ErrorHandling::Strict => ErrorHandling::Strict,
            text::ErrorHandling::Ignore => ErrorHandling::Ignore,
            text::ErrorHandling::Replace => ErrorHandling::Replace,
            text::ErrorHandling::BackslashReplace => ErrorHandling::BackslashReplace,
            text::ErrorHandling::SurrogateEscape => ErrorHandling::SurrogateEscape,
        }
    }
}

impl From<text::Newline> for Newline {
    fn from(newline: text::Newline) -> Newline {
        match newline {
            text::Newline::Universal => Newline::Universal,
            text::Newline::Untranslated => Newline::Untranslated,
            text::Newline::LineFeed => Newline::Lf,
            text::Newline::CarriageReturn => Newline::Cr,
            text::Newline::CarriageReturnLineFeed => Newline::CrLf,
        }
    }
}

impl From<text::Target> for Target {
    fn from(target: text::Target) -> Target {
        match target {
            text::Target::Start => Target::Start,
            text::Target::End => Target::End,
            text::Target::Position(text::TextPosition { offset, state }) => {
                Target::Position(TextPosition { offset, state })
            }
        }
    }
}

impl From<types::DescriptorType> for Kind {
    fn from(kind: types::DescriptorType) -> Kind {
        match kind {
            types::DescriptorType::RegularFile => Kind::File,
            types::DescriptorType::Directory => Kind::Directory,
            types::DescriptorType::SymbolicLink => Kind::SymbolicLink,
            _ => Kind::Other,
        }
    }
}

impl From<types::ErrorCode> for ErrorCode {
    fn from(code: types::ErrorCode) -> ErrorCode {
        match code {
            types::ErrorCode::Access => ErrorCode::Access,
            types::ErrorCode::Busy | types::ErrorCode::TextFileBusy => ErrorCode::Busy,
            types::ErrorCode::Quota => ErrorCode::Quota(Limit::Host),
            types::ErrorCode::Exist => ErrorCode::Exist,
            types::ErrorCode::FileTooLarge | types::ErrorCode::Overflow => ErrorCode::FileTooLarge,
            types::ErrorCode::IllegalByteSequence => ErrorCode::IllegalByteSequence,
            types::ErrorCode::Interrupted => ErrorCode::Interrupted,
            types::ErrorCode::Invalid => ErrorCode::Invalid,
            types::ErrorCode::Io => ErrorCode::Io,
            types::ErrorCode::IsDirectory => ErrorCode::IsDirectory,
            types::ErrorCode::Loop => ErrorCode::Loop,
            types::ErrorCode::NameTooLong => ErrorCode::NameTooLong,
            types::ErrorCode::NoEntry => ErrorCode::NoEntry,
            types::ErrorCode::InsufficientMemory => ErrorCode::InsufficientMemory,
            types::ErrorCode::InsufficientSpace => ErrorCode::InsufficientSpace,
            types::ErrorCode::NotDirectory => ErrorCode::NotDirectory,
            types::ErrorCode::NotEmpty => ErrorCode::NotEmpty,
            types::ErrorCode::Unsupported => ErrorCode::Unsupported,
            types::ErrorCode::NotPermitted => ErrorCode::NotPermitted,
            types::ErrorCode::ReadOnly => ErrorCode::ReadOnly,
            types::ErrorCode::CrossDevice => ErrorCode::CrossDevice,
            _ => ErrorCode::Other,
        }
    }
}
