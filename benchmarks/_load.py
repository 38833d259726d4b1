"""A load generator in a process of its own: requests made beforehand, sent as they are.

One thread serves all connections, each of which sends its next request when the last answer is
whole. It reads no more of an answer than its length, so that it takes as little as it can from
the machine whose server is measured; what it took all the same is in ``Load.cpu_seconds``.

    work = [[b"POST /v1/push HTTP/1.1\\r\\n…", …], …]       by connection
    load = drive(port, work)                               load.answers[connection][request]
"""

from __future__ import annotations

import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

END, LAST_CHUNK = b"\r\n\r\n", b"\r\n0\r\n\r\n"
IN_CHUNKS = -1


class Work(msgspec.Struct):
    """What is to be sent, by connection."""

    port: int
    requests: list[list[bytes]]


class Load(msgspec.Struct):
    """What came of it: seconds of wall time from the first byte to the last, seconds of each
    request and whole answers by connection."""

    wall_seconds: float
    cpu_seconds: float
    latencies: list[float]
    answers: list[list[bytes]]


def request(method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """The bytes of one HTTP/1.1 request. ``headers`` without Content-Length."""
    told = {"host": "127.0.0.1", **headers, "content-length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    return "\r\n".join(lines).encode() + END + body


def opened(answer: bytes) -> tuple[int, bytes]:
    """Status and body of one answer; a body in chunks with the lines between them."""
    head, _, body = answer.partition(END)
    return int(head.split(b" ", 2)[1]), body


def drive(port: int, requests: list[list[bytes]], begun: Callable[[], None]) -> Load:
    """Send everything from another process, which calls ``begun`` back when all is connected."""
    with TemporaryDirectory() as name:
        asked, told = Path(name) / "work", Path(name) / "load"
        asked.write_bytes(msgspec.msgpack.encode(Work(port, requests)))
        command = [sys.executable, "-m", "benchmarks._load", str(asked), str(told)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
            begun()
            process.stdin.write(b"go\n")
            process.stdin.close()
            assert process.wait() == 0
        return msgspec.msgpack.decode(told.read_bytes(), type=Load)


class _Connection:
    """One connection and its requests, answered one after the other."""

    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answers: list[bytes] = []
        self.latencies: list[float] = []
        self._left = list(requests[::-1])
        self._begin()

    def _begin(self) -> None:
        self._got, self._whole = bytearray(), 0

    def send(self) -> bool:
        """Send the next request; whether there was one."""
        if not self._left:
            return False
        self._sent_at = time.perf_counter()
        self.socket.sendall(self._left.pop())
        return True

    def receive(self) -> bool:
        """Take what has come; whether an answer is whole."""
        more = self.socket.recv(1 << 18)
        if not more:
            raise ConnectionError("the server hung up before its answer was whole")
        self._got += more
        if not self._whole and (end := self._got.find(END)) >= 0:
            length = _length(bytes(self._got[:end]))
            self._whole = end + len(END) + length if length is not None else IN_CHUNKS
        if self._whole == IN_CHUNKS:
            if not self._got.endswith(LAST_CHUNK):
                return False
        elif not self._whole or len(self._got) < self._whole:
            return False
        self.latencies.append(time.perf_counter() - self._sent_at)
        self.answers.append(bytes(self._got))
        self._begin()
        return True


def _length(head: bytes) -> int | None:
    """Bytes of the body; None where it comes in chunks."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return None


def _drive(work: Work) -> Load:
    connections = [_Connection(work.port, requests) for requests in work.requests]
    print("ready", flush=True)
    sys.stdin.readline()
    with selectors.DefaultSelector() as waiting:
        cpu, began = time.process_time(), time.perf_counter()
        for one in connections:
            if one.send():
                waiting.register(one.socket, selectors.EVENT_READ, one)
        while waiting.get_map():
            for key, _ in waiting.select():
                if key.data.receive() and not key.data.send():
                    waiting.unregister(key.fileobj)
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    times = [spent for one in connections for spent in one.latencies]
    return Load(wall, cpu, times, [one.answers for one in connections])


if __name__ == "__main__":
    asked, told = map(Path, sys.argv[1:])
    made = _drive(msgspec.msgpack.decode(asked.read_bytes(), type=Work))
    told.write_bytes(msgspec.msgpack.encode(made))
