"""Builds the component with cargo, which the wheel contains."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TARGET = "wasm32-wasip2"
ADVICE = "Install Rust's stable toolchain with rustup (https://rustup.rs), and install again."


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
            r'^name = "scratch-tempfile"$', manifest.read_text("utf-8"), re.MULTILINE
        ):
            return candidate.resolve()
    return None


def build(repository: Path, component: Path) -> None:
    cargo = shutil.which("cargo")
    if cargo is None:
        raise RuntimeError(f"cannot build the component: cargo is not on PATH. {ADVICE}")
    rustup = shutil.which("rustup")
    # In the repository, where rust-toolchain.toml chooses the toolchain.
    if rustup is not None:
        installed = subprocess.run(
            [rustup, "target", "list", "--installed"],
            cwd=repository, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if TARGET not in installed.stdout.split():
            run([rustup, "target", "add", TARGET], repository)
    # A target directory of its own, so as not to wait for another build in the repository.
    target = Path(os.environ.get("SCRATCH_TEMPFILE_TARGET", repository / "target" / "python"))
    run(
        [
            cargo, "rustc", "--lib", "--crate-type", "cdylib", "--locked",
            "--package", "scratch-tempfile", "--no-default-features", "--features", "p2",
            "--target", TARGET, "--profile", "component", "--target-dir", str(target),
        ],
        repository,
    )  # fmt: skip
    built = target / TARGET / "component" / "scratch_tempfile.wasm"
    partial = component.with_suffix(".partial")
    shutil.copyfile(built, partial)
    partial.replace(component)


def run(command: list[str], folder: Path) -> None:
    outcome = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{outcome.stdout}\n{ADVICE}")
