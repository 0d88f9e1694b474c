//! Builds the component that the host runs.

use std::path::Path;

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    guest_build::rerun_if_provider_changed(&workspace);
    let provider = guest_build::component(&workspace, "scratch-tempfile-provider", &["p3"], "p3");
    println!("cargo::rustc-env=PROVIDER={}", provider.display());
}
