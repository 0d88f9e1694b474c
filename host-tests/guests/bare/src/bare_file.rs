//! An unnamed file, and the exports by which a host calls it for each operation.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use core::cell::RefCell;

use wasip3::filesystem::preopens::get_directories;
use wasip3::filesystem::types::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags};
use wasip3::random::random::get_random_u64;
use wasip3::wit_stream;
use wit_bindgen::StreamResult;

use crate::bindings::Component;
use crate::bindings::exports::test::benchmarks::files;

pub(crate) type Result<T> = core::result::Result<T, String>;

pub(crate) fn failed(code: ErrorCode) -> String {
    format!("{code}")
}

/// The first directory that the host preopened.
pub(crate) fn directory() -> Result<Descriptor> {
    let first = get_directories().into_iter().next();
    first.map(|(directory, _)| directory).ok_or_else(|| "no directory is preopened".into())
}

/// Creates a file and removes its name.
pub(crate) async fn create(directory: &Descriptor) -> Result<Descriptor> {
    let name = format!("bare{:016x}{:016x}", get_random_u64(), get_random_u64());
    let (open, flags) =
        (OpenFlags::CREATE | OpenFlags::EXCLUSIVE, DescriptorFlags::READ | DescriptorFlags::WRITE);
    let file = directory.open_at(PathFlags::empty(), name.clone(), open, flags).await.map_err(failed)?;
    directory.unlink_file_at(name).await.map_err(failed)?;
    Ok(file)
}

pub(crate) async fn write(file: &Descriptor, offset: u64, data: Vec<u8>) -> Result<()> {
    let (mut stream, data_end) = wit_stream::new();
    let outcome = file.write_via_stream(data_end, offset);
    stream.write_all(data).await;
    drop(stream);
    outcome.await.map_err(failed)
}

pub(crate) async fn read(file: &Descriptor, offset: u64, max: usize) -> Vec<u8> {
    let (mut stream, _outcome) = file.read_via_stream(offset);
    let mut bytes = Vec::with_capacity(max);
    while bytes.len() < max {
        let (status, more) = stream.read(bytes).await;
        bytes = more;
        if status == StreamResult::Dropped {
            break;
        }
    }
    bytes
}

pub(crate) struct BareFile {
    descriptor: RefCell<Option<Descriptor>>,
    position: Cell<u64>,
}

impl files::Guest for Component {
    type File = BareFile;
}

impl files::GuestFile for BareFile {
    async fn create() -> Result<files::File> {
        let descriptor = create(&directory()?).await?;
        Ok(files::File::new(BareFile { descriptor: RefCell::new(Some(descriptor)), position: Cell::new(0) }))
    }

    async fn write(&self, data: Vec<u8>) -> Result<()> {
        let (file, length) = (self.take()?, data.len() as u64);
        let outcome = write(&file, self.position.get(), data).await;
        self.descriptor.replace(Some(file));
        self.position.set(self.position.get() + length);
        outcome
    }

    async fn seek(&self, position: u64) -> Result<u64> {
        self.position.set(position);
        Ok(position)
    }

    async fn read(&self, max: u64) -> Result<Vec<u8>> {
        let file = self.take()?;
        let bytes = read(&file, self.position.get(), max as usize).await;
        self.descriptor.replace(Some(file));
        self.position.set(self.position.get() + bytes.len() as u64);
        Ok(bytes)
    }

    async fn close(&self) -> Result<()> {
        self.take().map(drop)
    }
}

impl BareFile {
    fn take(&self) -> Result<Descriptor> {
        self.descriptor.take().ok_or_else(|| "the file is closed or in use".into())
    }
}
