# shellcheck shell=bash
# What the scripts of this folder share: they source it.

# The version of the WIT package in a folder.
version_of() { sed -n 's/^package scratch:tempfile@\(.*\);$/\1/p' "$1/tempfile.wit"; }

# What the wkg.toml of a folder says in a line such as `authors = "..."`.
field() { sed -n "s/^$2 = \"\(.*\)\"\$/\1/p" "$1/wkg.toml"; }

# Tells how a tool is installed. Other versions may work; released bytes are those of these.
installation() {
    case $1 in
        wac) echo 'cargo install wac-cli --version 0.12.0 --locked' ;;
        wasm-tools) echo 'cargo install wasm-tools --version 1.263.0 --locked' ;;
        wasmtime) echo 'cargo install wasmtime-cli --version 48.0.8 --locked' ;;
        wkg) echo 'cargo install wkg --version 0.16.1 --locked' ;;
        cargo | rustup) echo 'https://rustup.rs brings it' ;;
        docker-registry) echo 'apt-get install docker-registry' ;;
        *) echo "it comes with this system's packages" ;;
    esac
}

# Ends the script unless all of these tools are there.
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
