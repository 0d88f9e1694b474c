//! Builds the provider once per WASI version and the test consumer, and tells the tests where the
//! components are.

use std::path::Path;

/// The features that choose a version of WASI, one each.
const EDGES: [&str; 2] = ["p3", "p2"];

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    guest_build::rerun_if_provider_changed(&workspace);
    guest_build::rerun_if_changed(&workspace, &["host-tests/consumer"]);
    for edge in EDGES {
        let provider = guest_build::component(&workspace, "scratch-tempfile", &[edge], edge);
        println!("cargo::rustc-env=SCRATCH_{}={}", edge.to_uppercase(), provider.display());
    }
    let consumer = guest_build::component(&workspace, "test-consumer", &[], "p3");
    println!("cargo::rustc-env=SCRATCH_CONSUMER={}", consumer.display());
}
