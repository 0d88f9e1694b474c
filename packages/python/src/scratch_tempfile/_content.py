"""Files as the component sees them, for one caller at a time and not asynchronous.

There are three kinds: bytes, text in an encoding that the component knows, and text in any other
of Python's encodings, which Python converts. Their functions wait for the host; those whose name
begins with `try` do not, and return None if they would have to.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import stat
import warnings
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, AnyStr

from wasmtime.component import ResourceAny

from ._arguments import LARGEST, Mode, Place
from ._errors import InvalidArgumentError, system_error, translated
from ._instance import Instance, instance_for
from ._values import ComponentError

#: How many bytes are passed to or from the component at a time. A list of bytes takes 32 times
#: its size on the way, and other files get their turn in between.
CHUNK = 64 * 1024

#: How many characters are: they are copied as a whole.
LARGE = 1024 * 1024

#: How many bytes are passed without leaving the event loop's thread: some 0.1 ms.
QUICK = 4 * 1024

#: The part of a text's position that is not a check.
_DECODER_STATE = (1 << 40) - 1

_WHENCE = {os.SEEK_SET: "start", os.SEEK_CUR: "current", os.SEEK_END: "end"}


def read_in_pieces(read: Callable[[int], AnyStr], size: int, nothing: AnyStr) -> AnyStr:
    """Reads as many units, or to the end if `size` is negative."""
    pieces = []
    while size:
        wanted = CHUNK if size < 0 else min(size, CHUNK)
        piece = read(wanted)
        pieces.append(piece)
        if len(piece) < wanted:
            break
        if size > 0:
            size -= len(piece)
    return pieces[0] if len(pieces) == 1 else nothing.join(pieces)


class Bytes:
    """A file of bytes. Reading lines reads ahead; whatever else is done sets that right first."""

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
        """Puts the position where the caller believes it to be."""
        left = len(self._ahead) - self._used
        if left:
            self.call("seek", -left, "current")
        self._ahead = b""
        self._used = self._ahead_size = 0

    # Reading

    def read(self, size: int) -> bytes:
        self.settle()
        return read_in_pieces(partial(self.call, "read"), size, b"")

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
            # There is more, and `read` begins with what was read here.
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
        """How many of the lines can be written before a spooled file has to move to disk."""
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
            # Nothing of the data counts as written; what fits is, up to the line that does not.
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
        pieces = []
        while size:
            wanted = CHUNK if size < 0 else min(size, CHUNK)
            piece = self.call("read-at", wanted, offset)
            pieces.append(piece)
            offset += len(piece)
            if len(piece) < wanted:
                break
            if size > 0:
                size -= len(piece)
        return b"".join(pieces)

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
        """Has nothing wait in a buffer any more, so that others see what is written."""
        try:
            descriptor = self.instance.call("lowlevel", "descriptor-of-file", self._resource)
        except ComponentError as error:
            raise translated(error, self.path) from None
        self.instance.discard(descriptor)

    def close(self) -> None:
        self.call("close")

    def release(self) -> None:
        """Drops the file, with its name if that was to go with it."""
        if self._finalizer.detach():
            self.instance.drop(self._resource)


class Text:
    """A file of text, in an encoding that the component knows."""

    def __init__(self, below: Bytes) -> None:
        assert below.mode.text is not None
        self.instance = below.instance
        self.mode = below.mode
        self.place = below.place
        self.text = below.mode.text
        self.max_size = below.max_size
        self.is_in_memory = below.is_in_memory
        self.path = below.path
        # Lines that were read ahead, how many characters of them were taken, and where they began.
        self._lines: deque[str] = deque()
        self._taken = 0
        self._begin: dict[str, int] | None = None
        self._told: dict[str, int] | None = None
        self._fresh_state = -1
        self._ahead_size = 0
        # At most so many bytes are in memory.
        self._most = 0
        is_warned = None if below.is_in_memory else repr(below.mode.given)
        below._finalizer.detach()
        self._resource = self._create(below._resource)
        self._finalizer = weakref.finalize(self, _dispose, self.instance, self._resource, is_warned)
        self._fresh_state = self.call("tell")["state"] & _DECODER_STATE

    newlines: None = None

    # Calls

    def _create(self, file: ResourceAny) -> ResourceAny:
        resource: ResourceAny = self.instance.call(
            "text", "[static]text-file.create", file, self.text.options
        )
        return resource

    def call(self, name: str, *arguments: Any) -> Any:
        try:
            return self.instance.call(
                "text", "[method]text-file." + name, self._resource, *arguments
            )
        except ComponentError as error:
            if error.code != "illegal-byte-sequence":
                raise translated(error, self.path) from None
            message = error.message
        if name == "write":
            raise self._encode_error(arguments[0], message)
        raise self._decode_error(message)

    def call_below(self, name: str, *arguments: Any) -> Any:
        """Calls a function that the file has and the text has not."""
        self.settle()
        place = self.call("tell")
        try:
            return self._call_file(name, *arguments)
        finally:
            self.call("seek", ("position", place))

    def _call_file(self, name: str, *arguments: Any) -> Any:
        finalizer = self._finalizer.detach()
        assert finalizer is not None
        file = self.instance.call("text", "[static]text-file.into-file", self._resource)
        try:
            return self.instance.call(
                "tempfile", "[method]temporary-file." + name, file, *arguments
            )
        except ComponentError as error:
            raise translated(error, self.path) from None
        finally:
            # A text begins at the position of its file.
            self._resource = self._create(file)
            self._finalizer = weakref.finalize(
                self, _dispose, self.instance, self._resource, finalizer[2][2]
            )

    def _encode_error(self, text: str, message: str) -> UnicodeError:
        try:
            text.encode(self.text.encoding, self.text.errors)
        except UnicodeError as error:
            return error
        return UnicodeEncodeError(self.text.encoding, text, 0, min(len(text), 1), message)

    def _decode_error(self, message: str) -> UnicodeError:
        """The error that Python's own decoder has with the same bytes."""
        offset = self.call("tell")["offset"]
        decoder = codecs.getincrementaldecoder(self.text.encoding)(self.text.errors)
        data = b""
        try:
            for _ in range(16):
                data = self.call_below("read-at", CHUNK, offset)
                decoder.decode(data, final=len(data) < CHUNK)
                offset += len(data)
        except UnicodeError as error:
            return error
        return UnicodeDecodeError(self.text.encoding, data or b"?", 0, 1, message)

    def note_rollover(self) -> None:
        if self.is_in_memory:
            self.is_in_memory = not self.call("is-rolled")

    def settle(self) -> None:
        """Puts the position where the caller believes it to be."""
        if self._lines:
            assert self._begin is not None
            self._lines.clear()
            self.call("seek", ("position", self._begin))
            if self._taken:
                self.call("read", self._taken)
        self._ahead_size = 0

    # Reading

    def read(self, size: int) -> str:
        self.settle()
        # A character is no more than a byte in memory here, and no more than 4 on the way.
        return read_in_pieces(partial(self.call, "read"), size, "")

    def try_read(self, size: int) -> str | None:
        if not self.is_in_memory or (not 0 <= size <= CHUNK and self._most > CHUNK):
            return None
        return self.read(size)

    def try_readline(self, limit: int) -> str | None:
        if self._lines and (limit < 0 or limit >= len(self._lines[0])):
            line = self._lines.popleft()
            self._taken += len(line)
            return line
        if self.is_in_memory and self._most <= CHUNK:
            return self.readline(limit)
        return None

    def readline(self, limit: int) -> str:
        if limit >= 0:
            self.settle()
            line: str = self.call("read-line", limit)
            return line
        if not self._lines:
            self._read_ahead()
        if not self._lines:
            return ""
        line = self._lines.popleft()
        self._taken += len(line)
        return line

    def readlines(self, hint: int) -> list[str]:
        self.settle()
        lines: list[str] = []
        total = 0
        while hint <= 0 or total < hint:
            batch = self.call("read-lines", CHUNK if hint <= 0 else min(hint - total, CHUNK))
            if not batch:
                break
            lines += batch
            total += sum(map(len, batch))
        return lines

    def _read_ahead(self) -> None:
        self._ahead_size = min(max(4 * self._ahead_size, 256), CHUNK)
        self._begin = self.call("tell")
        self._taken = 0
        try:
            self._lines.extend(self.call("read-lines", self._ahead_size))
        except UnicodeError:
            # The lines before the bad one are good.
            line = self.call("read-line", None)
            if line:
                self._lines.append(line)

    # Writing

    def write(self, text: str) -> int:
        self.settle()
        passed = self._passable(text)
        if len(passed) <= LARGE:
            self.call("write", passed)
        else:
            self._write_large(passed)
        self._most += 8 * len(text) + 8
        self.note_rollover()
        return len(text)

    def _write_large(self, text: str) -> None:
        # Refused as a whole or not at all, although it is passed in pieces.
        size = len(text.encode(self.text.encoding, self.text.errors))
        if self.max_size is not None and self.is_in_memory and size > self.max_size:
            self.rollover()
        for start in range(0, len(text), LARGE):
            self.call("write", text[start : start + LARGE])

    def _passable(self, text: str) -> str:
        """The text without lone surrogates, which no component takes."""
        try:
            text.encode()
        except UnicodeEncodeError:
            encoded = text.encode(self.text.encoding, self.text.errors)
            return encoded.decode(self.text.encoding)
        return text

    def try_write(self, text: str) -> int | None:
        if len(text) > CHUNK or not self.is_in_memory:
            return None
        if self.max_size is not None and self._most + 8 * len(text) + 8 > self.max_size:
            return None
        return self.write(text)

    def fitting(self, lines: list[str]) -> int:
        return len(lines)

    def writelines(self, lines: list[str]) -> None:
        self.settle()
        for start in range(0, len(lines), 1024):
            self.call("write-lines", [self._passable(line) for line in lines[start : start + 1024]])
        self._most += sum(8 * len(line) + 8 for line in lines)
        self.note_rollover()

    def truncate(self, size: int | None) -> int:
        self.settle()
        if size is None:
            size = self.call("tell")["offset"]
        elif size < 0:
            raise InvalidArgumentError(22, f"negative size value {size}")
        elif size > LARGEST:
            raise OverflowError("Python int too large to convert to C long")
        self.call("truncate", size)
        self._most = max(self._most, size)
        self.note_rollover()
        return size

    # Position

    def seek(self, offset: int, whence: int) -> int:
        if whence == os.SEEK_CUR:
            if offset:
                raise io.UnsupportedOperation("can't do nonzero cur-relative seeks")
            return self.tell()
        if whence == os.SEEK_END:
            if offset:
                raise io.UnsupportedOperation("can't do nonzero end-relative seeks")
            self.settle()
            self.call("seek", ("end", None))
            return self.tell()
        if whence != os.SEEK_SET:
            raise ValueError(f"invalid whence ({whence}, should be 0, 1 or 2)")
        if offset < 0:
            raise ValueError(f"negative seek position {offset}")
        if offset >> 128:
            raise OverflowError("Python int too large to convert to C long")
        self.settle()
        state, begin = divmod(offset, 1 << 64)
        if offset == 0:
            self.call("seek", ("start", None))
        elif state:
            self.call("seek", ("position", {"offset": begin, "state": state}))
        elif self._told is not None and self._told["offset"] == begin:
            self.call("seek", ("position", self._told))
        else:
            # A number of bytes that no `tell` told, but that Python takes.
            self._call_file("seek", _position(begin), "start")
        return offset

    def try_seek(self, offset: int, whence: int) -> int | None:
        return self.seek(offset, whence) if self.is_in_memory else None

    def tell(self) -> int:
        self.settle()
        place = self.call("tell")
        offset: int = place["offset"]
        state: int = place["state"]
        if state & _DECODER_STATE == self._fresh_state:
            # As in Python, a place where nothing is to be known but the offset is a plain number.
            self._told = place
            return offset
        return offset | state << 64

    def try_tell(self) -> int | None:
        return self.tell() if self.is_in_memory else None

    # The rest

    def flush(self) -> None:
        self.call("flush")

    def sync(self) -> None:
        self.call_below("sync")

    def size(self) -> int:
        size: int = self.call_below("size")
        return size

    def rollover(self) -> None:
        self.call("rollover")
        self.note_rollover()

    def keep(self) -> None:
        self.call_below("keep")

    def persist(self, path: str, replace: bool) -> None:
        try:
            self.call_below("persist", path, replace)
        except OSError as error:
            error.filename = path
            raise
        self.path = self.call("path")

    def close(self) -> None:
        self.call("close")

    def release(self) -> None:
        if self._finalizer.detach():
            self.instance.drop(self._resource)


