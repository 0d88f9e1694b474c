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
from ._text import Text
from ._values import ComponentError

Content = Bytes | Text


def create_unnamed(place: Place, mode: Mode) -> Content:
    return _create("create", place, mode, {})


def create_named(place: Place, mode: Mode, removal: str) -> Content:
    return _create("create-named", place, mode, {"removal": removal})


def create_spooled(instance: Instance, place: Place, mode: Mode, max_size: int | None) -> Content:
    options = place.options() | mode.options()
    resource = _static(instance, "create-spooled", place, max_size, options)
    return _as_asked(Bytes(instance, resource, place, mode, max_size, is_spooled=True))


def _create(function: str, place: Place, mode: Mode, more: dict[str, Any]) -> Content:
    instance = instance_for(place.directory)
    options = place.options() | mode.options() | more
    file = Bytes(instance, _static(instance, function, place, options), place, mode)
    try:
        if function == "create-named":
            file.path = file.call("path")
            assert file.path is not None
            restrict(file.path, 0o600)
        return _as_asked(file)
    except BaseException:
        abandon(file)
        raise


def abandon(content: Content) -> None:
    """Removes a file that no caller received, even one that is otherwise kept."""
    path = content.path
    content.release()
    if path is not None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def _static(instance: Instance, function: str, place: Place, *arguments: Any) -> ResourceAny:
    try:
        resource: ResourceAny = instance.call(
            "tempfile", "[static]temporary-file." + function, *arguments
        )
    except ComponentError as error:
        raise translated(error, place.output(place.directory)) from None
    return resource


def _as_asked(file: Bytes) -> Content:
    return file if file.mode.text is None else Text(file)
