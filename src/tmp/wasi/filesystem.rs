//! Descriptors: those of the host, and those that lead into the private tree.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::Component;
use super::bindings::exports::wasi::filesystem::preopens;
use super::bindings::exports::wasi::filesystem::types::{
    Descriptor, DescriptorBorrow, DirectoryEntryStream, Guest, GuestDescriptor, GuestDirectoryEntryStream,
};
use super::bindings::exports::wasi::io::error::ErrorBorrow;
use super::bindings::exports::wasi::io::streams::{InputStream, OutputStream};
use super::bindings::wasi as host;
use super::conversions::{
    descriptor_flags, descriptor_stat, descriptor_type, directory_entry, metadata_hash, new_time, open_how,
    reported,
};
use super::instance::instance;
use super::io::{AnyError, AnyInput, AnyOutput, input, output};
use crate::p2::filesystem::Wasi;
use crate::tmp::inode::Inode;
use crate::tmp::{open, tree};
use host::filesystem::types::{
    Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, ErrorCode, MetadataHashValue,
    NewTimestamp, OpenFlags, PathFlags,
};

type Result<T> = core::result::Result<T, ErrorCode>;

/// A descriptor of the host or of the private tree.
pub(crate) enum AnyDescriptor {
    Host(host::filesystem::types::Descriptor),
    Private(open::Descriptor<Wasi>),
}

/// A list of the names in a directory.
pub(crate) enum AnyEntries {
    Host(host::filesystem::types::DirectoryEntryStream),
    Private(open::Entries<Wasi>),
}

impl preopens::Guest for Component {
    fn get_directories() -> Vec<(Descriptor, String)> {
        let instance = instance();
        let root = AnyDescriptor::Private(open::Descriptor::root(instance.root.clone()));
        let mut directories = alloc::vec![(Descriptor::new(root), instance.settings.place.clone())];
        for (directory, path) in host::filesystem::preopens::get_directories() {
            if instance.settings.passes(&path) {
                directories.push((from_host(directory), path));
            }
        }
        directories
    }
}

fn from_host(descriptor: host::filesystem::types::Descriptor) -> Descriptor {
    Descriptor::new(AnyDescriptor::Host(descriptor))
}

impl Guest for Component {
    type Descriptor = AnyDescriptor;
    type DirectoryEntryStream = AnyEntries;

    fn filesystem_error_code(error: ErrorBorrow<'_>) -> Option<ErrorCode> {
        match error.get::<AnyError>() {
            AnyError::Host(error) => host::filesystem::types::filesystem_error_code(error),
            AnyError::Private(code) => Some(*code),
        }
    }
}

impl GuestDirectoryEntryStream for AnyEntries {
    fn read_directory_entry(&self) -> Result<Option<DirectoryEntry>> {
        match self {
            AnyEntries::Host(entries) => entries.read_directory_entry(),
            AnyEntries::Private(entries) => {
                let next = entries.next().map_err(reported)?;
                Ok(next.map(|(name, kind)| directory_entry(name, kind)))
            }
        }
    }
}

impl GuestDescriptor for AnyDescriptor {
    // Content

    fn read_via_stream(&self, offset: u64) -> Result<InputStream> {
        match self {
            AnyDescriptor::Host(file) => file.read_via_stream(offset).map(input),
            AnyDescriptor::Private(file) => {
                let reader = file.reader(offset).map_err(reported)?;
                Ok(InputStream::new(AnyInput::Private(reader)))
            }
        }
    }

    fn write_via_stream(&self, offset: u64) -> Result<OutputStream> {
        match self {
            AnyDescriptor::Host(file) => file.write_via_stream(offset).map(output),
            AnyDescriptor::Private(file) => {
                let writer = file.writer(Some(offset)).map_err(reported)?;
                Ok(OutputStream::new(AnyOutput::Private(writer)))
            }
        }
    }

    fn append_via_stream(&self) -> Result<OutputStream> {
        match self {
            AnyDescriptor::Host(file) => file.append_via_stream().map(output),
            AnyDescriptor::Private(file) => {
                let writer = file.writer(None).map_err(reported)?;
                Ok(OutputStream::new(AnyOutput::Private(writer)))
            }
        }
    }

    fn read(&self, length: u64, offset: u64) -> Result<(Vec<u8>, bool)> {
        match self {
            AnyDescriptor::Host(file) => file.read(length, offset),
            AnyDescriptor::Private(file) => file.read(offset, length).map_err(reported),
        }
    }

