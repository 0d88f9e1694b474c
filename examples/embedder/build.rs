//! Builds the components that the binary carries, the provider and the example plugins, and the
//! plugin and the program of its tests.

use std::path::Path;

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    guest_build::rerun_if_provider_changed(&workspace);
    guest_build::rerun_if_changed(&workspace, &["packages/client", "examples/note", "examples/sort"]);
    guest_build::rerun_if_changed(
        &workspace,
        &["examples/embedder/tests/guest", "examples/private-tmp/programs"],
    );
    let provider = guest_build::component(&workspace, "scratch-tempfile-provider", &["p3"], "p3");
    println!("cargo::rustc-env=PROVIDER={}", provider.display());
    for (example, features, variable) in
        [("note", &[][..], "NOTE"), ("sort", &["command"], "SORT"), ("guest-ending", &[], "ENDING")]
    {
        let component = guest_build::component(&workspace, example, features, "p3");
        println!("cargo::rustc-env={variable}={}", component.display());
    }
    let program = guest_build::program(&workspace, "rust-program", "p2");
    println!("cargo::rustc-env=RUST_PROGRAM={}", program.display());
}
