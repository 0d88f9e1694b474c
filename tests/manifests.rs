//! The manifests of the published packages: each names the repository, the compiler and the version of the interface.

use std::fs;
use std::path::{Path, PathBuf};

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

#[test]
fn every_published_package_names_the_repository() {
    for manifest in ["packages/python/pyproject.toml", "packages/node/package.json"] {
        assert!(read(manifest).contains(&format!("{REPOSITORY}\"")), "{manifest}");
    }
    for manifest in crates() {
        assert!(read(&manifest).contains("\nrepository.workspace = true\n"), "{}", manifest.display());
    }
}

#[test]
fn every_published_crate_states_the_oldest_compiler() {
    for manifest in crates() {
        assert!(read(&manifest).contains("\nrust-version.workspace = true\n"), "{}", manifest.display());
    }
}

#[test]
fn the_pinned_compiler_is_no_older_than_the_oldest_one_stated() {
    let toolchain = read("rust-toolchain.toml");
    let pinned = value(&toolchain, "channel");

    assert!(numbers(pinned) >= numbers(env!("CARGO_PKG_RUST_VERSION")), "{pinned}");
}

#[test]
fn every_published_package_has_the_version_of_its_interface() {
    let (p3, p2) = (interface("wit/tempfile.wit"), interface("wit/p2/tempfile.wit"));

    for manifest in crates() {
        assert_eq!(value(&read(&manifest), "version"), p3, "{}", manifest.display());
    }
    assert_eq!(value(&read("packages/python/pyproject.toml"), "version"), p2);
    assert!(read("packages/node/package.json").contains(&format!("\n  \"version\": \"{p2}\",\n")));
}

#[test]
fn every_published_package_contains_the_licence() {
    let licence = read("LICENSE");

    for folder in fs::read_dir(root().join("packages")).expect("the folder can be read") {
        let packed = folder.expect("the folder can be listed").path().join("LICENSE");
        assert_eq!(read(&packed), licence, "{}", packed.display());
    }
}

/// The manifests of the crates in `packages`.
fn crates() -> Vec<PathBuf> {
    let folders = fs::read_dir(root().join("packages")).expect("the folder can be read");
    let manifests = folders.map(|folder| folder.expect("the folder can be listed").path().join("Cargo.toml"));
    let found: Vec<_> = manifests.filter(|manifest| manifest.exists()).collect();
    assert!(found.len() >= 2, "only {} crates were found", found.len());
    found
}

/// The value of the first line `key = "value"`.
fn value<'a>(manifest: &'a str, key: &str) -> &'a str {
    let mut values =
        manifest.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'));
    values.next().unwrap_or_else(|| panic!("no {key}"))
}

/// The version of the WIT package in a file.
fn interface(path: &str) -> String {
    let text = read(path);
    let first = text.lines().next().and_then(|line| line.strip_prefix("package scratch:tempfile@"));
    first.and_then(|version| version.strip_suffix(';')).expect("a package with a version").to_owned()
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|number| number.parse().expect("a number")).collect()
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