class Buffer(io.BufferedIOBase):
    """A file of bytes, as `io.TextIOWrapper` wants it."""

    def __init__(self, below: Bytes) -> None:
        self._below = below

    def readable(self) -> bool:
        return self._below.mode.is_reading

    def writable(self) -> bool:
        return self._below.mode.is_writing

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._below.read(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        return self._below.read(CHUNK if size < 0 else size)

    def write(self, data: Any, /) -> int:
        return self._below.write(bytes(data))

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._below.seek(offset, whence)

    def tell(self) -> int:
        return self._below.tell()

    def truncate(self, size: int | None = None, /) -> int:
        return self._below.truncate(size)


class ConvertedText:
    """A file of text that Python converts: any of its encodings and error handlers."""

    def __init__(self, below: Bytes) -> None:
        assert below.mode.text is not None
        self.below = below
        self.text = below.mode.text
        self._wrapper: io.TextIOWrapper[Any] = io.TextIOWrapper(
            Buffer(below),
            self.text.encoding,
            self.text.errors,
            self.text.newline,
            write_through=True,
        )

    @property
    def instance(self) -> Instance:
        return self.below.instance

    @property
    def mode(self) -> Mode:
        return self.below.mode

    @property
    def place(self) -> Place:
        return self.below.place

    @property
    def is_in_memory(self) -> bool:
        return self.below.is_in_memory

    @property
    def path(self) -> str | None:
        return self.below.path

    @property
    def newlines(self) -> str | tuple[str, ...] | None:
        return self._wrapper.newlines

    def _quick(self) -> bool:
        return self.below.is_in_memory and self.below.call("size") <= CHUNK

    def read(self, size: int) -> str:
        return self._wrapper.read(size)

    def try_read(self, size: int) -> str | None:
        return self.read(size) if self._quick() else None

    def readline(self, limit: int) -> str:
        return self._wrapper.readline(limit)

    def try_readline(self, limit: int) -> str | None:
        return self.readline(limit) if self._quick() else None

    def readlines(self, hint: int) -> list[str]:
        # Not its own, which forbids `tell` until the end.
        lines: list[str] = []
        total = 0
        while hint <= 0 or total < hint:
            line = self._wrapper.readline()
            if not line:
                break
            lines.append(line)
            total += len(line)
        return lines

    def write(self, text: str) -> int:
        return self._wrapper.write(text)

    def try_write(self, text: str) -> int | None:
        # How many bytes it becomes is not known.
        return None

    def fitting(self, lines: list[str]) -> int:
        return len(lines)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self._wrapper.write(line)

    def truncate(self, size: int | None) -> int:
        position = self._wrapper.tell()
        result = self._wrapper.truncate(size)
        # Python's own wrapper goes on where it stood only if it reads on from there.
        self._wrapper.seek(position)
        return result

    def seek(self, offset: int, whence: int) -> int:
        return self._wrapper.seek(offset, whence)

    def try_seek(self, offset: int, whence: int) -> int | None:
        return self.seek(offset, whence) if self._quick() else None

    def tell(self) -> int:
        return self._wrapper.tell()

    def try_tell(self) -> int | None:
        return self.tell() if self._quick() else None

    def flush(self) -> None:
        self._wrapper.flush()
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

    def close(self) -> None:
        self.below.close()

    def release(self) -> None:
        self.below.release()


Content = Bytes | Text | ConvertedText


def create_unnamed(place: Place, mode: Mode) -> Content:
    return _create("create", place, mode, {})


def create_named(place: Place, mode: Mode, removal: str) -> Content:
    return _create("create-named", place, mode, {"removal": removal})


def create_spooled(instance: Instance, place: Place, mode: Mode, max_size: int | None) -> Content:
    options = place.options() | mode.options()
    resource = _static(instance, "create-spooled", place, max_size, options)
    return _as_asked(Bytes(instance, resource, place, mode, max_size, is_spooled=True))


def _create(function: str, place: Place, mode: Mode, more: dict[str, Any]) -> Content:
    instance = instance_for(place.directory)
    options = place.options() | mode.options() | more
    file = Bytes(instance, _static(instance, function, place, options), place, mode)
    try:
        if function == "create-named":
            file.path = file.call("path")
            assert file.path is not None
            restrict(file.path, 0o600)
        return _as_asked(file)
    except BaseException:
        abandon(file)
        raise


def abandon(content: Content) -> None:
    """Removes a file that nobody received, whether it was to be kept or not."""
    path = content.path
    content.release()
    if path is not None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def _static(instance: Instance, function: str, place: Place, *arguments: Any) -> ResourceAny:
    try:
        resource: ResourceAny = instance.call(
            "tempfile", "[static]temporary-file." + function, *arguments
        )
    except ComponentError as error:
        raise translated(error, place.output(place.directory)) from None
    return resource


def _as_asked(file: Bytes) -> Content:
    if file.mode.text is None:
        return file
    return Text(file) if file.mode.text.options is not None else ConvertedText(file)


def _position(offset: int) -> int:
    if not 0 <= offset <= LARGEST:
        raise OverflowError("Python int too large to convert to C long")
    return offset


def nearest_directory(directory: str) -> str:
    """The directory itself, or as much of its path as there is."""
    while not os.path.isdir(directory):
        parent = os.path.dirname(directory)
        if parent == directory:
            break
        directory = parent
    return directory


def restrict(path: str, permissions: int) -> None:
    """Makes an entry its owner's alone, which WASI has no words for."""
    descriptor = open_own(path, os.O_RDONLY)
    try:
        os.fchmod(descriptor, permissions)
    finally:
        os.close(descriptor)


def open_own(path: str, flags: int) -> int:
    """Opens an entry that was just created, and nothing that took its place."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        if status.st_uid != os.geteuid() or not (
            stat.S_ISDIR(status.st_mode) or (stat.S_ISREG(status.st_mode) and status.st_nlink == 1)
        ):
            raise system_error(13, path)
        os.set_blocking(descriptor, True)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def flatten(lines: Iterable[Any], mode: Mode) -> list[Any]:
    """The lines as they are now, each of the kind that the file takes."""
    return [convert(line, mode) for line in lines]


def convert(data: Any, mode: Mode) -> Any:
    if mode.text is not None:
        if not isinstance(data, str):
            raise TypeError(f"write() argument must be str, not {type(data).__name__}")
        return data
    if isinstance(data, str):
        raise TypeError("a bytes-like object is required, not 'str'")
    if isinstance(data, bytes):
        return data
    # What the caller does with a buffer of theirs meanwhile is no concern of the file's.
    with memoryview(data) as view:
        return view.tobytes()


def _dispose(instance: Instance, resource: ResourceAny, description: str | None) -> None:
    # First, since the warning may be made an error.
    instance.discard(resource)
    if description is not None:
        warnings.warn(f"unclosed temporary file, mode {description}", ResourceWarning, stacklevel=2)
