"""Python's low-level calls. The caller removes the entries that they create."""

from __future__ import annotations

import contextlib
import os
import tempfile
from typing import TYPE_CHECKING, overload

from . import _calls
from ._arguments import Place
from ._directory import create_with_rights
from ._errors import translated
from ._host import open_file, restrict
from ._instance import instance_for
from ._values import ComponentError

if TYPE_CHECKING:
    StrDir = str | os.PathLike[str] | None
    BytesDir = bytes | os.PathLike[bytes] | None


@overload
async def mkstemp(
    suffix: str | None = None,
    prefix: str | None = None,
    dir: StrDir = None,
    text: bool = False,
) -> tuple[int, str]: ...
@overload
async def mkstemp(
    suffix: bytes | None = None,
    prefix: bytes | None = None,
    dir: BytesDir = None,
    text: bool = False,
) -> tuple[int, bytes]: ...
async def mkstemp(
    suffix: str | bytes | None = None,
    prefix: str | bytes | None = None,
    dir: StrDir | BytesDir = None,
    text: bool = False,
) -> tuple[int, str] | tuple[int, bytes]:
    """Creates a file and returns a descriptor of it, open for reading and writing, and its path.

    Only its owner may read it, and child processes do not inherit the descriptor. The caller
    closes the descriptor and removes the file.

    :param text: has no effect on POSIX systems
    """
    place = Place.of(suffix, prefix, dir)
    descriptor, path = await _calls.run(_mkstemp, place, unwanted=_unwanted_file)
    return descriptor, place.output(path)  # type: ignore[return-value]


@overload
async def mkdtemp(
    suffix: str | None = None, prefix: str | None = None, dir: StrDir = None
) -> str: ...
@overload
async def mkdtemp(
    suffix: bytes | None = None, prefix: bytes | None = None, dir: BytesDir = None
) -> bytes: ...
async def mkdtemp(
    suffix: str | bytes | None = None,
    prefix: str | bytes | None = None,
    dir: StrDir | BytesDir = None,
) -> str | bytes:
    """Creates a directory and returns its absolute path.

    Only its owner may enter it. The caller removes it.
    """
    place = Place.of(suffix, prefix, dir)
    return place.output(await _calls.run(_mkdtemp, place, unwanted=_unwanted_directory))


async def gettempdir() -> str:
    """Returns the default directory, as :func:`tempfile.gettempdir` does."""
    return await _calls.run(tempfile.gettempdir)


async def gettempdirb() -> bytes:
    """Returns the default directory as bytes."""
    return await _calls.run(tempfile.gettempdirb)


def _mkstemp(place: Place) -> tuple[int, str]:
    place.check()
    instance = instance_for(place.directory)
    try:
        theirs, path = instance.call(
            "lowlevel", "mkstemp", place.suffix, place.prefix, place.directory
        )
    except ComponentError as error:
        raise translated(error, place.output(place.directory)) from None
    try:
        # The descriptor of the component does not belong to this process: open the path.
        descriptor = open_file(path, os.O_RDWR, restrict(path, 0o600))
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise
    finally:
        instance.discard(theirs)
    return descriptor, path


def _mkdtemp(place: Place) -> str:
    place.check()
    instance = instance_for(place.directory)
    try:
        path: str = create_with_rights(
            lambda: instance.call(
                "lowlevel", "mkdtemp", place.suffix, place.prefix, place.directory
            )
        )
    except ComponentError as error:
        raise translated(error, place.output(place.directory)) from None
    try:
        restrict(path, 0o700)
    except BaseException:
        _unwanted_directory(path)
        raise
    return path


def _unwanted_file(created: tuple[int, str]) -> None:
    descriptor, path = created
    os.close(descriptor)
    os.unlink(path)


def _unwanted_directory(path: str) -> None:
    with contextlib.suppress(OSError):
        os.rmdir(path)
