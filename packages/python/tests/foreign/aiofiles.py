"""Runs aiofiles' own tests of `tempfile` on this package.

The tests are those of its source distribution, which pip fetches or finds in the given directory:

    python tests/foreign/aiofiles.py [directory of aiofiles-25.1.0.tar.gz]

Ends with 1 unless each test that fails is in KNOWN.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "25.1.0"

ADAPTER = """
from scratch_tempfile import *
from scratch_tempfile import ScratchFile

# Its files are closed by `close`, and those of Python before 3.12 have the attribute `delete`.
ScratchFile.close = ScratchFile.aclose
ScratchFile.delete = True
"""

CONFTEST = """
import pytest

@pytest.fixture
def anyio_backend():
    return "asyncio"
"""

PRIVATE = "looks at the type of the private file object"
KNOWN = {
    "test_spooled_temporary_file[rb+]": PRIVATE,
    "test_spooled_temporary_file[wb+]": PRIVATE,
}


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = Path(sys.argv[1]) if len(sys.argv) > 1 else folder
        archive = source / f"aiofiles-{VERSION}.tar.gz"
        if not archive.exists():
            download = ["download", "--quiet", "--no-deps", "--no-binary", ":all:"]
            command = [sys.executable, "-m", "pip", *download, f"aiofiles=={VERSION}"]
            subprocess.run([*command, "--dest", str(source)], check=True)
        with tarfile.open(archive) as files:
            tests = files.extractfile(f"aiofiles-{VERSION}/tests/test_tempfile.py")
            assert tests is not None
            (folder / "test_tempfile.py").write_bytes(tests.read())
        (folder / "aiofiles").mkdir()
        (folder / "aiofiles" / "__init__.py").touch()
        (folder / "aiofiles" / "tempfile.py").write_text(ADAPTER)
        (folder / "conftest.py").write_text(CONFTEST)
        outcome = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-rfE",
                "-o",
                "anyio_mode=auto",
                "-p",
                "no:cacheprovider",
                ".",
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    failed = re.findall(r"^(?:FAILED|ERROR) test_tempfile\.py::(\S+)", outcome.stdout, re.MULTILINE)
    unexpected = [test for test in failed if test not in KNOWN]
    for test in failed:
        print(f"{test}: {KNOWN.get(test, 'UNEXPECTED')}")
    print(outcome.stdout if unexpected else outcome.stdout.splitlines()[-1])
    return 1 if unexpected or outcome.returncode > 1 else 0


if __name__ == "__main__":
    sys.exit(main())
