"""Instances of the component, each confined to one directory tree of the host.

A wasmtime store takes one thread at a time, so an instance has a lock, and only worker threads
wait for it. The tree is preopened under its own name: paths in the instance are paths of the host.
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

#: The number of trees that keep an instance without files. Creating one takes 0.4 ms.
KEPT_INSTANCES = 8

#: How long the end of the interpreter waits for a running call, in seconds.
EXIT_PATIENCE = 2.0


class _Program:
    """The compiled component, one in a process."""

    def __init__(self) -> None:
        self.engine = Engine(_config())
        code = files(__package__).joinpath("scratch_tempfile.wasm").read_bytes()
        self.component = Component(self.engine, code)
        self.linker = Linker(self.engine)
        self.linker.add_wasip2()


def _config() -> Config:
    config = Config()
    try:
        # Compiling takes some tenths of a second, loading it from the cache some hundredths.
        config.cache = True
    except WasmtimeError:
        # No directory to keep it in.
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
        """Whether paths below `directory` stay inside the tree.

        A path with an absolute link does not, whatever its target: WASI follows none.
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
        """Calls an export once the instance is free. Errors of the export are ComponentError."""
        _refuse_child_of_user()
        self._lock.acquire()
        try:
            if self._is_broken:
                raise RuntimeError("the component failed earlier; files of it are lost")
            return self.function(interface, name)(*arguments)
        except WasmtimeError as error:
            # After a trap no function of this instance can be called.
            self._is_broken = True
            forget(self)
            raise RuntimeError(f"the component failed: {error}") from error
        finally:
            self._release()

    def is_idle(self) -> bool:
        """Whether a call could run without waiting for another."""
        return not self._lock.locked()

    def drop(self, resource: ResourceAny) -> None:
        """Drops a resource once the instance is free."""
        _refuse_child_of_user()
        self._lock.acquire()
        self._dropped.append(resource)
        self._release()

    def discard(self, resource: ResourceAny) -> None:
        """Drops a resource, now or at the end of the running call.

        Finalizers call it, in any thread at any time, so it must not wait.
        """
        if _is_child_of_user():
            return
        self._dropped.append(resource)
        if self._lock.acquire(blocking=False):
            self._release()

    def _release(self) -> None:
        # A finalizer that finds the lock taken only leaves its resource, so the queue has to be
        # looked at again after the lock was released.
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
        """Drops the resources that finalizers left during a call."""
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
    # wasmtime's threads do not exist in the child, which would wait for them.
    if _is_child_of_user():
        raise RuntimeError(
            "scratch_tempfile cannot be used in a process that was forked after its first use: "
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
    """Returns an instance that reaches a directory, or raises OSError if there is none."""
    global _program
    _refuse_child_of_user()
    try:
        # With a separator at its end, which makes a file an error.
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
                # The directory was replaced.
                del _kept[instance.root]
                break
        try:
            instance = Instance(_program, directory, _identity(directory) or (0, 0))
        except WasmtimeError as error:
            # Opening it here raises the reason, which wasmtime does not report.
            os.close(os.open(directory, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)))
            raise RuntimeError(f"{directory}: {error}") from error
        _kept[directory] = instance
        _all.add(instance)
        while len(_kept) > KEPT_INSTANCES:
            _kept.popitem(last=False)
        return instance


def loaded_instance_for(directory: str) -> Instance | None:
    """Returns the instance whose root is `directory`, if one exists."""
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
    # Finalizers run before, since theirs were registered later.
    if not _is_child_of_user():
        for instance in list(_all):
            instance.finish()
