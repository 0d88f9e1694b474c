"""Prints the lines of standard input in reverse order, as `tac` does.

The lines are stored in a spooled temporary file: in memory up to a size, then on disk.
"""

from itertools import pairwise

import wit_world
from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import stdin, stdout
from wit_world.imports.tempfile import TemporaryFile

IN_MEMORY = 1024 * 1024
PIECE = 64 * 1024


class Run(exports.Run):
    async def run(self) -> None:
        # Leaving the block drops the file and its content.
        with TemporaryFile.create_spooled(IN_MEMORY, None) as file:
            await print_reversed(file, await fill(file))


async def fill(file: TemporaryFile) -> list[int]:
    """Writes standard input to the file. Returns the offset of each line, and of the end."""
    starts = [0]
    length = 0
    stream, outcome = stdin.read_via_stream()
    with stream:
        while not stream.writer_dropped:
            piece = await stream.read(PIECE)
            starts += (length + place + 1 for place, byte in enumerate(piece) if byte == ord("\n"))
            length += len(piece)
            await file.write(piece)
    check(await outcome.read())
    if starts[-1] < length:
        await file.write(b"\n")
        starts.append(length + 1)
    return starts


async def print_reversed(file: TemporaryFile, starts: list[int]) -> None:
    writer, reader = wit_world.byte_stream()
    outcome = stdout.write_via_stream(reader)
    with writer:
        for end, start in pairwise(reversed(starts)):
            await writer.write_all(await file.read_at(end - start, start))
    check(await outcome.read())


def check(outcome: object) -> None:
    if isinstance(outcome, Err):
        raise Err(None)
