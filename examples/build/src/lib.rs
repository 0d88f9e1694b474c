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
    let target_directory = target_directory().join("components");
    let mut cargo = Command::new(variable("CARGO"));
    cargo.current_dir(workspace);
    // Only the component: an rlib beside it would keep rustc from optimizing across crates.
    cargo.args(["rustc", "--lib", "--crate-type", "cdylib", "--locked", "--target", TARGET]);
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
    let _lock = lock(&target_directory);

    let status = cargo.status().expect("cargo starts");

    assert!(status.success(), "{package} did not build; is its target there? rustup target add {TARGET}");
    let file = format!("{}.wasm", package.replace('-', "_"));
    keep(&target_directory.join(TARGET).join(PROFILE).join(&file), &format!("{variant}-{file}"))
}

/// Waits until no other build script builds components; dropping the file releases the lock.
fn lock(directory: &Path) -> File {
    fs::create_dir_all(directory).expect("the target directory can be written");
    let lock = File::create(directory.join("build-scripts.lock")).expect("the lock can be created");
    lock.lock().expect("the lock can be taken");
    lock
}

/// Copies `component` to where no other build replaces it.
fn keep(component: &Path, name: &str) -> PathBuf {
    let kept = PathBuf::from(variable("OUT_DIR")).join(name);
    fs::copy(component, &kept).unwrap_or_else(|error| {
        panic!("{} cannot be copied to {}: {error}", component.display(), kept.display())
    });
    kept
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
