"""A file of bytes, for one caller at a time and not asynchronous.

Its functions may wait for the host. Those whose name begins with `try` never wait: they return
None where they would have to.
"""

from __future__ import annotations

import contextlib
import io
import os
import weakref
from typing import Any

from wasmtime.component import ResourceAny

from . import _host
from ._arguments import Mode, Place
from ._errors import closed, translated
from ._instance import Instance
from ._positions import CHUNK, WHENCE, check_seek, check_truncation, read_in_pieces
from ._values import ComponentError

#: The most bytes that pass without leaving the event loop's thread: some 0.1 ms.
QUICK = 4 * 1024

#: The bytes of a file that pass through the component before it gets a descriptor. A list of bytes
#: passes at some 15 MB/s, and opening a descriptor takes as long as passing so many.
MOST_PASSED = 64 * 1024

#: From this size on a call of the component takes longer than two and one of the host.
_DIRECT = 256


class Bytes:
    """A file of bytes on disk.

    Reading lines reads ahead. Every other operation first calls `settle`, which undoes that.
    """

    is_in_memory = False

    def __init__(
        self,
        instance: Instance,
        resource: ResourceAny,
        place: Place,
        mode: Mode,
    ) -> None:
        self.instance = instance
        self.mode = mode
        self.place = place
        self.path: str | None = None
        self._identity: _host.Identity | None = None
        self._ahead = b""
        self._used = 0
        self._ahead_size = 0
        self._passed = 0
        #: A descriptor of the same file, for large reads and writes.
        self._descriptor: int | None = None
        self._has_descriptor = True
        self._own(resource)

    def name(self, path: str, identity: _host.Identity) -> None:
        """Notes the path of the file."""
        self.path = path
        self._identity = identity

    def _own(self, resource: ResourceAny) -> None:
        self._resource = resource
        self._finalizer = weakref.finalize(self, self.instance.discard, resource)

    # Calls

    def call(self, name: str, *arguments: Any) -> Any:
        if not self._finalizer.alive:
            raise closed()
        return self._call_of(self._resource, name, *arguments)

    def _call_of(self, resource: ResourceAny, name: str, *arguments: Any) -> Any:
        interface, function = "tempfile", "[method]temporary-file." + name
        if name == "descriptor-of-file":
            interface, function = "lowlevel", name
        try:
            return self.instance.call(interface, function, resource, *arguments)
        except ComponentError as error:
            raise translated(error, self.path) from None

    def settle(self) -> None:
        """Moves the position back to the first byte that the caller has not received."""
        left = len(self._ahead) - self._used
        if left:
            self.call("seek", -left, "current")
        self._ahead = b""
        self._used = self._ahead_size = 0

    # The descriptor

    def _descriptor_for(self, size: int) -> int | None:
        """Returns the descriptor if so many bytes pass faster through it than by the component."""
        if self._descriptor is not None:
            return self._descriptor if size >= _DIRECT else None
        self._passed += size
        if self._passed <= MOST_PASSED or not self._has_descriptor:
            return None
        try:
            self._own_descriptor(self._open_descriptor())
        except OSError:
            # Without one it works too.
            self._has_descriptor = False
        return self._descriptor

    def _own_descriptor(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._close_descriptor = weakref.finalize(self, os.close, descriptor)

    def _open_descriptor(self) -> int:
        if self.path is not None:
            return self._share(self.path, self.mode.flags)
        # It gets the name of another file, and has a name until it is open.
        other = self._create_named(self.place.directory)
        try:
            path = self._call_of(other, "path")
            self.call("persist", path, True)
            self._identity = _host.restrict(path, 0o600)
            return self._share(path, os.O_RDWR | (self.mode.flags & os.O_APPEND))
        finally:
            self.instance.drop(other)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)

    def _create_named(self, directory: str) -> ResourceAny:
        options = self.place.options() | self.mode.options() | {"directory": directory}
        try:
            resource: ResourceAny = self.instance.call(
                "tempfile", "[static]temporary-file.create-named", options
            )
        except ComponentError as error:
            raise translated(error, directory) from None
        return resource

    def _share(self, path: str, flags: int) -> int:
        """Opens a second descriptor. From then on the component does not buffer."""
        assert self._identity is not None
        descriptor = _host.open_file(path, flags, self._identity)
        try:
            self.instance.discard(self.call("descriptor-of-file"))
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def open_descriptor(self) -> int:
        """Returns a new descriptor, which the caller closes."""
        if self.path is not None:
            return self._share(self.path, self.mode.flags)
        self.settle()
        if self._descriptor is None:
            self._own_descriptor(self._open_descriptor())
        assert self._descriptor is not None
        return os.dup(self._descriptor)

    # Reading

    def read(self, size: int) -> bytes:
        self.settle()
        left = size if 0 <= size <= CHUNK else self._left(size, self.call("tell"))
        descriptor = self._descriptor_for(left)
        if descriptor is None:
            return read_in_pieces(lambda wanted, _: self.call("read", wanted), size)
        data = _host.read(descriptor, size, self.call("tell"))
        self.call("seek", len(data), "current")
        return data

    def _left(self, size: int, offset: int) -> int:
        left = max(self.size() - offset, 0)
        return left if size < 0 else min(size, left)

    def try_read(self, size: int) -> bytes | None:
        left = len(self._ahead) - self._used
        if left:
            return self._take(size) if 0 <= size <= left else None
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
        size = min(max(4 * self._ahead_size, 256), CHUNK)
        ahead = self.read(size)
        self._ahead, self._used, self._ahead_size = ahead, 0, size
        return bool(ahead)

    # Writing

    def write(self, data: bytes) -> int:
        self.settle()
        if len(data) > CHUNK or self._descriptor is not None:
            self._write_large(data)
        else:
            self.call("write", data)
        return len(data)

    def _write_large(self, data: bytes) -> None:
        start = self.call("tell")
        descriptor = self._descriptor_for(len(data))
        try:
            if descriptor is None:
                for offset in range(0, len(data) or 1, CHUNK):
                    self.call("write", data[offset : offset + CHUNK])
            elif self.mode.is_appending:
                _host.write(descriptor, data, start)
                self.call("seek", 0, "end")
            else:
                _host.write(descriptor, data, start)
                self.call("seek", len(data), "current")
        except BaseException:
            self.call("seek", start, "start")
            raise

    def try_write(self, data: bytes) -> int | None:
        if len(data) > QUICK:
            return None
        self.settle()
        return len(data) if self.call("try-write", data) else None

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
        size = check_truncation(size, self.tell)
        self.call("truncate", size)
        return size

    # Position

    def seek(self, offset: int, whence: int) -> int:
        check_seek(offset, whence)
        self.settle()
        position: int = self.call("seek", offset, WHENCE[whence])
        return position

    def try_seek(self, offset: int, whence: int) -> int | None:
        return None if whence == os.SEEK_END else self.seek(offset, whence)

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
        descriptor = self._descriptor_for(self._left(size, offset))
        if descriptor is not None:
            return _host.read(descriptor, size, offset)
        return read_in_pieces(
            lambda wanted, done: self.call("read-at", wanted, offset + done), size
        )

    def write_at(self, data: bytes, offset: int) -> int:
        descriptor = None if self.mode.is_appending else self._descriptor_for(len(data))
        if descriptor is None:
            for start in range(0, len(data) or 1, CHUNK):
                self.call("write-at", data[start : start + CHUNK], offset + start)
        else:
            _host.write(descriptor, data, offset)
        return len(data)

    def rollover(self) -> None:
        """Does nothing: the content is on disk."""

    def is_idle(self) -> bool:
        """Whether a call could run without waiting for one of another file."""
        return self.instance.is_idle()

    def keep(self) -> None:
        if self.path is None:
            raise io.UnsupportedOperation("a file without a name cannot be kept")
        self.call("keep")

    def persist(self, path: str, replace: bool) -> None:
        try:
            if self.path is None and self._descriptor is not None:
                self._persist_copy(self._descriptor, path, replace)
            else:
                self.call("persist", path, replace)
                self._identity = _host.restrict(path, 0o600)
            self.path = path
        except OSError as error:
            error.filename = path
            raise

    def _persist_copy(self, content: int, path: str, replace: bool) -> None:
        """Persists a file whose name was removed, and which cannot get another one."""
        position = self.tell()
        copy = self._create_named(os.path.dirname(path))
        try:
            name = self._call_of(copy, "path")
            identity = _host.restrict(name, 0o600)
            target = _host.open_file(name, os.O_WRONLY, identity)
            try:
                _host.copy(content, target)
            finally:
                os.close(target)
            self._call_of(copy, "seek", position, "start")
            self._call_of(copy, "persist", path, replace)
        except BaseException:
            self.instance.drop(copy)
            raise
        self.release()
        self._descriptor = None
        self._identity = identity
        self._own(copy)

    def close(self) -> None:
        self.settle()
        self.call("close")

    def discard(self) -> None:
        """Drops the file without waiting."""
        if self._descriptor is not None:
            self._close_descriptor()
        self._finalizer()

    def release(self) -> None:
        """Drops the file, and removes its name if it is removed on close or on drop."""
        if self._descriptor is not None:
            self._close_descriptor()
        if self._finalizer.detach():
            self.instance.drop(self._resource)
