"""Worker threads for component calls, shared by all event loops of the process.

A cancellation does not reach them: what runs in one runs to its end. They end when they are idle.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

#: An instance takes one thread at a time. The others serve other trees.
MOST_THREADS = 4

#: How long a thread waits for work before it ends, in seconds.
IDLE_TIME = 1.0

Work = Callable[[], None]


class Threads:
    """A pool of daemon threads. The end of the interpreter waits for their work in `finish`."""

    def __init__(self) -> None:
        self._reset()
        if hasattr(os, "register_at_fork"):
            # The threads do not exist in the child.
            os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._waiting: deque[Work] = deque()
        self._idle = 0
        self._running = 0
        #: The number of threads that count towards the limit.
        self._counted = 0

    def submit(self, work: Work) -> bool:
        """Runs `work` in a thread. Returns whether it begins at once."""
        with self._changed:
            self._waiting.append(work)
            if len(self._waiting) <= self._idle:
                self._changed.notify()
                return True
            try:
                return self._start_thread()
            except RuntimeError:
                if not self._counted:
                    self._waiting.pop()
                    raise
                # Another thread runs it later.
                return False

    def _start_thread(self) -> bool:
        if self._counted >= MOST_THREADS:
            return False
        threading.Thread(target=self._run, name="scratch_tempfile", daemon=True).start()
        self._counted += 1
        return True

    def _run(self) -> None:
        while True:
            with self._changed:
                self._idle += 1
                try:
                    has_work = self._changed.wait_for(lambda: self._waiting, IDLE_TIME)
                finally:
                    self._idle -= 1
                if not has_work:
                    self._counted -= 1
                    return
                work = self._waiting.popleft()
                self._running += 1
            try:
                work()
            finally:
                # Its arguments are released here, not when the thread gets its next work.
                del work
                with self._changed:
                    self._running -= 1
                    self._changed.notify_all()

    @contextmanager
    def blocking(self) -> Iterator[None]:
        """A thread that may block for a reason of its own does not count towards the limit."""
        with self._changed:
            self._counted -= 1
            if self._waiting:
                with suppress(RuntimeError):
                    self._start_thread()
        try:
            yield
        finally:
            with self._changed:
                self._counted += 1

    def finish(self, patience: float) -> None:
        """Waits until all work is done, for `patience` seconds at most."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._running, patience)


threads = Threads()
