"""Reading, writing and positions of files of bytes."""

from __future__ import annotations

import array
import copy
import gc
import io
import itertools
import os
import pickle
import random
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from scratch_tempfile import (
    NamedTemporaryFile,
    SpooledTemporaryFile,
    TemporaryDirectory,
    TemporaryFile,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("scratch")]

KINDS: list[Any] = [
    TemporaryFile,
    NamedTemporaryFile,
    partial(SpooledTemporaryFile, 0),
    partial(SpooledTemporaryFile, 3),
]
kinds = pytest.mark.parametrize("kind", KINDS, ids=["unnamed", "named", "memory", "rolling"])


@kinds
async def test_reading_and_writing(kind: Callable[..., Any]) -> None:
    async with kind() as file:
        assert await file.write(b"one\ntwo\nthree") == 13
        assert await file.tell() == 13
        assert await file.read() == b""
        assert await file.seek(0) == 0
        assert await file.read(2) == b"on"
        assert await file.readline() == b"e\n"
        assert await file.tell() == 4
        assert await file.read(0) == b""
        assert await file.read1(2) == b"tw"
        assert await file.read1() == b"o\nthree"
        assert await file.seek(-5, os.SEEK_END) == 8
        assert await file.read(None) == b"three"
        assert await file.seek(4) == 4
        assert await file.seek(1, os.SEEK_CUR) == 5
        assert await file.write(bytearray(b"W")) == 1
        await file.seek(0)
        assert await file.readlines() == [b"one\n", b"tWo\n", b"three"]
        assert await file.readline() == b""
        await file.seek(0)
        assert await file.readlines(1) == [b"one\n"]
        assert await file.readline(2) == b"tW"
        buffer = bytearray(4)
        assert await file.readinto(buffer) == 4
        assert buffer == b"o\nth"
        assert await file.readinto1(buffer) == 3
        assert buffer == b"reeh"
        assert await file.truncate(5) == 5
        assert await file.tell() == 13
        await file.seek(0)
        assert [line async for line in file] == [b"one\n", b"t"]
        await file.flush()
        assert await file.size() == 5
        assert await file.write_at(b"O", 0) == 1
        assert await file.read_at(9, 0) == b"One\nt"
        assert await file.tell() == 5
        await file.sync()


@kinds
async def test_a_write_beyond_the_end_fills_with_zeros(kind: Callable[..., Any]) -> None:
    async with kind() as file:
        await file.seek(3)
        await file.write(b"x")
        await file.truncate(6)
        await file.seek(0)
        assert await file.read() == b"\0\0\0x\0\0"


@kinds
async def test_large_content_comes_back(kind: Callable[..., Any]) -> None:
    content = random.Random(4).randbytes(300_000)
    async with kind() as file:
        assert await file.write(content) == len(content)
        await file.seek(0)
        assert await file.read() == content
        await file.seek(1)
        assert await file.read(200_000) == content[1:200_001]
        await file.seek(0)
        assert b"".join([line async for line in file]) == content
        assert await file.read_at(len(content), 5) == content[5:]


@kinds
async def test_writelines_takes_any_iterable(kind: Callable[..., Any]) -> None:
    async with kind() as file:
        await file.writelines([b"a", bytearray(b"b"), memoryview(b"c")])
        await file.writelines(line for line in (b"d", b"e"))
        await file.writelines(())
        await file.writelines(itertools.repeat(b"0123456789", 10_000))
        await file.seek(0)
        assert await file.read() == b"abcde" + b"0123456789" * 10_000


@kinds
async def test_an_iterable_that_fails_has_its_first_lines_written(kind: Callable[..., Any]) -> None:
    def lines() -> Any:
        yield b"before"
        raise ZeroDivisionError

    async with kind() as file:
        with pytest.raises(ZeroDivisionError):
            await file.writelines(lines())
        await file.seek(0)
        assert await file.read() == b"before"


@kinds
async def test_any_buffer_can_be_written(kind: Callable[..., Any]) -> None:
    async with kind() as file:
        assert await file.write(array.array("H", [1, 2])) == 4
        await file.seek(0)
        target = array.array("H", [0, 0])
        assert await file.readinto(target) == 4
        assert list(target) == [1, 2]
        with pytest.raises(TypeError):
            await file.readinto(b"immutable")


