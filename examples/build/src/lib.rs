//! Builds components with nested cargo, so that build scripts need rustup and nothing else.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-wasip2";
const PROFILE: &str = "component";

/// Variables that a build script inherits from the build that runs it, wrong for another target.
const INHERITED: [&str; 6] = [
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_TARGET_DIR",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
];

/// Builds the workspace's `package` with `features` alone, and returns the component, whose file
/// name begins with `variant`.
///
/// Call it from a build script.
///
/// # Panics
///
/// Panics with advice if the component cannot be built.
pub fn component(workspace: &Path, package: &str, features: &[&str], variant: &str) -> PathBuf {
    // Only the component: an rlib beside it would keep rustc from optimizing across crates.
    let built = build(workspace, package, &["--lib", "--crate-type", "cdylib"], features);
    built.keep(&package.replace('-', "_"), variant)
}

/// Builds the binary of the workspace's `package`, a program with the standard library, and returns the
/// component, whose file name begins with `variant`.
///
/// Call it from a build script.
///
/// # Panics
///
/// Panics with advice if the program cannot be built.
pub fn program(workspace: &Path, package: &str, variant: &str) -> PathBuf {
    build(workspace, package, &["--bin", package], &[]).keep(package, variant)
}

/// Builds a package, and keeps other build scripts from building until its file has a copy.
fn build(workspace: &Path, package: &str, what: &[&str], features: &[&str]) -> Built {
    let target_directory = target_directory().join("components");
    let mut cargo = Command::new(variable("CARGO"));
    cargo.current_dir(workspace);
    cargo.arg("rustc").args(what).args(["--locked", "--target", TARGET]);
    cargo.args(["--profile", PROFILE, "--package", package, "--no-default-features"]);
    if !features.is_empty() {
        cargo.args(["--features", &features.join(",")]);
    }
    cargo.arg("--target-dir").arg(&target_directory);
    for variable in INHERITED {
        cargo.env_remove(variable);
    }
    // Two variants of a package have one file name: no other build script may build before this
    // one has its copy.
    let lock = lock(&target_directory);

    let status = cargo.status().expect("cargo starts");

    assert!(status.success(), "{package} did not build; is its target there? rustup target add {TARGET}");
    Built { directory: target_directory.join(TARGET).join(PROFILE), _lock: lock }
}

/// The directory of what was built. No other build script builds until this is dropped.
struct Built {
    directory: PathBuf,
    _lock: File,
}

impl Built {
    /// Copies the component `name` to where no other build replaces it.
    fn keep(&self, name: &str, variant: &str) -> PathBuf {
        let component = self.directory.join(name).with_extension("wasm");
        let kept = PathBuf::from(variable("OUT_DIR")).join(format!("{variant}-{name}.wasm"));
        fs::copy(&component, &kept).unwrap_or_else(|error| {
            panic!("{} cannot be copied to {}: {error}", component.display(), kept.display())
        });
        kept
    }
}

/// Waits until no other build script builds components; dropping the file releases the lock.
fn lock(directory: &Path) -> File {
    fs::create_dir_all(directory).expect("the target directory can be written");
    let lock = File::create(directory.join("build-scripts.lock")).expect("the lock can be created");
    lock.lock().expect("the lock can be taken");
    lock
}

/// Returns the target directory of the build that runs the build script. A component is the same for
/// all profiles of that build, and so is built once.
fn target_directory() -> PathBuf {
    let own = PathBuf::from(variable("OUT_DIR"));
    let root = own.ancestors().find(|directory| directory.join("CACHEDIR.TAG").exists());
    root.unwrap_or(&own).to_owned()
}

fn variable(name: &str) -> OsString {
    env::var_os(name).unwrap_or_else(|| panic!("{name} is not set: call this from a build script"))
}

/// Has cargo run the build script again when a source of the provider has changed.
pub fn rerun_if_provider_changed(workspace: &Path) {
    rerun_if_changed(workspace, &["src", "wit", "packages/runtime", "Cargo.toml", "Cargo.lock"]);
}

/// Has cargo run the build script again when one of `paths`, relative to `workspace`, has changed.
pub fn rerun_if_changed(workspace: &Path, paths: &[&str]) {
    for path in paths {
        println!("cargo::rerun-if-changed={}", workspace.join(path).display());
    }
}
