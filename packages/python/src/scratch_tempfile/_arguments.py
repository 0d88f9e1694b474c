"""Arguments of callers, checked as `open` and `tempfile` check them."""

from __future__ import annotations

import codecs
import errno
import io
import itertools
import locale
import math
import operator
import os
import sys
import tempfile
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, SupportsIndex

LARGEST = 2**63 - 1

#: The number of bytes or characters that are taken from an iterable at a time.
_BATCH = 64 * 1024

_ACCESS = {
    "r": "read-only",
    "r+": "read-write",
    "w": "write-only",
    "w+": "read-write",
    "x": "write-only",
    "x+": "read-write",
    "a": "append-only",
    "a+": "append",
}
_NEWLINES = (None, "", "\n", "\r", "\r\n")

Name = str | bytes | os.PathLike[str] | os.PathLike[bytes] | None


@dataclass(frozen=True)
class Place:
    """The directory, prefix and suffix of a new entry."""

    suffix: str | None
    prefix: str | None
    #: Absolute, with links unresolved: paths begin as the caller wrote them.
    directory: str
    is_bytes: bool

    @staticmethod
    def of(suffix: Name, prefix: Name, directory: Name) -> Place:
        parts = [None if part is None else os.fspath(part) for part in (suffix, prefix, directory)]
        kinds = {isinstance(part, bytes) for part in parts if part is not None}
        for part in parts:
            if part is not None and not isinstance(part, (str, bytes)):
                raise TypeError(f"expected str, bytes or os.PathLike object, not {type(part)}")
        if len(kinds) > 1:
            raise TypeError("Can't mix bytes and non-bytes in path components.")
        is_bytes = kinds == {True} or (not kinds and isinstance(tempfile.tempdir, bytes))
        suffix, prefix, directory = (None if part is None else os.fsdecode(part) for part in parts)
        if directory is None:
            directory = tempfile.gettempdir()
        if "\0" in directory:
            raise ValueError("embedded null byte")
        return Place(suffix, prefix, os.path.abspath(directory), is_bytes)

    def check(self) -> None:
        """Refuses names that WASI cannot have."""
        for name in (self.directory, self.prefix, self.suffix):
            check_name(name)

    def options(self) -> dict[str, Any]:
        """Returns the fields of `file-options` and `directory-options`."""
        return {"suffix": self.suffix, "prefix": self.prefix, "directory": self.directory}

    def output(self, path: str) -> str | bytes:
        return os.fsencode(path) if self.is_bytes else path


@dataclass(frozen=True)
class Text:
    """The conversion of text to bytes."""

    encoding: str
    errors: str
    newline: str | None

    @staticmethod
    def of(encoding: str | None, errors: str | None, newline: str | None) -> Text:
        for name, value in [("encoding", encoding), ("errors", errors), ("newline", newline)]:
            if value is not None and not isinstance(value, str):
                raise TypeError(f"{name} must be str or None, not {type(value).__name__}")
        if newline not in _NEWLINES:
            raise ValueError(f"illegal newline value: {newline!r}")
        if encoding is None or encoding == "locale":
            encoding = "utf-8" if sys.flags.utf8_mode else locale.getencoding()
        errors = errors or "strict"
        if "\0" in encoding or "\0" in errors:
            raise ValueError("embedded null character")
        codec = codecs.lookup(encoding)
        if not codec._is_text_encoding:
            raise LookupError(
                f"{encoding!r} is not a text encoding; use codecs.open() to handle arbitrary codecs"
            )
        codecs.lookup_error(errors)
        return Text(encoding, errors, newline)


