//! Builds the component for a private `/tmp`, which the library carries.

use std::path::Path;

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    guest_build::rerun_if_provider_changed(&workspace);
    let component = guest_build::component(&workspace, "scratch-tempfile-provider", &["tmp"], "tmp");
    println!("cargo::rustc-env=PRIVATE_TMP={}", component.display());
}
