"""Operations on entries of the host that WASI has no words for: permissions and descriptors."""

from __future__ import annotations

import os
import stat

from ._errors import system_error


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
