"""The installed package, the programs of the README, and values passed to the component."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import scratch_tempfile
from scratch_tempfile._instance import Instance, instance_for
from scratch_tempfile._values import ComponentError

README = Path(__file__).parent.parent / "README.md"


def test_the_program_of_the_readme_prints_the_output_of_the_readme() -> None:
    (program,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    shown = re.search(r"\nprints\n\n((?:    .*\n)+)", README.read_text("utf-8"))
    assert shown is not None
    outcome = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.stderr == ""
    assert outcome.stdout == re.sub("^    ", "", shown[1], flags=re.MULTILINE)


def test_the_program_of_the_project_readme_prints_what_it_wrote() -> None:
    program = Path(__file__).parent / "programs" / "spooled.py"
    outcome = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", program],
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.stderr == ""
    assert outcome.stdout == "b'in memory until it grows'\n"


def test_the_package_is_typed_documented_and_contains_the_component() -> None:
    package = files(scratch_tempfile)
    assert package.joinpath("py.typed").is_file()
    assert package.joinpath("scratch_tempfile.wasm").read_bytes().startswith(b"\0asm")
    for name in scratch_tempfile.__all__:
        assert getattr(scratch_tempfile, name).__doc__, name


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return instance_for(str(tmp_path))


def create(instance: Instance, options: Any = None) -> Any:
    return instance.call("tempfile", "[static]temporary-file.create", options)


def test_values_convert_in_both_directions(instance: Instance) -> None:
    file = create(instance, {"prefix": "é", "access": "read-write", "buffer-size": 0})

    def call(name: str, *arguments: Any) -> Any:
        return instance.call("tempfile", "[method]temporary-file." + name, file, *arguments)

    everything = bytes(range(256)) * 3
    call("write", everything)
    call("write-lines", [b"", b"a\n", b"b"])
    assert call("seek", -2, "end") == len(everything) + 1
    assert call("seek", 0, "start") == 0
    assert call("read", len(everything)) == everything
    assert call("read-lines", None) == [b"a\n", b"b"]
    assert call("try-read", 1) in (b"", None)
    assert call("path") is None
    assert call("is-closed") is False
    call("close")
    with pytest.raises(ComponentError) as caught:
        call("size")
    assert caught.value.code == "closed"
    instance.discard(file)


@pytest.mark.parametrize(
    "options",
    [5, {"prefix": 5}, {"prefix": "\ud800"}, {"access": "no-such"}, {"buffer-size": "1"}],
)
def test_values_of_another_type_are_exceptions(instance: Instance, options: Any) -> None:
    with pytest.raises((TypeError, AttributeError, UnicodeEncodeError, RuntimeError)):
        create(instance, options)


def test_an_instance_is_usable_after_wrong_arguments(instance: Instance) -> None:
    file = create(instance)
    for arguments in [("x",), (None,), ([1],), (), (b"x", b"y")]:
        with pytest.raises((TypeError, ValueError)):
            instance.call("tempfile", "[method]temporary-file.write", file, *arguments)
    instance.call("tempfile", "[method]temporary-file.write", file, b"good")
    assert instance.call("tempfile", "[method]temporary-file.size", file) == 4
    with pytest.raises(AttributeError):
        instance.call("tempfile", "no-such-function")
    instance.discard(file)


def test_calls_do_not_leak_memory(instance: Instance) -> None:
    def resident() -> int:
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    file = create(instance)

    def work() -> None:
        for _ in range(200):
            instance.call("tempfile", "[method]temporary-file.write-at", file, b"x" * 8192, 0)
            instance.call("tempfile", "[method]temporary-file.read-at", file, 8192, 0)
            instance.call("tempfile", "[method]temporary-file.path", file)
            with pytest.raises(ComponentError):
                instance.call("tempfile", "[method]temporary-file.persist", file, "x" * 1000, True)
            instance.discard(create(instance, {"prefix": "x" * 100}))

    work()
    before = resident()
    work()
    # One copy of each would be 100 MB.
    assert resident() - before < 20_000_000
    instance.discard(file)
