"""The component's errors as those that people who write Python catch."""

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
    """An argument makes no sense; the message names it.

    Python raises OSError for some of these and ValueError for others.
    """


def translated(error: ComponentError, filename: str | bytes | None = None) -> Exception:
    """The exception for an error of the component."""
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
            # With an errno, OSError makes itself the subclass that fits.
            return OSError(_ERRNO.get(code, errno.EIO), message, filename)


def closed() -> ValueError:
    return ValueError("I/O operation on closed file.")


def system_error(number: int, filename: str | bytes) -> OSError:
    return OSError(number, os.strerror(number), filename)
