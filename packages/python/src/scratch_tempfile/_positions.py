"""Positions and sizes in a file of bytes, checked as Python checks them."""

from __future__ import annotations

import os
from collections.abc import Callable

from ._arguments import LARGEST
from ._errors import InvalidArgumentError

#: The most bytes that one call of the component takes or returns. Other files get their turn in
#: between.
CHUNK = 64 * 1024

WHENCE = {os.SEEK_SET: "start", os.SEEK_CUR: "current", os.SEEK_END: "end"}


def read_in_pieces(read: Callable[[int, int], bytes], size: int) -> bytes:
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


def check_seek(offset: int, whence: int) -> None:
    if whence not in WHENCE:
        raise ValueError(f"invalid whence ({whence}, should be 0, 1 or 2)")
    if not -LARGEST - 1 <= offset <= LARGEST:
        raise OverflowError("Python int too large to convert to C long")


def check_truncation(size: int | None, tell: Callable[[], int]) -> int:
    """Returns the size to truncate to, by default the position."""
    if size is None:
        return tell()
    if size < 0:
        raise InvalidArgumentError(22, f"negative size value {size}")
    if size > LARGEST:
        raise OverflowError("Python int too large to convert to C long")
    return size
