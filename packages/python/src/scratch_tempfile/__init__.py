"""Asynchronous temporary files and directories, with anyio's names.

A WebAssembly component keeps them, `scratch:tempfile`, which reaches nothing but the directories
it is given. What a write returned for is read back whatever else happens, and closing, dropping,
cancelling and the end of the interpreter leave nothing behind.
"""

from ._errors import InvalidArgumentError
from ._file import ScratchFile
from ._lowlevel import gettempdir, gettempdirb, mkdtemp, mkstemp
from ._managers import (
    NamedTemporaryFile,
    SpooledTemporaryFile,
    TemporaryDirectory,
    TemporaryFile,
)

__all__ = [
    "InvalidArgumentError",
    "NamedTemporaryFile",
    "ScratchFile",
    "SpooledTemporaryFile",
    "TemporaryDirectory",
    "TemporaryFile",
    "gettempdir",
    "gettempdirb",
    "mkdtemp",
    "mkstemp",
]
