"""Uses whose types mypy and pyright have to know; `check` runs both, and nothing imports this."""

from __future__ import annotations

from typing import assert_type

from scratch_tempfile import (
    NamedScratchFile,
    NamedTemporaryFile,
    ScratchFile,
    SpooledTemporaryFile,
    TemporaryDirectory,
    TemporaryFile,
    mkdtemp,
    mkstemp,
)


async def directories() -> None:
    async with TemporaryDirectory() as path:
        assert_type(path, str)
    async with TemporaryDirectory(dir=path, prefix="p", delete=False) as path:
        assert_type(path, str)
    async with TemporaryDirectory(suffix=b"s") as raw:
        assert_type(raw, bytes)


async def files() -> None:
    async with TemporaryFile() as unnamed:
        assert_type(unnamed, ScratchFile[bytes])
        assert_type(unnamed.name, str | None)
        assert_type(await unnamed.read(), bytes)
        assert_type(await unnamed.read_at(1, 0), bytes)
    async with NamedTemporaryFile() as named:
        assert_type(named, NamedScratchFile[bytes])
        assert_type(named.name, str)
    async with NamedTemporaryFile("w+", delete_on_close=False) as text:
        assert_type(text, NamedScratchFile[str])
        assert_type(await text.readlines(), list[str])
        assert_type(text.newlines, str | tuple[str, ...] | None)
        async for line in text:
            assert_type(line, str)
    async with SpooledTemporaryFile(None, "w+") as spool:
        assert_type(spool, SpooledTemporaryFile[str])
        assert_type(spool.rolled, bool)


async def low_level() -> None:
    assert_type(await mkstemp(), tuple[int, str])
    assert_type(await mkstemp(prefix=b"p"), tuple[int, bytes])
    assert_type(await mkdtemp(), str)
    assert_type(await mkdtemp(dir=b"d"), bytes)
