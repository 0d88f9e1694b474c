"""Permissions and descriptors of entries, neither of which WASI has."""

from __future__ import annotations

import os
import stat

from ._errors import system_error


def nearest_directory(directory: str) -> str:
    """Returns the directory, or its nearest ancestor that exists."""
    while not os.path.isdir(directory):
        parent = os.path.dirname(directory)
        if parent == directory:
            break
        directory = parent
    return directory


def restrict(path: str, permissions: int) -> None:
    """Sets the permissions of an entry, since WASI has none."""
    descriptor = open_own(path, os.O_RDONLY)
    try:
        os.fchmod(descriptor, permissions)
    finally:
        os.close(descriptor)


def open_own(path: str, flags: int) -> int:
    """Opens an entry that was just created. An entry that has replaced it is refused."""
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
