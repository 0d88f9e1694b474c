"""The workloads on CPython's tempfile and on anyio, one for each line of standard input.

A line is a library, a workload and its numbers; the answer is the nanoseconds that the measured
part took, or a sentence that says why there are none.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from time import perf_counter_ns as now

import anyio

SMALL = bytes(1024)


def plant(tree: Path, directories: int, files: int) -> None:
    for directory in range(directories):
        below = tree / str(directory)
        below.mkdir()
        for file in range(files):
            (below / str(file)).touch()


def some_lines(count: int) -> bytes:
    return b"".join(b"%39d\n" % number for number in range(count))


def check(found: int, expected: int) -> None:
    if found != expected:
        raise AssertionError(f"{found} instead of {expected}")


class Cpython:
    def small_files(self, count: int) -> int:
        start = now()
        for _ in range(count):
            with tempfile.TemporaryFile() as file:
                file.write(SMALL)
                file.seek(0)
                check(len(file.read()), len(SMALL))
        return now() - start

    def small_writes(self, count: int, size: int) -> int:
        piece = bytes(size)
        start = now()
        with tempfile.TemporaryFile() as file:
            for _ in range(count):
                file.write(piece)
            file.flush()
        return now() - start

    def large_pieces(self, size: int, piece: int) -> int:
        data = bytes(piece)
        start = now()
        with tempfile.TemporaryFile() as file:
            for _ in range(size // piece):
                file.write(data)
            file.seek(0)
            while file.read(piece):
                pass
        return now() - start

    def many_files(self, count: int) -> int:
        start = now()
        files = [tempfile.TemporaryFile() for _ in range(count)]
        for file in files:
            file.write(SMALL)
        for file in files:
            file.seek(0)
            check(len(file.read()), len(SMALL))
        for file in files:
            file.close()
        return now() - start

    def tree(self, directories: int, files: int) -> int:
        tree = tempfile.TemporaryDirectory()
        plant(Path(tree.name), directories, files)
        start = now()
        tree.cleanup()
        return now() - start

    def lines(self, count: int) -> int:
        with tempfile.TemporaryFile() as file:
            file.write(some_lines(count))
            file.seek(0)
            start = now()
            read = len(file.readlines())
            elapsed = now() - start
        check(read, count)
        return elapsed

    def spooled(self, count: int, max_size: int, size: int, piece: int) -> int:
        data = bytes(piece)
        start = now()
        for _ in range(count):
            with tempfile.SpooledTemporaryFile(max_size) as file:
                for _ in range(size // piece):
                    file.write(data)
                file.seek(0)
                check(len(file.read()), size)
        return now() - start


class Anyio:
    def __init__(self) -> None:
        self.runner = asyncio.Runner()

    def __getattr__(self, name: str):
        return lambda *numbers: self.runner.run(getattr(self, "_" + name)(*numbers))

    async def _small_files(self, count: int) -> int:
        start = now()
        for _ in range(count):
            async with anyio.TemporaryFile() as file:
                await file.write(SMALL)
                await file.seek(0)
                check(len(await file.read()), len(SMALL))
        return now() - start

    async def _small_writes(self, count: int, size: int) -> int:
        piece = bytes(size)
        start = now()
        async with anyio.TemporaryFile() as file:
            for _ in range(count):
                await file.write(piece)
            await file.flush()
        return now() - start

    async def _large_pieces(self, size: int, piece: int) -> int:
        data = bytes(piece)
        start = now()
        async with anyio.TemporaryFile() as file:
            for _ in range(size // piece):
                await file.write(data)
            await file.seek(0)
            while await file.read(piece):
                pass
        return now() - start

    async def _many_files(self, count: int) -> int:
        managers = [anyio.TemporaryFile() for _ in range(count)]

        async def write(file) -> None:
            await file.write(SMALL)

        async def read(file) -> None:
            await file.seek(0)
            check(len(await file.read()), len(SMALL))

        start = now()
        files = await asyncio.gather(*(manager.__aenter__() for manager in managers))
        await asyncio.gather(*(write(file) for file in files))
        await asyncio.gather(*(read(file) for file in files))
        await asyncio.gather(*(manager.__aexit__(None, None, None) for manager in managers))
        return now() - start

    async def _tree(self, directories: int, files: int) -> int:
        tree = anyio.TemporaryDirectory()
        plant(Path(await tree.__aenter__()), directories, files)
        start = now()
        await tree.cleanup()
        return now() - start

    async def _lines(self, count: int) -> int:
        async with anyio.TemporaryFile() as file:
            await file.write(some_lines(count))
            await file.seek(0)
            start = now()
            read = len(await file.readlines())
            elapsed = now() - start
        check(read, count)
        return elapsed

    async def _spooled(self, count: int, max_size: int, size: int, piece: int) -> int:
        data = bytes(piece)
        start = now()
        for _ in range(count):
            async with anyio.SpooledTemporaryFile(max_size=max_size) as file:
                for _ in range(size // piece):
                    await file.write(data)
                await file.seek(0)
                check(len(await file.read()), size)
        return now() - start


LIBRARIES = {"cpython": Cpython(), "anyio": Anyio()}

for line in sys.stdin:
    library, workload, *numbers = line.split()
    try:
        answer = getattr(LIBRARIES[library], workload)(*map(int, numbers))
    except Exception as error:
        answer = f"{type(error).__name__}: {error}"
    print(answer, flush=True)
