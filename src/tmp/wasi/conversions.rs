//! The types of `wasi:filesystem` as those of the tree.

use alloc::string::String;

use super::bindings::wasi::clocks::wall_clock::Datetime;
use super::bindings::wasi::filesystem::types;
use super::instance::instance;
use crate::error::ErrorCode;
use crate::filesystem::{Kind, OpenHow};
use crate::tmp::inode::Stat;
use crate::tmp::open::Rights;

const SECOND: u64 = 1_000_000_000;

/// Returns the code that the program sees, and counts refusals.
pub(super) fn reported(code: ErrorCode) -> types::ErrorCode {
    match instance().scratch.reported(code) {
        ErrorCode::Access => types::ErrorCode::Access,
        ErrorCode::Busy => types::ErrorCode::Busy,
        ErrorCode::CrossDevice => types::ErrorCode::CrossDevice,
        ErrorCode::Exist => types::ErrorCode::Exist,
        ErrorCode::FileTooLarge => types::ErrorCode::FileTooLarge,
        ErrorCode::IllegalByteSequence => types::ErrorCode::IllegalByteSequence,
        ErrorCode::Interrupted => types::ErrorCode::Interrupted,
        ErrorCode::InsufficientMemory => types::ErrorCode::InsufficientMemory,
        ErrorCode::InsufficientSpace => types::ErrorCode::InsufficientSpace,
        ErrorCode::Invalid => types::ErrorCode::Invalid,
        ErrorCode::IsDirectory => types::ErrorCode::IsDirectory,
        ErrorCode::Loop => types::ErrorCode::Loop,
        ErrorCode::NameTooLong => types::ErrorCode::NameTooLong,
        ErrorCode::NoEntry => types::ErrorCode::NoEntry,
        ErrorCode::NotDirectory => types::ErrorCode::NotDirectory,
        ErrorCode::NotEmpty => types::ErrorCode::NotEmpty,
        ErrorCode::NotPermitted => types::ErrorCode::NotPermitted,
        ErrorCode::Quota(_) => types::ErrorCode::Quota,
        ErrorCode::ReadOnly => types::ErrorCode::ReadOnly,
        ErrorCode::Unsupported => types::ErrorCode::Unsupported,
        ErrorCode::Closed | ErrorCode::Io | ErrorCode::Other => types::ErrorCode::Io,
    }
}

pub(super) fn open_how(
    path_flags: types::PathFlags,
    open_flags: types::OpenFlags,
    flags: types::DescriptorFlags,
) -> OpenHow {
    OpenHow {
        read: flags.contains(types::DescriptorFlags::READ),
        write: flags.contains(types::DescriptorFlags::WRITE),
        create: open_flags.contains(types::OpenFlags::CREATE),
        exclusive: open_flags.contains(types::OpenFlags::EXCLUSIVE),
        truncate: open_flags.contains(types::OpenFlags::TRUNCATE),
        directory: open_flags.contains(types::OpenFlags::DIRECTORY),
        follow: path_flags.contains(types::PathFlags::SYMLINK_FOLLOW),
    }
}

pub(super) fn descriptor_flags(rights: Rights, is_directory: bool) -> types::DescriptorFlags {
    let mut flags = types::DescriptorFlags::empty();
    flags.set(types::DescriptorFlags::READ, rights.read);
    flags.set(types::DescriptorFlags::WRITE, rights.write);
    flags.set(types::DescriptorFlags::MUTATE_DIRECTORY, is_directory);
    flags
}

pub(super) fn descriptor_type(kind: Kind) -> types::DescriptorType {
    match kind {
        Kind::File => types::DescriptorType::RegularFile,
        Kind::Directory => types::DescriptorType::Directory,
        Kind::SymbolicLink => types::DescriptorType::SymbolicLink,
        Kind::Other => types::DescriptorType::Unknown,
    }
}

pub(super) fn descriptor_stat(stat: Stat) -> types::DescriptorStat {
    types::DescriptorStat {
        type_: descriptor_type(stat.kind),
        link_count: stat.links,
        size: stat.size,
        data_access_timestamp: Some(datetime(stat.times.accessed)),
        data_modification_timestamp: Some(datetime(stat.times.modified)),
        status_change_timestamp: Some(datetime(stat.times.changed)),
    }
}

/// Returns the identity of an inode. Some C libraries combine both halves to the inode number.
pub(super) fn metadata_hash(number: u64) -> types::MetadataHashValue {
    types::MetadataHashValue { lower: number, upper: 0 }
}

/// Returns the time to set, in nanoseconds since 1970, or none if it stays.
pub(super) fn new_time(time: types::NewTimestamp, now: u64) -> Option<u64> {
    match time {
        types::NewTimestamp::NoChange => None,
        types::NewTimestamp::Now => Some(now),
        types::NewTimestamp::Timestamp(Datetime { seconds, nanoseconds }) => {
            Some(seconds.saturating_mul(SECOND).saturating_add(nanoseconds.into()))
        }
    }
}

fn datetime(time: u64) -> Datetime {
    Datetime { seconds: time / SECOND, nanoseconds: (time % SECOND) as u32 }
}

pub(super) fn directory_entry(name: impl Into<String>, kind: Kind) -> types::DirectoryEntry {
    types::DirectoryEntry { type_: descriptor_type(kind), name: name.into() }
}
