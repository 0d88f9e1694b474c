"""A spooled file of bytes: in memory until it rolls over, then a file on disk.

It has the functions of a file on disk, for one caller at a time and not asynchronous.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable

from ._arguments import Mode, Place
from ._bytes import Bytes
from ._errors import InvalidArgumentError
from ._positions import check_seek, check_truncation

#: The most bytes that are copied without leaving the event loop's thread: some 0.1 ms.
QUICK = 1024 * 1024


class Spool:
    """A file that rolls over before it grows above `max_size` bytes."""

    def __init__(
        self,
        place: Place,
        mode: Mode,
        max_size: int | None,
        create: Callable[[Place, Mode], Bytes],
    ) -> None:
        self.place = place
        self.mode = mode
        self._max_size = max_size
        self._create = create
        self._memory = io.BytesIO()
        self._disk: Bytes | None = None

    @property
    def is_in_memory(self) -> bool:
        return self._disk is None

    @property
    def path(self) -> str | None:
        return None if self._disk is None else self._disk.path

    def may_roll(self, size: int) -> bool:
        """Whether writing `size` bytes at the position makes the file roll over."""
        if self._max_size is None or self._disk is not None:
            return False
        if size == 0:
            return self._max_size < 0
        start = self.size() if self.mode.is_appending else self._memory.tell()
        return start + size > self._max_size

    def rollover(self) -> None:
        if self._disk is not None:
            return
        disk = self._create(self.place, self.mode)
        try:
            if self.size():
                disk.write(self._memory.getvalue())
            disk.seek(self._memory.tell(), os.SEEK_SET)
        except BaseException:
            disk.release()
            raise
        self._disk = disk
        self._memory = io.BytesIO()

    # Reading

    def read(self, size: int) -> bytes:
        return self._memory.read(size) if self._disk is None else self._disk.read(size)

    def try_read(self, size: int) -> bytes | None:
        if self._disk is not None:
            return self._disk.try_read(size)
        return self.read(size) if 0 <= size <= QUICK or self.size() <= QUICK else None

    def readline(self, limit: int) -> bytes:
        return self._memory.readline(limit) if self._disk is None else self._disk.readline(limit)

    def try_readline(self, limit: int) -> bytes | None:
        return self.readline(limit) if self._disk is None else self._disk.try_readline(limit)

    def readlines(self, hint: int) -> list[bytes]:
        return self._memory.readlines(hint) if self._disk is None else self._disk.readlines(hint)

    def read_at(self, size: int, offset: int) -> bytes:
        if self._disk is not None:
            return self._disk.read_at(size, offset)
        with self._memory.getbuffer() as content:
            return bytes(content[offset:] if size < 0 else content[offset : offset + size])

    # Writing

    def write(self, data: bytes) -> int:
        if self.may_roll(len(data)):
            self.rollover()
        if self._disk is not None:
            return self._disk.write(data)
        if self.mode.is_appending:
            self._memory.seek(0, os.SEEK_END)
        return self._store(data)

    def try_write(self, data: bytes) -> int | None:
        if self._disk is not None:
            return self._disk.try_write(data)
        return self.write(data) if len(data) <= QUICK and not self.may_roll(len(data)) else None

    def writelines(self, lines: list[bytes]) -> None:
        for place, line in enumerate(lines):
            if self._disk is not None:
                self._disk.writelines(lines[place:])
                return
            self.write(line)

    def write_at(self, data: bytes, offset: int) -> int:
        if self._disk is None and data and self._max_size is not None:
            end = self.size() if self.mode.is_appending else offset
            if end + len(data) > self._max_size:
                self.rollover()
        if self._disk is not None:
            return self._disk.write_at(data, offset)
        position = self._memory.tell()
        self._memory.seek(self.size() if self.mode.is_appending else offset)
        try:
            return self._store(data)
        finally:
            self._memory.seek(position)

    def _store(self, data: bytes) -> int:
        try:
            return self._memory.write(data)
        except OverflowError:
            # Beyond all positions.
            raise MemoryError from None

    def truncate(self, size: int | None) -> int:
        if self._disk is not None:
            return self._disk.truncate(size)
        size = check_truncation(size, self._memory.tell)
        if self._max_size is not None and size > self._max_size:
            self.rollover()
            return self.truncate(size)
        if size <= self.size():
            return self._memory.truncate(size)
        position = self._memory.tell()
        self._memory.seek(0, os.SEEK_END)
        try:
            self._memory.write(bytes(size - self.size()))
        finally:
            self._memory.seek(position)
        return size

    # Position

    def seek(self, offset: int, whence: int) -> int:
        if self._disk is not None:
            return self._disk.seek(offset, whence)
        check_seek(offset, whence)
        start = {0: 0, 1: self._memory.tell(), 2: self.size()}[whence]
        if start + offset < 0:
            raise InvalidArgumentError(22, f"negative seek position {start + offset}")
        return self._memory.seek(start + offset)

    def try_seek(self, offset: int, whence: int) -> int | None:
        if self._disk is not None:
            return self._disk.try_seek(offset, whence)
        return self.seek(offset, whence)

    def tell(self) -> int:
        return self._memory.tell() if self._disk is None else self._disk.tell()

    def try_tell(self) -> int | None:
        return self.tell()

    # The rest

    def size(self) -> int:
        return self._memory.getbuffer().nbytes if self._disk is None else self._disk.size()

    def flush(self) -> None:
        if self._disk is not None:
            self._disk.flush()

    def sync(self) -> None:
        if self._disk is not None:
            self._disk.sync()

    def keep(self) -> None:
        if self._disk is None:
            raise io.UnsupportedOperation("a file without a name cannot be kept")
        self._disk.keep()

    def persist(self, path: str, replace: bool) -> None:
        self.rollover()
        assert self._disk is not None
        self._disk.persist(path, replace)

    def open_descriptor(self) -> int:
        self.rollover()
        assert self._disk is not None
        return self._disk.open_descriptor()

    def is_idle(self) -> bool:
        return self._disk is None or self._disk.is_idle()

    def close(self) -> None:
        if self._disk is not None:
            self._disk.close()

    def discard(self) -> None:
        if self._disk is not None:
            self._disk.discard()

    def release(self) -> None:
        self._memory = io.BytesIO()
        if self._disk is not None:
            self._disk.release()
