"""Text, compared with `io.TextIOWrapper`."""

from __future__ import annotations

import io
import random
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from scratch_tempfile import NamedTemporaryFile, SpooledTemporaryFile, TemporaryFile

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
    async with kind("w+", encoding="utf-8") as file:
        assert await file.write("één\ntwee\n") == 9
        await file.writelines(["drie", "\n"])
        await file.writelines(line for line in ("vier",))
        await file.seek(0)
        assert await file.read(2) == "éé"
        assert await file.readline() == "n\n"
        assert await file.readline(2) == "tw"
        assert await file.read() == "ee\ndrie\nvier"
        assert await file.read() == ""
        await file.seek(0)
        assert [line async for line in file] == ["één\n", "twee\n", "drie\n", "vier"]
        await file.seek(0)
        assert await file.readlines() == ["één\n", "twee\n", "drie\n", "vier"]
        await file.seek(0)
        assert await file.readlines(5) == ["één\n", "twee\n"]
        assert await file.size() == 20
        await file.sync()


@kinds
async def test_positions(kind: Callable[..., Any]) -> None:
    async with kind("w+", encoding="utf-8", newline="") as file:
        await file.write("abc\nß\nxyz")
        end = await file.tell()
        assert end == 10
        assert await file.seek(0) == 0
        assert await file.readline() == "abc\n"
        position = await file.tell()
        assert position == 4
        assert await file.readline() == "ß\n"
        assert await file.seek(position) == position
        assert await file.read() == "ß\nxyz"
        assert await file.seek(0, 2) == end
        assert await file.seek(0, 1) == end
        assert await file.seek(2) == 2
        assert await file.read(2) == "c\n"
        for whence in (1, 2):
            with pytest.raises(io.UnsupportedOperation):
                await file.seek(1, whence)
        with pytest.raises(ValueError, match="negative seek position"):
            await file.seek(-1)
        with pytest.raises(ValueError, match="whence"):
            await file.seek(0, 7)
        for made_up in (2**63, 1 << 200):
            with pytest.raises((ValueError, OverflowError)):
                await file.seek(made_up)
        await file.seek(0)
        assert await file.truncate(3) == 3
        assert await file.read() == "abc"
        await file.seek(1)
        assert await file.truncate() == 1
        await file.seek(0)
        assert await file.read() == "a"


@kinds
async def test_an_iteration_can_be_left_and_continued(kind: Callable[..., Any]) -> None:
    async with kind("w+", encoding="utf-8") as file:
        await file.writelines([f"número {number}\n" for number in range(1000)])
        await file.seek(0)
        async for line in file:
            if line == "número 500\n":
                break
        place = await file.tell()
        assert await file.readline() == "número 501\n"
        await file.seek(place)
        assert await file.read(10) == "número 501"


@kinds
async def test_newlines_are_the_line_ends_that_were_read(kind: Callable[..., Any]) -> None:
    async with kind("w+", encoding="utf-8", newline="") as file:
        await file.write("a\nb\r\n")
        assert file.newlines is None
        await file.seek(0)
        await file.read()
        assert file.newlines == ("\n", "\r\n")


@kinds
async def test_a_write_after_a_read_is_where_the_read_ended(kind: Callable[..., Any]) -> None:
    for encoding in ("utf-8", "utf-16", "cp1252"):
        async with kind("w+", encoding=encoding) as file:
            await file.write("one\ntwo\nthree\n")
            await file.seek(0)
            assert await file.readline() == "one\n"
            await file.write("TWO")
            await file.seek(0)
            assert await file.read() == "one\nTWO\nthree\n"
            await file.seek(0)
            assert await file.read(3) == "one"
            await file.truncate()
            await file.seek(0)
            assert await file.read() == "one"


async def test_a_bad_line_can_be_tried_again() -> None:
    async with NamedTemporaryFile("w+", encoding="utf-8") as file:
        Path(file.name).write_bytes(b"good\n\xff\ngood\n")
        assert await file.readline() == "good\n"
        for _ in range(2):
            with pytest.raises(UnicodeDecodeError):
                await file.readline()


