//! The types of `wasi:filesystem`.

use crate::edge::wasi::filesystem::types;
use crate::error::{ErrorCode, Limit};
use crate::filesystem::Kind;

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
