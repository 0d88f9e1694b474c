"""Files that begin in memory."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from scratch_tempfile import SpooledTemporaryFile

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("scratch")]


async def test_exactly_max_size_stays_in_memory() -> None:
    async with SpooledTemporaryFile(max_size=10) as file:
        await file.write(b"0123456789")
        assert not file.rolled
        await file.seek(5)
        await file.write(b"56789")
        assert not file.rolled
        await file.seek(20)
        assert not file.rolled
        await file.seek(0, os.SEEK_END)
        await file.write(b"x")
        assert file.rolled
        assert await file.tell() == 11


@pytest.mark.parametrize("mode", ["w+b", "w+"])
async def test_without_max_size_it_never_rolls_by_itself(mode: Any) -> None:
    async with SpooledTemporaryFile(0, mode) as file:
        await file.write("x" * 200_000 if mode == "w+" else b"x" * 200_000)
        await file.truncate(300_000)
        assert not file.rolled
        await file.rollover()
        await file.rollover()
        assert file.rolled
        await file.seek(0)
        assert len(await file.read()) == 300_000


async def test_truncate_above_max_size_rolls() -> None:
    async with SpooledTemporaryFile(max_size=10) as file:
        await file.write(b"12345678")
        assert await file.truncate(10) == 10
        assert not file.rolled
        assert await file.truncate(20) == 20
        assert file.rolled
        await file.seek(0)
        assert await file.read() == b"12345678" + bytes(12)


@pytest.mark.parametrize("position", [0, 3, 8, 12])
async def test_rollover_keeps_bytes_and_position(position: int) -> None:
    async with SpooledTemporaryFile() as file:
        await file.write(b"12345678")
        await file.seek(position)
        await file.rollover()
        assert file.rolled
        assert await file.tell() == position
        await file.write(b"x")
        await file.seek(0)
        assert await file.read() == (
            b"12345678"[:position].ljust(position, b"\0") + b"x" + b"12345678"[position + 1 :]
        )


@pytest.mark.parametrize("newline", [None, "", "\r\n"])
async def test_rollover_of_text_changes_no_byte(newline: str | None) -> None:
    text = "a\r\nb\nc\rd"
    contents = []
    for rolls in (False, True):
        async with SpooledTemporaryFile(mode="w+", newline=newline, encoding="utf-8") as file:
            await file.write(text)
            place = await file.tell()
            if rolls:
                await file.rollover()
            assert await file.tell() == place
            await file.write("é")
            await file.seek(0)
            contents.append((await file.size(), await file.read()))
    assert contents[0] == contents[1]


async def test_max_size_counts_encoded_bytes() -> None:
    async with SpooledTemporaryFile(4, "w+", encoding="utf-8") as file:
        await file.write("éé")
        assert not file.rolled
        await file.write("x")
        assert file.rolled
        await file.seek(0)
        assert await file.read() == "ééx"


@pytest.mark.parametrize("size", [8, 5000, 100_000])
async def test_writes_during_a_rollover_are_not_lost(size: int) -> None:
    for _ in range(20):
        async with SpooledTemporaryFile(max_size=4) as file:
            async with anyio.create_task_group() as tasks:
                for letter in (b"a", b"b", b"c"):
                    tasks.start_soon(file.write, letter * size)
            await file.seek(0)
            content = await file.read()
            assert sorted(content[::size]) == sorted(b"abc")
            assert len(content) == 3 * size


async def test_a_failed_rollover_keeps_everything_in_memory(scratch: Path) -> None:
    missing = scratch / "missing"
    async with SpooledTemporaryFile(max_size=10, dir=str(missing)) as file:
        assert await file.write(b"hello") == 5
        for data in (b" world", b"x" * 10_000, b"x" * 100_000):
            with pytest.raises(FileNotFoundError) as caught:
                await file.write(data)
            assert caught.value.errno == 2
        with pytest.raises(FileNotFoundError):
            await file.rollover()
        with pytest.raises(FileNotFoundError):
            await file.writelines([b" you", b" and you", b"!"])
        with pytest.raises(FileNotFoundError):
            await file.truncate(11)
        assert not file.rolled
        assert await file.tell() == 9
        await file.seek(0)
        assert await file.read() == b"hello you"
        missing.mkdir()
        await file.write(b", again")
        assert file.rolled
        await file.seek(0)
        assert await file.read() == b"hello you, again"
    missing.rmdir()


async def test_a_missing_directory_is_reported_at_the_rollover() -> None:
    async with SpooledTemporaryFile(max_size=10, dir="/nonexistent/place") as file:
        await file.write(b"hello")
        with pytest.raises(FileNotFoundError):
            await file.write(b" world")
        await file.seek(0)
        assert await file.read() == b"hello"


@pytest.mark.parametrize("rolls", [False, True])
async def test_a_cancelled_rollover_loses_nothing(rolls: bool) -> None:
    for delay in range(8):
        async with SpooledTemporaryFile(max_size=4) as file:
            await file.write(b"1234")
            with anyio.move_on_after(delay / 10_000) as scope:
                if rolls:
                    await file.rollover()
                else:
                    await file.write(b"5678")
            await file.seek(0)
            content = await file.read()
            assert content == b"1234" or (content == b"12345678" and not rolls)
            if not scope.cancelled_caught and not rolls:
                assert content == b"12345678"


async def test_an_iteration_goes_on_across_a_rollover() -> None:
    async with SpooledTemporaryFile() as file:
        await file.write(b"1\n2\n3\n")
        await file.seek(0)
        lines = []
        async for line in file:
            lines.append(line)
            await file.rollover()
        assert lines == [b"1\n", b"2\n", b"3\n"]


async def test_operations_in_memory_let_other_tasks_run() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await anyio.lowlevel.checkpoint()

    async with SpooledTemporaryFile() as file, anyio.create_task_group() as tasks:
        tasks.start_soon(count)
        # Only the other task's turns end this.
        while turns < 10:
            await file.write(b"x")
        tasks.cancel_scope.cancel()


async def test_it_can_be_used_without_a_context_manager() -> None:
    file = SpooledTemporaryFile(max_size=10)
    assert not file.closed
    assert file.name is None
    await file.write(b"x")
    await file.aclose()
    assert file.closed
    with pytest.raises(ValueError, match="closed"):
        await file.rollover()
    assert not file.rolled
    unused = SpooledTemporaryFile()
    await unused.aclose()
    assert unused.closed


async def test_the_constructor_checks_its_arguments() -> None:
    with pytest.raises(ValueError, match="mode"):
        SpooledTemporaryFile(mode="rw")  # type: ignore[call-overload]
    with pytest.raises(LookupError):
        SpooledTemporaryFile(mode="w+", encoding="no-such-encoding")
    with pytest.raises(TypeError):
        SpooledTemporaryFile("10")  # type: ignore[call-overload]


async def test_nothing_is_on_disk_before_it_rolls(scratch: Path) -> None:
    async with SpooledTemporaryFile(dir=scratch) as file:
        await file.write(b"x" * 100_000)
        assert os.listdir(scratch) == []
        shutil.disk_usage(scratch)


@pytest.mark.parametrize(
    ("max_size", "rolls_at"),
    [
        (None, None),
        (0, None),
        (0.0, None),
        (2**64, None),
        (float("inf"), None),
        (5, 6),
        (5.0, 6),
        (5.5, 6),
        (True, 2),
        (0.5, 1),
        (-1, 1),
        (-(2**70), 1),
        (float("nan"), 1),
    ],
)
async def test_max_size_means_what_it_means_to_anyio(max_size: Any, rolls_at: int | None) -> None:
    async with (
        SpooledTemporaryFile(max_size) as file,
        anyio.SpooledTemporaryFile(max_size) as other,
    ):
        for size in range(1, 8):
            await file.write(b"x")
            await other.write(b"x")
            assert file.rolled == (rolls_at is not None and size >= rolls_at)
            assert file.rolled == other._rolled
