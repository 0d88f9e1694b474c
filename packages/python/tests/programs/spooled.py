"""The program for a Python host in the README of the project."""

import anyio

from scratch_tempfile import SpooledTemporaryFile


async def main() -> None:
    async with SpooledTemporaryFile(max_size=1_000_000) as file:
        await file.write(b"in memory until it grows")
        await file.seek(0)
        print(await file.read())


anyio.run(main)
