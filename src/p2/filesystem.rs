//! The filesystem of WASI 0.2.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::wasi;
use crate::error::ErrorCode;
use crate::filesystem::{Filesystem, Listed, OnOutcome, OpenHow, Result, Stat, Times, Unwritten};
use crate::runtime::{Runtime, Work};
use crate::task::finished::finished;
use wasi::clocks::wall_clock::Datetime;
use wasi::filesystem::types::{self, Descriptor, DescriptorFlags, OpenFlags, PathFlags};

/// The largest number of bytes read or written at a time. Some hosts refuse more with an error.
const MOST_AT_ONCE: usize = 1024 * 1024;

/// The number of names in one directory that a host may fail to tell; it could be one name for ever.
const MOST_UNTOLD: usize = 1000;

/// The host's filesystem.
#[derive(Clone)]
pub(crate) struct Wasi;

impl Runtime for Wasi {
    fn environment(&self) -> Vec<(String, String)> {
        wasi::cli::environment::get_environment()
    }

    fn random(&self) -> u128 {
        let half = || u128::from(wasi::random::random::get_random_u64());
        half() << 64 | half()
    }

    fn now(&self) -> u64 {
        nanoseconds(wasi::clocks::wall_clock::now())
    }

    fn spawn(&self, work: Work) {
        finished(work);
    }

    fn expect_drop(&self) {}

    fn drop_happened(&self, work: Option<Work>) {
        if let Some(work) = work {
            finished(work);
        }
    }
}

impl Filesystem for Wasi {
    type Descriptor = Descriptor;

    // Beyond it, hosts whose numbers are doubles write to a different offset and report success.
    const LARGEST_FILE: u64 = (1 << 53) - 1;

    fn preopens(&self) -> Vec<(Descriptor, String)> {
        let preopens = wasi::filesystem::preopens::get_directories().into_iter();
        // Some hosts can't list or sync the preopened descriptor itself.
        let opened = preopens.map(|(directory, path)| match open(&directory, ".", OpenHow::DIRECTORY) {
            Ok(itself) => (itself, path),
            Err(_) => (directory, path),
        });
        opened.collect()
    }

    async fn open_at(&self, directory: &Descriptor, path: &str, how: OpenHow) -> Result<Descriptor> {
        open(directory, path, how)
    }

    async fn create_directory_at(&self, directory: &Descriptor, path: &str) -> Result<()> {
        Ok(directory.create_directory_at(path)?)
    }

    async fn unlink_file_at(&self, directory: &Descriptor, path: &str) -> Result<()> {
        Ok(directory.unlink_file_at(path)?)
    }

    fn start_unlink(&self, directory: Rc<Descriptor>, name: String, done: OnOutcome) {
        done(directory.unlink_file_at(&name).map_err(ErrorCode::from));
    }

    fn watch_unlinks(&self) {}

    async fn remove_directory_at(&self, directory: &Descriptor, path: &str) -> Result<()> {
        Ok(directory.remove_directory_at(path)?)
    }

    async fn rename_at(&self, from: &Descriptor, old: &str, to: &Descriptor, new: &str) -> Result<()> {
        Ok(from.rename_at(old, to, new)?)
    }

    async fn link_at(&self, from: &Descriptor, old: &str, to: &Descriptor, new: &str) -> Result<()> {
        Ok(from.link_at(PathFlags::empty(), old, to, new)?)
    }

    async fn stat(&self, descriptor: &Descriptor) -> Result<Stat> {
        Ok(descriptor.stat()?.into())
    }

    async fn stat_at(&self, directory: &Descriptor, path: &str) -> Result<Stat> {
        Ok(directory.stat_at(PathFlags::empty(), path)?.into())
    }

    async fn is_same_object(&self, one: &Descriptor, other: &Descriptor) -> bool {
        one.is_same_object(other)
    }

