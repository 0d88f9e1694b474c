"""Instances of the component, each confined to one directory tree of the host.

A store of wasmtime takes one thread at a time, so an instance has a lock, and whoever wants to
wait for it is in a worker thread. An instance sees the tree that was preopened for it under the
tree's own name: its paths are the host's paths.
"""

from __future__ import annotations

import atexit
import errno
import os
import threading
import weakref
from collections import OrderedDict, deque
from importlib.resources import files
from typing import Any

from wasmtime import Config, Engine, Store, WasiConfig, WasmtimeError
from wasmtime.component import Component, Linker, ResourceAny

from ._errors import system_error
from ._values import Function

PACKAGE = "scratch:tempfile/{}@0.2.0"

#: How many trees keep an instance that no file uses. One takes 0.4 ms to make.
KEPT_INSTANCES = 8

#: How long the end of the interpreter waits for a call that is under way.
EXIT_PATIENCE = 2.0


class _Program:
    """The compiled component; there is one in a process."""

    def __init__(self) -> None:
        self.engine = Engine(_config())
        code = files(__package__).joinpath("scratch_tempfile.wasm").read_bytes()
        self.component = Component(self.engine, code)
        self.linker = Linker(self.engine)
        self.linker.add_wasip2()


def _config() -> Config:
    config = Config()
    try:
        # Compiling takes some tenths of a second, finding what was compiled some hundredths.
        config.cache = True
    except WasmtimeError:
        # No home to keep it in.
        return Config()
    return config


class Instance:
    """The component on one tree."""

    def __init__(self, program: _Program, root: str, identity: tuple[int, int]) -> None:
        self.root = root
        self.identity = identity
        self._real_root = os.path.realpath(root)
        self._lock = threading.Lock()
        self._dropped: deque[ResourceAny] = deque()
        self._functions: dict[tuple[str, str], Function] = {}
        self._is_broken = False
        self._store = Store(program.engine)
        wasi = WasiConfig()
        wasi.preopen_dir(root, root)
        self._store.set_wasi(wasi)
        self._instance = program.linker.instantiate(self._store, program.component)
        self._interfaces = {
            name: self._instance.get_export_index(self._store, PACKAGE.format(name))
            for name in ("tempfile", "text", "lowlevel")
        }

    def reaches(self, directory: str, real_directory: str) -> bool:
        """Whether paths below `directory` lead, link by link, inside of the tree.

        An absolute link leads outside, whatever its target: WASI follows none.
        """
        if directory == self.root:
            return True
        prefix = os.path.join(self.root, "")
        if not directory.startswith(prefix):
            return False
        return real_directory == os.path.join(self._real_root, directory[len(prefix) :])

    def function(self, interface: str, name: str) -> Function:
        function = self._functions.get((interface, name))
        if function is None:
            index = self._instance.get_export_index(self._store, name, self._interfaces[interface])
            raw = None if index is None else self._instance.get_func(self._store, index)
            if raw is None:
                raise AttributeError(f"the component has no {interface}.{name}")
            function = self._functions[interface, name] = Function(self._store, raw)
        return function

    def call(self, interface: str, name: str, *arguments: Any) -> Any:
        """Calls an export, when its turn comes; its errors are ComponentError."""
        _refuse_child_of_user()
        self._lock.acquire()
        try:
            if self._is_broken:
                raise RuntimeError("the component failed earlier; files of it are lost")
            return self.function(interface, name)(*arguments)
        except WasmtimeError as error:
            # A trap: no function of this instance can be called any more.
            self._is_broken = True
            forget(self)
            raise RuntimeError(f"the component failed: {error}") from error
        finally:
            self._release()

    def is_idle(self) -> bool:
        """Whether a call would not have to wait for another one."""
        return not self._lock.locked()

    def drop(self, resource: ResourceAny) -> None:
        """Drops a resource, when its turn comes."""
        _refuse_child_of_user()
        self._lock.acquire()
        self._dropped.append(resource)
        self._release()

    def discard(self, resource: ResourceAny) -> None:
        """Drops a resource, now or as soon as the call under way has ended.

        Called by finalizers, in any thread at any time, so it must not wait.
        """
        if _is_child_of_user():
            return
        self._dropped.append(resource)
        if self._lock.acquire(blocking=False):
            self._release()

    def _release(self) -> None:
        # Whoever finds the lock taken leaves a resource behind and relies on its being looked for
        # after the lock was given back.
        while True:
            while self._dropped:
                resource = self._dropped.popleft()
                if not self._is_broken:
                    try:
                        resource.drop(self._store)
                    except WasmtimeError:
                        self._is_broken = True
                        forget(self)
            self._lock.release()
            if not self._dropped or not self._lock.acquire(blocking=False):
                return

    def finish(self) -> None:
        """Drops what finalizers left while a call was under way."""
        if self._dropped and self._lock.acquire(timeout=EXIT_PATIENCE):
            self._release()


_lock = threading.Lock()
_program: _Program | None = None
_kept: OrderedDict[str, Instance] = OrderedDict()
_all: weakref.WeakSet[Instance] = weakref.WeakSet()
_process = os.getpid()


def _is_child_of_user() -> bool:
    return os.getpid() != _process and _program is not None


def _refuse_child_of_user() -> None:
    # wasmtime's threads do not exist in the child, and it would wait for them.
    if _is_child_of_user():
        raise RuntimeError(
            "scratch_tempfile was used before this process was forked off and can't be used here; "
            "start processes with 'spawn' or 'forkserver', or fork before the first use"
        )


def _after_fork() -> None:
    global _lock, _process
    if _program is None:
        _lock = threading.Lock()
        _process = os.getpid()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def instance_for(directory: str) -> Instance:
    """An instance that reaches a directory, which must exist; raises OSError otherwise."""
    global _program
    _refuse_child_of_user()
    try:
        # With the separator at its end, so that a file is refused.
        os.stat(os.path.join(directory, ""))
    except OSError as error:
        raise system_error(error.errno or errno.ENOENT, directory) from None
    real = os.path.realpath(directory)
    with _lock:
        if _program is None:
            _program = _Program()
        for instance in reversed(_kept.values()):
            if instance.reaches(directory, real):
                if instance.identity == _identity(instance.root):
                    _kept.move_to_end(instance.root)
                    return instance
                # Another directory took its place.
                del _kept[instance.root]
                break
        try:
            instance = Instance(_program, directory, _identity(directory) or (0, 0))
        except WasmtimeError as error:
            # Opening it failed for a reason that opening it again tells.
            os.close(os.open(directory, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)))
            raise RuntimeError(f"{directory}: {error}") from error
        _kept[directory] = instance
        _all.add(instance)
        while len(_kept) > KEPT_INSTANCES:
            _kept.popitem(last=False)
        return instance


def loaded_instance_for(directory: str) -> Instance | None:
    """The instance whose tree `directory` is the root of, if there is one already."""
    instance = _kept.get(directory)
    if instance is None or instance.identity != _identity(directory):
        return None
    return instance


def forget(instance: Instance) -> None:
    if _kept.get(instance.root) is instance:
        _kept.pop(instance.root, None)


def _identity(directory: str) -> tuple[int, int] | None:
    try:
        status = os.stat(directory)
    except OSError:
        return None
    return status.st_dev, status.st_ino


@atexit.register
def _at_exit() -> None:
    # Finalizers have run by then, since theirs were registered later.
    if not _is_child_of_user():
        for instance in list(_all):
            instance.finish()
