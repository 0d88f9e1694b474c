//! The types of the interface `control`.

use std::time::Duration;

use wasmtime::component::{ComponentType, Lift, Lower};

use crate::types::{Error, setters};

/// The limits of an instance; a new one has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Limits {
    #[component(name = "max-bytes")]
    max_bytes: Option<u64>,
    #[component(name = "max-file-bytes")]
    max_file_bytes: Option<u64>,
    #[component(name = "max-entries")]
    max_entries: Option<u64>,
    #[component(name = "max-handles")]
    max_handles: Option<u64>,
    #[component(name = "max-memory")]
    max_memory: Option<u64>,
    #[component(name = "max-depth")]
    max_depth: Option<u64>,
    confined: bool,
    #[component(name = "hide-disk-full")]
    hide_disk_full: bool,
}

impl Limits {
    /// No limit at all.
    pub fn new() -> Limits {
        Limits::default()
    }

    setters!(
        max_bytes: u64, max_file_bytes: u64, max_entries: u64, max_handles: u64, max_memory: u64, max_depth: u64,
    );

    /// Sets the field of that name.
    pub fn confined(self, confined: bool) -> Limits {
        Limits { confined, ..self }
    }

    /// Sets the field of that name.
    pub fn hide_disk_full(self, hide_disk_full: bool) -> Limits {
        Limits { hide_disk_full, ..self }
    }
}

/// The current and the highest value of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
#[allow(missing_docs, reason = "the WIT documents each field")]
pub struct Gauge {
    pub now: u64,
    pub peak: u64,
}

/// The current and past usage of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
#[allow(missing_docs, reason = "the WIT documents each field")]
pub struct Usage {
    #[component(name = "bytes-on-disk")]
    pub bytes_on_disk: Gauge,
    pub entries: Gauge,
    pub handles: Gauge,
    #[component(name = "memory-bytes")]
    pub memory_bytes: Gauge,
    pub created: u64,
    pub removed: u64,
    pub refused: u64,
}

impl Usage {
    /// Whether nothing is used, and everything that was created is removed.
    pub fn is_nothing(&self) -> bool {
        let gauges = [self.bytes_on_disk, self.entries, self.handles, self.memory_bytes];
        gauges.iter().all(|gauge| gauge.now == 0) && self.created == self.removed
    }
}

/// Waits until nothing is used, for as long as a slow machine may need.
pub(crate) async fn until_nothing_used(usage: impl AsyncFn() -> Usage) {
    const STEPS: usize = 2_000;
    for _ in 0..STEPS {
        if usage().await.is_nothing() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("this remains in use: {:?}", usage().await);
}

/// The result of a sweep.
#[derive(Clone, Debug, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct SweepReport {
    /// The paths of the removed leftovers.
    pub removed: Vec<String>,
    /// The leftovers that could not be removed.
    pub failed: Vec<SweepFailure>,
}

/// A leftover that could not be removed.
#[derive(Clone, Debug, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct SweepFailure {
    /// Its path.
    pub path: String,
    /// The reason.
    pub error: Error,
}
