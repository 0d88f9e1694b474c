"""Creation of files, and removal of those that no caller received."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from wasmtime.component import ResourceAny

from ._arguments import Mode, Place
from ._bytes import Bytes
from ._errors import translated
from ._host import restrict
from ._instance import Instance, instance_for
from ._spool import Spool
from ._text import Text
from ._values import ComponentError

Content = Bytes | Spool | Text


def create_unnamed(place: Place, mode: Mode) -> Content:
    return _as_text(_create_unnamed(place, mode))


def create_named(place: Place, mode: Mode, removal: str) -> Content:
    instance, resource = _create("create-named", place, mode, {"removal": removal})
    file = Bytes(instance, resource, place, mode)
    try:
        path = file.call("path")
        file.name(path, restrict(path, 0o600))
        return _as_text(file)
    except BaseException:
        abandon(file)
        raise


def create_spooled(place: Place, mode: Mode, max_size: int | None) -> Content:
    """Creates a file in memory, which takes no I/O."""
    return _as_text(Spool(place, mode, max_size, _create_unnamed))


def _create_unnamed(place: Place, mode: Mode) -> Bytes:
    instance, resource = _create("create", place, mode, {})
    return Bytes(instance, resource, place, mode)


def _create(
    function: str, place: Place, mode: Mode, more: dict[str, Any]
) -> tuple[Instance, ResourceAny]:
    place.check()
    instance = instance_for(place.directory)
    options = place.options() | mode.options() | more
    try:
        return instance, instance.call("tempfile", "[static]temporary-file." + function, options)
    except ComponentError as error:
        raise translated(error, place.output(place.directory)) from None


def _as_text(file: Bytes | Spool) -> Content:
    return file if file.mode.text is None else Text(file)


def abandon(content: Content) -> None:
    """Removes a file that no caller received, even one that is otherwise kept."""
    path = content.path
    content.release()
    if path is not None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
