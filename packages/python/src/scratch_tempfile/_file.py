"""Files with the methods of anyio's AsyncFile."""

from __future__ import annotations

import io
import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterable
from typing import TYPE_CHECKING, Any, AnyStr, cast, overload

from anyio import AsyncFile, CancelScope, CapacityLimiter, Lock, to_thread
from anyio.lowlevel import cancel_shielded_checkpoint, checkpoint_if_cancelled

from . import _worker
from ._arguments import Mode, Place, Text, convert, flatten, size_argument
from ._bytes import CHUNK, Bytes
from ._create import Content
from ._errors import closed
from ._host import open_own
from ._text import Text as TextContent

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class ScratchFile(AsyncFile[AnyStr]):
    """An asynchronous temporary file.

    It has the methods of :class:`anyio.AsyncFile`, and those of the component that Python's files
    lack: :meth:`sync`, :meth:`size`, :meth:`read_at`, :meth:`write_at`, :meth:`keep` and
    :meth:`persist`.

    Operations on one file run one at a time, in the order in which they were called. One that is
    cancelled while it waits for its turn does nothing; one that has begun is carried to its end.

    Leaving ``async with`` or calling :meth:`aclose` removes the file. A file that is forgotten is
    removed when it is collected, and at the latest when the interpreter ends.
    """

    def __init__(self, content: Content | None, place: Place, mode: Mode) -> None:
        # Deliberately without a file object below: there is none.
        self._content = content
        self._place = place
        self._mode = mode
        self._turn = Lock(fast_acquire=True)
        self._is_closed = False
        self._descriptor: int | None = None

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __repr__(self) -> str:
        state = " closed" if self._is_closed else ""
        name = "" if self.name is None else f" name={self.name!r}"
        return f"<{type(self).__name__}{name} mode={self.mode!r}{state}>"

    # What a file object tells without waiting

    @property
    def limiter(self) -> CapacityLimiter | None:
        """Always None: the files have a limiter of their own."""
        return None

    @property
    def wrapped(self) -> Any:
        """There is no file object below."""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute 'wrapped'")

    @property
    def closed(self) -> bool:
        """Whether the file was closed."""
        return self._is_closed

    @property
    def name(self) -> Any:
        """The path of a named file, and None for a file without a name."""
        path = None if self._content is None else self._content.path
        return None if path is None else self._place.output(path)

    @property
    def mode(self) -> str:
        """The mode, as Python's own temporary files tell it."""
        return self._mode.reported

    @property
    def encoding(self) -> str:
        """The encoding of a text."""
        return self._text("encoding").encoding

    @property
    def errors(self) -> str:
        """The error handler of a text."""
        return self._text("errors").errors

    @property
    def newlines(self) -> str | tuple[str, ...] | None:
        """The line ends read so far, as :attr:`io.TextIOBase.newlines` has them."""
        self._text("newlines")
        content = self._content
        return content.newlines if isinstance(content, TextContent) else None

    @property
    def line_buffering(self) -> bool:
        """Whether a line end flushes."""
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
        """A descriptor of a named file, beside the one that the file itself uses.

        It has a position of its own. From now on nothing that is written waits in a buffer. A file
        without a name lives in the component alone: :exc:`io.UnsupportedOperation`.
        """
        self._check_open()
        if self._descriptor is None:
            content = self._content
            if content is None or content.path is None:
                raise io.UnsupportedOperation("fileno")
            (content if isinstance(content, Bytes) else content.below).share()
            flags = os.O_RDWR if self._mode.is_reading and self._mode.is_writing else os.O_RDONLY
            if not self._mode.is_reading:
                flags = os.O_WRONLY
            if self._mode.access.startswith("append"):
                flags |= os.O_APPEND
            self._descriptor = open_own(content.path, flags)
        return self._descriptor

    # Reading

    def __aiter__(self) -> AsyncIterator[AnyStr]:
        return _Lines(self)

    async def read(self, size: int | None = -1) -> AnyStr:
        """Reads up to ``size`` bytes or characters, all that is left by default."""
        self._mode.check_reading()
        return cast(AnyStr, await self._do("read", size_argument(size)))

    async def read1(self: ScratchFile[bytes], size: int | None = -1) -> bytes:
        """Reads what is at hand, up to ``size`` bytes."""
        self._check_binary("read1")
        self._mode.check_reading()
        size = size_argument(size)
        return cast(bytes, await self._do("read", CHUNK if size < 0 else size))

    async def readinto(self: ScratchFile[bytes], b: WriteableBuffer) -> int:
        """Reads into a buffer, as much as it holds, and returns how much that was."""
        self._check_binary("readinto")
        self._mode.check_reading()
        with memoryview(b).cast("B") as view:
            if view.readonly:
                raise TypeError("readinto() argument must be read-write bytes-like object")
            data = cast(bytes, await self._do("read", view.nbytes))
            view[: len(data)] = data
        return len(data)

    async def readinto1(self: ScratchFile[bytes], b: WriteableBuffer) -> int:
        """Does as :meth:`readinto`."""
        self._check_binary("readinto1")
        return await self.readinto(b)

    async def readline(self, size: int | None = -1) -> AnyStr:
        """Reads a line, of ``size`` bytes or characters at most; nothing at the end."""
        self._mode.check_reading()
        return cast(AnyStr, await self._do("readline", size_argument(size)))

    async def readlines(self, hint: int | None = -1) -> list[AnyStr]:
        """Reads lines, all by default, or until they have ``hint`` bytes or characters."""
        self._mode.check_reading()
        return cast("list[AnyStr]", await self._take_turn("readlines", size_argument(hint)))

    async def read_at(self: ScratchFile[bytes], size: int, offset: int) -> bytes:
        """Reads up to ``size`` bytes at ``offset``, wherever the position is (pread)."""
        self._check_binary("read_at")
        self._mode.check_reading()
        return cast(bytes, await self._take_turn("read_at", size_argument(size), _offset(offset)))

    # Writing

    @overload
    async def write(self: ScratchFile[bytes], b: ReadableBuffer) -> int: ...
    @overload
    async def write(self: ScratchFile[str], b: str) -> int: ...

    async def write(self, b: ReadableBuffer | str) -> int:
        """Writes all of ``b``, and returns how many bytes or characters that were."""
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
        """Writes one line after the other, as they are: no line end is added."""
        self._check_open()
        self._mode.check_writing()
        if isinstance(lines, (list, tuple)):
            await self._take_turn("writelines", flatten(lines, self._mode))
            return
        # Where its elements come from may have to wait.
        rest = iter(lines)
        async with self._turn:
            while True:
                batch, error = await to_thread.run_sync(_batch, rest, self._mode)
                if batch:
                    await self._run("writelines", batch)
                if error is not None:
                    raise error
                if not batch:
                    return

    async def write_at(self: ScratchFile[bytes], b: ReadableBuffer, offset: int) -> int:
        """Writes at ``offset``, wherever the position is (pwrite)."""
        self._check_binary("write_at")
        self._mode.check_writing()
        data = convert(b, self._mode)
        return cast(int, await self._take_turn("write_at", data, _offset(offset)))

    async def truncate(self, size: int | None = None) -> int:
        """Makes the file ``size`` bytes long, by default as long as the position."""
        self._check_open()
        self._mode.check_writing()
        if size is not None and not isinstance(size, int):
            raise TypeError(f"size must be int or None, not {type(size).__name__}")
        return cast(int, await self._take_turn("truncate", size))

    # Position

    async def seek(self, offset: int, whence: int | None = os.SEEK_SET) -> int:
        """Moves the position and returns the new one."""
        for name, value in [("offset", offset), ("whence", whence)]:
            if not isinstance(value, int):
                raise TypeError(f"{name} must be int, not {type(value).__name__}")
        return cast(int, await self._do("seek", offset, whence))

    async def tell(self) -> int:
        """Tells the position; that of a text is for :meth:`seek` alone."""
        return cast(int, await self._do("tell"))

    # The rest

    async def flush(self) -> None:
        """Hands buffered writes to the system, so that others see them."""
        await self._take_turn("flush")

    async def sync(self) -> None:
        """Flushes, and waits until the content has reached the disk (fsync)."""
        await self._take_turn("sync")

    async def size(self) -> int:
        """Tells how many bytes the file holds, those in the buffer included."""
        return cast(int, await self._take_turn("size"))

    async def keep(self) -> None:
        """Leaves a named file where it is for good."""
        await self._take_turn("keep")

    async def persist(self, path: str | os.PathLike[str], *, replace: bool = False) -> None:
        """Moves the file to ``path`` for good, in one step that others see whole or not at all.

        What is there already is replaced if ``replace`` says so and is :exc:`FileExistsError`
        otherwise. The path has to lie in the tree of directories in which the file was created:
        create it with ``dir=`` where it shall go. The file stays open, and belongs to its owner
        alone until its mode is changed.
        """
        target = os.path.abspath(os.fspath(path))  # noqa: ASYNC240 - asks for no more than the cwd
        await self._take_turn("persist", target, replace)

    async def aclose(self) -> None:
        """Closes the file, and removes it unless it is to stay. Closing again does nothing.

        Cancellation does not keep it from closing. After an error it can be tried again.
        """
        with CancelScope(shield=True):
            async with self._turn:
                if self._is_closed:
                    return
                content = self._content
                if content is not None:
                    if content.is_in_memory and content.instance.is_idle():
                        content.close()
                    else:
                        await _worker.run(content.close)
                self._is_closed = True
                if self._descriptor is not None:
                    os.close(self._descriptor)
                if content is not None and not self._is_removed_later():
                    content.release()

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
        """Does an operation here if that takes no waiting, else in a worker thread."""
        self._check_open()
        await checkpoint_if_cancelled()
        content = self._content or self._create_now()
        if content is not None and not self._turn.locked() and content.instance.is_idle():
            attempt: Callable[..., Any] = getattr(content, "try_" + name)
            result = attempt(*arguments)
            if result is not None:
                # The others get their turn, and the result is not lost to a cancellation.
                await cancel_shielded_checkpoint()
                return result
        return await self._take_turn(name, *arguments)

    async def _take_turn(self, name: str, *arguments: Any) -> Any:
        self._check_open()
        async with self._turn:
            return await self._run(name, *arguments)

    async def _run(self, name: str, *arguments: Any) -> Any:
        self._check_open()
        return await _worker.run(self._call, name, *arguments)

    def _call(self, name: str, *arguments: Any) -> Any:
        content = self._content
        if content is None:
            content = self._content = self._create()
        return getattr(content, name)(*arguments)

    def _create_now(self) -> Content | None:
        return None

    def _create(self) -> Content:
        raise NotImplementedError


class _Lines(AsyncIterator[AnyStr]):
    """The lines from the position on; who stops early can go on at the next line."""

    # Not a generator, which trio wants closed.

    def __init__(self, file: ScratchFile[AnyStr]) -> None:
        self._file: ScratchFile[AnyStr] = file

    async def __anext__(self) -> AnyStr:
        line: AnyStr = await self._file.readline()
        if not line:
            raise StopAsyncIteration
        return line


def _offset(offset: int) -> int:
    if not isinstance(offset, int):
        raise TypeError(f"offset must be int, not {type(offset).__name__}")
    if not 0 <= offset < 2**63:
        raise ValueError(f"offset {offset} is not a position")
    return offset


def _batch(lines: Iterable[Any], mode: Mode) -> tuple[list[Any], BaseException | None]:
    """Some of the lines, and the error that kept it from taking more."""
    batch: list[Any] = []
    size = 0
    try:
        for line in itertools.islice(lines, 4096):
            converted = convert(line, mode)
            batch.append(converted)
            size += len(converted)
            if size >= CHUNK:
                break
    except Exception as error:
        return batch, error
    return batch, None
