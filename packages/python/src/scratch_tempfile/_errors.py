"""Maps component errors to Python exceptions."""

from __future__ import annotations

import errno
import io
import os

from ._values import ComponentError

_ERRNO = {
    "access": errno.EACCES,
    "busy": errno.EBUSY,
    "cross-device": errno.EXDEV,
    "exist": errno.EEXIST,
    "file-too-large": errno.EFBIG,
    "illegal-byte-sequence": errno.EILSEQ,
    "insufficient-space": errno.ENOSPC,
    "interrupted": errno.EINTR,
    "invalid": errno.EINVAL,
    "io": errno.EIO,
    "is-directory": errno.EISDIR,
    "loop": errno.ELOOP,
    "name-too-long": errno.ENAMETOOLONG,
    "no-entry": errno.ENOENT,
    "not-directory": errno.ENOTDIR,
    "not-empty": errno.ENOTEMPTY,
    "not-permitted": errno.EPERM,
    "quota": errno.EDQUOT,
    "read-only": errno.EROFS,
    "unsupported": errno.ENOTSUP,
}


class InvalidArgumentError(OSError, ValueError):
    """An invalid argument, which the message names.

    Python raises OSError for some of these arguments and ValueError for others.
    """


def translated(error: ComponentError, filename: str | bytes | None = None) -> Exception:
    """Returns the exception for an error of the component."""
    message = error.message
    match error.code:
        case "closed":
            return ValueError("I/O operation on closed file.")
        case "insufficient-memory":
            return MemoryError(message)
        case "unsupported":
            unsupported = io.UnsupportedOperation(errno.ENOTSUP, message)
            unsupported.filename = filename
            return unsupported
        case "invalid":
            return InvalidArgumentError(errno.EINVAL, message)
        case code:
            # Given an errno, OSError creates the matching subclass.
            return OSError(_ERRNO.get(code, errno.EIO), message, filename)


def closed() -> ValueError:
    return ValueError("I/O operation on closed file.")


def system_error(number: int, filename: str | bytes) -> OSError:
    return OSError(number, os.strerror(number), filename)
