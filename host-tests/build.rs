//! Builds the provider once per WASI version, its test plugin and the guests of the benchmarks, and
//! tells where the components are.

use std::path::Path;

/// The features that choose a version of WASI, one each.
const EDGES: [&str; 2] = ["p3", "p2"];

/// What is composed with the provider or compared with it, by the variable that tells where it is.
const GUESTS: [(&str, &str); 3] = [
    ("SCRATCH_GUEST_PLUGIN", "guest-plugin"),
    ("SCRATCH_GUEST_BARE", "guest-bare"),
    ("SCRATCH_GUEST_COMPOSED", "guest-composed"),
];

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    guest_build::rerun_if_provider_changed(&workspace);
    guest_build::rerun_if_changed(&workspace, &["packages/client", "host-tests/guests"]);
    for edge in EDGES {
        let provider = guest_build::component(&workspace, "scratch-tempfile", &[edge], edge);
        println!("cargo::rustc-env=SCRATCH_{}={}", edge.to_uppercase(), provider.display());
    }
    for (variable, package) in GUESTS {
        let guest = guest_build::component(&workspace, package, &[], "p3");
        println!("cargo::rustc-env={variable}={}", guest.display());
    }
}
