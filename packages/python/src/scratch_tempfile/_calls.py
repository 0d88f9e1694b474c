"""Calls in worker threads, for asynchronous callers that may be cancelled.

asyncio's own cancellation, by `Task.cancel`, `asyncio.timeout`, a failing `TaskGroup` or Ctrl-C,
ends the wait for a thread, but not the thread. So the order of calls, and what becomes of a result
without a caller, are decided here and not by the waiting task.
"""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Generic, TypeVar

from anyio import CancelScope, Event
from anyio.lowlevel import checkpoint_if_cancelled, current_token

from ._threads import threads

T = TypeVar("T")

_WAITING, _RUNNING, _DONE, _ABANDONED = range(4)


class Call(Generic[T]):
    """A function call that runs at most once, in a worker thread.

    :param unwanted: called with a result that has no caller any more; a cancelled caller waits
        until that is done
    :param is_required: whether it also runs if its caller is cancelled before it begins, and the
        caller waits for its end
    """

    def __init__(
        self,
        function: Callable[..., T],
        arguments: tuple[Any, ...],
        unwanted: Callable[[T], object] | None = None,
        is_required: bool = False,
    ) -> None:
        self._work: Callable[[], T] | None = partial(function, *arguments)
        self._unwanted = unwanted
        self._is_required = is_required
        self._context = contextvars.copy_context()
        self._lock = threading.Lock()
        self._state = _WAITING
        self._is_abandoned = False
        self._results: list[T] = []
        self._error: BaseException | None = None
        self._event = Event()
        self._scope = CancelScope()
        token: Any = current_token().native_token
        # asyncio's event loop or trio's token.
        self._schedule = getattr(token, "call_soon_threadsafe", None) or token.run_sync_soon

    async def result(self, submit: Callable[[Callable[[], None]], bool]) -> T:
        """Submits the call and waits for its result.

        If it is cancelled before it begins, it does nothing. Once begun, it runs to its end.
        """
        with self._scope:
            try:
                self._scope.shield = submit(self.run) or self._is_required
                await self._event.wait()
            except RuntimeError:
                # No thread can be started: the call never runs.
                raise
            except BaseException as error:
                if self._abandon() and (self._unwanted is not None or self._is_required):
                    await self._end_after(error)
                raise
        try:
            if self._error is not None:
                raise self._error
            return self._results.pop()
        finally:
            # The traceback of the error refers to this frame.
            self._error = None

    async def _end_after(self, cancellation: BaseException) -> None:
        """Waits for the end of the call, however often its caller is cancelled."""
        self._scope.shield = True
        while not self._event.is_set() and not isinstance(cancellation, GeneratorExit):
            try:
                await self._event.wait()
            except BaseException as error:
                cancellation = error
        raise cancellation

    def run(self) -> None:
        """Runs the call, in a worker thread."""
        with self._lock:
            if self._state != _WAITING:
                return
            self._state = _RUNNING
        if not self._scope.shield:
            self._wake(self._shield)
        assert self._work is not None
        try:
            self._results.append(self._context.run(self._work))
        except BaseException as error:
            self._error = error
        # The file now belongs to the caller alone, who may drop it.
        self._work = None
        with self._lock:
            self._state = _DONE
        if self._is_abandoned:
            self._dispose()
        self._wake(self._event.set)

    def _wake(self, function: Callable[[], None]) -> None:
        try:
            self._schedule(function)
        except RuntimeError:
            # The event loop has ended, and with it the caller.
            self._abandon()

    def _shield(self) -> None:
        self._scope.shield = True

    def _abandon(self) -> bool:
        """Gives up the result. Returns whether the call runs all the same."""
        with self._lock:
            self._is_abandoned = True
            if self._state == _WAITING and not self._is_required:
                self._state = _ABANDONED
            state = self._state
        if state == _DONE:
            self._dispose()
        return state in (_WAITING, _RUNNING)

    def _dispose(self) -> None:
        self._error = None
        with self._lock:
            results, self._results = self._results, []
        if self._unwanted is None:
            return
        for result in results:
            # There is no caller to report an error to.
            with contextlib.suppress(Exception):
                self._unwanted(result)


class Turns:
    """The calls of one file: one at a time, in their order, from any event loop and thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_taken = False

    def try_take(self) -> bool:
        """Takes the turn for a call that runs in this thread, unless another call has it."""
        with self._lock:
            if self._is_taken:
                return False
            self._is_taken = True
            return True

    def give_back(self) -> None:
        """Ends the turn that `try_take` took."""
        with self._lock:
            self._is_taken = bool(self._waiting)
            has_more = self._is_taken
        if has_more:
            try:
                threads.submit(self._run_all)
            except RuntimeError:
                # No thread can be started, and no other one would run them.
                self._run_all()

    def run_here(self, function: Callable[[], None]) -> None:
        """Calls `function` in this thread after the calls before it, for which it waits."""
        turn, end = threading.Event(), threading.Event()
        if not self.try_take():
            # A worker thread has the turn for this one.

            def hold() -> None:
                turn.set()
                end.wait()

            self.submit(hold)
            turn.wait()
            try:
                function()
            finally:
                end.set()
            return
        try:
            function()
        finally:
            self.give_back()

    def submit(self, run: Callable[[], None]) -> bool:
        """Runs `run` in a worker thread after the calls before it.

        Returns whether it begins at once.
        """
        with self._lock:
            self._waiting.append(run)
            if self._is_taken:
                return False
            self._is_taken = True
        try:
            return threads.submit(self._run_all)
        except BaseException:
            with self._lock:
                self._waiting.remove(run)
                self._is_taken = False
            raise

    def _run_all(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._is_taken = False
                    return
                run = self._waiting.popleft()
            run()


async def run(
    function: Callable[..., T],
    *arguments: object,
    unwanted: Callable[[T], object] | None = None,
    turns: Turns | None = None,
    is_required: bool = False,
) -> T:
    """Calls `function` in a worker thread, when its turn comes."""
    if not is_required:
        await checkpoint_if_cancelled()
    call = Call(function, arguments, unwanted, is_required)
    return await call.result(threads.submit if turns is None else turns.submit)
