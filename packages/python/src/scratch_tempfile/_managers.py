"""Temporary files and directories, with anyio's names and parameters."""

from __future__ import annotations

import os
from types import TracebackType
from typing import TYPE_CHECKING, Any, AnyStr, Generic, TypeVar, overload

from anyio import get_current_task
from anyio.lowlevel import checkpoint_if_cancelled

from . import _calls
from ._arguments import Mode, Place
from ._create import abandon, create_named, create_spooled, create_unnamed
from ._directory import Directory, create_directory
from ._file import ScratchFile

if TYPE_CHECKING:
    from _typeshed import OpenBinaryMode, OpenTextMode

E = TypeVar("E")


class _Entries(Generic[E]):
    """The entries of a manager that it has not left yet.

    A manager may be entered again before it is left, by the same task or by another.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[int, E]] = []

    def add(self, entry: E) -> None:
        self._entries.append((get_current_task().id, entry))

    def pop(self) -> E | None:
        task = get_current_task().id
        for index in reversed(range(len(self._entries))):
            if self._entries[index][0] == task:
                return self._entries.pop(index)[1]
        # Test fixtures enter in one task and leave in another.
        return self._entries.pop()[1] if self._entries else None

    def all(self) -> list[E]:
        return [entry for _, entry in self._entries]


class _NamedFile(ScratchFile[AnyStr]):
    """A file with a name, which may outlive the open file."""

    _removal = "on-close"

    def _is_removed_later(self) -> bool:
        return self._removal == "on-drop"

    async def _leave(self) -> None:
        await _calls.run(self._close_and_drop, turns=self._turns, is_required=True)

    def _close_and_drop(self) -> None:
        self._close()
        self._content.release()


class TemporaryFile(Generic[AnyStr]):
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
        buffering: int = ...,
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
        buffering: int = ...,
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
        buffering: int = -1,
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
        self._entries: _Entries[ScratchFile[AnyStr]] = _Entries()

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


class NamedTemporaryFile(Generic[AnyStr]):
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
        buffering: int = ...,
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
        buffering: int = ...,
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
        buffering: int = -1,
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
        self._entries: _Entries[_NamedFile[AnyStr]] = _Entries()

    async def __aenter__(self) -> ScratchFile[AnyStr]:
        mode = Mode.of(*self._mode)
        place = Place.of(*self._place)
        content = await _calls.run(create_named, place, mode, self._removal, unwanted=abandon)
        file: _NamedFile[AnyStr] = _NamedFile(content, place, mode)
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


class SpooledTemporaryFile(ScratchFile[AnyStr]):
    """An asynchronous temporary file in memory, until it grows above ``max_size`` bytes.

    It is the file itself, which ``async with`` closes. Creating one does no I/O: an unusable
    directory is reported at the rollover. The parameters are those of
    :class:`anyio.SpooledTemporaryFile`; besides those of :class:`TemporaryFile`:

    :param max_size: most bytes in memory, after encoding; with 0 it never rolls over by itself
    """

    @overload
    def __init__(
        self: SpooledTemporaryFile[bytes],
        max_size: int = ...,
        mode: OpenBinaryMode = ...,
        buffering: int = ...,
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
        self: SpooledTemporaryFile[str],
        max_size: int = ...,
        mode: OpenTextMode = ...,
        buffering: int = ...,
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
        max_size: int = 0,
        mode: OpenBinaryMode | OpenTextMode = "w+b",
        buffering: int = -1,
        encoding: str | None = None,
        newline: str | None = None,
        suffix: str | bytes | None = None,
        prefix: str | bytes | None = None,
        dir: str | bytes | os.PathLike[str] | os.PathLike[bytes] | None = None,
        *,
        errors: str | None = None,
    ) -> None:
        if not isinstance(max_size, int):
            raise TypeError(f"max_size must be int, not {type(max_size).__name__}")
        place = Place.of(suffix, prefix, dir)
        how = Mode.of(mode, buffering, encoding, newline, errors)
        super().__init__(create_spooled(place, how, max_size or None), place, how)

    @property
    def rolled(self) -> bool:
        """Whether the content is on disk."""
        return not self._content.is_in_memory

    @property
    def _rolled(self) -> bool:
        return self.rolled

    @property
    def mode(self) -> str:
        """The mode as it was given, and after the rollover that of a file on disk."""
        return self._mode.reported if self.rolled else self._mode.given

    async def rollover(self) -> None:
        """Moves the content to disk now. Does nothing if it is there already.

        Bytes and position do not change. After an error all of it is still in memory.
        """
        self._check_open()
        if not self.rolled:
            await super()._take_turn("rollover")

    async def _take_turn(self, name: str, *arguments: Any) -> Any:
        result, has_rolled = await super()._take_turn(name, *arguments)
        if has_rolled:
            # By its public name, which a subclass may override.
            await self.rollover()
        return result

    def _call(self, name: str, *arguments: Any) -> Any:
        was_rolled = self.rolled
        return super()._call(name, *arguments), self.rolled and not was_rolled


class TemporaryDirectory(Generic[AnyStr]):
    """An asynchronous temporary directory, removed with everything in it.

    Use it with ``async with``, which yields the path. The parameters are those of
    :class:`anyio.TemporaryDirectory`.

    :param suffix: end of the name
    :param prefix: beginning of the name
    :param dir: the directory in which to create it, by default :func:`tempfile.gettempdir`'s
    :param ignore_cleanup_errors: whether leaving succeeds if something could not be removed
    :param delete: whether to remove the directory
    """

    def __init__(
        self,
        suffix: AnyStr | None = None,
        prefix: AnyStr | None = None,
        dir: AnyStr | os.PathLike[AnyStr] | None = None,
        *,
        ignore_cleanup_errors: bool = False,
        delete: bool = True,
    ) -> None:
        self.suffix: AnyStr | None = suffix
        self.prefix: AnyStr | None = prefix
        self.dir: AnyStr | os.PathLike[AnyStr] | None = dir
        self.ignore_cleanup_errors = ignore_cleanup_errors
        self.delete = delete
        self._entries: _Entries[Directory] = _Entries()

    async def __aenter__(self) -> AnyStr:
        place = Place.of(self.suffix, self.prefix, self.dir)
        directory = await _calls.run(
            create_directory,
            place,
            self.delete,
            self.ignore_cleanup_errors,
            unwanted=Directory.abandon,
        )
        self._entries.add(directory)
        return directory.name  # type: ignore[return-value]

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        directory = self._entries.pop()
        if directory is not None and self.delete:
            await _calls.run(directory.remove, turns=directory.turns, is_required=True)
        elif directory is not None:
            # `cleanup` still removes it.
            self._entries.add(directory)

    async def cleanup(self) -> None:
        """Removes the directory now. A directory that is already gone is no error."""
        for directory in self._entries.all():
            await _calls.run(directory.remove, turns=directory.turns, is_required=True)
        await checkpoint_if_cancelled()
