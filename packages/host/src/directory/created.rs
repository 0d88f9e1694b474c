//! The names of the entries that a run creates, so that no entry of another run is taken for its own.

use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::Mutex;
use wasmtime::component::{Accessor, Linker, LinkerInstance, Resource};
use wasmtime::error::Result;
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystem, WasiFilesystemView as _};
use wasmtime_wasi::p3::bindings::filesystem::types::{
    DescriptorFlags, ErrorCode, HostDescriptorWithStore, OpenFlags, PathFlags,
};
use wasmtime_wasi::p3::filesystem::FilesystemResult;

use crate::state::State;

/// The interface whose functions are recorded.
const TYPES: &str = "wasi:filesystem/types@0.3.0";

/// The length of the random part of the provider's names, which is the least length of a recorded name.
const RANDOM_PART: usize = 36;

/// The names of a run's entries.
#[derive(Clone, Default)]
pub(crate) struct Created(Arc<Mutex<Names>>);

/// The number of entries with each name. Entries in different directories may have the same name.
#[derive(Default)]
struct Names {
    counts: HashMap<String, u32>,
    /// Whether the run has ended, so that nothing may be created any more.
    ended: bool,
}

impl Names {
    fn add(&mut self, path: &str) {
        if path.len() >= RANDOM_PART && !path.contains(['/', '\\']) {
            *self.counts.entry(path.to_owned()).or_default() += 1;
        }
    }

    fn remove(&mut self, path: &str) {
        if let Some(count) = self.counts.get_mut(path) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(path);
            }
        }
    }
}

impl Created {
    /// Ends the run: returns the names of its remaining entries. From here on the guest creates and
    /// removes nothing; a call of it that would do so never returns.
    pub(crate) async fn end(&self) -> HashSet<String> {
        let mut names = self.0.lock().await;
        names.ended = true;
        std::mem::take(&mut names.counts).into_keys().collect()
    }

    /// Calls `change`, and records its effect on the names if it succeeds.
    async fn recorded<R>(
        &self,
        change: impl Future<Output = FilesystemResult<R>>,
        record: impl FnOnce(&mut Names),
    ) -> wasmtime::Result<Returned<R>> {
        // Held during the change: the end of the run comes before it or after it.
        let mut names = self.0.lock().await;
        if names.ended {
            drop(names);
            return std::future::pending().await;
        }
        let changed = change.await;
        if changed.is_ok() {
            record(&mut names);
        }
        returned(changed)
    }
}

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
                created.recorded(opened, |names| names.add(&name)).await
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
            created.recorded(change(&store, parent, path), |names| record(names, &name)).await
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

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "tmp_0123456789_0123456789_0123456789";

    #[test]
    fn a_name_is_recorded_until_its_last_entry_is_removed() {
        let mut names = Names::default();
        names.add(NAME);
        names.add(NAME);

        names.remove(NAME);
        assert_eq!(names.counts[NAME], 1);
        names.remove(NAME);

        assert!(names.counts.is_empty());
    }

    #[test]
    fn paths_and_names_that_the_provider_did_not_make_are_not_recorded() {
        let mut names = Names::default();

        for name in ["short", "../tmp_0123456789_0123456789_0123456789"] {
            names.add(name);
            names.remove(name);
        }

        assert!(names.counts.is_empty());
    }
}