    fn write(&self, buffer: Vec<u8>, offset: u64) -> Result<u64> {
        match self {
            AnyDescriptor::Host(file) => file.write(&buffer, offset),
            AnyDescriptor::Private(file) => file.write(offset, buffer).map_err(reported),
        }
    }

    fn set_size(&self, size: u64) -> Result<()> {
        match self {
            AnyDescriptor::Host(file) => file.set_size(size),
            AnyDescriptor::Private(file) => file.set_size(size).map_err(reported),
        }
    }

    fn advise(&self, offset: u64, length: u64, advice: Advice) -> Result<()> {
        match self {
            AnyDescriptor::Host(file) => file.advise(offset, length, advice),
            AnyDescriptor::Private(file) => file.inode().content().map(drop).map_err(reported),
        }
    }

    fn sync_data(&self) -> Result<()> {
        match self {
            AnyDescriptor::Host(descriptor) => descriptor.sync_data(),
            AnyDescriptor::Private(descriptor) => descriptor.sync().map_err(reported),
        }
    }

    fn sync(&self) -> Result<()> {
        match self {
            AnyDescriptor::Host(descriptor) => descriptor.sync(),
            AnyDescriptor::Private(descriptor) => descriptor.sync().map_err(reported),
        }
    }

    // Metadata

    fn get_flags(&self) -> Result<DescriptorFlags> {
        match self {
            AnyDescriptor::Host(descriptor) => descriptor.get_flags(),
            AnyDescriptor::Private(descriptor) => {
                Ok(descriptor_flags(descriptor.rights(), descriptor.inode().is_directory()))
            }
        }
    }

    fn get_type(&self) -> Result<DescriptorType> {
        match self {
            AnyDescriptor::Host(descriptor) => descriptor.get_type(),
            AnyDescriptor::Private(descriptor) => Ok(descriptor_type(descriptor.inode().entry_kind())),
        }
    }

    fn stat(&self) -> Result<DescriptorStat> {
        match self {
            AnyDescriptor::Host(descriptor) => descriptor.stat(),
            AnyDescriptor::Private(descriptor) => Ok(descriptor_stat(descriptor.inode().stat())),
        }
    }

    fn stat_at(&self, path_flags: PathFlags, path: String) -> Result<DescriptorStat> {
        match self {
            AnyDescriptor::Host(directory) => directory.stat_at(path_flags, &path),
            AnyDescriptor::Private(directory) => {
                Ok(descriptor_stat(find(directory, path_flags, &path)?.stat()))
            }
        }
    }

    fn set_times(&self, accessed: NewTimestamp, modified: NewTimestamp) -> Result<()> {
        match self {
            AnyDescriptor::Host(descriptor) => descriptor.set_times(accessed, modified),
            AnyDescriptor::Private(descriptor) => {
                set_times(descriptor.inode(), accessed, modified);
                Ok(())
            }
        }
    }

