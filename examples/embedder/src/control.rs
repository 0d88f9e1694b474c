//! The provider's `control`: limits and a sweep before the plugin runs, the usage afterwards.

use std::path::Path;
use std::time::Duration;

use wasmtime::component::Instance;
use wasmtime::error::{Context as _, Result, format_err};
use wasmtime::{AsContextMut, Store};

use self::bindings::Composition;
use self::bindings::exports::scratch::tempfile::control::{Guest, Limits, SweepReport};
use self::bindings::exports::scratch::tempfile::tempfile::Error;
use crate::arguments::Options;

pub(crate) use self::bindings::exports::scratch::tempfile::control::{Gauge, Usage};

mod bindings {
    wasmtime::component::bindgen!({
        inline: "
            package example:embedder;

            world composition {
                export scratch:tempfile/tempfile@0.3.0;
                export scratch:tempfile/control@0.3.0;
            }
        ",
        path: "../../wit",
        world: "example:embedder/composition",
        exports: { default: async },
    });
}

/// The interface `control` of one instance.
pub(crate) struct Control(Composition);

impl Control {
    /// Finds the interface among the exports of a composition.
    pub(crate) fn of(store: impl AsContextMut, instance: &Instance) -> Result<Control> {
        Composition::new(store, instance).map(Control)
    }

    fn guest(&self) -> &Guest {
        self.0.scratch_tempfile_control()
    }

    /// Sets the limits given on the command line.
    pub(crate) async fn set_limits<T: Send>(&self, store: &mut Store<T>, options: &Options) -> Result<()> {
        let limits = Limits {
            max_bytes: options.limit,
            max_entries: options.max_entries,
            confined: options.confined,
            max_file_bytes: None,
            max_handles: None,
            max_memory: None,
            max_depth: None,
            hide_disk_full: false,
        };
        self.guest().call_set_limits(store, limits).await?.map_err(failed).context("cannot set limits")
    }

    /// Sweeps a directory of the guest.
    pub(crate) async fn sweep<T: Send + 'static>(
        &self,
        store: &mut Store<T>,
        guest: &str,
        older_than: Duration,
    ) -> Result<SweepReport> {
        let older_than = older_than.as_nanos().try_into().unwrap_or(u64::MAX);
        let directory = Some(guest.to_owned());
        let swept = store
            .run_concurrent(async |store| self.guest().call_sweep(store, directory, older_than).await)
            .await??;
        swept.map_err(failed).context("cannot sweep leftovers")
    }

    /// Runs the store until the removals that drops have started are done, or make no progress.
    pub(crate) async fn finish_removals<T: Send + 'static>(&self, store: &mut Store<T>) {
        /// Kept entries are used for good, so the end is only visible as a standstill.
        const TURNS_WITHOUT_PROGRESS: u32 = 20;
        let mut removed = None;
        let mut turns = 0;
        while let Some(usage) = self.usage(store).await
            && usage.entries.now > 0
            && turns < TURNS_WITHOUT_PROGRESS
        {
            turns = if removed == Some(usage.removed) { turns + 1 } else { 0 };
            removed = Some(usage.removed);
            let turn = store.run_concurrent(async |_| tokio::time::sleep(Duration::from_millis(1)).await);
            if turn.await.is_err() {
                return;
            }
        }
    }

    /// Returns the usage, or nothing after a trap.
    pub(crate) async fn usage<T: Send>(&self, store: &mut Store<T>) -> Option<Usage> {
        self.guest().call_get_usage(store).await.ok()?.ok()
    }
}

fn failed(error: Error) -> wasmtime::Error {
    format_err!("{}", error.message)
}

/// Prints the result of a sweep of a directory of the guest; `host` is its path on the host.
pub(crate) fn report(report: &SweepReport, guest: &str, host: &Path) {
    for line in lines(report, guest, host) {
        eprintln!("embedder: {line}");
    }
}

/// Describes the result of a sweep; no lines if it found nothing.
fn lines(report: &SweepReport, guest: &str, host: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    match report.removed.len() {
        0 => {}
        1 => lines.push("swept 1 leftover".to_owned()),
        count => lines.push(format!("swept {count} leftovers")),
    }
    for failure in &report.failed {
        let path = Path::new(&failure.path);
        let path = path.strip_prefix(guest).map_or_else(|_| path.to_owned(), |rest| host.join(rest));
        lines.push(format!("cannot sweep {}: {}", path.display(), failure.error.message));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::bindings::exports::scratch::tempfile::control::SweepFailure;
    use crate::control::bindings::exports::scratch::tempfile::tempfile::ErrorCode;

    #[test]
    fn a_sweep_that_found_nothing_is_silent() {
        let report = SweepReport { removed: vec![], failed: vec![] };

        assert!(lines(&report, "/tmp", Path::new("/host")).is_empty());
    }

    #[test]
    fn a_leftover_that_cannot_be_swept_is_reported_with_its_path_on_the_host() {
        let error = Error { code: ErrorCode::Access, message: "path \"/tmp/b\": access denied".into() };
        let failed = vec![SweepFailure { path: "/tmp/b".into(), error }];
        let report = SweepReport { removed: vec!["/tmp/a".into()], failed };

        let lines = lines(&report, "/tmp", Path::new("/host"));

        assert_eq!(lines, ["swept 1 leftover", "cannot sweep /host/b: path \"/tmp/b\": access denied"]);
    }
}
