"""A temporary directory, for one caller at a time and not asynchronous."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import warnings
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

from wasmtime.component import ResourceAny

from ._arguments import Place
from ._calls import Turns
from ._errors import translated
from ._host import current_umask, owner_umask, restrict
from ._instance import Instance, instance_for
from ._values import ComponentError

# O_PATH opens a directory without the right to read it.
_DIRECTORY = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | getattr(os, "O_PATH", os.O_RDONLY)
_MOST_DIRECTORIES = 10_000

T = TypeVar("T")


class Directory:
    """A directory that the component creates and removes."""

    def __init__(
        self,
        instance: Instance,
        resource: ResourceAny,
        place: Place,
        deletes: bool,
        ignores_errors: bool,
    ) -> None:
        self._instance = instance
        self._resource = resource
        self._deletes = deletes
        self._ignores_errors = ignores_errors
        self._is_removed = False
        self.turns = Turns()
        self.path: str = instance.call("tempfile", "[method]temporary-directory.path", resource)
        self.name = place.output(self.path)
        self._finalizer = weakref.finalize(self, instance.discard, resource)

    def __del__(self, warn: Callable[..., None] = warnings.warn) -> None:
        if getattr(self, "_deletes", False) and not self._is_removed:
            # Before the warning, which may keep this object or become an exception.
            self._is_removed = True
            self._finalizer()
            message = f"Implicitly cleaning up <TemporaryDirectory {self.name!r}>"
            warn(message, ResourceWarning, stacklevel=2, source=self)

    def remove(self) -> None:
        """Removes the directory and everything in it. It can be called again after an error."""
        if self._is_removed:
            return
        try:
            self._remove_mending()
        except OSError:
            if not self._ignores_errors:
                raise
        self._is_removed = True
        self._release()

    def _remove_mending(self) -> None:
        for _ in range(2):
            try:
                return self._remove()
            except PermissionError:
                # As `tempfile` does: the owner may give itself the rights that are missing.
                make_removable(self.path)
            except OSError as error:
                if error.errno != errno.EILSEQ:
                    raise
                # WASI cannot name all entries.
                make_removable(self.path)
                shutil.rmtree(self.path)
        return self._remove()

    def _remove(self) -> None:
        if self._deletes:
            self._call("close")
            return
        # The component only empties a directory that it keeps.
        try:
            self._call("remove", "")
            os.rmdir(self.path)
        except FileNotFoundError:
            pass

    def _call(self, name: str, *arguments: Any) -> None:
        try:
            self._instance.call(
                "tempfile", "[method]temporary-directory." + name, self._resource, *arguments
            )
        except ComponentError as error:
            raise translated(error, self.path) from None

    def abandon(self) -> None:
        """Removes a directory that no caller received."""
        if not self._deletes:
            os.rmdir(self.path)
        self._is_removed = True
        self._release()

    def _release(self) -> None:
        if self._finalizer.detach():
            self._instance.discard(self._resource)


def create_directory(place: Place, deletes: bool, ignores_errors: bool) -> Directory:
    place.check()
    instance = instance_for(place.directory)
    options: dict[str, Any] = place.options() | {
        "removal": "on-close" if deletes else "never",
        # `remove` looks at the first failure, and may mend it.
        "ignore-errors": False,
    }
    try:
        resource = create_with_rights(
            lambda: instance.call("tempfile", "[static]temporary-directory.create", options)
        )
    except ComponentError as error:
        raise translated(error, place.output(place.directory)) from None
    directory = Directory(instance, resource, place, deletes, ignores_errors)
    try:
        restrict(directory.path, 0o700)
    except BaseException:
        directory.abandon()
        raise
    return directory


def create_with_rights(create: Callable[[], T]) -> T:
    """Creates a directory, which the component has to be able to open, whatever the umask."""
    try:
        return create()
    except ComponentError as error:
        if error.code != "access" or not current_umask() & 0o700:
            raise
    with owner_umask():
        return create()


def make_removable(path: str) -> None:
    """Gives the owner all rights to the directories of a tree. Follows no link."""
    pending = [os.open(path, _DIRECTORY)]
    opened = 1
    while pending:
        directory = pending.pop()
        try:
            with contextlib.suppress(OSError):
                _unlock(directory)
                # A descriptor of O_PATH cannot be listed itself.
                readable = os.open(".", os.O_RDONLY | os.O_CLOEXEC, dir_fd=directory)
                try:
                    for name in os.listdir(readable):
                        if opened < _MOST_DIRECTORIES:
                            with contextlib.suppress(OSError):
                                pending.append(os.open(name, _DIRECTORY, dir_fd=readable))
                                opened += 1
                finally:
                    os.close(readable)
        finally:
            os.close(directory)


def _unlock(directory: int) -> None:
    # A descriptor of O_PATH cannot be changed itself, but its link in /proc can.
    os.chmod(f"/proc/self/fd/{directory}" if hasattr(os, "O_PATH") else directory, 0o700)
