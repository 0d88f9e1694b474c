"""Conditions of tests that not every machine meets."""

from __future__ import annotations

import os

import pytest


def requires(is_met: bool, reason: str) -> None:
    """Skips the running test if a condition is not met, or fails it if SCRATCH_REQUIRE_ALL is 1."""
    if not is_met:
        if os.environ.get("SCRATCH_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
