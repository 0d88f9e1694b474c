"""Removal of files and directories, in every way that they can end."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
from requirements import requires

from scratch_tempfile import (
    NamedTemporaryFile,
    SpooledTemporaryFile,
    TemporaryDirectory,
    TemporaryFile,
    mkdtemp,
    mkstemp,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("scratch")]


def python(program: str, folder: Path, **arguments: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-X", "dev", "-c", textwrap.dedent(program)],
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **arguments,
    )


async def test_delete_on_close_false_removes_at_the_end_of_the_scope() -> None:
    async with NamedTemporaryFile("w+", delete_on_close=False) as file:
        await file.write("content")
        await file.aclose()
        assert file.closed
        assert Path(file.name).read_text() == "content"
        with pytest.raises(ValueError, match="closed"):
            await file.read()
    assert not os.path.exists(file.name)


@pytest.mark.parametrize("delete_on_close", [False, True])
async def test_delete_false_wins(delete_on_close: bool) -> None:
    async with NamedTemporaryFile(delete=False, delete_on_close=delete_on_close) as file:
        await file.write(b"stays")
    assert Path(file.name).read_bytes() == b"stays"
    os.unlink(file.name)


async def test_an_entry_that_is_already_gone_is_no_error() -> None:
    async with NamedTemporaryFile() as file, TemporaryDirectory() as folder:
        os.unlink(file.name)
        os.rmdir(folder)


async def test_a_directory_with_delete_false_stays_until_cleanup() -> None:
    manager = TemporaryDirectory(delete=False)
    async with manager as name:
        Path(name, "file").write_text("x")
    assert os.path.exists(name)
    await manager.cleanup()
    assert not os.path.exists(name)
    await manager.cleanup()


async def test_an_unnamed_file_has_no_name(scratch: Path) -> None:
    async with TemporaryFile() as file:
        await file.write(b"x" * 1_000_000)
        await file.flush()
        assert os.listdir(scratch) == []


@pytest.mark.parametrize("delete_on_close", [False, True])
async def test_a_forgotten_file_is_removed_with_a_warning_that_names_it(
    delete_on_close: bool, scratch: Path
) -> None:
    file: Any = await NamedTemporaryFile(delete_on_close=delete_on_close).__aenter__()
    await file.write(b"x")
    path = file.name
    with pytest.warns(ResourceWarning, match="unclosed") as caught:
        del file
        gc.collect()
    assert path in str(caught[0].message)
    assert caught[0].filename == __file__
    assert os.listdir(scratch) == []


async def test_a_forgotten_directory_is_removed_with_a_warning_that_names_it() -> None:
    manager = TemporaryDirectory()
    path = await manager.__aenter__()
    with pytest.warns(ResourceWarning, match="Implicitly cleaning up") as caught:
        del manager
        gc.collect()
    assert path in str(caught[0].message)
    assert caught[0].filename == __file__
    assert not os.path.exists(path)


@pytest.mark.parametrize("max_size", [0, 1])
@pytest.mark.parametrize("is_used", [False, True])
async def test_a_forgotten_spooled_file_warns(max_size: int, is_used: bool) -> None:
    file = SpooledTemporaryFile(max_size)
    if is_used:
        await file.write(b"xx")
    with pytest.warns(ResourceWarning, match="unclosed") as caught:
        del file
        gc.collect()
    assert caught[0].filename == __file__


def test_an_object_that_outlives_its_modules_prints_nothing(tmp_path: Path) -> None:
    program = """
    import builtins, sys
    import anyio
    from scratch_tempfile import *
    async def main():
        kept = builtins.kept = []
        for manager in (TemporaryFile(), NamedTemporaryFile(), TemporaryDirectory(),
                        NamedTemporaryFile("w+", delete_on_close=False)):
            kept.append((manager, await manager.__aenter__()))
        await kept[0][1].write(b"x" * 1_000_000)
        kept.append(SpooledTemporaryFile(max_size=1))
        await kept[-1].write(b"xyz")
        kept.append(kept)
        # Nothing ever frees this one.
        sys.setprofile(lambda *_, kept=kept: None)
        try:
            await kept[0][1].persist(kept[1][1].name)
        except OSError as error:
            kept.append(error)
    anyio.run(main)
    """
    outcome = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (outcome.stdout, outcome.stderr, outcome.returncode) == ("", "", 0)
    assert os.listdir(tmp_path) == []


async def test_many_are_forgotten_while_others_work(scratch: Path) -> None:
    async def forget() -> None:
        for _ in range(20):
            file: Any = await NamedTemporaryFile().__aenter__()
            await file.write(b"x" * 10_000)
            del file
            gc.collect()

    with pytest.warns(ResourceWarning):
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(forget)
    async with TemporaryFile():
        pass
    assert os.listdir(scratch) == []


@pytest.mark.parametrize(
    "end", ["", "sys.exit(3)", "raise ZeroDivisionError", "os.kill(os.getpid(), signal.SIGINT)"]
)
def test_the_end_of_the_interpreter_removes_everything(end: str, tmp_path: Path) -> None:
    program = f"""
    import anyio, os, signal, sys
    from scratch_tempfile import *
    kept = []
    async def main():
        for manager in (TemporaryFile(), NamedTemporaryFile(delete_on_close=False),
                        NamedTemporaryFile(), TemporaryDirectory()):
            kept.append((manager, await manager.__aenter__()))
        await kept[1][1].write(b"x" * 100_000)
        open(os.path.join(kept[3][1], "file"), "w").close()
        spool = SpooledTemporaryFile(max_size=1)
        await spool.write(b"xyz")
        kept.append(spool)
        print(len(os.listdir(os.environ["TMPDIR"])), flush=True)
        {end}
    anyio.run(main)
    """
    process = python(program, tmp_path)
    output, _ = process.communicate(timeout=60)
    assert output.startswith("3\n"), output
    assert os.listdir(tmp_path) == []
    assert "Exception ignored" not in output


def test_killing_the_process_leaves_no_unnamed_file(tmp_path: Path) -> None:
    process = python(
        """
        import anyio, os, time
        from scratch_tempfile import *
        async def main():
            async with TemporaryFile() as file, SpooledTemporaryFile(max_size=9) as spool:
                await file.write(b"x" * 1_000_000)
                await file.flush()
                await spool.write(b"x" * 100_000)
                print("ready", flush=True)
                while True:
                    async with TemporaryFile() as another:
                        await another.write(b"x" * 100_000)
        anyio.run(main)
        """,
        tmp_path,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.05)
    # While it creates, a name may live for some microseconds; the first two have none.
    process.send_signal(signal.SIGSTOP)
    left = os.listdir(tmp_path)
    process.kill()
    process.communicate(timeout=60)
    assert len(left) <= 1
    assert os.listdir(tmp_path) == left
    for name in left:
        (tmp_path / name).unlink()


def test_killing_the_process_leaves_named_files(tmp_path: Path) -> None:
    process = python(
        """
        import anyio, os, time
        from scratch_tempfile import *
        async def main():
            async with NamedTemporaryFile(prefix="named-") as file, TemporaryFile() as unnamed:
                await unnamed.write(b"x" * 1_000_000)
                print("ready", flush=True)
                await anyio.sleep_forever()
        anyio.run(main)
        """,
        tmp_path,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.kill()
    process.communicate(timeout=60)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith("named-")
    left.unlink()


def test_a_forked_child_gets_an_error(tmp_path: Path) -> None:
    process = python(
        """
        import anyio, gc, os, warnings
        from scratch_tempfile import *
        warnings.simplefilter("ignore")
        async def use():
            async with NamedTemporaryFile() as file:
                await file.write(b"x")
        if os.fork() == 0:
            anyio.run(use)
            print("before: works", flush=True)
            os._exit(0)
        os.wait()
        async def main():
            global file
            file = await NamedTemporaryFile().__aenter__()
        anyio.run(main)
        child = os.fork()
        if child == 0:
            try:
                anyio.run(use)
            except RuntimeError as error:
                print(str(error).split(":")[0], flush=True)
            name = file.name
            del file
            gc.collect()
            raise SystemExit
        os.waitpid(child, 0)
        print("parent's file:", os.path.exists(file.name), flush=True)
        """,
        tmp_path,
    )
    output, _ = process.communicate(timeout=60)
    assert "before: works" in output
    assert (
        "scratch_tempfile cannot be used in a process that was forked after its first use" in output
    )
    assert "parent's file: True" in output, output
    assert os.listdir(tmp_path) == []


CREATIONS: list[Callable[[], Any]] = [
    lambda: TemporaryFile().__aenter__(),
    lambda: NamedTemporaryFile().__aenter__(),
    lambda: NamedTemporaryFile(delete=False).__aenter__(),
    lambda: NamedTemporaryFile("w", delete_on_close=False).__aenter__(),
    lambda: TemporaryDirectory().__aenter__(),
    lambda: TemporaryDirectory(delete=False).__aenter__(),
    lambda: mkstemp(),
    lambda: mkdtemp(),
]


@pytest.mark.parametrize("create", CREATIONS)
async def test_a_creation_cancelled_before_it_begins_does_nothing(
    create: Callable[[], Any], scratch: Path
) -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        await create()
    assert scope.cancelled_caught
    assert os.listdir(scratch) == []


@pytest.mark.parametrize("create", CREATIONS)
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_a_creation_that_asyncio_cancels_leaves_nothing(
    create: Callable[[], Any], scratch: Path
) -> None:
    # The first creation opens descriptors for all of them.
    await dispose(received(await create()))
    descriptors = set(os.listdir("/proc/self/fd"))
    for delay in range(12):
        task = asyncio.ensure_future(create())
        await asyncio.sleep(delay / 20_000)
        if task.done():
            # The entry exists, and its manager is gone.
            await dispose(received(task.result()))
            continue
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    def nothing_is_left() -> bool:
        gc.collect()
        return os.listdir(scratch) == [] and len(set(os.listdir("/proc/self/fd")) - descriptors) < 3

    # A thread that was left behind may still create something.
    quiet = 0
    for _ in range(1000):
        quiet = quiet + 1 if nothing_is_left() else 0
        if quiet == 20:
            break
        await asyncio.sleep(0.01)
    assert nothing_is_left(), os.listdir(scratch)


def received(result: Any) -> Any:
    """Closes the descriptor of what `mkstemp` returned."""
    if isinstance(result, tuple):
        os.close(result[0])
    return result


async def dispose(result: Any) -> None:
    path = result[1] if isinstance(result, tuple) else getattr(result, "name", result)
    if not isinstance(path, str):
        return await result.aclose()
    if os.path.isdir(path):
        os.rmdir(path)
    elif os.path.exists(path):
        os.unlink(path)
    return None


async def test_closing_in_a_cancelled_scope_closes(scratch: Path) -> None:
    async with NamedTemporaryFile() as file:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await file.aclose()
        assert file.closed
        assert os.listdir(scratch) == []
    with anyio.CancelScope() as scope:
        async with NamedTemporaryFile(), TemporaryDirectory(), SpooledTemporaryFile():
            scope.cancel()
            await anyio.lowlevel.checkpoint()
    assert scope.cancelled_caught
    assert os.listdir(scratch) == []


async def test_cleanup_in_a_cancelled_scope_removes(scratch: Path) -> None:
    manager = TemporaryDirectory()
    await manager.__aenter__()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await manager.cleanup()
    assert scope.cancelled_caught
    assert os.listdir(scratch) == []


async def test_a_cancelled_write_is_whole_or_nothing() -> None:
    for size in (10, 10_000, 300_000):
        for delay in range(6):
            async with TemporaryFile() as file:
                with anyio.move_on_after(delay / 5_000):
                    await file.write(b"x" * size)
                await file.seek(0)
                assert len(await file.read()) in (0, size)


async def test_cancelling_one_call_does_not_affect_another() -> None:
    async with TemporaryFile() as file:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(file.write, b"a" * 200_000)
            with anyio.move_on_after(0):
                await file.write(b"b" * 200_000)
            tasks.start_soon(file.write, b"c" * 200_000)
        await file.seek(0)
        content = await file.read()
        assert content.count(b"a") == 200_000
        assert content.count(b"c") == 200_000
        assert content.count(b"b") in (0, 200_000)


async def test_closing_waits_for_earlier_calls(scratch: Path) -> None:
    async with NamedTemporaryFile(delete=False) as file, anyio.create_task_group() as tasks:
        tasks.start_soon(file.write, b"x" * 500_000)
        await anyio.lowlevel.checkpoint()
        await anyio.lowlevel.checkpoint()
        await file.aclose()
    assert os.path.getsize(file.name) == 500_000
    os.unlink(file.name)


async def test_directories_without_permissions_are_removed(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        async with TemporaryDirectory() as name:
            locked = Path(name, "locked")
            (locked / "deep").mkdir(parents=True)
            (locked / "deep" / "file").write_text("x")
            (locked / "deep").chmod(0)
            locked.chmod(0o500)
        return
    # Root is refused nothing, so another user has to try.
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o777)
    program = """
    import os
    import anyio
    from scratch_tempfile import *
    async def load():
        async with TemporaryFile(dir="/tmp"):
            pass
    # While Python itself can still be read.
    anyio.run(load)
    os.setgid(65534)
    os.setuid(65534)
    async def main():
        async with TemporaryDirectory() as name:
            os.makedirs(name + "/locked/deep")
            open(name + "/locked/deep/file", "w").close()
            os.symlink("/", name + "/locked/link")
            os.chmod(name + "/locked/deep", 0)
            os.chmod(name + "/locked", 0o500)
        print(os.listdir(os.environ["TMPDIR"]))
        try:
            async with TemporaryFile(dir="/root"):
                pass
        except PermissionError as error:
            print(error.errno, error.filename)
        try:
            async with NamedTemporaryFile(dir="/usr"):
                pass
        except PermissionError as error:
            print(error.errno, error.filename)
    anyio.run(main)
    """
    try:
        output, _ = python(program, folder).communicate(timeout=60)
        assert os.listdir(folder) == []
    finally:
        subprocess.run(["rm", "-rf", str(folder)], check=True)
    lines = output.splitlines()
    assert lines[0] == "[]", output
    assert [line.split()[1] for line in lines[1:3]] == ["/root", "/usr"], output


@pytest.mark.parametrize("ignores", [False, True])
async def test_errors_of_a_removal_can_be_ignored(ignores: bool, tmp_path: Path) -> None:
    manager = TemporaryDirectory(ignore_cleanup_errors=ignores)
    name = await manager.__aenter__()
    busy = Path(name, "busy")
    busy.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "none", str(busy)], check=False)
    if mounted.returncode != 0:
        await manager.cleanup()
    requires(mounted.returncode == 0, "mounting is not allowed")
    try:
        if ignores:
            await manager.cleanup()
        else:
            with pytest.raises(OSError) as caught:  # noqa: PT011
                await manager.cleanup()
            assert caught.value.errno in (errno.EBUSY, errno.EIO, errno.ENOTEMPTY, errno.EPERM)
    finally:
        subprocess.run(["umount", str(busy)], check=True)
    if ignores:
        subprocess.run(["rm", "-rf", name], check=True)
    else:
        await manager.cleanup()
    assert not os.path.exists(name)


async def test_missing_directories_are_not_found(scratch: Path) -> None:
    missing = str(scratch / "missing")
    (scratch / "file").write_text("x")
    for create in (
        lambda folder: TemporaryFile(dir=folder).__aenter__(),
        lambda folder: NamedTemporaryFile(dir=folder).__aenter__(),
        lambda folder: TemporaryDirectory(dir=folder).__aenter__(),
        lambda folder: mkstemp(dir=folder),
        lambda folder: mkdtemp(dir=folder),
    ):
        with pytest.raises(FileNotFoundError) as caught:
            await create(missing)
        assert (caught.value.errno, caught.value.filename) == (errno.ENOENT, missing)
        with pytest.raises(NotADirectoryError) as other:
            await create(str(scratch / "file"))
        assert other.value.errno == errno.ENOTDIR
    (scratch / "file").unlink()


async def test_directories_behind_links(tmp_path_factory: pytest.TempPathFactory) -> None:
    real = tmp_path_factory.mktemp("real")
    link = tmp_path_factory.mktemp("links") / "link"
    link.symlink_to(real)
    async with NamedTemporaryFile(dir=link) as file:
        assert os.path.dirname(file.name) == str(link)
        assert os.listdir(real) == [os.path.basename(file.name)]
    (real / "below").mkdir()
    async with TemporaryDirectory(dir=str(link / "below")) as name:
        assert os.path.isdir(name)
        async with NamedTemporaryFile(dir=name) as file:
            assert os.path.exists(file.name)
    assert os.listdir(real / "below") == []


async def test_a_directory_that_is_replaced_is_found_again(scratch: Path) -> None:
    folder = scratch / "folder"
    for _ in range(3):
        folder.mkdir()
        async with NamedTemporaryFile(dir=folder) as file:
            assert os.path.exists(file.name)
        folder.rmdir()


async def test_relative_directories(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(scratch)
    async with NamedTemporaryFile(dir=".") as file:
        assert os.path.dirname(file.name) == str(scratch)
    path = await mkdtemp(dir=".")
    assert path == os.path.abspath(path)
    os.rmdir(path)


async def test_more_trees_than_are_kept(tmp_path_factory: pytest.TempPathFactory) -> None:
    folders = [tmp_path_factory.mktemp("tree") for _ in range(30)]
    managers = [NamedTemporaryFile(dir=folder) for folder in folders]
    files = [await manager.__aenter__() for manager in managers]
    for number, file in enumerate(files):
        await file.write(b"%d" % number)
    for number, file in enumerate(files):
        await file.seek(0)
        assert await file.read() == b"%d" % number
        await file.aclose()
    assert [os.listdir(folder) for folder in folders] == [[]] * 30


def test_threads_with_event_loops_of_their_own(scratch: Path) -> None:
    failures: list[BaseException] = []

    async def use() -> None:
        for number in range(30):
            async with NamedTemporaryFile() as file, SpooledTemporaryFile(max_size=9) as spool:
                await file.write(b"%d" % number)
                await spool.write(b"x" * 100)
                await spool.seek(0)
                assert len(await spool.read()) == 100
                await file.seek(0)
                assert await file.read() == b"%d" % number

    def run(backend: str) -> None:
        try:
            anyio.run(use, backend=backend)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=[kind]) for kind in ("asyncio", "trio") * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert os.listdir(scratch) == []


def test_a_file_can_be_used_by_one_event_loop_after_another() -> None:
    file = SpooledTemporaryFile(max_size=3)

    async def first() -> None:
        await file.write(b"12345")

    async def second() -> bytes:
        await file.seek(0)
        content = await file.read()
        await file.aclose()
        return content

    anyio.run(first)
    assert anyio.run(second) == b"12345"
