//! Builds the provider once per WASI version, the components for a private `/tmp`, the test plugin, the test
//! programs and the guests of the benchmarks, and passes the paths of the components to rustc.

use std::path::Path;

/// The features of the provider, one per version of WASI and two for a private `/tmp`.
const EDGES: [&str; 4] = ["p3", "p2", "tmp", "tmp-http"];

/// The packages of the guests, with the variable for the path of each.
const GUESTS: [(&str, &str); 3] = [
    ("SCRATCH_GUEST_PLUGIN", "guest-plugin"),
    ("SCRATCH_GUEST_BARE", "guest-bare"),
    ("SCRATCH_GUEST_COMPOSED", "guest-composed"),
];

/// The packages of the test programs, with the variable for the path of each.
const PROGRAMS: [(&str, &str); 2] =
    [("SCRATCH_GUEST_PROGRAM", "guest-program"), ("SCRATCH_GUEST_FETCH", "guest-fetch")];

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    guest_build::rerun_if_provider_changed(&workspace);
    guest_build::rerun_if_changed(&workspace, &["packages/client", "host-tests/guests"]);
    for edge in EDGES {
        let provider = guest_build::component(&workspace, "scratch-tempfile-provider", &[edge], edge);
        let variable = edge.replace('-', "_").to_uppercase();
        println!("cargo::rustc-env=SCRATCH_{variable}={}", provider.display());
    }
    for (variable, package) in GUESTS {
        let guest = guest_build::component(&workspace, package, &[], "p3");
        println!("cargo::rustc-env={variable}={}", guest.display());
    }
    for (variable, package) in PROGRAMS {
        let program = guest_build::program(&workspace, package, "p2");
        println!("cargo::rustc-env={variable}={}", program.display());
    }
}
