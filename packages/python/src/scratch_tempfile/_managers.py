"""Temporary files on disk, with anyio's names and parameters."""

from __future__ import annotations

import os
from types import TracebackType
from typing import TYPE_CHECKING, AnyStr, Generic, SupportsIndex, cast, overload

from . import _calls
from ._arguments import Mode, Place
from ._create import abandon, create_named, create_unnamed
from ._entries import Entries, Uncopied
from ._file import ScratchFile

if TYPE_CHECKING:
    from _typeshed import OpenBinaryMode, OpenTextMode


class NamedScratchFile(ScratchFile[AnyStr]):
    """An asynchronous temporary file with a name, which may outlive the open file."""

    @property
    def name(self) -> str:
        """The path of the file."""
        return cast(str, super().name)

    _removal = "on-close"

    def _is_removed_later(self) -> bool:
        return self._removal == "on-drop"

    async def _leave(self) -> None:
        await _calls.run(self._close_and_drop, turns=self._turns, is_required=True)

    def _close_and_drop(self) -> None:
        self._close()
        self._content.release()


class TemporaryFile(Uncopied, Generic[AnyStr]):
    """An asynchronous temporary file without a name, removed when it is closed.

    Use it with ``async with``, which yields the file; each entry makes a new one. The parameters
    are those of :class:`anyio.TemporaryFile`.

    :param mode: ``r``, ``w``, ``x`` or ``a``, with ``+`` and ``b`` or ``t``; ``a`` writes at the
        end wherever the position is
    :param buffering: size of the write buffer in bytes: -1 for the default, 0 for none
    :param encoding: the encoding of a text, by default the locale's
    :param newline: line end of a text, as in :func:`open`
    :param suffix: end of the name, while the file has one
    :param prefix: beginning of the name
    :param dir: the directory in which to create it, by default :func:`tempfile.gettempdir`'s
    :param errors: the error handler of a text
    """

    @overload
    def __init__(
        self: TemporaryFile[bytes],
        mode: OpenBinaryMode = ...,
        buffering: SupportsIndex = ...,
        encoding: str | None = ...,
        newline: str | None = ...,
        suffix: str | bytes | None = ...,
        prefix: str | bytes | None = ...,
        dir: str | bytes | os.PathLike[str] | os.PathLike[bytes] | None = ...,
        *,
        errors: str | None = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: TemporaryFile[str],
        mode: OpenTextMode,
        buffering: SupportsIndex = ...,
        encoding: str | None = ...,
        newline: str | None = ...,
        suffix: str | bytes | None = ...,
        prefix: str | bytes | None = ...,
        dir: str | bytes | os.PathLike[str] | os.PathLike[bytes] | None = ...,
        *,
        errors: str | None = ...,
    ) -> None: ...

    def __init__(
        self,
        mode: OpenTextMode | OpenBinaryMode = "w+b",
        buffering: SupportsIndex = -1,
        encoding: str | None = None,
        newline: str | None = None,
        suffix: str | bytes | None = None,
        prefix: str | bytes | None = None,
        dir: str | bytes | os.PathLike[str] | os.PathLike[bytes] | None = None,
        *,
        errors: str | None = None,
    ) -> None:
        self.mode = mode
        self.buffering = buffering
        self.encoding = encoding
        self.newline = newline
        self.suffix = suffix
        self.prefix = prefix
        self.dir = dir
        self.errors = errors
        self._entries: Entries[ScratchFile[AnyStr]] = Entries()

    async def __aenter__(self) -> ScratchFile[AnyStr]:
        mode = Mode.of(self.mode, self.buffering, self.encoding, self.newline, self.errors)
        place = Place.of(self.suffix, self.prefix, self.dir)
        content = await _calls.run(create_unnamed, place, mode, unwanted=abandon)
        file: ScratchFile[AnyStr] = ScratchFile(content, place, mode)
        self._entries.add(file)
        return file

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        file = self._entries.pop()
        if file is not None:
            await file.aclose()


class NamedTemporaryFile(Uncopied, Generic[AnyStr]):
    """An asynchronous temporary file with a name, which is the file's ``name``.

    Use it with ``async with``, which yields the file. The parameters are those of
    :class:`anyio.NamedTemporaryFile`; besides those of :class:`TemporaryFile`:

    :param delete: whether to remove the file at all
    :param delete_on_close: whether closing removes it; otherwise leaving ``async with`` does, and
        between the two it can be opened by its name
    """

    @overload
    def __init__(
        self: NamedTemporaryFile[bytes],
        mode: OpenBinaryMode = ...,
        buffering: SupportsIndex = ...,
        encoding: str | None = ...,
        newline: str | None = ...,
        suffix: str | bytes | None = ...,
        prefix: str | bytes | None = ...,
        dir: str | bytes | os.PathLike[str] | os.PathLike[bytes] | None = ...,
        delete: bool = ...,
        *,
        errors: str | None = ...,
        delete_on_close: bool = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: NamedTemporaryFile[str],
        mode: OpenTextMode,
        buffering: SupportsIndex = ...,
        encoding: str | None = ...,
        newline: str | None = ...,
        suffix: str | bytes | None = ...,
        prefix: str | bytes | None = ...,
        dir: str | bytes | os.PathLike[str] | os.PathLike[bytes] | None = ...,
        delete: bool = ...,
        *,
        errors: str | None = ...,
        delete_on_close: bool = ...,
    ) -> None: ...

    def __init__(
        self,
        mode: OpenBinaryMode | OpenTextMode = "w+b",
        buffering: SupportsIndex = -1,
        encoding: str | None = None,
        newline: str | None = None,
        suffix: str | bytes | None = None,
        prefix: str | bytes | None = None,
        dir: str | bytes | os.PathLike[str] | os.PathLike[bytes] | None = None,
        delete: bool = True,
        *,
        errors: str | None = None,
        delete_on_close: bool = True,
    ) -> None:
        self._mode = (mode, buffering, encoding, newline, errors)
        self._place = (suffix, prefix, dir)
        self._removal = "never" if not delete else "on-close" if delete_on_close else "on-drop"
        self._entries: Entries[NamedScratchFile[AnyStr]] = Entries()

    async def __aenter__(self) -> NamedScratchFile[AnyStr]:
        mode = Mode.of(*self._mode)
        place = Place.of(*self._place)
        content = await _calls.run(create_named, place, mode, self._removal, unwanted=abandon)
        file: NamedScratchFile[AnyStr] = NamedScratchFile(content, place, mode)
        file._removal = self._removal
        self._entries.add(file)
        return file

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        file = self._entries.pop()
        if file is not None:
            await file._leave()
