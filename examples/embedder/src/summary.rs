//! The lines that report a run.

use std::io;
use std::path::Path;
use std::time::Duration;

use indicatif::BinaryBytes;
use scratch_tempfile_host::{SweepReport, Usage};

/// The directory's path in the guest.
const DIRECTORY: &str = "/tmp";

/// Returns a line with the running time, the number of entries that the run left, and the usage if known.
pub(crate) fn summary(
    plugin: &str,
    took: Duration,
    left: &io::Result<usize>,
    usage: Option<&Usage>,
) -> String {
    let took = took.as_secs_f64();
    let left = match left {
        Ok(left) => format!("{} left", entries(*left as u64)),
        Err(error) => format!("cannot count the entries left: {error}"),
    };
    let used = usage.map(used).unwrap_or_default();
    format!("{plugin} took {took:.2} s, {left}{used}")
}

fn used(usage: &Usage) -> String {
    let Usage { bytes_on_disk, memory_bytes, entries: on_disk, handles, refused, .. } = usage;
    format!(
        "; peak: {} on disk, {} in memory, {}, {} open; {refused} refused",
        BinaryBytes(bytes_on_disk.peak),
        BinaryBytes(memory_bytes.peak),
        entries(on_disk.peak),
        handles.peak,
    )
}

/// Describes the result of a sweep of a directory of the host; no lines if it found nothing.
pub(crate) fn sweep(report: &SweepReport, directory: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    match report.removed.len() {
        0 => {}
        1 => lines.push("swept 1 leftover".to_owned()),
        count => lines.push(format!("swept {count} leftovers")),
    }
    for failure in &report.failed {
        let path = Path::new(&failure.path);
        let path = path.strip_prefix(DIRECTORY).map_or_else(|_| path.to_owned(), |rest| directory.join(rest));
        lines.push(format!("cannot sweep {}: {}", path.display(), failure.error.message));
    }
    lines
}

fn entries(count: u64) -> String {
    format!("{count} {}", if count == 1 { "entry" } else { "entries" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use scratch_tempfile_host::{Error, ErrorCode, Gauge, SweepFailure};

    #[test]
    fn a_sweep_that_found_nothing_is_silent() {
        assert!(sweep(&SweepReport::default(), Path::new("/host")).is_empty());
    }

    #[test]
    fn a_leftover_that_cannot_be_swept_is_reported_with_its_path_on_the_host() {
        let error = Error { code: ErrorCode::Access, message: "path \"/tmp/b\": access denied".into() };
        let failed = vec![SweepFailure { path: "/tmp/b".into(), error }];
        let report = SweepReport { removed: vec!["/tmp/a".into()], failed };

        let lines = sweep(&report, Path::new("/host"));

        assert_eq!(lines, ["swept 1 leftover", "cannot sweep /host/b: path \"/tmp/b\": access denied"]);
    }

    #[test]
    fn the_line_reports_peak_usage() {
        let gauge = |peak| Gauge { now: 0, peak };
        let usage = Usage {
            bytes_on_disk: gauge(3 << 19),
            entries: gauge(1),
            handles: gauge(14),
            memory_bytes: gauge(64 << 10),
            created: 7,
            removed: 7,
            refused: 2,
        };

        let line = summary("sort", Duration::from_millis(1_234), &Ok(0), Some(&usage));

        assert_eq!(
            line,
            "sort took 1.23 s, 0 entries left; \
             peak: 1.50 MiB on disk, 64.00 KiB in memory, 1 entry, 14 open; 2 refused"
        );
    }

    #[test]
    fn the_line_omits_unknown_usage() {
        assert_eq!(summary("sort", Duration::ZERO, &Ok(1), None), "sort took 0.00 s, 1 entry left");
    }

    #[test]
    fn the_line_says_that_entries_could_not_be_counted() {
        let error = io::Error::new(io::ErrorKind::PermissionDenied, "/host/a: permission denied");

        let line = summary("sort", Duration::ZERO, &Err(error), None);

        assert_eq!(line, "sort took 0.00 s, cannot count the entries left: /host/a: permission denied");
    }
}
