//! Builds the example plugins that the binary carries, and the plugin and the program of its tests.

use std::path::Path;

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    guest_build::rerun_if_changed(
        &workspace,
        &["packages/client", "packages/runtime", "examples/note", "examples/sort", "Cargo.lock"],
    );
    guest_build::rerun_if_changed(
        &workspace,
        &["examples/embedder/tests/guest", "examples/private-tmp/programs"],
    );
    for (example, features, variable) in
        [("note", &[][..], "NOTE"), ("sort", &["command"], "SORT"), ("guest-ending", &[], "ENDING")]
    {
        let component = guest_build::component(&workspace, example, features, "p3");
        println!("cargo::rustc-env={variable}={}", component.display());
    }
    let program = guest_build::program(&workspace, "rust-program", "p2");
    println!("cargo::rustc-env=RUST_PROGRAM={}", program.display());
}
