//! The types of the interfaces `tempfile` and `text`.

use alloc::format;

use crate::directory::Found;
use crate::edge::bindings::exports::scratch::tempfile::text;
use crate::edge::tempfile as wit;
use crate::error::{Error, ErrorCode, Quoted};
use crate::filesystem::Kind;
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
