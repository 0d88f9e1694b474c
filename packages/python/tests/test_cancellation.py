"""Cancellation by each way that asyncio, uvloop and trio have, at any point of any call."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
import sniffio

from scratch_tempfile import (
    NamedTemporaryFile,
    SpooledTemporaryFile,
    TemporaryDirectory,
    TemporaryFile,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("scratch")]

LARGE = 8_000_000


async def by_scope(work: Callable[[], Awaitable[Any]], delay: float) -> None:
    with anyio.move_on_after(delay):
        await work()


async def by_task_group(work: Callable[[], Awaitable[Any]], delay: float) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work)
        await anyio.sleep(delay)
        tasks.cancel_scope.cancel()


async def by_asyncio_timeout(work: Callable[[], Awaitable[Any]], delay: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(delay):
            await work()


async def by_task_cancel(work: Callable[[], Awaitable[Any]], delay: float) -> None:
    async def run() -> None:
        await work()

    task = asyncio.create_task(run())
    await asyncio.sleep(delay)
    # The second one interrupts what the first one interrupted.
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def by_failing_group(work: Callable[[], Awaitable[Any]], delay: float) -> None:
    async def run() -> None:
        await work()

    with contextlib.suppress(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(run())
            await asyncio.sleep(delay)
            raise ZeroDivisionError


Way = Callable[[Callable[[], Awaitable[Any]], float], Awaitable[None]]
WAYS: list[Way] = [by_scope, by_task_group, by_asyncio_timeout, by_task_cancel, by_failing_group]


def usable_ways() -> list[Way]:
    return WAYS[:2] if sniffio.current_async_library() == "trio" else WAYS


ways = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)


@pytest.fixture(autouse=True)
def _fitting(request: pytest.FixtureRequest) -> None:
    way = request.node.callspec.params.get("way") if hasattr(request.node, "callspec") else None
    if way in WAYS[2:] and request.node.callspec.params.get("anyio_backend") == "trio":
        pytest.skip("trio has no cancellation of its own besides that of anyio")


def write_in_new_file() -> Callable[[], Awaitable[Any]]:
    async def work() -> None:
        async with TemporaryFile() as file:
            await file.write(b"x" * LARGE)

    return work


def write_in_new_spool() -> Callable[[], Awaitable[Any]]:
    async def work() -> None:
        async with SpooledTemporaryFile(max_size=100_000) as file:
            await file.writelines([b"x" * 99_999, b"x" * LARGE])

    return work


def write_text_in_new_file() -> Callable[[], Awaitable[Any]]:
    async def work() -> None:
        async with NamedTemporaryFile("w+", encoding="utf-8", delete_on_close=False) as file:
            await file.write("é" * LARGE)

    return work


def read_whole_file() -> Callable[[], Awaitable[Any]]:
    async def work() -> None:
        async with TemporaryFile() as file:
            await file.truncate(LARGE)
            await file.read()

    return work


def write_lines_of_an_iterator() -> Callable[[], Awaitable[Any]]:
    async def work() -> None:
        async with TemporaryDirectory() as folder, NamedTemporaryFile(dir=folder) as file:
            await file.writelines(itertools.repeat(b"x" * 100, 100_000))

    return work


@ways
@pytest.mark.parametrize(
    "work",
    [
        write_in_new_file(),
        write_in_new_spool(),
        write_text_in_new_file(),
        read_whole_file(),
        write_lines_of_an_iterator(),
    ],
    ids=["write", "spool", "text", "read", "lines"],
)
async def test_a_cancelled_call_does_not_affect_other_files(
    way: Way, work: Callable[[], Awaitable[Any]]
) -> None:
    async with TemporaryFile() as other:
        await other.write(b"other")
        for delay in (0, 0.001, 0.02):
            await way(work, delay)
            await other.seek(0)
            assert await other.read() == b"other"


@ways
@pytest.mark.parametrize("delay", [0, 0.0005, 0.005, 0.02])
async def test_a_cancelled_write_does_not_mix_with_the_next(way: Way, delay: float) -> None:
    async with TemporaryFile() as file:
        await way(lambda: file.write(b"A" * LARGE), delay)
        await file.write(b"B" * LARGE)
        await file.seek(0)
        content = await file.read()
    assert content.lstrip(b"A") == b"B" * LARGE
    assert len(content) in (LARGE, 2 * LARGE)


@ways
@pytest.mark.parametrize("mode", ["w+b", "w+"])
async def test_a_cancelled_readline_does_not_change_the_next_line(way: Way, mode: Any) -> None:
    lines = ["first\n", "x" * 3_000_000 + "\n", "last\n"]
    expected: list[Any] = lines if mode == "w+" else [line.encode() for line in lines]
    async with TemporaryFile(mode) as file:
        await file.writelines(expected)
        for delay in (0, 0.0005, 0.01):
            await file.seek(0)
            await file.readline()
            await way(lambda: file.readline(), delay)
            await file.seek(0)
            assert await file.readline() == expected[0]
            assert await file.readline() == expected[1]


@ways
async def test_a_file_that_is_closed_after_a_cancelled_call_closes_when_the_call_has_ended(
    way: Way,
) -> None:
    async with NamedTemporaryFile(delete=False) as file:
        await way(lambda: file.write(b"x" * LARGE), 0.002)
    assert os.path.getsize(file.name) in (0, LARGE)
    os.unlink(file.name)


@ways
async def test_a_cancelled_close_still_closes(way: Way, scratch: Path) -> None:
    files = [await NamedTemporaryFile().__aenter__() for _ in range(3)]
    folder = TemporaryDirectory()
    await folder.__aenter__()
    for file in files:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(file.write, b"x" * 1_000_000)
            await anyio.sleep(0.001)
            await way(file.aclose, 0)
    await way(lambda: folder.__aexit__(None, None, None), 0)
    assert os.listdir(scratch) == []
    assert all(file.closed for file in files)


@ways
@pytest.mark.parametrize("delay", [0, 0.0002, 0.001])
async def test_a_cancelled_spooled_write_is_whole_or_nothing(way: Way, delay: float) -> None:
    for size in (5, 500_000):
        async with SpooledTemporaryFile(max_size=8) as file:
            await file.write(b"1234")
            await way(lambda f=file, n=size: f.writelines([b"a" * n, b"b" * n]), delay)  # type: ignore[misc]
            await file.write(b"end")
            await file.seek(0)
            content = await file.read()
            assert content in (b"1234end", b"1234" + b"a" * size + b"b" * size + b"end")


SIZES = [1, 10, 1000, 5000, 60_000, 70_000, 300_000, 1_000_000, LARGE]
WEIGHTS = [20, 20, 20, 20, 8, 8, 3, 1, 0.1]


async def test_acknowledged_writes_survive_random_cancellation(scratch: Path) -> None:
    """200 tasks on 50 files, and each of their 10,000 operations may be cancelled."""
    rng = random.Random(3)
    ways_here = usable_ways()
    numbers = itertools.count(1)
    acknowledged: defaultdict[int, list[int]] = defaultdict(list)
    limit = anyio.CapacityLimiter(200)

    async def write(place: int, file: Any) -> None:
        number = next(numbers)
        size = rng.choices(SIZES, WEIGHTS)[0]
        # The number is taken and the call begins without another task in between.
        await file.write(struct.pack("<II", number, size) + bytes([number % 256]) * size)
        acknowledged[place].append(number)

    async def use(place: int, file: Any) -> None:
        for _ in range(50):
            async with limit:
                if rng.random() < 0.5:
                    await write(place, file)
                else:
                    way = rng.choice(ways_here)
                    await way(lambda: write(place, file), rng.choice([0, 0, 1e-4, 1e-3, 1e-2]))

    async with TemporaryFile() as quiet, contextlib.AsyncExitStack() as stack:
        await quiet.write(b"quiet")
        managers: list[Any] = [
            rng.choice(
                [TemporaryFile, NamedTemporaryFile, lambda: SpooledTemporaryFile(max_size=50_000)]
            )()
            for _ in range(50)
        ]
        files = [await stack.enter_async_context(manager) for manager in managers]
        async with anyio.create_task_group() as tasks:
            for _ in range(4):
                for place, file in enumerate(files):
                    tasks.start_soon(use, place, file)
        for place, file in enumerate(files):
            await file.seek(0)
            found = list(records(await file.read()))
            assert found == sorted(found)
            assert set(found) >= set(acknowledged[place])
        await quiet.seek(0)
        assert await quiet.read() == b"quiet"
    assert sum(map(len, acknowledged.values())) > 4_000


def records(content: bytes) -> Any:
    """Yields the numbers of the records, each of which has to be whole."""
    place = 0
    while place < len(content):
        number, size = struct.unpack_from("<II", content, place)
        place += 8
        assert content[place : place + size] == bytes([number % 256]) * size
        place += size
        yield number


async def test_threads_end_when_they_are_idle() -> None:
    async with TemporaryFile() as file:
        await file.write(b"x" * 100_000)
    with anyio.fail_after(10):
        while any(thread.name == "scratch_tempfile" for thread in threading.enumerate()):
            await anyio.sleep(0.05)


INTERRUPTED = """
import asyncio, os, sys
import anyio
from scratch_tempfile import *

