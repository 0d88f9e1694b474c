//! Builds the components that the tests run.

use std::path::Path;

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../..");
    guest_build::rerun_if_changed(
        &workspace,
        &[
            "packages/client",
            "packages/runtime",
            "examples/sort",
            "examples/embedder/tests/guest",
            "examples/private-tmp/programs",
            "host-tests/guests/plugin",
            "Cargo.lock",
        ],
    );
    for (package, features, variable) in
        [("sort", &["command"][..], "SORT"), ("guest-ending", &[], "ENDING"), ("guest-plugin", &[], "CHECKS")]
    {
        let component = guest_build::component(&workspace, package, features, "p3");
        println!("cargo::rustc-env={variable}={}", component.display());
    }
    let program = guest_build::program(&workspace, "rust-program", "p2");
    println!("cargo::rustc-env=RUST_PROGRAM={}", program.display());
}
