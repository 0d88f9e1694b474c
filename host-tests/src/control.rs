//! What the interface `control` tells and is told, whichever version of it.

use std::time::Duration;

use crate::bindings::{p2, p3, plugin};
use crate::types::{Error, setters};

/// What may be used; a new one has no limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    max_bytes: Option<u64>,
    max_file_bytes: Option<u64>,
    max_entries: Option<u64>,
    max_handles: Option<u64>,
    max_memory: Option<u64>,
    max_depth: Option<u64>,
    confined: Option<bool>,
    hide_disk_full: Option<bool>,
}

impl Limits {
    /// No limit at all.
    pub fn new() -> Limits {
        Limits::default()
    }

    setters!(
        max_bytes: u64, max_file_bytes: u64, max_entries: u64, max_handles: u64, max_memory: u64, max_depth: u64,
        confined: bool, hide_disk_full: bool,
    );
}

/// How much of something is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the WIT documents each field")]
pub struct Gauge {
    pub now: u64,
    pub peak: u64,
}

/// What an instance uses and has used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the WIT documents each field")]
pub struct Usage {
    pub bytes_on_disk: Gauge,
    pub entries: Gauge,
    pub handles: Gauge,
    pub memory_bytes: Gauge,
    pub created: u64,
    pub removed: u64,
    pub refused: u64,
}

impl Usage {
    /// Whether nothing is used, and all that was created is gone.
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
    panic!("this is used for good: {:?}", usage().await);
}

/// What a sweep did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepReport {
    /// The paths of the leftovers that it removed.
    pub removed: Vec<String>,
    /// The paths of what it could not remove, and why.
    pub failed: Vec<(String, Error)>,
}

/// Declares the conversions, to be listed once for each version of the interface.
macro_rules! conversions {
    ($($control:tt)+) => {
        impl From<Limits> for $($control)+::Limits {
            fn from(limits: Limits) -> Self {
                let Limits { max_bytes, max_file_bytes, max_entries, max_handles, .. } = limits;
                let Limits { max_memory, max_depth, confined, hide_disk_full, .. } = limits;
                let (confined, hide_disk_full) = (confined.unwrap_or(false), hide_disk_full.unwrap_or(false));
                Self {
                    max_bytes,
                    max_file_bytes,
                    max_entries,
                    max_handles,
                    max_memory,
                    max_depth,
                    confined,
                    hide_disk_full,
                }
            }
        }

        impl From<$($control)+::Limits> for Limits {
            fn from(limits: $($control)+::Limits) -> Limits {
                Limits {
                    max_bytes: limits.max_bytes,
                    max_file_bytes: limits.max_file_bytes,
                    max_entries: limits.max_entries,
                    max_handles: limits.max_handles,
                    max_memory: limits.max_memory,
                    max_depth: limits.max_depth,
                    confined: Some(limits.confined),
                    hide_disk_full: Some(limits.hide_disk_full),
                }
            }
        }

        impl From<$($control)+::Gauge> for Gauge {
            fn from(gauge: $($control)+::Gauge) -> Gauge {
                Gauge { now: gauge.now, peak: gauge.peak }
            }
        }

        impl From<$($control)+::Usage> for Usage {
            fn from(usage: $($control)+::Usage) -> Usage {
                Usage {
                    bytes_on_disk: usage.bytes_on_disk.into(),
                    entries: usage.entries.into(),
                    handles: usage.handles.into(),
                    memory_bytes: usage.memory_bytes.into(),
                    created: usage.created,
                    removed: usage.removed,
                    refused: usage.refused,
                }
            }
        }
    };
}

conversions!(p3::control);
conversions!(p2::control);
conversions!(plugin::control);

/// The same for the report, which only the provider by itself is asked for.
macro_rules! reports {
    ($edge:ident) => {
        impl From<$edge::control::SweepReport> for SweepReport {
            fn from(report: $edge::control::SweepReport) -> SweepReport {
                let failed = report.failed.into_iter().map(|failure| (failure.path, failure.error.into()));
                SweepReport { removed: report.removed, failed: failed.collect() }
            }
        }
    };
}

reports!(p3);
reports!(p2);