async def use(number):
    while True:
        async with NamedTemporaryFile() as file, TemporaryDirectory() as folder:
            open(os.path.join(folder, "file"), "w").close()
            await file.write(b"x" * (10 ** (number % 7)))
            async with SpooledTemporaryFile(max_size=100) as spool:
                await spool.write(b"x" * 1000)

async def main():
    async with anyio.create_task_group() as tasks:
        for number in range(8):
            tasks.start_soon(use, number)
        await anyio.sleep(0.05)
        print("ready", flush=True)

backend, *options = sys.argv[1:]
anyio.run(main, backend=backend, backend_options={"use_uvloop": True} if options else {})
"""


@pytest.mark.parametrize("backend", [["asyncio"], ["asyncio", "uvloop"], ["trio"]], ids=str)
def test_an_interrupt_leaves_nothing(backend: list[str], tmp_path: Path) -> None:
    rng = random.Random(8)
    for _ in range(17):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(INTERRUPTED), *backend],
            env=os.environ | {"TMPDIR": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(rng.random() * 0.1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert "KeyboardInterrupt" in errors
        assert "Exception ignored" not in errors
        assert os.listdir(tmp_path) == [], errors


def test_a_file_works_in_two_event_loops_at_a_time(scratch: Path) -> None:
    file = SpooledTemporaryFile(max_size=1000, dir=str(scratch))
    failures: list[BaseException] = []

    async def use(letter: bytes) -> None:
        for number in range(200):
            await file.write(letter * (1 if number % 10 else 20_000))

    def run(letter: bytes, backend: str) -> None:
        try:
            anyio.run(use, letter, backend=backend)
        except BaseException as error:
            failures.append(error)

    arguments = [(b"a", "asyncio"), (b"b", "trio"), (b"c", "asyncio"), (b"d", "trio")]
    runs = [threading.Thread(target=run, args=each) for each in arguments]
    for thread in runs:
        thread.start()
    for thread in runs:
        thread.join(60)
    assert not any(thread.is_alive() for thread in runs)
    assert failures == []

    async def check() -> None:
        await file.seek(0)
        content = await file.read()
        await file.aclose()
        for letter in b"abcd":
            assert content.count(letter) == 180 + 20 * 20_000

    anyio.run(check)


async def test_a_released_file_is_refused_before_the_component_is_called() -> None:
    async with TemporaryFile() as other:
        await other.write(b"other")
        file = await TemporaryFile().__aenter__()
        content = file._content
        assert content is not None
        await file.aclose()
        with pytest.raises(ValueError, match="closed"):
            content.size()
        await other.seek(0)
        assert await other.read() == b"other"


def test_a_call_that_is_refused_does_not_end_the_instance(scratch: Path) -> None:
    from scratch_tempfile._instance import instance_for

    folder = tempfile.mkdtemp(dir=scratch)
    instance = instance_for(folder)
    kept, gone = (
        instance.call("tempfile", "[static]temporary-file.create", None) for _ in range(2)
    )
    instance.drop(gone)
    with pytest.raises(ValueError, match="closed"):
        instance.call("tempfile", "[method]temporary-file.size", gone)
    with pytest.raises((TypeError, ValueError)):
        instance.call("tempfile", "[method]temporary-file.read", kept, "all")
    assert instance.call("tempfile", "[method]temporary-file.size", kept) == 0
    instance.discard(kept)
    os.rmdir(folder)
