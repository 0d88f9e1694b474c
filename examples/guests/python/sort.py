"""Sorts the lines of standard input by their bytes, with at most MEMORY bytes of lines in memory while it sorts."""

from collections.abc import Iterable, Iterator
from heapq import merge

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports.stderr import get_stderr
from wit_world.imports.stdin import get_stdin
from wit_world.imports.stdout import get_stdout
from wit_world.imports.streams import OutputStream, StreamError_Closed
from wit_world.imports.tempfile import Error, TemporaryFile, Whence

MEMORY = 64 * 1024
PIECE = 4 * 1024
LARGEST_WRITE = 4096  # what blocking_write_and_flush takes


class Run(exports.Run):
    def run(self) -> None:
        try:
            runs = sorted_runs(standard_input())
            print_lines(get_stdout(), merge(*map(read_lines, runs)))
        except Err as error:
            message = error.value.message if isinstance(error.value, Error) else str(error.value)
            get_stderr().blocking_write_and_flush(f"sort: {message}\n".encode())
            raise Err(None) from error


def standard_input() -> TemporaryFile:
    """Copies standard input into a temporary file, and completes its last line."""
    file = TemporaryFile.create(None)
    source = get_stdin()
    last = b"\n"
    while True:
        try:
            piece = source.blocking_read(MEMORY)
        except Err as error:
            if isinstance(error.value, StreamError_Closed):
                break
            raise
        file.write(piece)
        last = piece[-1:] or last
    if last != b"\n":
        file.write(b"\n")
    file.seek(0, Whence.START)
    return file


def sorted_runs(source: TemporaryFile) -> list[TemporaryFile]:
    """Sorts as many lines at a time as the memory holds, each time into a file of its own."""
    runs = []
    while lines := source.read_line_block(MEMORY).bytes.split(b"\n")[:-1]:
        run = TemporaryFile.create(None)
        run.write(b"\n".join(sorted(lines)) + b"\n")
        run.seek(0, Whence.START)
        runs.append(run)
    source.close()
    return runs


def read_lines(run: TemporaryFile) -> Iterator[bytes]:
    """Reads the lines of a run without their ends, and closes it."""
    while lines := run.read_line_block(PIECE).bytes.split(b"\n")[:-1]:
        yield from lines
    run.close()


def print_lines(output: OutputStream, lines: Iterable[bytes]) -> None:
    gathered = bytearray()
    for line in lines:
        gathered += line + b"\n"
        while len(gathered) >= LARGEST_WRITE:
            output.blocking_write_and_flush(bytes(gathered[:LARGEST_WRITE]))
            del gathered[:LARGEST_WRITE]
    output.blocking_write_and_flush(bytes(gathered))
