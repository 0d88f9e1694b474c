"""A file of bytes, for one caller at a time and not asynchronous.

Its functions may wait for the host. Those whose name begins with `try` never wait: they return
None where they would have to.
"""

from __future__ import annotations

import io
import os
import warnings
import weakref
from collections.abc import Callable
from typing import Any

from wasmtime.component import ResourceAny

from ._arguments import LARGEST, Mode, Place
from ._errors import InvalidArgumentError, translated
from ._instance import Instance
from ._values import ComponentError

#: The most bytes that one call of the component takes or returns. A list of bytes takes 32 times
#: its size on the way, and other files get their turn in between.
CHUNK = 64 * 1024

#: The most bytes that pass without leaving the event loop's thread: some 0.1 ms.
QUICK = 4 * 1024

_WHENCE = {os.SEEK_SET: "start", os.SEEK_CUR: "current", os.SEEK_END: "end"}


class Bytes:
    """A file of bytes.

    Reading lines reads ahead. Every other operation first calls `settle`, which undoes that.
    """

    def __init__(
        self,
        instance: Instance,
        resource: ResourceAny,
        place: Place,
        mode: Mode,
        max_size: int | None = None,
        is_spooled: bool = False,
    ) -> None:
        self.instance = instance
        self.mode = mode
        self.place = place
        self.max_size = max_size
        #: Whether the content is in memory, so that nothing waits.
        self.is_in_memory = is_spooled
        self.path: str | None = None
        self._resource = resource
        self._ahead = b""
        self._used = 0
        self._ahead_size = 0
        self._finalizer = weakref.finalize(
            self, _dispose, instance, resource, None if is_spooled else repr(mode.given)
        )

    # Calls

    def call(self, name: str, *arguments: Any) -> Any:
        try:
            return self.instance.call(
                "tempfile", "[method]temporary-file." + name, self._resource, *arguments
            )
        except ComponentError as error:
            raise translated(error, self.path) from None

    def note_rollover(self) -> None:
        if self.is_in_memory:
            self.is_in_memory = not self.call("is-rolled")

    def settle(self) -> None:
        """Moves the position back to the first byte that the caller has not received."""
        left = len(self._ahead) - self._used
        if left:
            self.call("seek", -left, "current")
        self._ahead = b""
        self._used = self._ahead_size = 0

    # Reading

    def read(self, size: int) -> bytes:
        self.settle()
        return _read_in_pieces(lambda wanted, _: self.call("read", wanted), size)

    def try_read(self, size: int) -> bytes | None:
        left = len(self._ahead) - self._used
        if left:
            if 0 <= size <= left:
                return self._take(size)
            return None
        if 0 <= size <= QUICK:
            data: bytes | None = self.call("try-read", size)
            return data
        data = self.call("try-read", QUICK + 1)
        if data is not None and len(data) > QUICK:
            # More is left. `read` moves the position back and reads these bytes again.
            self._ahead, self._used = data, 0
            return None
        return data

    def try_readline(self, limit: int) -> bytes | None:
        end = self._ahead.find(b"\n", self._used) + 1 - self._used
        if end > 0:
            return self._take(end if limit < 0 else min(end, limit))
        if self.is_in_memory and self.call("size") - self.call("tell") <= CHUNK:
            return self.readline(limit)
        return None

    def readline(self, limit: int) -> bytes:
        pieces: list[bytes] = []
        wanted = limit
        try:
            while wanted:
                end = self._ahead.find(b"\n", self._used) + 1 or len(self._ahead)
                size = end - self._used
                piece = self._take(size if wanted < 0 else min(size, wanted))
                pieces.append(piece)
                if piece.endswith(b"\n"):
                    break
                if wanted > 0:
                    wanted -= len(piece)
                if wanted and not self._read_ahead():
                    break
        except BaseException:
            self._ahead = b"".join([*pieces, self._ahead[self._used :]])
            self._used = 0
            raise
        return b"".join(pieces)

    def readlines(self, hint: int) -> list[bytes]:
        if hint <= 0:
            return io.BytesIO(self.read(-1)).readlines()
        lines: list[bytes] = []
        total = 0
        while total < hint:
            line = self.readline(-1)
            if not line:
                break
            lines.append(line)
            total += len(line)
        return lines

    def _take(self, size: int) -> bytes:
        piece = self._ahead[self._used : self._used + size]
        self._used += len(piece)
        return piece

    def _read_ahead(self) -> bool:
        # More each time, so that a single line after a seek costs little.
        self._ahead_size = min(max(4 * self._ahead_size, 256), CHUNK)
        self._ahead = self.call("read", self._ahead_size)
        self._used = 0
        return bool(self._ahead)

    # Writing

    def write(self, data: bytes) -> int:
        self.settle()
        if len(data) <= CHUNK:
            self.call("write", data)
        else:
            self._write_large(data)
        self.note_rollover()
        return len(data)

    def _write_large(self, data: bytes) -> None:
        start = self.call("tell")
        if self.is_in_memory and self.max_size is not None:
            # Before anything is written, so that a failed rollover leaves the file as it was.
            end = self.call("size") if self.mode.access.startswith("append") else start
            if end + len(data) > self.max_size:
                self.rollover()
        try:
            for offset in range(0, len(data), CHUNK):
                self.call("write", data[offset : offset + CHUNK])
        except BaseException:
            self.call("seek", start, "start")
            raise

    def try_write(self, data: bytes) -> int | None:
        if len(data) > QUICK:
            return None
        self.settle()
        return len(data) if self.call("try-write", data) else None

    def fitting(self, lines: list[bytes]) -> int:
        """Returns how many of the lines fit before a spooled file has to roll over."""
        if not self.is_in_memory or self.max_size is None:
            return len(lines)
        length = self.call("size")
        end = length if self.mode.access.startswith("append") else self.tell()
        for index, line in enumerate(lines):
            end += len(line)
            if line and max(length, end) > self.max_size:
                return index
        return len(lines)

    def writelines(self, lines: list[bytes]) -> None:
        try:
            self.write(b"".join(lines))
        except OSError:
            # None of the data was written. The lines that fit are, up to the first that does not.
            for line in lines:
                self.write(line)
            raise

    def truncate(self, size: int | None) -> int:
        self.settle()
        if size is None:
            size = self.call("tell")
        elif size < 0:
            raise InvalidArgumentError(22, f"negative size value {size}")
        elif size > LARGEST:
            raise OverflowError("Python int too large to convert to C long")
        self.call("truncate", size)
        self.note_rollover()
        return size

    # Position

    def seek(self, offset: int, whence: int) -> int:
        if whence not in _WHENCE:
            raise ValueError(f"invalid whence ({whence}, should be 0, 1 or 2)")
        if not -LARGEST - 1 <= offset <= LARGEST:
            raise OverflowError("Python int too large to convert to C long")
        self.settle()
        position: int = self.call("seek", offset, _WHENCE[whence])
        return position

    def try_seek(self, offset: int, whence: int) -> int | None:
        if whence == os.SEEK_END and not self.is_in_memory:
            return None
        return self.seek(offset, whence)

    def tell(self) -> int:
        position: int = self.call("tell")
        return position - (len(self._ahead) - self._used)

    def try_tell(self) -> int | None:
        return self.tell()

    # The rest

    def flush(self) -> None:
        self.call("flush")

    def sync(self) -> None:
        self.call("sync")

    def size(self) -> int:
        size: int = self.call("size")
        return size

    def read_at(self, size: int, offset: int) -> bytes:
        return _read_in_pieces(
            lambda wanted, done: self.call("read-at", wanted, offset + done), size
        )

    def write_at(self, data: bytes, offset: int) -> int:
        for start in range(0, len(data) or 1, CHUNK):
            self.call("write-at", data[start : start + CHUNK], offset + start)
        self.note_rollover()
        return len(data)

    def rollover(self) -> None:
        self.call("rollover")
        self.note_rollover()

    def keep(self) -> None:
        self.call("keep")

    def persist(self, path: str, replace: bool) -> None:
        try:
            self.instance.call(
                "tempfile", "[method]temporary-file.persist", self._resource, path, replace
            )
        except ComponentError as error:
            raise translated(error, path) from None
        self.path = self.call("path")

    def share(self) -> None:
        """Stops buffering, so that other processes see every write."""
        try:
            descriptor = self.instance.call("lowlevel", "descriptor-of-file", self._resource)
        except ComponentError as error:
            raise translated(error, self.path) from None
        self.instance.discard(descriptor)

    def close(self) -> None:
        self.call("close")

    def release(self) -> None:
        """Drops the file, and removes its name if it is removed on close or on drop."""
        if self._finalizer.detach():
            self.instance.drop(self._resource)


def _read_in_pieces(read: Callable[[int, int], bytes], size: int) -> bytes:
    """Reads `size` bytes, or to the end if it is negative.

    :param read: a function of the number of bytes to read and the number of those read before
    """
    pieces = []
    done = 0
    while done != size:
        wanted = CHUNK if size < 0 else min(size - done, CHUNK)
        piece = read(wanted, done)
        pieces.append(piece)
        done += len(piece)
        if len(piece) < wanted:
            break
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _dispose(instance: Instance, resource: ResourceAny, description: str | None) -> None:
    # Before the warning, which a filter may turn into an exception.
    instance.discard(resource)
    if description is not None:
        warnings.warn(f"unclosed temporary file, mode {description}", ResourceWarning, stacklevel=2)
