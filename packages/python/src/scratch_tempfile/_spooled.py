"""Temporary files in memory and then on disk, with anyio's names and parameters."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, AnyStr, SupportsIndex, overload

from ._arguments import Mode, Place, max_size_argument
from ._create import create_spooled
from ._file import ScratchFile

if TYPE_CHECKING:
    from _typeshed import OpenBinaryMode, OpenTextMode


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
        max_size: SupportsIndex | float | None = ...,
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
        self: SpooledTemporaryFile[str],
        max_size: SupportsIndex | float | None = ...,
        mode: OpenTextMode = ...,
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
        max_size: SupportsIndex | float | None = 0,
        mode: OpenBinaryMode | OpenTextMode = "w+b",
        buffering: SupportsIndex = -1,
        encoding: str | None = None,
        newline: str | None = None,
        suffix: str | bytes | None = None,
        prefix: str | bytes | None = None,
        dir: str | bytes | os.PathLike[str] | os.PathLike[bytes] | None = None,
        *,
        errors: str | None = None,
    ) -> None:
        place = Place.of(suffix, prefix, dir)
        how = Mode.of(mode, buffering, encoding, newline, errors)
        super().__init__(create_spooled(place, how, max_size_argument(max_size)), place, how)

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
