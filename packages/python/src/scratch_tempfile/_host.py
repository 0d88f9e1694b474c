"""Permissions and descriptors of entries, neither of which WASI has."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import threading
from collections.abc import Iterator

from ._errors import system_error

#: The device and the number of a file.
Identity = tuple[int, int]

_FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC

_umask_lock = threading.Lock()


def restrict(path: str, permissions: int) -> Identity:
    """Sets the permissions of a new entry, where its filesystem has any.

    An entry that has replaced it is refused.
    """
    # O_PATH needs no right to read, which the umask may have taken from the owner.
    descriptor = os.open(path, _FLAGS | getattr(os, "O_PATH", os.O_RDONLY))
    try:
        status = os.fstat(descriptor)
        is_kind = stat.S_ISDIR(status.st_mode) or (
            stat.S_ISREG(status.st_mode) and status.st_nlink <= 1
        )
        # Where all entries of a filesystem have one owner, so has the directory.
        owners = (os.geteuid(), os.stat(os.path.dirname(path)).st_uid)
        if status.st_uid not in owners or not is_kind:
            raise system_error(errno.EACCES, path)
        with contextlib.suppress(OSError):
            os.chmod(_through(descriptor), permissions)
        return status.st_dev, status.st_ino
    finally:
        os.close(descriptor)


def current_umask() -> int:
    """Returns the umask of the process, without setting it where the system reports it."""
    try:
        with open("/proc/self/status", "rb") as status:
            return int(next(line for line in status if line.startswith(b"Umask:"))[6:], 8)
    except (OSError, StopIteration):
        with owner_umask() as umask:
            return umask


@contextlib.contextmanager
def owner_umask() -> Iterator[int]:
    """Sets a umask that leaves all rights to the owner, for the whole process."""
    with _umask_lock:
        umask = os.umask(0o077)
        try:
            yield umask
        finally:
            os.umask(umask)


def open_file(path: str, flags: int, identity: Identity) -> int:
    """Opens a file that has this identity. A file that has replaced it is refused."""
    descriptor = os.open(path, _FLAGS | flags | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        if (status.st_dev, status.st_ino) != identity:
            raise system_error(errno.ESTALE, path)
        os.set_blocking(descriptor, True)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def read(descriptor: int, size: int, offset: int) -> bytes:
    """Reads up to `size` bytes at `offset`, or to the end if it is negative."""
    left = os.fstat(descriptor).st_size - offset
    # A larger size would be allocated.
    size = left if size < 0 else min(size, left)
    pieces = []
    while size > 0 and (piece := os.pread(descriptor, size, offset)):
        pieces.append(piece)
        size -= len(piece)
        offset += len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def write(descriptor: int, data: bytes, offset: int) -> None:
    """Writes all of `data` at `offset`, or at the end if the descriptor appends."""
    with memoryview(data) as rest:
        done = 0
        while done < len(data):
            done += os.pwrite(descriptor, rest[done:], offset + done)


def copy(source: int, target: int) -> None:
    """Copies the content of an open file to another one."""
    offset = 0
    while piece := os.pread(source, 1 << 20, offset):
        write(target, piece, offset)
        offset += len(piece)


def _through(descriptor: int) -> int | str:
    # A descriptor of O_PATH cannot be changed itself, but its link in /proc can.
    return f"/proc/self/fd/{descriptor}" if hasattr(os, "O_PATH") else descriptor
