"""Files with the methods of anyio's AsyncFile."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, AnyStr, SupportsIndex, cast, overload

from anyio import AsyncFile, CapacityLimiter
from anyio.lowlevel import cancel_shielded_checkpoint, checkpoint_if_cancelled

from . import _calls
from ._arguments import (
    Mode,
    Place,
    Text,
    check_name,
    convert,
    flatten,
    index,
    offset_argument,
    size_argument,
    take_batch,
)
from ._create import Content
from ._entries import Uncopied
from ._errors import closed
from ._positions import CHUNK
from ._text import Text as TextContent
from ._threads import threads

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


#: How long operations that need not wait may follow each other before other tasks run, in seconds.
YIELD_INTERVAL = 0.001


class ScratchFile(Uncopied, AsyncFile[AnyStr]):
    """An asynchronous temporary file.

    It has the methods of :class:`anyio.AsyncFile`, and more: :meth:`sync`, :meth:`size`,
    :meth:`read_at`, :meth:`write_at`, :meth:`keep` and :meth:`persist`.

    Operations on one file run one at a time, in the order of their calls. If an operation is
    cancelled before it begins, it does nothing. Once begun, it runs to its end.

    Leaving ``async with`` or calling :meth:`aclose` removes the file. A file that was never closed
    is removed when it is collected, and at the latest when the interpreter ends.
    """

    def __init__(self, content: Content, place: Place, mode: Mode) -> None:
        # Not that of the base class, which wants a file object.
        self._content = content
        self._place = place
        self._mode = mode
        self._turns = _calls.Turns()
        self._yielded = 0.0
        self._is_closed = False
        self._descriptor: int | None = None

    def __del__(self, warn: Callable[..., None] = warnings.warn) -> None:
        if not getattr(self, "_is_closed", True):
            message = f"unclosed file {self!r}"
            # Before the warning, which may keep this object or become an exception.
            self._is_closed = True
            self._content.discard()
            warn(message, ResourceWarning, stacklevel=2, source=self)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __repr__(self) -> str:
        state = " closed" if self._is_closed else ""
        name = "" if self.name is None else f" name={self.name!r}"
        return f"<{type(self).__name__}{name} mode={self.mode!r}{state}>"

    # Attributes

    @property
    def limiter(self) -> CapacityLimiter | None:
        """Always None: the threads of these files have a limit of their own."""
        return None

    @property
    def wrapped(self) -> Any:
        """Not available: there is no file object below."""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute 'wrapped'")

    @property
    def closed(self) -> bool:
        """Whether the file is closed."""
        return self._is_closed

    @property
    def name(self) -> str | None:
        """The path of a named file, and None for a file without a name."""
        path = self._content.path
        # Declared as anyio and Python do, although arguments of bytes give bytes.
        return None if path is None else cast(str, self._place.output(path))

    @property
    def mode(self) -> str:
        """The mode, as that of Python's own temporary files."""
        return self._mode.reported

    @property
    def encoding(self) -> str:
        """The encoding of a text file."""
        return self._text("encoding").encoding

    @property
    def errors(self) -> str:
        """The error handler of a text file."""
        return self._text("errors").errors

    @property
    def newlines(self) -> str | tuple[str, ...] | None:
        """The line ends read so far, as :attr:`io.TextIOBase.newlines` has them."""
        self._text("newlines")
        content = self._content
        return content.newlines if isinstance(content, TextContent) else None

    @property
    def line_buffering(self) -> bool:
        """Whether writing a line end flushes."""
        self._text("line_buffering")
        return self._mode.is_line_buffered

    def _text(self, attribute: str) -> Text:
        if self._mode.text is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {attribute!r}")
        return self._mode.text

    def readable(self) -> bool:
        """Whether the mode allows reading."""
        self._check_open()
        return self._mode.is_reading

    def writable(self) -> bool:
        """Whether the mode allows writing."""
        self._check_open()
        return self._mode.is_writing

    def seekable(self) -> bool:
        """True."""
        self._check_open()
        return True

    def isatty(self) -> bool:
        """False."""
        self._check_open()
        return False

    def fileno(self) -> int:
        """Returns a second descriptor of the file, with a position of its own.

        A spooled file rolls over. After this call writes are no longer buffered. If an operation
        on the file is running, this waits for its end in the calling thread.
        """
        self._check_open()
        if self._descriptor is None:
            self._turns.run_here(self._open_descriptor)
        assert self._descriptor is not None
        return self._descriptor

    def _open_descriptor(self) -> None:
        self._check_open()
        if self._descriptor is None:
            self._descriptor = self._content.open_descriptor()

    # Reading

    def __aiter__(self) -> AsyncIterator[AnyStr]:
        return _Lines(self)

    async def read(self, size: SupportsIndex | None = -1) -> AnyStr:
        """Reads up to ``size`` bytes or characters, by default to the end."""
        self._mode.check_reading()
        return cast(AnyStr, await self._do("read", size_argument(size)))

    async def read1(self: ScratchFile[bytes], size: SupportsIndex | None = -1) -> bytes:
        """Reads up to ``size`` bytes in one call of the component."""
        self._check_binary("read1")
        self._mode.check_reading()
        size = size_argument(size)
        return cast(bytes, await self._do("read", CHUNK if size < 0 else size))

    async def readinto(self: ScratchFile[bytes], b: WriteableBuffer) -> int:
        """Fills a buffer, and returns the number of bytes read."""
        self._check_binary("readinto")
        self._mode.check_reading()
        with memoryview(b).cast("B") as view:
            if view.readonly:
                raise TypeError("readinto() argument must be read-write bytes-like object")
            data = cast(bytes, await self._do("read", view.nbytes))
            view[: len(data)] = data
        return len(data)

    async def readinto1(self: ScratchFile[bytes], b: WriteableBuffer) -> int:
        """The same as :meth:`readinto`."""
        self._check_binary("readinto1")
        return await self.readinto(b)

    async def readline(self, size: SupportsIndex | None = -1) -> AnyStr:
        """Reads a line of at most ``size`` bytes or characters; at the end it is empty."""
        self._mode.check_reading()
        return cast(AnyStr, await self._do("readline", size_argument(size)))

    async def readlines(self, hint: SupportsIndex | None = -1) -> list[AnyStr]:
        """Reads lines until they have ``hint`` bytes or characters, by default to the end."""
        self._mode.check_reading()
        return cast("list[AnyStr]", await self._take_turn("readlines", size_argument(hint)))

    async def read_at(
        self: ScratchFile[bytes], size: SupportsIndex, offset: SupportsIndex
    ) -> bytes:
        """Reads up to ``size`` bytes at ``offset``; the position does not matter (pread)."""
        self._check_binary("read_at")
        self._mode.check_reading()
        return cast(
            bytes, await self._take_turn("read_at", size_argument(size), offset_argument(offset))
        )

    # Writing

    @overload
    async def write(self: ScratchFile[bytes], b: ReadableBuffer) -> int: ...
    @overload
    async def write(self: ScratchFile[str], b: str) -> int: ...

    async def write(self, b: ReadableBuffer | str) -> int:
        """Writes all of ``b``, and returns its number of bytes or characters."""
        self._check_open()
        self._mode.check_writing()
        data = convert(b, self._mode)
        written: int = await self._do("write", data)
        if self._mode.is_line_buffered and ("\n" in data or "\r" in data):
            await self._take_turn("flush")
        return written

    @overload
    async def writelines(self: ScratchFile[bytes], lines: Iterable[ReadableBuffer]) -> None: ...
    @overload
    async def writelines(self: ScratchFile[str], lines: Iterable[str]) -> None: ...

    async def writelines(self, lines: Iterable[str] | Iterable[ReadableBuffer]) -> None:
        """Writes the lines as they are: no line end is added."""
        self._check_open()
        self._mode.check_writing()
        if isinstance(lines, (list, tuple)):
            await self._take_turn("writelines", flatten(lines, self._mode))
        else:
            await self._take_turn("write_from", iter(lines))

    async def write_at(self: ScratchFile[bytes], b: ReadableBuffer, offset: SupportsIndex) -> int:
        """Writes all of ``b`` at ``offset``; the position does not matter (pwrite)."""
        self._check_binary("write_at")
        self._mode.check_writing()
        data = convert(b, self._mode)
        return cast(int, await self._take_turn("write_at", data, offset_argument(offset)))

    async def truncate(self, size: SupportsIndex | None = None) -> int:
        """Sets the size to ``size`` bytes, by default to the position."""
        self._check_open()
        self._mode.check_writing()
        number = None if size is None else index(size, "size")
        return cast(int, await self._take_turn("truncate", number))

    # Position

    async def seek(self, offset: SupportsIndex, whence: SupportsIndex | None = os.SEEK_SET) -> int:
        """Moves the position and returns the new one."""
        if whence is None:
            raise TypeError("whence must be an integer, not NoneType")
        place = index(offset, "offset"), index(whence, "whence")
        return cast(int, await self._do("seek", *place))

    async def tell(self) -> int:
        """Returns the position. That of a text only has a meaning for :meth:`seek`."""
        return cast(int, await self._do("tell"))

    # The rest

    async def flush(self) -> None:
        """Writes the buffer to the file, where other processes see it."""
        await self._take_turn("flush")

    async def sync(self) -> None:
        """Flushes, and waits until the content is on the disk (fsync)."""
        await self._take_turn("sync")

    async def size(self) -> int:
        """Returns the number of bytes in the file, including those in the buffer."""
        return cast(int, await self._take_turn("size"))

    async def keep(self) -> None:
        """Keeps a named file: nothing removes it any more."""
        await self._take_turn("keep")

    async def persist(self, path: str | os.PathLike[str], *, replace: bool = False) -> None:
        """Moves the file to ``path`` in one step, and keeps it there.

        An existing file is replaced if ``replace`` is true, and is :exc:`FileExistsError`
        otherwise. The path has to be in the directory tree in which the file was created, which
        ``dir=`` chooses. The file stays open. Only its owner may access it.
        """
        target = os.path.abspath(os.fspath(path))  # noqa: ASYNC240 - asks for no more than the cwd
        check_name(target)
        await self._take_turn("persist", target, replace)

    async def aclose(self) -> None:
        """Closes the file, and removes it unless it is kept. Closing again does nothing.

        It closes even if it is cancelled. After an error it can be called again.
        """
        content = self._content
        if content.is_in_memory and self._turns.try_take():
            try:
                self._close()
            finally:
                self._turns.give_back()
        else:
            await _calls.run(self._close, turns=self._turns, is_required=True)

    def _close(self) -> None:
        if self._is_closed:
            return
        self._content.close()
        self._is_closed = True
        if self._descriptor is not None:
            os.close(self._descriptor)
        if not self._is_removed_later():
            self._content.release()

    def _is_removed_later(self) -> bool:
        return False

    # Turns

    def _check_open(self) -> None:
        if self._is_closed:
            raise closed()

    def _check_binary(self, attribute: str) -> None:
        if self._mode.text is not None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {attribute!r}")

    async def _do(self, name: str, *arguments: Any) -> Any:
        """Runs an operation here if it need not wait, else in a worker thread."""
        self._check_open()
        await checkpoint_if_cancelled()
        if self._turns.try_take():
            try:
                result = self._try(name, *arguments)
            finally:
                self._turns.give_back()
            if result is not None:
                await self._let_others_run()
                return result
        return await self._take_turn(name, *arguments)

    async def _let_others_run(self) -> None:
        # Not after every operation, since that takes longer than one in memory.
        now = time.monotonic()
        if now - self._yielded >= YIELD_INTERVAL:
            self._yielded = now
            # Shielded, so that a cancellation does not lose the result of the operation.
            await cancel_shielded_checkpoint()

    def _try(self, name: str, *arguments: Any) -> Any:
        self._check_open()
        if not self._content.is_idle():
            return None
        attempt: Callable[..., Any] = getattr(self._content, "try_" + name)
        return attempt(*arguments)

    async def _take_turn(self, name: str, *arguments: Any) -> Any:
        self._check_open()
        return await _calls.run(self._call, name, *arguments, turns=self._turns)

    def _call(self, name: str, *arguments: Any) -> Any:
        self._check_open()
        function = self._write_from if name == "write_from" else getattr(self._content, name)
        return function(*arguments)

    def _write_from(self, lines: Iterator[Any]) -> None:
        while True:
            # The iterator may block.
            with threads.blocking():
                batch, error = take_batch(lines, self._mode)
            if batch:
                self._content.writelines(batch)
            if error is not None:
                raise error
            if not batch:
                return


class _Lines(AsyncIterator[AnyStr]):
    """The lines from the position on. After a break, reading goes on at the next line."""

    # Not a generator, which trio expects to be closed.

    def __init__(self, file: ScratchFile[AnyStr]) -> None:
        self._file: ScratchFile[AnyStr] = file

    async def __anext__(self) -> AnyStr:
        line: AnyStr = await self._file.readline()
        if not line:
            raise StopAsyncIteration
        return line
