"""Ask a server for tiles over keep-alive connections, one request at a time on each.

A process of its own (``python -m benchmarks.load``): reads an order as JSON from standard input
and prints what it measured as JSON. It counts answers and their bytes and never looks inside.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import uvloop

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"
GRACE_S = 30.0
"""How long an answer may take beyond the end before the run counts as hung."""
HEADERS = "Accept-Encoding: gzip\r\nConnection: keep-alive\r\n"


@dataclass(frozen=True)
class Order:
    """What to ask for.

    Attributes
    ----------
    address
        The server, such as ``http://127.0.0.1:8000``.
    paths
        Addresses of tiles, asked for in turn until the end.
    marks
        For each path the ETag that is sent along, or an empty list for none.
    clients
        Connections, each with one request under way.
    seconds, requests
        The end, whichever comes first.
    """

    address: str
    paths: list[str]
    marks: list[str]
    clients: int
    seconds: float
    requests: int


class Measured:
    """The requests that are left and what came back for those that are done."""

    def __init__(self, order: Order) -> None:
        place = urlsplit(order.address)
        marks = order.marks or [""] * len(order.paths)
        self.host, self.port = place.hostname or "127.0.0.1", place.port or 80
        self._asked = [
            _request(path, place.netloc, mark)
            for path, mark in zip(order.paths, marks, strict=True)
        ]
        self._left = order.requests
        self._given = 0
        self._running = order.clients
        self._until = time.perf_counter() + order.seconds
        self.finished = asyncio.get_running_loop().create_future()
        self.times_s: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.bytes = 0

    def next_request(self, now: float) -> bytes | None:
        """Return what to send next, or None at the end."""
        if self._given >= self._left or now >= self._until:
            return None
        self._given += 1
        return self._asked[self._given % len(self._asked)]

    def leave(self, error: Exception | None) -> None:
        """Note that a connection has ended, the last one ending the run."""
        self._running -= 1
        if error and not self.finished.done():
            self.finished.set_exception(error)
        elif not self._running and not self.finished.done():
            self.finished.set_result(None)


class Client(asyncio.Protocol):
    """One connection: sends a request when the answer to the one before is whole."""

    def __init__(self, measured: Measured) -> None:
        self._measured = measured
        self._ended = False
        self._sent = 0.0
        self._waiting = 0
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        # uvloop's transport is no subclass of asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._go_on(time.perf_counter())

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer; send the next request when it is whole."""
        self._measured.bytes += len(data)
        if self._waiting:
            self._waiting -= len(data)
        else:
            self._head += data
            end = self._head.find(HEAD_END)
            if end < 0:
                return
            status, length = _read_head(self._head[:end].lower())
            self._measured.statuses[status] += 1
            self._waiting = end + len(HEAD_END) + length - len(self._head)
            self._head = b""
        if not self._waiting:
            now = time.perf_counter()
            self._measured.times_s.append(now - self._sent)
            self._go_on(now)

    def connection_lost(self, error: Exception | None) -> None:
        """Fail if the server left first."""
        if not self._ended:
            self._measured.leave(error or ConnectionError("the server closed the connection"))

    def _go_on(self, now: float) -> None:
        request = self._measured.next_request(now)
        if request is None:
            self._ended = True
            self._transport.close()
            self._measured.leave(None)
            return
        self._sent = now
        self._transport.write(request)


def measure(order: Order) -> dict[str, Any]:
    """Carry an order out in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(order)), text=True, stdout=subprocess.PIPE, check=True,
        timeout=order.seconds + 2 * GRACE_S,
    )  # fmt: skip
    measured: dict[str, Any] = json.loads(ended.stdout)
    return measured


async def carry_out(order: Order) -> dict[str, Any]:
    measured = Measured(order)
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    for _ in range(order.clients):
        await loop.create_connection(lambda: Client(measured), measured.host, measured.port)
    await asyncio.wait_for(measured.finished, order.seconds + GRACE_S)
    seconds = time.perf_counter() - start
    times_s = sorted(measured.times_s)
    return {
        "requests": len(times_s),
        "requests_per_s": round(len(times_s) / seconds, 1),
        "p50_ms": round(1e3 * times_s[len(times_s) // 2], 3),
        "p99_ms": round(1e3 * times_s[int(len(times_s) * 0.99)], 3),
        "bytes": measured.bytes,
        "statuses": dict(measured.statuses),
        "generator_busy": round(time.process_time() / seconds, 2),
    }


# -------------------------------------------------------------------------------------------


def _request(path: str, host: str, mark: str) -> bytes:
    match = f"If-None-Match: {mark}\r\n" if mark else ""
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{HEADERS}{match}\r\n".encode()


def _read_head(head: bytes) -> tuple[str, int]:
    status = head[9:12].decode()
    start = head.find(LENGTH)
    if start < 0:
        return status, 0
    return status, int(head[start + len(LENGTH) :].split(b"\r\n", 1)[0])


if __name__ == "__main__":
    print(json.dumps(uvloop.run(carry_out(Order(**json.load(sys.stdin))))))
