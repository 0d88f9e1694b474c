"""Where calls of the component run that may have to wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

P = ParamSpec("P")
T = TypeVar("T")

# An instance takes one thread at a time; a second one may be busy with another tree, and the
# others do not keep anyio's threads from those who need them.
_THREADS = 4
_limiter: RunVar[CapacityLimiter] = RunVar("scratch_tempfile.limiter")


def limiter() -> CapacityLimiter:
    try:
        return _limiter.get()
    except LookupError:
        fresh = CapacityLimiter(_THREADS)
        _limiter.set(fresh)
        return fresh


async def run(function: Callable[..., T], *arguments: object) -> T:
    """Calls `function` in a worker thread.

    Cancelled before it began, it does nothing; once begun, it is carried to its end.
    """
    return await to_thread.run_sync(function, *arguments, limiter=limiter())


async def create(
    function: Callable[..., T], *arguments: object, unwanted: Callable[[T], None]
) -> T:
    """Calls `function` as `run` does; what nobody receives is handed to `unwanted`.

    asyncio's own cancellation leaves a thread behind that goes on creating.
    """
    lock = threading.Lock()
    results: list[T] = []
    is_abandoned = False

    def work() -> None:
        result = function(*arguments)
        with lock:
            if not is_abandoned:
                results.append(result)
                return
        unwanted(result)

    try:
        await run(work)
    except BaseException:
        with lock:
            is_abandoned = True
        for result in results:
            unwanted(result)
        raise
    return results.pop()
