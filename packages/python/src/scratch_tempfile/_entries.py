"""Helpers of the classes that `async with` enters."""

from __future__ import annotations

from typing import Generic, NoReturn, SupportsIndex, TypeVar

from anyio import get_current_task

E = TypeVar("E")


class Entries(Generic[E]):
    """The entries of a manager that it has not left yet.

    A manager may be entered again before it is left, by the same task or by another.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[int, E]] = []

    def add(self, entry: E) -> None:
        self._entries.append((get_current_task().id, entry))

    def pop(self) -> E | None:
        task = get_current_task().id
        for index in reversed(range(len(self._entries))):
            if self._entries[index][0] == task:
                return self._entries.pop(index)[1]
        # Test fixtures enter in one task and leave in another.
        return self._entries.pop()[1] if self._entries else None

    def all(self) -> list[E]:
        return [entry for _, entry in self._entries]


class Uncopied:
    """An object that cannot be copied or pickled, since its copy would close the same file."""

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError(f"cannot copy or pickle {type(self).__name__!r} object")
