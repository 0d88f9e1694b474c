"""Uses of anyio's own classes, which work the same here."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from anyio import AsyncFile

from scratch_tempfile import (
    NamedTemporaryFile,
    SpooledTemporaryFile,
    TemporaryDirectory,
    TemporaryFile,
    gettempdir,
    gettempdirb,
    mkdtemp,
    mkstemp,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("scratch")]


async def test_a_subscripted_class_makes_files() -> None:
    async with TemporaryFile[bytes]() as file:
        assert isinstance(file, AsyncFile)
        assert await file.write(b"data") == 4
        assert await file.seek(0) == 0
        assert await file.read() == b"data"
    assert file.closed
    async with NamedTemporaryFile[str]("w+") as text, TemporaryDirectory[str]() as folder:
        assert text.name != folder
    async with SpooledTemporaryFile[bytes]() as spool:
        assert not spool.rolled


async def test_a_named_file_exists_until_it_is_closed(scratch: Path) -> None:
    async with NamedTemporaryFile(suffix=".txt", prefix="p-") as file:
        name = file.name
        assert os.path.dirname(name) == str(scratch)
        assert os.path.basename(name).startswith("p-")
        assert name.endswith(".txt")
        assert os.stat(name).st_mode & 0o7777 == 0o600
        await file.write(b"seen")
        await file.flush()
        assert Path(name).read_bytes() == b"seen"
    assert not os.path.exists(name)
    with pytest.raises(ValueError, match="closed file"):
        await file.write(b"more")
    assert file.name == name


@pytest.mark.parametrize("is_lines", [False, True])
async def test_a_write_above_max_size_calls_rollover(is_lines: bool) -> None:
    calls = 0

    async def counted() -> None:
        nonlocal calls
        calls += 1
        await original()

    async with SpooledTemporaryFile(max_size=10) as file:
        original = file.rollover
        with patch.object(file, "rollover", counted):
            if is_lines:
                await file.writelines([b"12", b"345"])
            else:
                assert await file.write(b"12345") == 5
            assert calls == 0
            if is_lines:
                await file.writelines([b"67890", b"X", b"YZ"])
            else:
                await file.write(b"67890XYZ")
            assert calls == 1
        assert file.rolled
        assert file._rolled
        await file.seek(0)
        assert await file.read() == b"1234567890XYZ"


async def test_a_directory_is_removed_with_its_content(scratch: Path) -> None:
    async with TemporaryDirectory() as name:
        folder = Path(name)
        assert folder.parent == scratch
        assert folder.stat().st_mode & 0o7777 == 0o700
        (folder / "a" / "b").mkdir(parents=True)
        (folder / "a" / "b" / "file").write_text("x")
        (folder / "link").symlink_to("/")
    assert not folder.exists()
    with pytest.raises(FileNotFoundError):
        (folder / "file").write_text("x")


async def test_cleanup_of_a_directory_can_be_repeated() -> None:
    manager = TemporaryDirectory()
    await manager.cleanup()
    folder = Path(await manager.__aenter__())
    (folder / "file").write_text("x")
    await manager.cleanup()
    assert not folder.exists()
    await manager.cleanup()
    await manager.__aexit__(None, None, None)


@pytest.mark.parametrize(
    ("suffix", "prefix", "kind"), [(".txt", "p", str), (b".txt", b"p", bytes), (None, None, str)]
)
async def test_mkstemp_returns_a_descriptor_and_a_path(
    suffix: Any, prefix: Any, kind: type, scratch: Path
) -> None:
    descriptor, path = await mkstemp(suffix, prefix)
    assert isinstance(path, kind)
    try:
        status = os.fstat(descriptor)
        assert os.path.samestat(status, os.stat(path))
        assert status.st_mode & 0o7777 == 0o600
        assert not os.get_inheritable(descriptor)
        assert os.get_blocking(descriptor)
        os.write(descriptor, b"content")
        os.lseek(descriptor, 0, os.SEEK_SET)
        assert os.read(descriptor, 10) == b"content"
    finally:
        os.close(descriptor)
        os.unlink(path)


@pytest.mark.parametrize("prefix", ["p", b"p"])
async def test_mkdtemp_returns_a_path(prefix: Any) -> None:
    path = await mkdtemp(prefix=prefix)
    assert type(path) is type(prefix)
    assert os.path.isabs(path)
    assert os.stat(path).st_mode & 0o7777 == 0o700
    shutil.rmtree(path)


async def test_gettempdir_returns_the_default_of_tempfile() -> None:
    assert await gettempdir() == tempfile.gettempdir()
    assert await gettempdirb() == tempfile.gettempdirb()


async def test_the_parameters_of_an_unnamed_file_are_attributes() -> None:
    manager = TemporaryFile("w+", -1, "utf-8", "", ".s", "p", None, errors="ignore")
    assert (manager.mode, manager.buffering, manager.encoding) == ("w+", -1, "utf-8")
    assert (manager.newline, manager.suffix, manager.prefix) == ("", ".s", "p")
    assert (manager.dir, manager.errors) == (None, "ignore")


async def test_a_manager_can_be_entered_again(scratch: Path) -> None:
    for manager in (TemporaryFile(), NamedTemporaryFile()):
        async with manager as first:
            await first.write(b"first")
            async with manager as second:
                assert await second.read() == b""
            assert second.closed
            assert not first.closed
        assert first.closed
    folders = TemporaryDirectory()
    async with folders as one:
        async with folders as two:
            assert one != two
        assert not os.path.exists(two)
        assert os.path.exists(one)
    assert not os.path.exists(one)


async def test_bytes_arguments_give_bytes_paths(scratch: Path) -> None:
    async with NamedTemporaryFile(dir=os.fsencode(scratch)) as file:
        assert isinstance(file.name, bytes)
        assert os.path.exists(file.name)
    async with TemporaryDirectory(prefix=b"p") as folder:
        assert isinstance(folder, bytes)
    async with NamedTemporaryFile(dir=scratch) as file:
        assert isinstance(file.name, str)


async def test_an_exception_in_the_body_is_raised_and_removes_everything() -> None:
    for manager in (TemporaryFile, NamedTemporaryFile, SpooledTemporaryFile, TemporaryDirectory):
        with pytest.raises(ZeroDivisionError):
            async with manager():
                raise ZeroDivisionError
