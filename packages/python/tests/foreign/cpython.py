"""Runs CPython's own tests of `tempfile` on this package, through blocking functions.

Prints a line for each test that does not pass, and ends with 1 unless each of them is in KNOWN.
"""

from __future__ import annotations

import atexit
import gc
import inspect
import io
import re
import sys
import tempfile
import types
import unittest
import warnings
import weakref
from typing import Any

from anyio.from_thread import start_blocking_portal

import scratch_tempfile

starting = start_blocking_portal()
portal = starting.__enter__()
atexit.register(starting.__exit__, None, None, None)


def wait(function: Any, *arguments: Any) -> Any:
    return portal.call(function, *arguments)


class File:
    """A file whose methods block."""

    def __init__(self, file: Any, leave: Any = None) -> None:
        self._file = file
        self._leave = leave or file.aclose

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._file, name)
        if not inspect.iscoroutinefunction(value):
            return value
        return lambda *arguments: wait(value, *arguments)

    def close(self) -> None:
        wait(self._file.aclose)

    def __enter__(self) -> File:
        if self._file.closed:
            raise ValueError("I/O operation on closed file.")
        return self

    def __exit__(self, *_: object) -> None:
        wait(self._leave)

    def __iter__(self) -> Any:
        while line := self.readline():
            yield line


io.IOBase.register(File)


def temporary_file(*arguments: Any, **more: Any) -> File:
    return File(wait(scratch_tempfile.TemporaryFile(*arguments, **more).__aenter__))


def named_temporary_file(*arguments: Any, **more: Any) -> File:
    file = wait(scratch_tempfile.NamedTemporaryFile(*arguments, **more).__aenter__)
    return File(file, file._leave)


class SpooledTemporaryFile(File):
    __class_getitem__ = classmethod(types.GenericAlias)

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(scratch_tempfile.SpooledTemporaryFile(*arguments, **more))


class TemporaryDirectory:
    __class_getitem__ = classmethod(types.GenericAlias)

    def __init__(self, *arguments: Any, **more: Any) -> None:
        if len(arguments) > 3:
            more["ignore_cleanup_errors"] = arguments[3]
            arguments = arguments[:3]
        self._manager = scratch_tempfile.TemporaryDirectory(*arguments, **more)
        self.name = wait(self._manager.__aenter__)
        self._finalizer = weakref.finalize(self, lambda: None)

    def cleanup(self) -> None:
        wait(self._manager.cleanup)

    def __enter__(self) -> str:
        return self.name

    def __exit__(self, *_: object) -> None:
        if self._manager.delete:
            self.cleanup()


def mkstemp(
    suffix: Any = None, prefix: Any = None, dir: Any = None, text: bool = False
) -> tuple[int, Any]:
    return wait(scratch_tempfile.mkstemp, suffix, prefix, dir, text)


def mkdtemp(suffix: Any = None, prefix: Any = None, dir: Any = None) -> Any:
    return wait(scratch_tempfile.mkdtemp, suffix, prefix, dir)


PRIVATE = "replaces private functions of CPython's module"
NO_NAME = "a file without a name has the name None, not a number"

KNOWN: dict[str, str] = {
    "TestMkdtemp.test_collision_with_existing_directory": PRIVATE,
    "TestMkdtemp.test_collision_with_existing_file": PRIVATE,
    "TestMkstempInner.test_collision_with_existing_directory": PRIVATE,
    "TestNamedTemporaryFile.test_unexpected_error": PRIVATE,
    "TestTemporaryFile.test_unexpected_error": PRIVATE,
    "TestSpooledTemporaryFile.test_iobase_interface": "asks the class of this adapter",
    "TestSpooledTemporaryFile.test_properties": NO_NAME,
    "TestSpooledTemporaryFile.test_text_mode": NO_NAME,
    "TestSpooledTemporaryFile.test_text_newline_and_encoding": NO_NAME,
    "TestSpooledTemporaryFile.test_del_on_close": NO_NAME,
    "TestSpooledTemporaryFile.test_del_rolled_file": NO_NAME,
    "TestSpooledTemporaryFile.test_truncate_with_size_parameter": "uses the private file object",
}


class Result(unittest.TextTestResult):
    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        # Not to warn, in a test of warnings, about a file that another one has left.
        gc.collect()
        super().startTest(test)


def main() -> int:
    tempfile.TemporaryFile = temporary_file  # type: ignore[assignment]
    tempfile.NamedTemporaryFile = named_temporary_file  # type: ignore[assignment]
    tempfile.SpooledTemporaryFile = SpooledTemporaryFile  # type: ignore[assignment,misc]
    tempfile.TemporaryDirectory = TemporaryDirectory  # type: ignore[assignment,misc]
    tempfile.mkstemp = mkstemp  # type: ignore[assignment]
    tempfile.mkdtemp = mkdtemp  # type: ignore[assignment]
    from test import test_tempfile

    # Names have more random characters than CPython's eight.
    test_tempfile.BaseTestCase.str_check = re.compile(r"^[a-z0-9_-]{8,36}$")
    test_tempfile.BaseTestCase.b_check = re.compile(rb"^[a-z0-9_-]{8,36}$")
    warnings.simplefilter("ignore", ResourceWarning)
    suite = unittest.defaultTestLoader.loadTestsFromModule(test_tempfile)
    result = unittest.TextTestRunner(io.StringIO(), resultclass=Result).run(suite)
    unexpected = 0
    for test, report in [*result.failures, *result.errors]:
        name = str(test.id()).removeprefix("test.test_tempfile.")
        last = report.strip().splitlines()[-1]
        reason = KNOWN.get(name.split(" ")[0])
        unexpected += reason is None
        print(f"{name}: {reason or 'UNEXPECTED: ' + last}")
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed, {len(result.skipped)} skipped")
    return 1 if unexpected else 0


if __name__ == "__main__":
    sys.exit(main())
