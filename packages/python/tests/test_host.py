"""Hosts with unusual permissions, names and limits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from requirements import requires

from scratch_tempfile import (
    NamedTemporaryFile,
    SpooledTemporaryFile,
    TemporaryDirectory,
    TemporaryFile,
    mkdtemp,
    mkstemp,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A directory that every user can write to."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o777)
    yield folder
    assert os.listdir(folder) == []
    folder.rmdir()


USES_EVERYTHING = """
import os, stat, sys
import anyio
from scratch_tempfile import *

async def load():
    async with TemporaryFile(dir="/tmp"):
        pass

async def main():
    for make in (TemporaryFile, NamedTemporaryFile, lambda: SpooledTemporaryFile(1)):
        async with make() as file:
            await file.write(b"x" * 100_000)
            await file.seek(0)
            assert len(await file.read()) == 100_000
            if file.name:
                show(file.name)
    async with TemporaryDirectory() as path:
        show(path)
        open(os.path.join(path, "file"), "w").close()
        async with NamedTemporaryFile(dir=path) as file:
            await file.write(b"x")
    descriptor, path = await mkstemp()
    show(path)
    os.write(descriptor, b"x")
    os.unlink(path)
    path = await mkdtemp()
    show(path)
    os.rmdir(path)

def show(path):
    print(oct(stat.S_IMODE(os.stat(path).st_mode)))

# While Python itself can still be read.
anyio.run(load)
if os.geteuid() == 0:
    # Root is refused nothing.
    os.setgid(65534)
    os.setuid(65534)
"""


def run(program: str, folder: Path | str) -> str:
    outcome = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    return outcome.stdout


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o477, 0o600, 0o777])
def test_no_umask_takes_the_rights_of_the_owner(umask: int, open_folder: Path) -> None:
    output = run(
        f"{USES_EVERYTHING}\nos.umask({umask})\nanyio.run(main)\nprint(os.umask(0) == {umask})",
        open_folder,
    )
    assert output.split() == ["0o600", "0o700", "0o600", "0o700", "True"], output


def test_a_filesystem_that_refuses_permissions_is_usable(open_folder: Path) -> None:
    refusing = """
def refuse(*arguments, **more):
    raise PermissionError(1, "Operation not permitted")
os.chmod = os.fchmod = refuse
anyio.run(main)
print("works")
"""
    output = run(USES_EVERYTHING + refusing, open_folder)
    assert output.split()[-1] == "works", output


def test_a_mounted_filesystem_without_permissions_is_usable(tmp_path: Path) -> None:
    image, folder = tmp_path / "image", tmp_path / "folder"
    folder.mkdir()
    image.write_bytes(bytes(4 << 20))
    commands = [
        ["mkfs.vfat", str(image)],
        ["mount", "-o", "loop,uid=0,gid=0,umask=0,quiet", str(image), str(folder)],
    ]
    for command in commands:
        requires(shutil.which(command[0]) is not None, f"{command[0]} is missing")
        outcome = subprocess.run(command, capture_output=True, text=True, check=False)
        if "unknown filesystem type" in outcome.stderr:
            # No package installs what a kernel was built without.
            pytest.skip("this kernel has no vfat")
        requires(outcome.returncode == 0, outcome.stderr)
    try:
        output = run(USES_EVERYTHING + "\nanyio.run(main)\nprint('works')", folder)
    finally:
        subprocess.run(["umount", str(folder)], check=True)
    assert output.split()[-1] == "works", output


KINDS: list[Any] = [
    TemporaryFile,
    NamedTemporaryFile,
    partial(SpooledTemporaryFile, 0),
    partial(SpooledTemporaryFile, 3),
]
kinds = pytest.mark.parametrize("kind", KINDS, ids=["unnamed", "named", "memory", "rolling"])


@kinds
@pytest.mark.parametrize("size", [10, 1_000_000])
@pytest.mark.parametrize("replace", [False, True])
async def test_a_persisted_file_belongs_to_its_owner_alone(
    kind: Callable[..., Any], size: int, replace: bool, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    if replace:
        target.write_text("before")
    async with kind(dir=tmp_path) as file:
        await file.write(b"x" * size)
        await file.seek(3)
        await file.persist(target, replace=replace)
        assert target.stat().st_mode & 0o7777 == 0o600
        assert file.name == str(target)
        assert await file.tell() == 3
        await file.write(b"Y" * size)
        await file.seek(0)
        assert await file.read() == b"xxx" + b"Y" * size
    assert target.read_bytes() == b"xxx" + b"Y" * size
    assert os.listdir(tmp_path) == ["target"]


@pytest.mark.parametrize("is_bytes", [False, True])
async def test_a_name_that_is_not_utf_8_is_an_error_that_names_it(
    is_bytes: bool, tmp_path: Path
) -> None:
    raw = os.fsencode(tmp_path) + b"/\xff"
    os.mkdir(raw)
    name: Any = raw if is_bytes else os.fsdecode(raw)
    part: Any = b"\xff" if is_bytes else "\udcff"

    async def roll_over() -> None:
        async with SpooledTemporaryFile(dir=name) as file:
            await file.rollover()

    for create in (
        lambda: TemporaryFile(dir=name).__aenter__(),
        lambda: NamedTemporaryFile(dir=name).__aenter__(),
        lambda: TemporaryDirectory(dir=name).__aenter__(),
        roll_over,
        lambda: mkstemp(dir=name),
        lambda: mkdtemp(dir=name),
        lambda: NamedTemporaryFile(prefix=part).__aenter__(),
        lambda: TemporaryDirectory(suffix=part).__aenter__(),
    ):
        with pytest.raises(OSError, match="not UTF-8") as caught:
            await create()
        assert caught.value.filename in (os.fsdecode(raw), "\udcff")
    async with NamedTemporaryFile(dir=tmp_path) as file:
        with pytest.raises(OSError, match="not UTF-8"):
            await file.persist(os.fsdecode(raw) + "/target")
    assert os.listdir(raw) == []


async def test_a_directory_is_removed_with_names_that_are_not_utf_8(tmp_path: Path) -> None:
    async with TemporaryDirectory(dir=tmp_path) as path:
        os.makedirs(os.fsencode(path) + b"/folder/\xfe/below")
        Path(path, "file").write_text("x")
        with open(os.fsencode(path) + b"/\xff", "w"):
            pass
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kilobytes", [400_000, 1_000_000, 3_000_000])
def test_an_error_for_want_of_memory_names_memory(kilobytes: int, tmp_path: Path) -> None:
    output = run(
        f"""
        import resource
        import anyio
        from scratch_tempfile import *
        resource.setrlimit(resource.RLIMIT_AS, ({kilobytes} * 1024,) * 2)
        async def main():
            try:
                async with TemporaryFile() as file:
                    await file.write(b"x")
            except MemoryError as error:
                assert "memory" in str(error)
                print("memory")
            else:
                print("works")
        anyio.run(main)
        """,
        tmp_path,
    )
    assert output in ("memory\n", "works\n"), output