@dataclass(frozen=True)
class Mode:
    """The access to the content of a file, and its buffering and conversion."""

    given: str
    access: str
    #: In bytes; None for the default of the component.
    buffer_size: int | None
    is_line_buffered: bool
    text: Text | None = field(default=None)

    @staticmethod
    def of(
        mode: str,
        buffering: SupportsIndex = -1,
        encoding: str | None = None,
        newline: str | None = None,
        errors: str | None = None,
    ) -> Mode:
        if not isinstance(mode, str):
            raise TypeError(f"mode must be str, not {type(mode).__name__}")
        buffering = index(buffering, "buffering")
        letters = set(mode)
        action = "".join(sorted(letters & set("rwax"))) + "+" * ("+" in letters)
        if letters - set("rwaxbt+") or len(mode) > len(letters):
            raise ValueError(f"invalid mode: {mode!r}")
        if {"b", "t"} <= letters:
            raise ValueError("can't have text and binary mode at once")
        if action not in _ACCESS:
            raise ValueError("must have exactly one of create/read/write/append mode")
        is_binary = "b" in letters
        if is_binary:
            for name, value in [("encoding", encoding), ("errors", errors), ("newline", newline)]:
                if value is not None:
                    wants = "an" if name != "newline" else "a"
                    raise ValueError(f"binary mode doesn't take {wants} {name} argument")
        if buffering < -1:
            raise ValueError("invalid buffering size")
        if buffering == 0 and not is_binary:
            raise ValueError("can't have unbuffered text I/O")
        if buffering == 1 and is_binary:
            warnings.warn(
                "line buffering (buffering=1) isn't supported in binary mode, "
                "the default buffer size will be used",
                RuntimeWarning,
                stacklevel=3,
            )
        return Mode(
            mode,
            _ACCESS[action],
            None if buffering in (-1, 1) else buffering,
            buffering == 1 and not is_binary,
            None if is_binary else Text.of(encoding, errors, newline),
        )

    @property
    def is_reading(self) -> bool:
        return self.access not in ("write-only", "append-only")

    @property
    def is_writing(self) -> bool:
        return self.access != "read-only"

    @property
    def is_appending(self) -> bool:
        return self.access.startswith("append")

    @property
    def flags(self) -> int:
        """The flags of a descriptor of this mode."""
        flags = os.O_RDWR if self.is_reading and self.is_writing else os.O_RDONLY
        if not self.is_reading:
            flags = os.O_WRONLY
        return flags | (os.O_APPEND if self.is_appending else 0)

    @property
    def reported(self) -> str:
        """The `mode` attribute of a file of this mode: Python reports `w+b` as `rb+`."""
        if self.text is not None:
            return self.given
        letter = next(letter for letter in self.given if letter in "rwax")
        if "+" not in self.given:
            return letter + "b"
        return ("r" if letter == "w" else letter) + "b+"

    def options(self) -> dict[str, Any]:
        """Returns the fields of `file-options`."""
        return {"access": self.access, "buffer-size": self.buffer_size}

    def check_reading(self) -> None:
        if not self.is_reading:
            raise io.UnsupportedOperation("not readable")

    def check_writing(self) -> None:
        if not self.is_writing:
            raise io.UnsupportedOperation("not writable")


def size_argument(size: SupportsIndex | None) -> int:
    """Returns the size to read: -1, for everything, if it is None or negative."""
    if size is None:
        return -1
    number = index(size, "size")
    return -1 if number < 0 else min(number, LARGEST)


def index(value: SupportsIndex, name: str) -> int:
    """Returns an integer, or what is one by `__index__`, such as those of numpy."""
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, not {type(value).__name__}") from None


def max_size_argument(max_size: SupportsIndex | float | None) -> int | None:
    """Returns the most bytes in memory, None for all, as Python compares sizes with `max_size`."""
    if not max_size:
        return None
    try:
        return math.floor(max_size)
    except TypeError:
        return index(max_size, "max_size")  # type: ignore[arg-type]
    except OverflowError:
        return None if max_size == math.inf else -1
    except ValueError:
        # No size is at most NaN.
        return -1


def check_name(name: str | None) -> None:
    """Refuses a name that is not UTF-8, which WASI requires."""
    try:
        (name or "").encode()
    except UnicodeEncodeError:
        reason = f"name is not UTF-8: {os.strerror(errno.EILSEQ)}"
        raise OSError(errno.EILSEQ, reason, name) from None


def flatten(lines: Iterable[Any], mode: Mode) -> list[Any]:
    """Returns a snapshot of the lines, each of the type that the file takes."""
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
    # A copy, since the caller may change the buffer before it is written.
    with memoryview(data) as view:
        return view.tobytes()


def offset_argument(offset: SupportsIndex) -> int:
    number = index(offset, "offset")
    if not 0 <= number < 2**63:
        raise ValueError(f"offset {number} is out of range")
    return number


def take_batch(lines: Iterable[Any], mode: Mode) -> tuple[list[Any], BaseException | None]:
    """Takes some lines, and returns them with the error that ended them, if any."""
    batch: list[Any] = []
    size = 0
    try:
        for line in itertools.islice(lines, 4096):
            converted = convert(line, mode)
            batch.append(converted)
            size += len(converted)
            if size >= _BATCH:
                break
    except Exception as error:
        return batch, error
    return batch, None
