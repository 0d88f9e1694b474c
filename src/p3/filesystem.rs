//! The filesystem of WASI 0.3.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::{janitor, orphans, spawn, wasi};
use crate::error::ErrorCode;
use crate::filesystem::{Filesystem, Listed, OnOutcome, OpenHow, Result, Stat, Times, Unwritten};
use crate::runtime::{Runtime, Work};
use wasi::clocks::system_clock::Instant;
use wasi::filesystem::types::{self, Descriptor, DescriptorFlags, OpenFlags, PathFlags};
use wit_bindgen::StreamResult;

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
        nanoseconds(wasi::clocks::system_clock::now())
    }

    fn spawn(&self, work: Work) {
        spawn(work);
    }

    fn expect_drop(&self) {
        janitor::expect_drop();
    }

    fn drop_happened(&self, work: Option<Work>) {
        janitor::drop_happened(work);
    }
}

impl Filesystem for Wasi {
    type Descriptor = Descriptor;

    fn preopens(&self) -> Vec<(Descriptor, String)> {
        wasi::filesystem::preopens::get_directories()
    }

    async fn open_at(&self, directory: &Descriptor, path: &str, how: OpenHow) -> Result<Descriptor> {
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
        Ok(directory.open_at(follow, path.into(), open, flags).await?)
    }

    async fn create_directory_at(&self, directory: &Descriptor, path: &str) -> Result<()> {
        Ok(directory.create_directory_at(path.into()).await?)
    }

    async fn unlink_file_at(&self, directory: &Descriptor, path: &str) -> Result<()> {
        Ok(directory.unlink_file_at(path.into()).await?)
    }

    fn start_unlink(&self, directory: Rc<Descriptor>, name: String, done: OnOutcome) {
        orphans::start_unlink(directory, name, done);
    }

    fn watch_unlinks(&self) {
        orphans::watch();
    }

    async fn remove_directory_at(&self, directory: &Descriptor, path: &str) -> Result<()> {
        Ok(directory.remove_directory_at(path.into()).await?)
    }

    async fn rename_at(&self, from: &Descriptor, old: &str, to: &Descriptor, new: &str) -> Result<()> {
        Ok(from.rename_at(old.into(), to, new.into()).await?)
    }

    async fn link_at(&self, from: &Descriptor, old: &str, to: &Descriptor, new: &str) -> Result<()> {
        Ok(from.link_at(PathFlags::empty(), old.into(), to, new.into()).await?)
    }

    async fn stat(&self, descriptor: &Descriptor) -> Result<Stat> {
        Ok(descriptor.stat().await?.into())
    }

    async fn stat_at(&self, directory: &Descriptor, path: &str) -> Result<Stat> {
        Ok(directory.stat_at(PathFlags::empty(), path.into()).await?.into())
    }

    async fn is_same_object(&self, one: &Descriptor, other: &Descriptor) -> bool {
        one.is_same_object(other).await
    }

    async fn read_directory(&self, directory: &Descriptor, visit: &mut dyn FnMut(Listed)) -> Result<()> {
        /// The largest number of entries requested at a time.
        const AT_ONCE: usize = 256;
        let (mut stream, outcome) = directory.read_directory();
        let mut room = Vec::with_capacity(AT_ONCE);
        loop {
            let (status, mut some) = stream.read(room).await;
            for entry in some.drain(..) {
                visit(Listed { kind: entry.type_.into(), name: entry.name });
            }
            if status == StreamResult::Dropped {
                return Ok(outcome.await?);
            }
            room = some;
        }
    }

    async fn read_at(&self, file: &Descriptor, offset: u64, mut buffer: Vec<u8>) -> Result<Vec<u8>> {
        let (mut stream, outcome) = file.read_via_stream(offset);
        while buffer.len() < buffer.capacity() {
            let (status, more) = stream.read(buffer).await;
            buffer = more;
            if status == StreamResult::Dropped {
                outcome.await?;
                return Ok(buffer);
            }
        }
        // The buffer is full: the outcome adds nothing, and waiting for it costs a turn.
        Ok(buffer)
    }

    async fn write_at(
        &self,
        file: &Descriptor,
        offset: u64,
        data: Vec<u8>,
    ) -> core::result::Result<Vec<u8>, Unwritten> {
        let (mut stream, data_end) = wasi::wit_stream::new();
        let outcome = file.write_via_stream(data_end, offset);
        let rest = stream.write_all(data).await;
        drop(stream);
        match outcome.await {
            Ok(()) if rest.is_empty() => Ok(rest),
            // The host closed the stream early and reported success.
            Ok(()) => Err(Unwritten { code: ErrorCode::Io, rest }),
            Err(code) => Err(Unwritten { code: code.into(), rest }),
        }
    }

    async fn set_size(&self, file: &Descriptor, size: u64) -> Result<()> {
        Ok(file.set_size(size).await?)
    }

    async fn sync(&self, descriptor: &Descriptor) -> Result<()> {
        Ok(descriptor.sync().await?)
    }
}

/// Converts a time to nanoseconds since 1970; earlier times become 0, and later ones end at `u64::MAX`.
fn nanoseconds(time: Instant) -> u64 {
    let Instant { seconds, nanoseconds } = time;
    u64::try_from(seconds)
        .map_or(0, |seconds| seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds.into()))
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