@kinds
@pytest.mark.parametrize("newline", [None, "", "\n", "\r", "\r\n"])
async def test_newlines_are_translated_as_python_does(
    kind: Callable[..., Any], newline: str | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = "a\nb\r\nc\rd\n\n\r\r\ne\n"
    path = tmp_path_factory.mktemp("model") / "file"
    with open(path, "w+", encoding="utf-8", newline=newline) as model:
        model.write(text)
        model.seek(0)
        async with kind("w+", encoding="utf-8", newline=newline) as file:
            await file.write(text)
            await file.seek(0)
            assert [line async for line in file] == model.readlines()
            model.seek(0)
            await file.seek(0)
            for size in (1, 2, 3, 1, -1):
                assert await file.read(size) == model.read(size)
            model.flush()
            assert await file.size() == path.stat().st_size


ENCODINGS = [
    "utf-8", "UTF8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "ascii",
    "utf-32", "cp1252", "shift_jis", "utf-7",
]  # fmt: skip


@kinds
@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_encodings_match_python(kind: Callable[..., Any], encoding: str) -> None:
    text = "plain\n" + {"utf": "äß€😀\n", "lat": "äß\n", "cp1": "äß€\n", "shi": "日本\n"}.get(
        encoding[:3].lower(), ""
    )
    async with kind("w+", encoding=encoding, newline="") as file:
        await file.write(text)
        await file.write("more")
        await file.flush()
        if file.name is not None:
            assert Path(file.name).read_bytes() == (text + "more").encode(encoding)
        await file.seek(0)
        assert [line async for line in file] == [*text.splitlines(True), "more"]
        await file.seek(0)
        assert await file.read() == text + "more"
        assert file.encoding == encoding


@kinds
@pytest.mark.parametrize(
    "errors",
    [
        "strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace", "namereplace",
        "surrogateescape", "surrogatepass",
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "latin-1"])
@pytest.mark.parametrize("text", ["a€b", "a\udc80b"])
async def test_encoding_errors_match_python(
    kind: Callable[..., Any], encoding: str, errors: str, text: str
) -> None:
    try:
        expected: Any = text.encode(encoding, errors)
    except UnicodeEncodeError as error:
        expected = error
    async with kind("w+", encoding=encoding, errors=errors) as file:
        await file.write("x")
        if isinstance(expected, bytes):
            assert await file.write(text) == 3
            assert await file.size() == 1 + len(expected)
        else:
            with pytest.raises(UnicodeEncodeError):
                await file.write(text)
            assert await file.size() == 1
            await file.write("y")


@kinds
@pytest.mark.parametrize(
    "errors", ["strict", "ignore", "replace", "backslashreplace", "surrogateescape"]
)
@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "utf-16-le"])
async def test_decoding_errors_match_python(
    kind: Callable[..., Any], encoding: str, errors: str
) -> None:
    # Written as characters of another encoding.
    data = "good\n".encode(encoding) + b"\xff\xdc\n\0" + "good\n".encode(encoding)
    async with NamedTemporaryFile("w+", encoding=encoding, errors=errors, newline="") as file:
        Path(file.name).write_bytes(data)
        try:
            expected: Any = data.decode(encoding, errors)
        except UnicodeDecodeError as error:
            expected = error
        if isinstance(expected, str):
            assert await file.read() == expected
            return
        with pytest.raises(UnicodeDecodeError) as caught:
            await file.read()
        assert caught.value.reason == expected.reason
        assert caught.value.object[caught.value.start :][:1] == data[expected.start :][:1]
        await file.seek(0)
        assert await file.readline() == "good\n"
        with pytest.raises(UnicodeDecodeError):
            await file.readline()


@kinds
async def test_unknown_encodings_and_handlers(kind: Callable[..., Any]) -> None:
    for arguments in ({"encoding": "none"}, {"encoding": "hex"}, {"errors": "no such handler"}):
        with pytest.raises(LookupError):
            async with kind("w+", **arguments):
                pass


@kinds
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
async def test_bytes_and_text_are_not_mixed(kind: Callable[..., Any], encoding: str) -> None:
    async with kind("w+", encoding=encoding) as file:
        for call in (file.write(b"x"), file.writelines([b"x"]), file.writelines(iter([b"x"]))):
            with pytest.raises(TypeError):
                await call
        with pytest.raises(TypeError):
            await file.read("1")


@kinds
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
async def test_after_closing_everything_is_a_value_error(
    kind: Callable[..., Any], encoding: str
) -> None:
    async with kind("w+", encoding=encoding) as file:
        await file.write("x")
    for call in (file.read(), file.readline(), file.write("x"), file.seek(0), file.tell()):
        with pytest.raises(ValueError, match="closed"):
            await call


@kinds
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
async def test_modes_are_enforced(kind: Callable[..., Any], encoding: str) -> None:
    async with kind("w", encoding=encoding) as file:
        await file.write("x")
        with pytest.raises(io.UnsupportedOperation):
            await file.read()
    async with kind("r", encoding=encoding) as file:
        assert await file.read() == ""
        with pytest.raises(io.UnsupportedOperation):
            await file.write("x")
    async with kind("a+", encoding=encoding) as file:
        await file.write("x")
        await file.seek(0)
        await file.write("y")
        await file.seek(0)
        assert await file.read() == "xy"


@kinds
async def test_large_text_comes_back(kind: Callable[..., Any]) -> None:
    rng = random.Random(5)
    text = "".join(rng.choice("aé€😀\n") for _ in range(1_200_000))
    async with kind("w+", encoding="utf-8") as file:
        assert await file.write(text) == len(text)
        await file.seek(0)
        assert await file.read() == text


@kinds
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16-le", "cp1252"])
async def test_random_operations_match_a_plain_file(
    kind: Callable[..., Any], encoding: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rng = random.Random(11)
    folder = tmp_path_factory.mktemp("model")
    with tempfile.TemporaryFile("w+", encoding=encoding, newline="", dir=folder) as model:
        async with kind("w+", encoding=encoding, newline="") as file:
            pairs = [(0, 0)]
            for _ in range(250):
                action = rng.randrange(6)
                if action == 0:
                    # Python's own writes after a read where its decoder is, so go there first.
                    text = "".join(rng.choice("aéß\n") for _ in range(rng.randrange(300)))
                    model.seek(0, 2)
                    await file.seek(0, 2)
                    assert await file.write(text) == model.write(text)
                elif action == 1:
                    size = rng.randrange(-1, 200)
                    assert await file.read(size) == model.read(size)
                elif action == 2:
                    assert await file.readline() == model.readline()
                elif action == 3:
                    pairs.append((await file.tell(), model.tell()))
                elif action == 4:
                    ours, theirs = rng.choice(pairs)
                    await file.seek(ours)
                    model.seek(theirs)
                else:
                    # Python's own forbids `tell` afterwards.
                    lines = await file.readlines(50)
                    assert lines == [model.readline() for _ in lines]
