"""Runs blocking component calls in worker threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

P = ParamSpec("P")
T = TypeVar("T")

# An instance takes one thread at a time. Two more serve other trees, and a limiter of their own
# leaves anyio's threads to their users.
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

    If it is cancelled before it begins, it does nothing. Once begun, it runs to its end.
    """
    return await to_thread.run_sync(function, *arguments, limiter=limiter())


async def create(
    function: Callable[..., T], *arguments: object, unwanted: Callable[[T], None]
) -> T:
    """Calls `function` as `run` does, and hands a result without a caller to `unwanted`.

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
