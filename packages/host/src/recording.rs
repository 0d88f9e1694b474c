//! The functions of the host's filesystem that record which entries a run creates.

use std::pin::Pin;

use wasmtime::component::{Accessor, Linker, LinkerInstance, Resource};
use wasmtime::error::Result;
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystem, WasiFilesystemView as _};
use wasmtime_wasi::p3::bindings::filesystem::types::{
    DescriptorFlags, ErrorCode, HostDescriptorWithStore, OpenFlags, PathFlags,
};
use wasmtime_wasi::p3::filesystem::FilesystemResult;

use crate::created::{Created, Names};
use crate::state::State;

/// The interface whose functions are recorded.
const TYPES: &str = "wasi:filesystem/types@0.3.0";

/// Records the entries that guests create and remove on WASI 0.3, each in the names of its own run. A linker
/// serves many runs, so the names are in the state.
pub(crate) fn record(linker: &mut Linker<State>) -> Result<()> {
    linker.allow_shadowing(true);
    let mut types = linker.instance(TYPES)?;
    record_files(&mut types)?;
    record_change(
        &mut types,
        "[method]descriptor.create-directory-at",
        |store, parent, path| Box::pin(WasiFilesystem::create_directory_at(store, parent, path)),
        Names::add,
    )?;
    record_change(
        &mut types,
        "[method]descriptor.unlink-file-at",
        |store, parent, path| Box::pin(WasiFilesystem::unlink_file_at(store, parent, path)),
        Names::remove,
    )?;
    record_change(
        &mut types,
        "[method]descriptor.remove-directory-at",
        |store, parent, path| Box::pin(WasiFilesystem::remove_directory_at(store, parent, path)),
        Names::remove,
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

/// Records the files that `open-at` creates.
fn record_files(types: &mut LinkerInstance<'_, State>) -> Result<()> {
    type Open = (Resource<Descriptor>, PathFlags, String, OpenFlags, DescriptorFlags);
    types.func_wrap_concurrent("[method]descriptor.open-at", |store, call: Open| {
        let (parent, path_flags, path, open_flags, flags) = call;
        let (created, store) = of_run(store);
        Box::pin(async move {
            let name = path.clone();
            let opened = WasiFilesystem::open_at(&store, parent, path_flags, path, open_flags, flags);
            // Without both flags, the file may be another's.
            if open_flags.contains(OpenFlags::CREATE | OpenFlags::EXCLUSIVE) {
                returned(created.recorded(opened, |names| names.add(&name)).await)
            } else {
                returned(opened.await)
            }
        })
    })
}

/// Records a function that changes one entry.
fn record_change(
    types: &mut LinkerInstance<'_, State>,
    function: &str,
    change: Change,
    record: fn(&mut Names, &str),
) -> Result<()> {
    types.func_wrap_concurrent(function, move |store, (parent, path): (Resource<Descriptor>, String)| {
        let (created, store) = of_run(store);
        Box::pin(async move {
            let name = path.clone();
            returned(created.recorded(change(&store, parent, path), |names| record(names, &name)).await)
        })
    })
}

/// Returns the names of the run whose guest calls, and its filesystem.
fn of_run(store: &Accessor<State>) -> (Created, Accessor<State, WasiFilesystem>) {
    let created = store.with(|mut store| store.get().created.clone());
    (created, store.with_getter::<WasiFilesystem>(State::filesystem))
}

/// A function of the host's filesystem that changes the entry of a path below a directory.
type Change = for<'a> fn(
    &'a Accessor<State, WasiFilesystem>,
    Resource<Descriptor>,
    String,
) -> Pin<Box<dyn Future<Output = FilesystemResult<()>> + Send + 'a>>;

/// The value of a function of the guest's import, or its error.
type Returned<R> = (Result<R, ErrorCode>,);

fn returned<R>(result: FilesystemResult<R>) -> wasmtime::Result<Returned<R>> {
    Ok(match result {
        Ok(value) => (Ok(value),),
        Err(error) => (Err(error.downcast()?),),
    })
}
