"""Temporary directories, with anyio's names and parameters."""

from __future__ import annotations

import os
from types import TracebackType
from typing import TYPE_CHECKING, Any, AnyStr, Generic, overload

from anyio.lowlevel import checkpoint_if_cancelled

from . import _calls
from ._arguments import Place
from ._directory import Directory, create_directory
from ._entries import Entries, Uncopied

if TYPE_CHECKING:
    pass


class TemporaryDirectory(Uncopied, Generic[AnyStr]):
    """An asynchronous temporary directory, removed with everything in it.

    Use it with ``async with``, which yields the path. The parameters are those of
    :class:`anyio.TemporaryDirectory`.

    :param suffix: end of the name
    :param prefix: beginning of the name
    :param dir: the directory in which to create it, by default :func:`tempfile.gettempdir`'s
    :param ignore_cleanup_errors: whether leaving succeeds if something could not be removed
    :param delete: whether to remove the directory
    """

    @overload
    def __init__(
        self: TemporaryDirectory[str],
        suffix: str | None = ...,
        prefix: str | None = ...,
        dir: str | os.PathLike[str] | None = ...,
        *,
        ignore_cleanup_errors: bool = ...,
        delete: bool = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: TemporaryDirectory[bytes],
        suffix: bytes | None = ...,
        prefix: bytes | None = ...,
        dir: bytes | os.PathLike[bytes] | None = ...,
        *,
        ignore_cleanup_errors: bool = ...,
        delete: bool = ...,
    ) -> None: ...

    def __init__(
        self,
        suffix: Any = None,
        prefix: Any = None,
        dir: Any = None,
        *,
        ignore_cleanup_errors: bool = False,
        delete: bool = True,
    ) -> None:
        self.suffix: AnyStr | None = suffix
        self.prefix: AnyStr | None = prefix
        self.dir: AnyStr | os.PathLike[AnyStr] | None = dir
        self.ignore_cleanup_errors = ignore_cleanup_errors
        self.delete = delete
        self._entries: Entries[Directory] = Entries()

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
