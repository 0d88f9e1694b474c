"""Instances of the component, each confined to one directory tree of the host.

A wasmtime store takes one thread at a time, so an instance has a lock, and only worker threads
wait for it. The tree is preopened under its own name: paths in the instance are paths of the host.
"""

from __future__ import annotations

import atexit
import contextlib
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
from ._threads import threads
from ._values import Function

PACKAGE = "scratch:tempfile/{}@0.2.0"

#: The number of trees that keep an instance without files. Creating one takes 0.4 ms.
KEPT_INSTANCES = 8

#: How long the end of the interpreter waits for running calls, in seconds.
EXIT_PATIENCE = 10.0


class _Program:
    """The compiled component, one in a process."""

    def __init__(self) -> None:
        self.engine: Engine = Engine(_config())
        code = files(__package__).joinpath("scratch_tempfile.wasm").read_bytes()
        self.component: Component = Component(self.engine, code)
        self.linker: Linker = Linker(self.engine)
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
        self._discarded: deque[ResourceAny] = deque()
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
        try:
            with self._lock:
                if self._is_broken:
                    raise RuntimeError("the component failed earlier; its files are lost")
                try:
                    return self.function(interface, name)(*arguments)
                except WasmtimeError as error:
                    message = str(error)
                    self._check_alive()
                # Not the error itself, which has to be freed before the interpreter ends.
                raise RuntimeError(f"the component failed in {name}: {message}")
        finally:
            self._drop_discarded()

    def _check_alive(self) -> None:
        """Finds out whether the error of a call was a trap, after which all calls fail."""
        try:
            self.function("lowlevel", "gettempprefix")()
        except WasmtimeError:
            self._is_broken = True
            forget(self)

    def is_idle(self) -> bool:
        """Whether a call could run without waiting for another."""
        return not self._lock.locked()

    def drop(self, resource: ResourceAny) -> None:
        """Drops a resource once the instance is free."""
        _refuse_child_of_user()
        with self._lock:
            self._drop(resource)
        self._drop_discarded()

    def discard(self, resource: ResourceAny) -> None:
        """Drops a resource, now or at the end of the running call.

        Finalizers call it, in any thread at any time, so it must not wait.
        """
        if not _is_child_of_user():
            self._discarded.append(resource)
            self._drop_discarded()

    def _drop_discarded(self) -> None:
        # A finalizer that finds the lock taken only leaves its resource, so this is called after
        # the lock was released.
        while self._discarded and self._lock.acquire(blocking=False):
            try:
                if self._discarded:
                    self._drop(self._discarded.popleft())
            finally:
                self._lock.release()

    def _drop(self, resource: ResourceAny) -> None:
        if self._is_broken:
            return
        try:
            resource.drop(self._store)
        except WasmtimeError:
            self._check_alive()
        finally:
            # From here on the resource is refused before the component is called.
            resource.close()

    def finish(self, patience: float) -> None:
        """Drops the discarded resources at the end of the interpreter, and forgets the instance."""
        if self._discarded and self._lock.acquire(timeout=patience):
            self._lock.release()
            self._drop_discarded()
        forget_pointers(self._store, *self._interfaces.values())


def forget_pointers(*objects: Any) -> None:
    """Leaves memory of wasmtime to the end of the process.

    A thread may still use it. Afterwards the module that frees it is gone before these objects.
    """
    for managed in objects:
        with contextlib.suppress(ValueError):
            managed._consume()


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
            try:
                _program = _Program()
            except WasmtimeError as error:
                raise _memory_error(error) or RuntimeError(str(error)) from None
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
            memory_error = _memory_error(error)
            if memory_error is not None:
                raise memory_error from None
            # Opening it here raises the reason, which wasmtime does not report.
            os.close(os.open(directory, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)))
            raise RuntimeError(f"{directory}: {error}") from None
        _kept[directory] = instance
        _all.add(instance)
        while len(_kept) > KEPT_INSTANCES:
            _kept.popitem(last=False)
        return instance


def _memory_error(error: WasmtimeError) -> MemoryError | None:
    message = str(error)
    if os.strerror(errno.ENOMEM) not in message and "memory" not in message.lower():
        return None
    return MemoryError(f"cannot reserve memory for the component (see `ulimit -v`): {message}")


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
    if _is_child_of_user():
        return
    threads.finish(EXIT_PATIENCE)
    for instance in list(_all):
        instance.finish(EXIT_PATIENCE)
    if _program is not None:
        forget_pointers(_program.linker, _program.component, _program.engine)