@kinds
async def test_breaking_out_of_an_iteration_keeps_the_position(kind: Callable[..., Any]) -> None:
    async with kind() as file:
        await file.writelines([b"%d\n" % number for number in range(1000)])
        await file.seek(0)
        async for line in file:
            if line == b"500\n":
                break
        assert await file.readline() == b"501\n"
        position = await file.tell()
        await file.write(b"XXX\n")
        await file.seek(position)
        assert await file.readline() == b"XXX\n"
        assert await file.readline() == b"503\n"


@kinds
async def test_random_operations_match_a_plain_file(
    kind: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    rng = random.Random(7)
    with tempfile.TemporaryFile(dir=tmp_path_factory.mktemp("model")) as model:
        async with kind() as file:
            for _ in range(400):
                data = rng.choice([b"", b"x", b"line\n", rng.randbytes(rng.randrange(9000))])
                offset = rng.randrange(12_000)
                size = rng.randrange(-1, 6000)
                call: tuple[Any, ...] = rng.choice(
                    [
                        ("write", data),
                        ("read", size),
                        ("readline",),
                        ("readline", size),
                        ("readlines", size),
                        ("seek", offset),
                        ("seek", 0, os.SEEK_END),
                        ("tell",),
                        ("truncate", offset),
                        ("truncate",),
                        ("writelines", [data, b"\n", data]),
                        ("flush",),
                    ]
                )
                expected = getattr(model, call[0])(*call[1:])
                assert await getattr(file, call[0])(*call[1:]) == expected, call
            await file.seek(0)
            model.seek(0)
            assert await file.read() == model.read()


@kinds
@pytest.mark.parametrize("mode", ["rb", "r+b", "wb", "w+b", "xb", "x+b", "ab", "a+b"])
async def test_modes_are_enforced(kind: Callable[..., Any], mode: str) -> None:
    reads = "+" in mode or "r" in mode
    writes = mode != "rb"
    async with kind(mode) as file:
        assert (file.readable(), file.writable(), file.seekable(), file.isatty()) == (
            reads,
            writes,
            True,
            False,
        )
        if writes:
            await file.write(b"ab")
        else:
            for call in (file.write(b"x"), file.writelines([b"x"]), file.truncate(0)):
                with pytest.raises(io.UnsupportedOperation):
                    await call
        await file.seek(0)
        if mode.startswith("a"):
            await file.write(b"cd")
            assert await file.tell() == 4
            await file.seek(0)
        if reads:
            expected = b"abcd" if mode.startswith("a") else b"ab" if writes else b""
            assert await file.read() == expected
        else:
            for call in (file.read(), file.readline(), file.readlines(), file.read1()):
                with pytest.raises(io.UnsupportedOperation):
                    await call
            with pytest.raises(io.UnsupportedOperation):
                [line async for line in file]


@pytest.mark.parametrize("mode", ["", "b", "rw", "wr", "w++", "wbt", "wU", "z", "w+b+", "rwb"])
@kinds
async def test_bad_modes_are_value_errors(kind: Callable[..., Any], mode: str) -> None:
    with pytest.raises(ValueError, match="mode"):
        async with kind(mode):
            pass


@pytest.mark.parametrize(
    "arguments",
    [
        {"mode": "w+b", "encoding": "utf-8"},
        {"mode": "w+b", "errors": "strict"},
        {"mode": "w+b", "newline": "\n"},
        {"mode": "w+", "newline": "x"},
        {"mode": "w+", "buffering": 0},
        {"mode": "w+b", "buffering": -2},
        {"prefix": "a\0b"},
        {"suffix": "/x"},
        {"prefix": "../x"},
        {"prefix": "x" * 300},
        {"dir": "a\0b"},
    ],
)
async def test_bad_arguments_are_value_errors(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the messages are those of many
        async with NamedTemporaryFile(**arguments):
            pass


@pytest.mark.parametrize(
    "arguments",
    [
        {"mode": 1},
        {"buffering": "1"},
        {"mode": "w", "encoding": 1},
        {"prefix": 1},
        {"prefix": "a", "suffix": b"b"},
        {"dir": 1},
    ],
)
async def test_arguments_of_another_type_are_type_errors(arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        async with NamedTemporaryFile(**arguments):
            pass


@kinds
async def test_bytes_and_text_are_not_mixed(kind: Callable[..., Any]) -> None:
    async with kind() as file:
        for call in (file.write("x"), file.writelines(["x"]), file.writelines(iter(["x"]))):
            with pytest.raises(TypeError):
                await call
        with pytest.raises(TypeError):
            await file.write(None)
        with pytest.raises(TypeError):
            await file.read("1")
        with pytest.raises(TypeError):
            await file.seek(None)
        with pytest.raises(TypeError):
            await file.seek(0, None)
        with pytest.raises(TypeError):
            await file.truncate("1")
        assert await file.size() == 0


@kinds
async def test_invalid_positions_are_refused(kind: Callable[..., Any]) -> None:
    async with kind() as file:
        await file.write(b"abc")
        for offset, whence in [(-1, 0), (-4, 1), (-4, 2)]:
            for error in (OSError, ValueError):
                with pytest.raises(error):
                    await file.seek(offset, whence)
        with pytest.raises(ValueError, match="whence"):
            await file.seek(0, 9)
        for number in (2**63, 2**64, -(2**70)):
            with pytest.raises((OverflowError, ValueError)):
                await file.seek(number)
        with pytest.raises(OverflowError):
            await file.truncate(2**64)
        with pytest.raises(OSError):  # noqa: PT011
            await file.truncate(-1)
        with pytest.raises(ValueError, match="offset"):
            await file.read_at(1, -1)
        assert await file.tell() == 3
        assert await file.seek(2**40) == 2**40
        assert await file.read() == b""
        assert await file.seek(2**63 - 1) == 2**63 - 1
        with pytest.raises((OSError, MemoryError)):
            await file.write(b"x")
        await file.seek(0)
        assert await file.read(2**100) == b"abc"


@kinds
async def test_after_closing_everything_is_a_value_error(kind: Callable[..., Any]) -> None:
    async with kind() as file:
        await file.write(b"x")
    await file.aclose()
    await file.aclose()
    assert file.closed
    for call in (
        file.read(),
        file.read1(),
        file.readinto(bytearray(1)),
        file.readline(),
        file.readlines(),
        file.write(b"x"),
        file.writelines([b"x"]),
        file.writelines(iter([b"x"])),
        file.truncate(),
        file.seek(0),
        file.tell(),
        file.flush(),
        file.sync(),
        file.size(),
    ):
        with pytest.raises(ValueError, match="closed"):
            await call
    with pytest.raises(ValueError, match="closed"):
        [line async for line in file]
    for method in (file.readable, file.writable, file.seekable, file.isatty, file.fileno):
        with pytest.raises(ValueError, match="closed"):
            method()


@kinds
async def test_attributes(kind: Callable[..., Any]) -> None:
    async with kind("w+b") as file:
        for name in ("encoding", "errors", "newlines", "line_buffering", "wrapped", "no_such"):
            assert not hasattr(file, name)
            with pytest.raises(AttributeError, match=name):
                getattr(file, name)
        assert file.limiter is None
        assert "ScratchFile" in repr(file) or "File" in repr(file)
    async with kind("w+", encoding="UTF-8", errors="replace") as file:
        assert (file.encoding, file.errors, file.line_buffering) == ("UTF-8", "replace", False)
        with pytest.raises(AttributeError):
            await file.readinto(bytearray(1))
        with pytest.raises(AttributeError):
            await file.read1()


@pytest.mark.parametrize(
    ("given", "reported"),
    [("w+b", "rb+"), ("r+b", "rb+"), ("wb", "wb"), ("a+b", "ab+"), ("w+", "w+")],
)
async def test_the_mode_attribute_is_that_of_python(given: Any, reported: str) -> None:
    async with TemporaryFile(given) as file:
        assert file.mode == reported
    async with SpooledTemporaryFile(mode=given) as spool:
        assert spool.mode == given
        await spool.rollover()
        assert spool.mode == reported


@kinds
@pytest.mark.parametrize("size", [6, 200_000])
async def test_a_file_has_a_descriptor(kind: Callable[..., Any], size: int) -> None:
    async with kind() as file:
        await file.write(b"x" * size)
        descriptor = file.fileno()
        assert file.fileno() == descriptor
        if file.name is not None:
            assert os.path.samestat(os.fstat(descriptor), os.stat(file.name))
        assert await file.tell() == size
        await file.write(b" after")
        assert os.pread(descriptor, 10, size - 1) == b"x after"
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(file.write, b"y" * 1_000_000)
            tasks.start_soon(file.flush)
            await anyio.lowlevel.checkpoint()
            assert file.fileno() == descriptor
    with pytest.raises(OSError):  # noqa: PT011
        os.fstat(descriptor)


async def test_a_descriptor_is_opened_after_the_running_operation() -> None:
    async with TemporaryFile() as file, anyio.create_task_group() as tasks:
        tasks.start_soon(file.write, b"x" * 3_000_000)
        await anyio.sleep(0)
        await anyio.sleep(0)
        assert os.fstat(file.fileno()).st_size in (0, 3_000_000)


@pytest.mark.parametrize("buffering", [0, -1, 4096])
async def test_buffering_decides_when_a_write_is_visible(buffering: int) -> None:
    async with NamedTemporaryFile(buffering=buffering) as file:
        await file.write(b"x")
        seen = Path(file.name).read_bytes()
        assert seen == (b"" if buffering else b"x")
        await file.flush()
        assert Path(file.name).read_bytes() == b"x"


async def test_line_buffering_of_bytes_warns_at_the_line_of_the_caller() -> None:
    for kind in (TemporaryFile, NamedTemporaryFile, SpooledTemporaryFile):
        with pytest.warns(RuntimeWarning, match="line buffering") as caught:
            async with kind(buffering=1):
                pass
        assert caught[0].filename == __file__
    async with NamedTemporaryFile("w", buffering=1) as file:
        await file.write("a")
        assert Path(file.name).read_text() == ""
        await file.write("b\n")
        assert Path(file.name).read_text() == "ab\n"


async def test_keep_and_persist(scratch: Path) -> None:
    async with NamedTemporaryFile() as file:
        await file.write(b"kept")
        await file.keep()
    kept = Path(file.name)
    assert kept.read_bytes() == b"kept"
    target = scratch / "target"
    async with NamedTemporaryFile() as file:
        await file.write(b"first")
        await file.persist(target)
        assert file.name == str(target)
        await file.write(b", more")
    assert target.read_bytes() == b"first, more"
    async with NamedTemporaryFile("w+") as text:
        await text.write("second")
        with pytest.raises(FileExistsError) as caught:
            await text.persist(target)
        assert caught.value.filename == str(target)
        assert os.path.exists(text.name)
        await text.persist(str(target), replace=True)
        await text.seek(0)
        assert await text.read() == "second"
    assert target.read_text() == "second"
    async with TemporaryFile() as unnamed:
        await unnamed.write(b"unnamed")
        with pytest.raises(io.UnsupportedOperation):
            await unnamed.keep()
        await unnamed.persist(target, replace=True)
        with pytest.raises(FileNotFoundError):
            await unnamed.persist(scratch / "missing" / "target")
    assert target.read_bytes() == b"unnamed"
    kept.unlink()
    target.unlink()


async def test_calls_on_one_file_run_one_at_a_time() -> None:
    async with TemporaryFile() as file, anyio.create_task_group() as tasks:
        for number in range(100):
            tasks.start_soon(file.write, b"%03d\n" % number * (1 + number % 7 * 400))
    async with TemporaryFile() as file:
        async with anyio.create_task_group() as tasks:
            for number in range(100):
                tasks.start_soon(file.write, b"%03d\n" % number * (1 + number % 7 * 400))
        await file.seek(0)
        seen = [line async for line in file]
    # trio starts tasks in any order, but a write is never interrupted by another.
    assert [len(list(group)) for _, group in itertools.groupby(seen)] == [
        1 + int(line) % 7 * 400 for line, _ in itertools.groupby(seen)
    ]
    assert len(seen) == sum(1 + number % 7 * 400 for number in range(100))


async def test_many_files_at_a_time() -> None:
    async def use(number: int) -> None:
        async with TemporaryFile() as file:
            await file.write(b"%d" % number * 1000)
            await anyio.lowlevel.checkpoint()
            await file.seek(0)
            assert await file.read() == b"%d" % number * 1000

    async with anyio.create_task_group() as tasks:
        for number in range(300):
            tasks.start_soon(use, number)


class Index:
    """An integer by `__index__`, such as those of numpy."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


@kinds
async def test_integers_by_index_are_accepted(kind: Callable[..., Any]) -> None:
    async with kind(buffering=Index(4096)) as file:
        await file.write(b"one\ntwo\n")
        assert await file.seek(Index(0), Index(0)) == 0
        assert await file.read(Index(2)) == b"on"
        assert await file.read1(Index(1)) == b"e"
        assert await file.readline(Index(9)) == b"\n"
        assert await file.readlines(Index(1)) == [b"two\n"]
        assert await file.read_at(Index(3), Index(4)) == b"two"
        assert await file.write_at(b"T", Index(4)) == 1
        assert await file.truncate(Index(5)) == 5
        for call in (file.read(5.0), file.seek(5.0), file.truncate(5.0), file.read_at(1, 5.0)):
            with pytest.raises(TypeError):
                await call
        await file.seek(0)
        assert await file.read() == b"one\nT"


@kinds
@pytest.mark.parametrize("mode", ["w+b", "a+b"])
async def test_every_byte_and_size_around_the_bounds_of_pieces_comes_back(
    kind: Callable[..., Any], mode: str
) -> None:
    every_byte = bytes(range(256)) * (17 * 4096)
    rng = random.Random(9)
    bounds = [0, 255, 256, 4096, 8192, 65_536, 131_072, 1 << 20, 1 << 24]
    sizes = sorted({max(bound + near, 0) for bound in bounds for near in (-1, 0, 1)})
    rng.shuffle(sizes)
    expected = bytearray()
    async with kind(mode) as file:
        for size in sizes:
            start = rng.randrange(256)
            assert await file.write(every_byte[start : start + size]) == size
            expected += every_byte[start : start + size]
            assert await file.tell() == len(expected)
        await file.seek(0)
        assert await file.read() == expected
        await file.seek(0)
        place = 0
        for size in sizes:
            assert await file.read(size) == expected[place : place + size]
            assert await file.read_at(size, place) == expected[place : place + size]
            place += size
        assert await file.read(1) == b""
        await file.seek(100)
        assert await file.readline() == expected[100 : expected.index(b"\n", 100) + 1]


@kinds
async def test_a_file_cannot_be_copied(kind: Callable[..., Any]) -> None:
    async with kind() as file:
        await file.write(b"content")
        for manager in (TemporaryFile(), NamedTemporaryFile(), TemporaryDirectory(), file):
            for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
                with pytest.raises(TypeError, match="cannot copy or pickle"):
                    duplicate(manager)
        gc.collect()
        await file.seek(0)
        assert await file.read() == b"content"


async def test_large_content_goes_to_the_file_and_not_to_one_that_took_its_name(
    scratch: Path,
) -> None:
    moved = scratch / "moved"
    async with NamedTemporaryFile(delete=False) as file:
        path = Path(file.name)
        path.rename(moved)
        path.write_text("another file")
        await file.write(b"x" * 1_000_000)
        await file.seek(0)
        assert await file.read() == b"x" * 1_000_000
    assert path.read_text() == "another file"
    assert moved.read_bytes() == b"x" * 1_000_000
    path.unlink()
    moved.unlink()


@pytest.mark.parametrize("kind", [TemporaryFile, partial(SpooledTemporaryFile, 10)])
async def test_a_large_file_without_a_name_stays_without_one(
    kind: Callable[..., Any], scratch: Path
) -> None:
    async with kind() as file:
        for _ in range(3):
            await file.write(b"x" * 1_000_000)
            assert os.listdir(scratch) == []
        await file.persist(scratch / "target")
        await file.write(b"end")
    assert (scratch / "target").read_bytes() == b"x" * 3_000_000 + b"end"
    (scratch / "target").unlink()


async def test_small_and_large_operations_share_one_position() -> None:
    rng = random.Random(21)
    model = io.BytesIO()
    async with TemporaryFile() as file:
        for _ in range(300):
            size = rng.choice([0, 1, 100, 300, 5000, 70_000, 300_000])
            action = rng.randrange(6)
            if action < 2:
                data = rng.randbytes(size)
                assert await file.write(data) == model.write(data)
            elif action == 2:
                assert await file.read(size) == model.read(size)
            elif action == 3:
                place = rng.randrange(1_000_000)
                assert await file.seek(place) == model.seek(place)
            elif action == 4:
                assert await file.readline() == model.readline()
            else:
                place = rng.randrange(model.getbuffer().nbytes + 1)
                with model.getbuffer() as content:
                    expected = bytes(content[place : place + size])
                assert await file.read_at(size, place) == expected
            assert await file.tell() == model.tell()
        assert await file.size() == model.getbuffer().nbytes
        await file.seek(0)
        assert await file.read() == model.getvalue()
