//! Finds the components that the crate carries: in its folder `components` if it is packed, and otherwise by
//! building them from the workspace.

#[allow(dead_code, unreachable_pub, reason = "the build scripts of the workspace use the rest")]
mod components;

use std::path::{Path, PathBuf};

/// The variable for the path of a component, its file in a packed crate, and the feature that builds it.
const COMPONENTS: [(&str, &str, &str); 4] = [
    ("PROVIDER", "provider.wasm", "p3"),
    ("PROVIDER_P2", "provider_p2.wasm", "p2"),
    ("PRIVATE_TMP", "private_tmp.wasm", "tmp"),
    ("PRIVATE_TMP_HTTP", "private_tmp_http.wasm", "tmp-http"),
];

fn main() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let packed = package.join("components");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={}", packed.display());
    for (variable, file, feature) in COMPONENTS {
        let component =
            if packed.exists() { packed.join(file) } else { built(&package.join("../.."), feature) };
        println!("cargo::rustc-env={variable}={}", component.display());
    }
}

/// Builds a component of the provider's package.
fn built(workspace: &Path, feature: &str) -> PathBuf {
    components::rerun_if_provider_changed(workspace);
    components::component(workspace, "scratch-tempfile-provider", &[feature], feature)
}
