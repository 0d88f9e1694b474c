"""The tests of other projects, on this package."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from requirements import requires

FOREIGN = Path(__file__).parent / "foreign"


def test_cpython_s_own_tests_pass_through_blocking_functions(tmp_path: Path) -> None:
    has_tests = importlib.util.find_spec("test.test_tempfile") is not None
    requires(has_tests, "this Python is installed without its tests")
    outcome = subprocess.run(
        [sys.executable, str(FOREIGN / "cpython.py")],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert " passed, " in outcome.stdout
    assert os.listdir(tmp_path) == []
