# shellcheck shell=bash
# Functions for the scripts of this folder, which source this file.

# The address of the repository, which becomes part of each released file. A fork sets its own.
: "${SCRATCH_SOURCE:=$(sed -n 's/^repository = "\(.*\)"$/\1/p' "$(dirname "${BASH_SOURCE[0]}")/../../Cargo.toml")}"
export SCRATCH_SOURCE

# Prints the version of the WIT package in a folder.
version_of() { sed -n 's/^package scratch:tempfile@\(.*\);$/\1/p' "$1/tempfile.wit"; }

# Prints a value of the wkg.toml in a folder, from a line such as `authors = "..."`.
field() { sed -n "s/^$2 = \"\(.*\)\"\$/\1/p" "$1/wkg.toml"; }

# The descriptions of the components for a private /tmp, which have no WIT package of their own.
# shellcheck disable=SC2034 # The scripts use them.
{
    tmp_description='A private /tmp for programs of WASI 0.2, without a change of the program'
    tmp_http_description='A private /tmp for programs of WASI 0.2 that send HTTP requests'
}

# Builds the component with an edge in the root of the checkout, and prints its path from there.
built_component() {
    local edge=$1
    # These variables would replace the flags of .cargo/config.toml or move the component; examples/build removes
    # them too.
    env -u CARGO_BUILD_TARGET -u CARGO_ENCODED_RUSTFLAGS -u CARGO_TARGET_DIR -u RUSTC_WORKSPACE_WRAPPER \
        -u RUSTC_WRAPPER -u RUSTFLAGS \
        cargo rustc --quiet --lib --crate-type cdylib --locked --package scratch-tempfile-provider \
        --target wasm32-wasip2 --profile component --no-default-features --features "$edge" \
        --target-dir "target/components/$edge" >&2
    echo "target/components/$edge/wasm32-wasip2/component/scratch_tempfile_provider.wasm"
}

# Prints how to install a tool. Other versions may work, but these produce the released bytes.
installation() {
    case $1 in
        cargo-cyclonedx) echo 'cargo install cargo-cyclonedx --version 0.5.9 --locked' ;;
        cargo-deny) echo 'cargo install cargo-deny --version 0.20.2 --locked' ;;
        wac) echo 'cargo install wac-cli --version 0.12.0 --locked' ;;
        wasm-tools) echo 'cargo install wasm-tools --version 1.263.0 --locked' ;;
        wasmtime) echo 'cargo install wasmtime-cli --version 48.0.8 --locked' ;;
        wit-bindgen) echo 'cargo install wit-bindgen-cli --version 0.63.0 --locked' ;;
        wkg) echo 'cargo install wkg --version 0.16.1 --locked' ;;
        cargo | rustup) echo 'see https://rustup.rs' ;;
        docker-registry) echo 'apt-get install docker-registry' ;;
        *) echo "install it from the packages of this system" ;;
    esac
}

# Ends the script unless all of these tools are installed.
need() {
    local tool missing=0
    for tool in "$@"; do
        if ! command -v "$tool" > /dev/null; then
            echo "$tool is missing: $(installation "$tool")" >&2
            missing=1
        fi
    done
    (( missing == 0 )) || exit 1
}
