"""Asynchronous temporary files and directories, with anyio's names.

They live in a WebAssembly component, `scratch:tempfile`, which reaches only the directories that
it is given. Acknowledged writes are never lost. Closing, dropping, cancelling and the end of the
interpreter leave nothing behind.
"""

from ._errors import InvalidArgumentError
from ._file import ScratchFile
from ._lowlevel import gettempdir, gettempdirb, mkdtemp, mkstemp
from ._managers import NamedScratchFile, NamedTemporaryFile, TemporaryFile
from ._spooled import SpooledTemporaryFile
from ._temporary_directory import TemporaryDirectory

__all__ = [
    "InvalidArgumentError",
    "NamedScratchFile",
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