    fn set_times_at(
        &self,
        path_flags: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> Result<()> {
        match self {
            AnyDescriptor::Host(directory) => directory.set_times_at(path_flags, &path, accessed, modified),
            AnyDescriptor::Private(directory) => {
                set_times(&*find(directory, path_flags, &path)?, accessed, modified);
                Ok(())
            }
        }
    }

    fn is_same_object(&self, other: DescriptorBorrow<'_>) -> bool {
        match (self, other.get::<AnyDescriptor>()) {
            (AnyDescriptor::Host(one), AnyDescriptor::Host(other)) => one.is_same_object(other),
            (AnyDescriptor::Private(one), AnyDescriptor::Private(other)) => {
                Rc::ptr_eq(one.inode(), other.inode())
            }
            _ => false,
        }
    }

    fn metadata_hash(&self) -> Result<MetadataHashValue> {
        match self {
            AnyDescriptor::Host(descriptor) => descriptor.metadata_hash(),
            AnyDescriptor::Private(descriptor) => Ok(metadata_hash(descriptor.inode().number)),
        }
    }

    fn metadata_hash_at(&self, path_flags: PathFlags, path: String) -> Result<MetadataHashValue> {
        match self {
            AnyDescriptor::Host(directory) => directory.metadata_hash_at(path_flags, &path),
            AnyDescriptor::Private(directory) => {
                Ok(metadata_hash(find(directory, path_flags, &path)?.number))
            }
        }
    }

    // Names

    fn open_at(
        &self,
        path_flags: PathFlags,
        path: String,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> Result<Descriptor> {
        match self {
            AnyDescriptor::Host(directory) => {
                directory.open_at(path_flags, &path, open_flags, flags).map(from_host)
            }
            AnyDescriptor::Private(directory) => {
                let opened = directory.open_at(&path, open_how(path_flags, open_flags, flags));
                Ok(Descriptor::new(AnyDescriptor::Private(opened.map_err(reported)?)))
            }
        }
    }

    fn read_directory(&self) -> Result<DirectoryEntryStream> {
        let entries = match self {
            AnyDescriptor::Host(directory) => AnyEntries::Host(directory.read_directory()?),
            AnyDescriptor::Private(directory) => AnyEntries::Private(directory.entries().map_err(reported)?),
        };
        Ok(DirectoryEntryStream::new(entries))
    }

    fn create_directory_at(&self, path: String) -> Result<()> {
        match self {
            AnyDescriptor::Host(directory) => directory.create_directory_at(&path),
            AnyDescriptor::Private(directory) => {
                tree::create_directory_at(directory.inode(), &path).map_err(reported)
            }
        }
    }

    fn remove_directory_at(&self, path: String) -> Result<()> {
        match self {
            AnyDescriptor::Host(directory) => directory.remove_directory_at(&path),
            AnyDescriptor::Private(directory) => {
                tree::remove_directory_at(directory.inode(), &path).map_err(reported)
            }
        }
    }

    fn unlink_file_at(&self, path: String) -> Result<()> {
        match self {
            AnyDescriptor::Host(directory) => directory.unlink_file_at(&path),
            AnyDescriptor::Private(directory) => {
                tree::unlink_file_at(directory.inode(), &path).map_err(reported)
            }
        }
    }

    fn link_at(
        &self,
        old_path_flags: PathFlags,
        old: String,
        new_descriptor: DescriptorBorrow<'_>,
        new: String,
    ) -> Result<()> {
        match (self, new_descriptor.get::<AnyDescriptor>()) {
            (AnyDescriptor::Host(from), AnyDescriptor::Host(to)) => {
                from.link_at(old_path_flags, &old, to, &new)
            }
            (AnyDescriptor::Private(_), AnyDescriptor::Private(_))
                if old_path_flags.contains(PathFlags::SYMLINK_FOLLOW) =>
            {
                Err(ErrorCode::Invalid)
            }
            (AnyDescriptor::Private(from), AnyDescriptor::Private(to)) => {
                tree::link_at(from.inode(), &old, to.inode(), &new).map_err(reported)
            }
            _ => Err(ErrorCode::CrossDevice),
        }
    }

    fn symlink_at(&self, target: String, path: String) -> Result<()> {
        match self {
            AnyDescriptor::Host(directory) => directory.symlink_at(&target, &path),
            AnyDescriptor::Private(directory) => {
                tree::symlink_at(&target, directory.inode(), &path).map_err(reported)
            }
        }
    }

    fn readlink_at(&self, path: String) -> Result<String> {
        match self {
            AnyDescriptor::Host(directory) => directory.readlink_at(&path),
            AnyDescriptor::Private(directory) => {
                tree::readlink_at(directory.inode(), &path).map_err(reported)
            }
        }
    }

    fn rename_at(&self, old: String, new_descriptor: DescriptorBorrow<'_>, new: String) -> Result<()> {
        match (self, new_descriptor.get::<AnyDescriptor>()) {
            (AnyDescriptor::Host(from), AnyDescriptor::Host(to)) => from.rename_at(&old, to, &new),
            (AnyDescriptor::Private(from), AnyDescriptor::Private(to)) => {
                tree::rename_at(from.inode(), &old, to.inode(), &new).map_err(reported)
            }
            _ => Err(ErrorCode::CrossDevice),
        }
    }
}

fn find(directory: &open::Descriptor<Wasi>, path_flags: PathFlags, path: &str) -> Result<Rc<Inode<Wasi>>> {
    let follow = path_flags.contains(PathFlags::SYMLINK_FOLLOW);
    tree::find(directory.inode(), path, follow).map_err(reported)
}

fn set_times(inode: &Inode<Wasi>, accessed: NewTimestamp, modified: NewTimestamp) {
    let now = inode.volume().now();
    open::set_times(inode, new_time(accessed, now), new_time(modified, now));
}