    async fn read_directory(&self, directory: &Descriptor, visit: &mut dyn FnMut(Listed)) -> Result<()> {
        let stream = directory.read_directory()?;
        let mut untold = 0;
        loop {
            match stream.read_directory_entry() {
                // Some hosts list the directory itself and its parent.
                Ok(Some(entry)) if matches!(&*entry.name, "." | "..") => {}
                Ok(Some(entry)) => visit(Listed { kind: entry.type_.into(), name: entry.name }),
                Ok(None) if untold == 0 => return Ok(()),
                Ok(None) => return Err(ErrorCode::IllegalByteSequence),
                // The entries after a name that is not Unicode can be told.
                Err(types::ErrorCode::IllegalByteSequence) if untold < MOST_UNTOLD => untold += 1,
                Err(code) => return Err(code.into()),
            }
        }
    }

    async fn read_at(&self, file: &Descriptor, offset: u64, mut buffer: Vec<u8>) -> Result<Vec<u8>> {
        let start = buffer.len();
        while buffer.len() < buffer.capacity() {
            let position = offset + (buffer.len() - start) as u64;
            check_exact(position)?;
            let wanted = (buffer.capacity() - buffer.len()).min(MOST_AT_ONCE);
            let (piece, is_end) = file.read(wanted as u64, position)?;
            if piece.is_empty() {
                break;
            }
            buffer.extend_from_slice(&piece[..piece.len().min(wanted)]);
            if is_end {
                break;
            }
        }
        Ok(buffer)
    }

    async fn write_at(
        &self,
        file: &Descriptor,
        offset: u64,
        mut data: Vec<u8>,
    ) -> core::result::Result<Vec<u8>, Unwritten> {
        let mut written = 0;
        let code = loop {
            if written == data.len() {
                data.clear();
                return Ok(data);
            }
            let position = offset + written as u64;
            let piece = &data[written..data.len().min(written + MOST_AT_ONCE)];
            match check_exact(position).and_then(|()| Ok(file.write(piece, position)?)) {
                // A host that stores nothing and reports success would be called for ever.
                Ok(0) => break ErrorCode::Io,
                Ok(length) => written += (length as usize).min(piece.len()),
                Err(code) => break code,
            }
        };
        data.drain(..written);
        Err(Unwritten { code, rest: data })
    }

    async fn set_size(&self, file: &Descriptor, size: u64) -> Result<()> {
        check_exact(size)?;
        Ok(file.set_size(size)?)
    }

    async fn sync(&self, descriptor: &Descriptor) -> Result<()> {
        Ok(descriptor.sync()?)
    }
}

fn open(directory: &Descriptor, path: &str, how: OpenHow) -> Result<Descriptor> {
    let follow = if how.follow { PathFlags::SYMLINK_FOLLOW } else { PathFlags::empty() };
    let mut open = OpenFlags::empty();
    open.set(OpenFlags::CREATE, how.create);
    open.set(OpenFlags::EXCLUSIVE, how.exclusive);
    open.set(OpenFlags::TRUNCATE, how.truncate);
    open.set(OpenFlags::DIRECTORY, how.directory);
    let mut flags = DescriptorFlags::empty();
    flags.set(DescriptorFlags::READ, how.read);
    flags.set(DescriptorFlags::WRITE, how.write);
    flags.set(DescriptorFlags::MUTATE_DIRECTORY, how.directory);
    match directory.open_at(follow, path, open, flags) {
        // Some hosts do not know `MUTATE_DIRECTORY`, and let any handle change its directory.
        Err(types::ErrorCode::Unsupported) if how.directory => {
            Ok(directory.open_at(follow, path, open, DescriptorFlags::READ)?)
        }
        opened => Ok(opened?),
    }
}

/// Converts a time to nanoseconds since 1970.
fn nanoseconds(time: Datetime) -> u64 {
    time.seconds.saturating_mul(1_000_000_000).saturating_add(time.nanoseconds.into())
}

/// Checks that every host represents `offset` exactly.
fn check_exact(offset: u64) -> Result<()> {
    if offset > Wasi::LARGEST_FILE { Err(ErrorCode::FileTooLarge) } else { Ok(()) }
}

impl From<types::DescriptorStat> for Stat {
    fn from(stat: types::DescriptorStat) -> Stat {
        let times = Times {
            accessed: stat.data_access_timestamp.map(nanoseconds),
            modified: stat.data_modification_timestamp.map(nanoseconds),
            changed: stat.status_change_timestamp.map(nanoseconds),
        };
        Stat::new(stat.type_.into(), stat.size, stat.link_count, times)
    }
}
