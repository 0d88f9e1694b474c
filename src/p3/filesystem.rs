//! The filesystem of WASI 0.3.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::future::Future;

use super::answer::nanoseconds;
use super::wasi;
use super::{host, janitor, orphans, spawn};
use crate::error::ErrorCode;
use crate::filesystem::{Filesystem, Listed, OnOutcome, OpenHow, Result, Stat, Unwritten};
use crate::runtime::{Runtime, Work};
use wasi::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags};
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
        let now = wasi::clocks::system_clock::now();
        nanoseconds(now.seconds, now.nanoseconds)
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

    fn open_at(
        &self,
        directory: &Descriptor,
        path: &str,
        how: OpenHow,
    ) -> impl Future<Output = Result<Descriptor>> {
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
        host::open_at(directory, follow, path, open, flags)
    }

    fn create_directory_at(&self, directory: &Descriptor, path: &str) -> impl Future<Output = Result<()>> {
        host::create_directory_at(directory, path)
    }

    fn unlink_file_at(&self, directory: &Descriptor, path: &str) -> impl Future<Output = Result<()>> {
        host::unlink_file_at(directory, path)
    }

    fn start_unlink(&self, directory: Rc<Descriptor>, name: String, done: OnOutcome) {
        orphans::start_unlink(directory, name, done);
    }

    fn watch_unlinks(&self) {
        orphans::watch();
    }

    fn remove_directory_at(&self, directory: &Descriptor, path: &str) -> impl Future<Output = Result<()>> {
        host::remove_directory_at(directory, path)
    }

    fn rename_at(
        &self,
        from: &Descriptor,
        old: &str,
        to: &Descriptor,
        new: &str,
    ) -> impl Future<Output = Result<()>> {
        host::rename_at(from, old, to, new)
    }

    fn link_at(
        &self,
        from: &Descriptor,
        old: &str,
        to: &Descriptor,
        new: &str,
    ) -> impl Future<Output = Result<()>> {
        host::link_at(from, old, to, new)
    }

    fn stat(&self, descriptor: &Descriptor) -> impl Future<Output = Result<Stat>> {
        host::stat(descriptor)
    }

    fn stat_at(&self, directory: &Descriptor, path: &str) -> impl Future<Output = Result<Stat>> {
        host::stat_at(directory, path)
    }

    fn is_same_object(&self, one: &Descriptor, other: &Descriptor) -> impl Future<Output = bool> {
        host::is_same_object(one, other)
    }

    async fn read_directory(&self, directory: &Descriptor, visit: &mut dyn FnMut(Listed)) -> Result<()> {
        /// How many entries the host hands over at a time.
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
        // Everything is here, so the outcome has nothing to add, and asking for it costs a turn.
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
            // The host hung up and calls that a success.
            Ok(()) => Err(Unwritten { code: ErrorCode::Io, rest }),
            Err(code) => Err(Unwritten { code: code.into(), rest }),
        }
    }

    fn set_size(&self, file: &Descriptor, size: u64) -> impl Future<Output = Result<()>> {
        host::set_size(file, size)
    }

    fn sync(&self, descriptor: &Descriptor) -> impl Future<Output = Result<()>> {
        host::sync(descriptor)
    }
}
