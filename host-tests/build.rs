//! Builds the provider once per WASI version, the component for a private `/tmp`, the test plugin, the test
//! program and the guests of the benchmarks, and passes the paths of the components to rustc.

use std::path::Path;

/// The features of the provider, one per version of WASI and one for a private `/tmp`.
const EDGES: [&str; 3] = ["p3", "p2", "tmp"];

/// The packages of the guests, with the variable for the path of each.
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
        let provider = guest_build::component(&workspace, "scratch-tempfile-provider", &[edge], edge);
        println!("cargo::rustc-env=SCRATCH_{}={}", edge.to_uppercase(), provider.display());
    }
    for (variable, package) in GUESTS {
        let guest = guest_build::component(&workspace, package, &[], "p3");
        println!("cargo::rustc-env={variable}={}", guest.display());
    }
    let program = guest_build::program(&workspace, "guest-program", "p2");
    println!("cargo::rustc-env=SCRATCH_GUEST_PROGRAM={}", program.display());
}
