//! The descriptors that the interface `lowlevel` returns, as the host sees them.

use std::fs::File;
use std::ops::Deref;
use std::sync::Arc;

use wasmtime::component::Resource;
use wasmtime_wasi::filesystem;

use crate::instance::Instance;

/// A descriptor that the guest has handed out: to the host it is an open file or directory.
#[derive(Debug)]
pub struct Descriptor(Arc<File>);

impl Descriptor {
    pub(crate) async fn take(instance: &Instance, handle: Resource<filesystem::Descriptor>) -> Descriptor {
        let descriptor = instance.with(move |mut store| store.data_mut().table.delete(handle)).await;
        match descriptor.expect("the guest hands out a descriptor of the host") {
            filesystem::Descriptor::File(file) => Descriptor(file.file),
            filesystem::Descriptor::Dir(directory) => Descriptor(directory.dir),
        }
    }
}

impl Deref for Descriptor {
    type Target = File;

    fn deref(&self) -> &File {
        &self.0
    }
}
