# shellcheck shell=bash
# Functions for the checks of this folder, which source this file. It goes to the root of the repository and makes
# `$made`, a new folder for all output.

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. .ci/release/shared.sh
language="$(basename "$(dirname "$0")")"
made="$(realpath -m "${1:-target/guests}/$language")"
rm -rf "$made"
mkdir -p "$made/wit/deps/scratch-tempfile"

# The WIT of the command and all that it names, as a folder that every tool reads. `wkg wit fetch` makes such a folder
# from a registry.
cp examples/guests/wit/world.wit "$made/wit/"
cp wit/p2/*.wit "$made/wit/deps/scratch-tempfile/"
cp wit/p2/deps/*.wit "$made/wit/deps/"

# Prints the folder of a crate's source, which cargo downloads.
crate() {
    local name=$1 version=$2 folder="$made/crates/$1"
    mkdir -p "$folder/src"
    touch "$folder/src/lib.rs"
    printf '[package]\nname = "download"\nedition = "2024"\n[dependencies]\n%s = "=%s"\n[workspace]\n' \
        "$name" "$version" > "$folder/Cargo.toml"
    cargo metadata --quiet --format-version 1 --manifest-path "$folder/Cargo.toml" |
        jq --raw-output ".packages[] | select(.name == \"$name\").manifest_path" | xargs dirname
}

# Fails unless the input $1 is sorted as `LC_ALL=C sort` does, and nothing is left.
sorts() {
    wasmtime run --allow-precompiled --dir "$made/scratch::/tmp" "$made/composed.cwasm" < "$1" > "$made/output"
    LC_ALL=C sort "$1" | cmp - "$made/output"
    [[ -z $(ls -A "$made/scratch") ]]
}

# Composes $made/sort.wasm with the provider and runs it: on an empty input, on a small one, on one of ten times its
# memory, and with less space than it needs.
try() {
    local limit='sort: unnamed file: cannot write: limit reached: bytes on disk'
    local provider=${SCRATCH_COMPONENT:-}
    if [[ -z $provider ]]; then provider="$(built_component p2)"; fi
    wac plug "$made/sort.wasm" --plug "$provider" --output "$made/composed.wasm"
    wasmtime compile "$made/composed.wasm" -o "$made/composed.cwasm"
    mkdir "$made/scratch"

    : > "$made/empty"
    sorts "$made/empty"
    printf 'b\n\na\nB\n\ta\nä\nno line end' > "$made/small"
    sorts "$made/small"
    seq 100000 | shuf --random-source=<(yes) > "$made/large"
    sorts "$made/large"
    ! wasmtime run --allow-precompiled --dir "$made/scratch::/tmp" --env SCRATCH_MAX_BYTES=256K \
        "$made/composed.cwasm" < "$made/large" > "$made/output" 2> "$made/message"
    grep --quiet --fixed-strings --line-regexp "$limit" "$made/message" || { cat "$made/message" >&2; return 1; }
    [[ -z $(ls -A "$made/scratch") ]]

    wasm-tools component wit "$made/sort.wasm" | sed -n 's/^  import /imports /p'
    echo "$language: $(stat -c %s "$made/sort.wasm") bytes, 4 passed, 0 failed"
}
