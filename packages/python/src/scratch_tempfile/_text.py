"""A file of text: Python's own `io.TextIOWrapper` over a file of bytes.

It has the functions of a file of bytes, with characters for bytes. As there, those whose name
begins with `try` return None where they would have to wait.
"""

from __future__ import annotations

import io
from collections import deque
from typing import Any

from ._arguments import Text as TextMode
from ._bytes import Bytes
from ._positions import CHUNK
from ._spool import Spool


class Buffer(io.BufferedIOBase):
    """A file of bytes, with the methods that `io.TextIOWrapper` calls."""

    def __init__(self, below: Bytes | Spool) -> None:
        self._below = below
        #: The most bytes that one call of `read1` returns.
        self.step = CHUNK

    def readable(self) -> bool:
        return self._below.mode.is_reading

    def writable(self) -> bool:
        return self._below.mode.is_writing

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._below.read(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        return self._below.read(self.step if size < 0 else min(size, self.step))

    def write(self, data: Any, /) -> int:
        return self._below.write(bytes(data))

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._below.seek(offset, whence)

    def tell(self) -> int:
        return self._below.tell()

    def truncate(self, size: int | None = None, /) -> int:
        return self._below.truncate(size)


class Text:
    """A file of text, in any of Python's encodings.

    Lines are read ahead, since one call in a worker thread takes longer than reading many of them.
    """

    def __init__(self, below: Bytes | Spool) -> None:
        assert below.mode.text is not None
        self.below = below
        self.text: TextMode = below.mode.text
        self._buffer = Buffer(below)
        self._wrapper: io.TextIOWrapper[Any] = io.TextIOWrapper(
            self._buffer,
            self.text.encoding,
            self.text.errors,
            self.text.newline,
            write_through=True,
        )
        #: Lines that were read ahead, the position of the first of them before any was taken, and
        #: the number of those that were taken since.
        self._lines: deque[str] = deque()
        self._begin = 0
        self._taken = 0
        self._ahead_size = 0
        #: Whether the position of the bytes may be ahead of that of the text.
        self._has_decoded = False

    @property
    def is_in_memory(self) -> bool:
        return self.below.is_in_memory

    @property
    def path(self) -> str | None:
        return self.below.path

    @property
    def newlines(self) -> str | tuple[str, ...] | None:
        return self._wrapper.newlines

    def _is_small(self) -> bool:
        return self.is_in_memory and self.below.size() <= CHUNK

    def _settle(self) -> None:
        """Moves the position of the wrapper back to the first line that was not taken."""
        if self._lines:
            self._lines.clear()
            self._wrapper.seek(self._begin)
            for _ in range(self._taken):
                self._wrapper.readline()
        self._ahead_size = 0

    def _align(self) -> None:
        """Moves the position of the bytes to that of the text.

        The wrapper alone would write after the last byte that it has decoded.
        """
        self._settle()
        if self._has_decoded:
            self._wrapper.seek(self._wrapper.tell())
            self._has_decoded = False

    # Reading

    def read(self, size: int) -> str:
        self._settle()
        self._has_decoded = True
        return self._wrapper.read(size)

    def try_read(self, size: int) -> str | None:
        if self._is_small() or (self.is_in_memory and 0 <= size <= CHUNK):
            return self.read(size)
        return None

    def readline(self, limit: int) -> str:
        if limit >= 0:
            self._settle()
            self._has_decoded = True
            return self._wrapper.readline(limit)
        if not self._lines:
            self._read_ahead()
        return self._take_line() if self._lines else ""

    def try_readline(self, limit: int) -> str | None:
        if self._lines and (limit < 0 or limit >= len(self._lines[0])):
            return self._take_line()
        return self.readline(limit) if self._is_small() else None

    def readlines(self, hint: int) -> list[str]:
        self._settle()
        self._has_decoded = True
        # Not with `readlines` of the wrapper: after an invalid line it would refuse `tell`.
        lines: list[str] = []
        total = 0
        while hint <= 0 or total < hint:
            line = self._wrapper.readline()
            if not line:
                break
            lines.append(line)
            total += len(line)
        return lines

    def _take_line(self) -> str:
        self._taken += 1
        return self._lines.popleft()

    def _read_ahead(self) -> None:
        # More each time, so that a single line after a seek costs little.
        self._ahead_size = min(max(4 * self._ahead_size, 256), CHUNK)
        self._begin = self._wrapper.tell()
        self._taken = 0
        self._has_decoded = True
        total = 0
        try:
            while total < self._ahead_size and (line := self._wrapper.readline()):
                self._lines.append(line)
                total += len(line)
        except UnicodeError:
            self._lines.clear()
            self._lines.append(self._read_one_line())

    def _read_one_line(self) -> str:
        """Reads a line without decoding the bytes after it, which may be invalid."""
        self._wrapper.seek(self._begin)
        self._buffer.step = 1
        try:
            return self._wrapper.readline()
        except UnicodeError:
            self._wrapper.seek(self._begin)
            raise
        finally:
            self._buffer.step = CHUNK

    # Writing

    def write(self, text: str) -> int:
        self._align()
        return self._write(text)

    def try_write(self, text: str) -> int | None:
        if self.is_in_memory and len(text) <= CHUNK and not self._may_roll(text):
            return self.write(text)
        return None

    def writelines(self, lines: list[str]) -> None:
        self._align()
        for line in lines:
            self._write(line)

    def _write(self, text: str) -> int:
        try:
            return self._wrapper.write(text)
        except (OSError, MemoryError):
            # Resets the encoder, which believes that a byte order mark was written.
            self._wrapper.seek(self._wrapper.tell())
            raise

    def _may_roll(self, text: str) -> bool:
        """Whether writing the text could move a spooled file to disk."""
        if not isinstance(self.below, Spool):
            return False
        try:
            encoded = len(text.encode(self.text.encoding, self.text.errors))
        except UnicodeError:
            return False
        # A line end may become two characters of up to 4 bytes each.
        return self.below.may_roll(encoded + 8 * text.count("\n"))

    def truncate(self, size: int | None) -> int:
        self._align()
        position = self._wrapper.tell()
        result = self._wrapper.truncate(size)
        self._wrapper.seek(position)
        return result

    # Position

    def seek(self, offset: int, whence: int) -> int:
        self._settle()
        position = self._wrapper.seek(offset, whence)
        self._has_decoded = self._has_decoded and whence == io.SEEK_CUR
        return position

    def try_seek(self, offset: int, whence: int) -> int | None:
        return self.seek(offset, whence) if self._is_small() else None

    def tell(self) -> int:
        self._settle()
        return self._wrapper.tell()

    def try_tell(self) -> int | None:
        return self.tell() if self._is_small() or not self._lines else None

    # The rest

    def flush(self) -> None:
        self.below.flush()

    def sync(self) -> None:
        self.below.sync()

    def size(self) -> int:
        return self.below.size()

    def rollover(self) -> None:
        self.below.rollover()

    def keep(self) -> None:
        self.below.keep()

    def persist(self, path: str, replace: bool) -> None:
        self.below.persist(path, replace)

    def open_descriptor(self) -> int:
        return self.below.open_descriptor()

    def is_idle(self) -> bool:
        return self.below.is_idle()

    def close(self) -> None:
        self.below.close()

    def discard(self) -> None:
        self.below.discard()

    def release(self) -> None:
        self.below.release()
