//! Builds components with nested cargo, so that build scripts need rustup and nothing else.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-wasip2";
const PROFILE: &str = "component";

/// Inherited by a build script from the build that runs it, and wrong for another target.
const INHERITED: [&str; 6] = [
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_TARGET_DIR",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
];

/// Builds the workspace's `package` with `features` alone, as `variant`, and returns the component.
///
/// Call it from a build script. Two builds of one package have one file name, so each `variant`
/// has a target directory of its own; packages and variants that share dependencies may share one.
///
/// # Panics
///
/// Panics with advice when the component can't be built.
pub fn component(workspace: &Path, package: &str, features: &[&str], variant: &str) -> PathBuf {
    let target_directory = target_directory().join("components").join(variant);
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

    let status = cargo.status().expect("cargo starts");

    assert!(status.success(), "{package} did not build; is its target there? rustup target add {TARGET}");
    let file = format!("{}.wasm", package.replace('-', "_"));
    keep(&target_directory.join(TARGET).join(PROFILE).join(&file), &format!("{variant}-{file}"))
}

/// Copies `component` to where no other build replaces it while this one reads it.
fn keep(component: &Path, name: &str) -> PathBuf {
    let kept = PathBuf::from(variable("OUT_DIR")).join(name);
    fs::copy(component, &kept).unwrap_or_else(|error| {
        panic!("{} can't be copied to {}: {error}", component.display(), kept.display())
    });
    kept
}

/// The target directory of the build that runs the build script: a component is the same for all
/// its profiles and packages, and so is built once. What cargo itself locks are its subdirectories.
fn target_directory() -> PathBuf {
    let own = PathBuf::from(variable("OUT_DIR"));
    let root = own.ancestors().find(|directory| directory.join("CACHEDIR.TAG").exists());
    root.unwrap_or(&own).to_owned()
}

fn variable(name: &str) -> OsString {
    env::var_os(name).unwrap_or_else(|| panic!("{name} is not set: call this from a build script"))
}

/// Has cargo run the build script again when what the provider is made of has changed.
pub fn rerun_if_provider_changed(workspace: &Path) {
    rerun_if_changed(workspace, &["src", "wit", "Cargo.toml", "Cargo.lock"]);
}

/// Has cargo run the build script again when one of `paths`, relative to `workspace`, has changed.
pub fn rerun_if_changed(workspace: &Path, paths: &[&str]) {
    for path in paths {
        println!("cargo::rerun-if-changed={}", workspace.join(path).display());
    }
}
