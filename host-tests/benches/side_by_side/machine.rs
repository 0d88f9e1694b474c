//! The machine and the versions in a report.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::peers::Peers;

/// A table of everything that the figures depend on.
pub(crate) fn about(peers: &Peers<'_>) -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |line: &str| line.split_once(':').map(|(_, value)| value.trim().to_owned());
    let model = cpus.lines().find(|line| line.starts_with("model name")).and_then(field);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let rust = output(Command::new("rustc").arg("--version"));
    let sort = output(Command::new("sort").arg("--version"));
    let python = peers.python.as_ref().map_or("none", |python| &python.versions);
    let size = |bytes: &[u8]| bytes.len() as f64 / 1024.0;
    format!(
        "| | |\n|---|---|\n\
         | machine | {} ({cores} cores), Linux {} |\n\
         | filesystem of the temporary files | {} |\n\
         | wasmtime | {}, Cranelift |\n\
         | Rust | {rust}; tempfile {}, async-tempfile {}, tokio {} |\n\
         | Python | {python} |\n\
         | sort | {} |\n\
         | components | {:.1} KiB (0.3), {:.1} KiB (0.2), {:.1} KiB (bare guest) |\n",
        model.as_deref().unwrap_or("unknown"),
        kernel.trim(),
        filesystem(peers.directory),
        locked(&peers.workspace, "wasmtime"),
        locked(&peers.workspace, "tempfile"),
        locked(&peers.workspace, "async-tempfile"),
        locked(&peers.workspace, "tokio"),
        sort.lines().next().unwrap_or("none"),
        size(&peers.p3),
        size(&peers.p2),
        size(&peers.bare),
    )
}

fn output(command: &mut Command) -> String {
    let output = command.output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&output).trim().into()
}

fn filesystem(directory: &Path) -> String {
    let name = output(Command::new("stat").args(["--file-system", "--format=%T"]).arg(directory));
    if name.is_empty() { "unknown".into() } else { name }
}

/// The version of a crate in `Cargo.lock`.
fn locked(workspace: &Path, name: &str) -> String {
    let lock = fs::read_to_string(workspace.join("Cargo.lock")).unwrap_or_default();
    let entry = format!("name = \"{name}\"\nversion = \"");
    let version = lock.split_once(&entry).and_then(|(_, rest)| rest.split('"').next());
    version.unwrap_or("unknown").into()
}
