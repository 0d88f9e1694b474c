#!/usr/bin/env python3
"""Uploads many files at once, compares the stored files, and prints times and memory.

The script needs only Python 3.9. It sends a bounded number of requests to one address and then ends,
with a status other than 0 after any failure. `--help` lists the options.
"""

import argparse
import asyncio
import base64
import hashlib
import os
import random
import statistics
import sys
import time
import urllib.parse

PIECE = 64 << 10


class Content:
    """The contents of the files, which all differ and share memory."""

    def __init__(self, size):
        self.size = size
        self.bytes = random.Random(8).randbytes(size + (1 << 16))

    def pieces(self, index):
        start = index * 61 % (1 << 16)
        content = memoryview(self.bytes)[start : start + self.size]
        mark = index.to_bytes(8, "big")[: self.size]
        yield mark
        for offset in range(len(mark), self.size, PIECE):
            yield content[offset : min(offset + PIECE, self.size)]

    def sha256(self, index):
        digest = hashlib.sha256()
        for piece in self.pieces(index):
            digest.update(piece)
        return digest.digest()


class Server:
    """The address and the process of the service."""

    def __init__(self, url, pid):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port, self.pid = parts.hostname, parts.port or 80, pid

    def resident(self):
        """Returns the resident memory of the server, in bytes."""
        if self.pid is None:
            return 0
        with open(f"/proc/{self.pid}/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    async def exchange(self, head, pieces):
        """Sends a request on a new connection; returns status and body."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(head.encode())
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            answer = await reader.read()
        finally:
            writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split(b" ", 2)[1]), body


def request(server, method, path, fields=""):
    return f"{method} {path} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\nConnection: close\r\n{fields}\r\n"


async def upload(server, content, prefix, index, digest):
    """Uploads one file; returns its latency and its status or error."""
    announced = base64.b64encode(digest).decode()
    fields = f"Content-Length: {content.size}\r\nRepr-Digest: sha-256=:{announced}:\r\n"
    begun = time.perf_counter()
    try:
        head = request(server, "PUT", f"/{prefix}-{index}", fields)
        status, body = await server.exchange(head, content.pieces(index))
    except (OSError, ValueError, IndexError) as error:
        return time.perf_counter() - begun, repr(error)
    outcome = status if status in (201, 204) else f"{status} {' '.join(body.decode(errors='replace').split())}"
    return time.perf_counter() - begun, outcome


async def peak_of(server, running):
    peak = server.resident()
    while not running.is_set():
        peak = max(peak, server.resident())
        await asyncio.sleep(0.02)
    return peak


async def round_of(options, server, content, digests):
    """Uploads all files, `options.concurrent` at a time, and prints times and memory."""
    before = server.resident()
    done = asyncio.Event()
    peak = asyncio.create_task(peak_of(server, done))
    turns = asyncio.Semaphore(options.concurrent)

    async def one(index):
        async with turns:
            return await upload(server, content, options.prefix, index, digests[index])

    begun = time.perf_counter()
    try:
        every = asyncio.gather(*(one(index) for index in range(options.uploads)))
        results = await asyncio.wait_for(every, options.seconds)
    except asyncio.TimeoutError:
        sys.exit(f"a round took more than {options.seconds:g} s")
    seconds = time.perf_counter() - begun
    done.set()
    peak = await peak
    # Idle instances are dropped after a second.
    await asyncio.sleep(2.5)
    after = server.resident()

    failures = [outcome for _, outcome in results if isinstance(outcome, str)]
    latencies = sorted(latency for latency, _ in results)
    percentile = latencies[min(len(latencies) - 1, len(latencies) * 99 // 100)]
    mebibytes = options.uploads * content.size / (1 << 20)
    memory = ""
    if server.pid is not None:
        memory = f"; server {in_mib(before)} MiB before, {in_mib(peak)} peak, {in_mib(after)} after"
    print(
        f"{options.uploads} uploads of {content.size / (1 << 20):g} MiB, {options.concurrent} at a time: "
        f"{seconds:.1f} s, {mebibytes / seconds:.0f} MiB/s, "
        f"latency median {statistics.median(latencies):.2f} s, 99 % {percentile:.2f} s, "
        f"{len(failures)} failures{memory}",
        flush=True,
    )
    for failure in sorted(set(failures))[:5]:
        print(f"  {failures.count(failure)} times: {failure}")
    return not failures, after


def in_mib(size):
    return round(size / (1 << 20))


async def downloaded(server, prefix, index):
    status, body = await server.exchange(request(server, "GET", f"/{prefix}-{index}"), [])
    return hashlib.sha256(body).digest() if status == 200 else None


def stored(directory, prefix, index):
    try:
        with open(os.path.join(directory, f"{prefix}-{index}"), "rb") as file:
            return hashlib.sha256(file.read()).digest()
    except FileNotFoundError:
        return None


async def verify(options, server, digests):
    """Compares each file with its upload, and searches for leftover entries."""
    names = {f"{options.prefix}-{index}" for index in range(options.uploads)}
    wrong = 0
    for index, digest in enumerate(digests):
        if options.storage is None:
            found = await downloaded(server, options.prefix, index)
        else:
            found = stored(options.storage, options.prefix, index)
        wrong += found != digest
    how = "downloaded" if options.storage is None else "stored"
    print(f"{len(digests) - wrong} of {len(digests)} files are {how} as they were uploaded")
    left = 0
    if options.storage is not None:
        left += len(set(os.listdir(options.storage)) - names)
    if options.scratch is not None:
        left += len(os.listdir(options.scratch))
    if options.storage is not None or options.scratch is not None:
        print(f"{left} entries left over")
    return wrong == 0 and left == 0


def size(text):
    factor = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}.get(text[-1:].upper(), 1)
    return int(text[:-1] if factor > 1 else text) * factor


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", help="the address of the service, such as http://127.0.0.1:8080")
    parser.add_argument("--uploads", type=int, default=1000, help="the number of files (1,000)")
    parser.add_argument("--concurrent", type=int, help="the number of concurrent uploads (all)")
    parser.add_argument("--bytes", type=size, default=1 << 20, help="the size of each file (1M)")
    parser.add_argument("--rounds", type=int, default=3, help="the number of rounds, 0 to only compare (3)")
    parser.add_argument("--seconds", type=float, default=120, help="the longest time of a round (120)")
    parser.add_argument("--growth", type=size, default=32 << 20, help="the largest growth of memory (32M)")
    parser.add_argument("--prefix", default="load", help="the beginning of the names (load)")
    parser.add_argument("--pid", type=int, help="the server's process, to measure its memory")
    parser.add_argument("--storage", help="the storage directory, to compare files without downloads")
    parser.add_argument("--scratch", help="the directory for temporary files, which must be empty afterwards")
    options = parser.parse_args()
    options.concurrent = options.concurrent or options.uploads
    return options


async def main():
    options = arguments()
    server = Server(options.url, options.pid)
    content = Content(options.bytes)
    digests = [content.sha256(index) for index in range(options.uploads)]
    good = True
    resident = []
    for _ in range(options.rounds):
        succeeded, after = await round_of(options, server, content, digests)
        good &= succeeded
        resident.append(after)
    good &= await verify(options, server, digests)
    # After the first round the allocator keeps memory; only a leak grows further.
    if resident and resident[-1] > resident[0] + options.growth:
        print("the server's memory has grown")
        good = False
    return good


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main()) else 1)
