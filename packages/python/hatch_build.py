"""Builds the component with cargo, which the wheel contains.

SCRATCH_COMPONENT names a component to use instead, such as the released one. A source distribution
contains the component, and is built without Rust.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TARGET = "wasm32-wasip2"
ADVICE = (
    "Install Rust with rustup (https://rustup.rs), run `rustup toolchain install` in the checkout, "
    "and install again."
)


class ComponentBuildHook(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        component = Path(self.root, "src", "scratch_tempfile", "scratch_tempfile.wasm")
        repository = find_repository(Path(self.root))
        if repository is not None:
            build(repository, component)
        elif not component.exists():
            # A source distribution contains the component, a copied folder does not.
            raise RuntimeError(
                f"{self.root} is not in a checkout of scratch-tempfile. Install from a checkout "
                "(pip install ./packages/python), or set SCRATCH_TEMPFILE_REPOSITORY to one."
            )


def find_repository(folder: Path) -> Path | None:
    named = os.environ.get("SCRATCH_TEMPFILE_REPOSITORY")
    for candidate in [Path(named)] if named else folder.resolve().parents:
        manifest = candidate / "Cargo.toml"
        if manifest.is_file() and re.search(
            r'^name = "scratch-tempfile-provider"$', manifest.read_text("utf-8"), re.MULTILINE
        ):
            return candidate.resolve()
    return None


def build(repository: Path, component: Path) -> None:
    built = Path(os.environ.get("SCRATCH_COMPONENT") or compile_component(repository))
    partial = component.with_suffix(".partial")
    shutil.copyfile(built, partial)
    partial.replace(component)


def compile_component(repository: Path) -> Path:
    cargo = shutil.which("cargo")
    if cargo is None:
        raise RuntimeError(f"cannot build the component: cargo is not on PATH. {ADVICE}")
    # A target directory of its own, so as not to wait for another build in the repository.
    target = Path(os.environ.get("SCRATCH_TEMPFILE_TARGET", repository / "target" / "python"))
    command = [
        cargo, "rustc", "--lib", "--crate-type", "cdylib", "--locked",
        "--package", "scratch-tempfile-provider", "--no-default-features", "--features", "p2",
        "--target", TARGET, "--profile", "component", "--target-dir", str(target),
    ]  # fmt: skip
    outcome = subprocess.run(
        command,
        # In the repository, where rust-toolchain.toml chooses the toolchain.
        cwd=repository,
        # A build installs nothing: rustup would otherwise download what that file names.
        env=os.environ | {"RUSTUP_AUTO_INSTALL": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{outcome.stdout}\n{ADVICE}")
    return target / TARGET / "component" / "scratch_tempfile_provider.wasm"
