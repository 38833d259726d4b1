"""A bad line between tablet and server: real sockets, on this machine, slow and cut as told.

    with Proxy(server.port, bits=1_000_000, delay_ms=50) as line:   # 1 Mbit/s, 50 ms each way
        tablet = Tablet(line.url)
        line.cut(up=700)             # the next 700 bytes towards the server pass, then all is cut
        ...
        line.answer(PORTAL)          # from now on everything is answered by the hotel's Wi-Fi
        ...
        line.mend()                  # all well again
        line.up, line.down           # bytes that passed since the beginning

    client ──socket──> reads, waits its turn on the line ──queue, until the delay is over──> server

One rate holds for all connections of a direction together, as on a real line; the delay does not
slow what follows. A connection's first bytes wait one round trip more, which is what its handshake
takes on a real line: here the kernel accepts at once. Bytes are those of TCP's payload, so that
``up + down`` is what an encrypted link's price would be counted by, less its headers.
"""

from __future__ import annotations

import contextlib
import queue
import re
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

Way = Literal["up", "down"]
PIECE = 4096


def canned(status: str, body: bytes, kind: str = "text/plain") -> bytes:
    """An answer that somebody gives who is not the server."""
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n"
    return head.encode() + b"connection: close\r\n\r\n" + body


ERROR_500 = canned("500 Internal Server Error", b"Internal Server Error")
BAD_GATEWAY_502 = canned("502 Bad Gateway", b"<h1>502 Bad Gateway</h1>", "text/html")
NOT_FOUND_404 = canned("404 Not Found", b"Not Found")
GONE_410 = canned("410 Gone", b"Gone")
EMPTY_200 = canned("200 OK", b"", "application/vnd.msgpack")
NO_CONTENT_204 = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"
GARBAGE = bytes(range(128, 256)) * 4 + b"\r\n\r\n"
PORTAL = canned(
    "200 OK",
    "<!doctype html><title>欢迎使用免费无线网络</title><form>手机号 <input></form>".encode(),
    "text/html; charset=utf-8",
)
CANNED = {
    "500": ERROR_500,
    "502": BAD_GATEWAY_502,
    "404": NOT_FOUND_404,
    "410": GONE_410,
    "200 with nothing": EMPTY_200,
    "204": NO_CONTENT_204,
    "garbage": GARBAGE,
    "captive portal": PORTAL,
}


@dataclass
class Cut:
    """Where a line is cut: after so many more bytes of a direction."""

    up: int | None = None
    down: int | None = None

    def take(self, way: Way, data: bytes) -> tuple[bytes, bool]:
        """What still passes of some bytes, and whether the line is cut after them."""
        left = self.up if way == "up" else self.down
        if left is None:
            return data, False
        passing = data[:left]
        left -= len(passing)
        self.up, self.down = (left, self.down) if way == "up" else (self.up, left)
        return passing, left == 0


@dataclass(eq=False)
class Call:
    """One connection of a client, and the one to the server behind it."""

    client: socket.socket
    server: socket.socket
    cut: Cut | None
    fresh: bool = True
    turn: bool = True  # the client speaks next: what comes up now begins a request
    over: threading.Event = field(default_factory=threading.Event)

    def hang_up(self, reset: bool = False) -> None:
        """End both; with ``reset`` the client hears a reset in place of an end."""
        if self.over.is_set():
            return
        self.over.set()
        if reset:
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for one in (self.client, self.server):
            quiet = reset and one is self.client  # wakes its reader, and says no end
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RD if quiet else socket.SHUT_RDWR)
            one.close()


class Proxy:
    """A line to a port of this machine. ``bits`` a second each way (0: no limit), ``delay_ms``
    each way, ``port`` and ``url`` where it listens, ``up`` and ``down`` the bytes that passed,
    ``calls`` the connections and ``answered`` the requests that got a canned answer."""

    def __init__(self, to: int, *, bits: int = 0, delay_ms: float = 0) -> None:
        self.to, self.bits, self.delay_ms = to, bits, delay_ms
        self.up = self.down = self.calls = self.answered = self.cuts = 0
        self._lock = threading.Lock()
        self._free = {"up": 0.0, "down": 0.0}
        self._live: set[Call] = set()
        self._cut: Cut | None = None
        self._every: tuple[int | None, int | None] | None = None
        self._reset = False
        self._answer: tuple[bytes, bytes, int | None] | None = None
        self._flows = threading.Event()
        self._flows.set()
        self._ended = False
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listening.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._ended = True
        self._flows.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.hang_up()

    # ── what happens to the line ─────────────────────────────────────────────────────────

    def cut(
        self,
        *,
        up: int | None = None,
        down: int | None = None,
        every: bool = False,
        reset: bool = False,
    ) -> None:
        """Cut all connections after so many bytes from now on, of all together; afterwards new
        ones pass. With ``every`` each new connection is cut after so many of its own, until
        ``mend``. With ``reset`` the client hears a reset (what it has not read yet is lost)."""
        with self._lock:
            self._reset = reset
            self._every = (up, down) if every else None
            self._cut = None if every else Cut(up, down)

    def stall(self) -> None:
        """Nothing passes any more, and nothing ends."""
        self._flows.clear()

    @property
    def stalls(self) -> bool:
        """Whether nothing passes and nothing ends."""
        return not self._flows.is_set()

    def flow(self) -> None:
        """The stall is over."""
        self._flows.set()

    def answer(self, said: bytes, only: bytes = b"", times: int | None = None) -> None:
        """Answer requests in the server's place, those that begin with ``only`` (``b"POST /v1/"``),
        the next ``times`` of them or all."""
        with self._lock:
            self._answer = (said, only, times)

    def mend(self) -> None:
        """No cut, no stall, no false answer any more."""
        with self._lock:
            self._cut = self._every = self._answer = None
            self._reset = False
        self.flow()

    def hang_up(self) -> None:
        """Cut what is connected now."""
        with self._lock:
            live = list(self._live)
        for call in live:
            call.hang_up(self._reset)

    # ── connections ──────────────────────────────────────────────────────────────────────

    def _listen(self) -> None:
        while not self._ended:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                client.close()
                continue
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                call = Call(client, server, Cut(*self._every) if self._every else None)
                self._live.add(call)
                self.calls += 1
            self._carry(call, "up", client, server)
            self._carry(call, "down", server, client)

    def _carry(self, call: Call, way: Way, source: socket.socket, sink: socket.socket) -> None:
        waiting: queue.Queue[tuple[float, bytes]] = queue.Queue()
        for work, other in ((self._read, source), (self._write, sink)):
            threading.Thread(target=work, args=(call, way, other, waiting), daemon=True).start()

    def _read(
        self, call: Call, way: Way, source: socket.socket, waiting: queue.Queue[tuple[float, bytes]]
    ) -> None:
        """Bytes wait for their turn on the line, then in the queue for the delay."""
        while not call.over.is_set():
            try:
                data = source.recv(PIECE)
            except OSError:
                data = b""
            self._flows.wait()
            if way == "up" and self._spoken_for(call, data):
                break
            call.turn = way == "down"
            waiting.put((self._arrives(call, way, len(data)), data))
            if not data:
                break

    def _write(
        self, call: Call, way: Way, sink: socket.socket, waiting: queue.Queue[tuple[float, bytes]]
    ) -> None:
        cut = False
        while not call.over.is_set():
            try:
                at, data = waiting.get(timeout=0.5)
            except queue.Empty:
                continue
            time.sleep(max(0.0, at - time.monotonic()))
            self._flows.wait()
            passing, cut = self._taken(call, way, data)
            try:
                sink.sendall(passing)
            except OSError:
                cut = True
            if cut or not data:
                break
        self._forget(call, everybody=cut and self._cut_all(call))

    def _arrives(self, call: Call, way: Way, size: int) -> float:
        """When bytes that come now are at the other end; waits until the line has taken them."""
        now, far = time.monotonic(), self.delay_ms / 1000
        with self._lock:
            begins = max(now, self._free[way])
            if call.fresh and way == "up":
                begins, call.fresh = max(begins, now + 2 * far), False
            ends = begins + (size * 8 / self.bits if self.bits else 0.0)
            if self.bits:
                self._free[way] = ends
        time.sleep(max(0.0, ends - now))
        return ends + far

    def _taken(self, call: Call, way: Way, data: bytes) -> tuple[bytes, bool]:
        with self._lock:
            cut = call.cut or self._cut
            passing, ends = cut.take(way, data) if cut and data else (data, False)
            self.up += len(passing) if way == "up" else 0
            self.down += len(passing) if way == "down" else 0
        return passing, ends

    def _cut_all(self, call: Call) -> bool:
        """Whether the cut that a call met was everybody's; it happens once."""
        with self._lock:
            met = self._cut is not None and call.cut is None and 0 in (self._cut.up, self._cut.down)
            self.cuts += (met or call.cut is not None) and not call.over.is_set()
            if met:
                self._cut = None
        return met

    def _forget(self, call: Call, everybody: bool) -> None:
        call.hang_up(self._reset)
        with self._lock:
            self._live.discard(call)
        if everybody:
            self.hang_up()

    # ── who answers ──────────────────────────────────────────────────────────────────────

    def _spoken_for(self, call: Call, data: bytes) -> bool:
        """Answer in the server's place, if that is wanted for the request that begins here."""
        with self._lock:
            if self._answer is None or not call.turn or not data:
                return False
            said, only, times = self._answer
            if not data.startswith(only):
                return False
            self.answered += 1
            if times is not None:
                self._answer = (said, only, times - 1) if times > 1 else None
        self._hear_out(call.client, data)
        with contextlib.suppress(OSError):
            call.client.sendall(said)
        with self._lock:
            self.down += len(said)
            self._live.discard(call)
        call.hang_up()
        return True

    def _hear_out(self, client: socket.socket, data: bytes) -> None:
        """Read a request to its end: who answers earlier loses the answer with the connection."""
        while b"\r\n\r\n" not in data and (more := client.recv(PIECE)):
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        told = re.search(rb"(?i)^content-length: *(\d+)", head, re.MULTILINE)
        left = int(told[1]) - len(body) if told else 0
        while left > 0 and (more := client.recv(PIECE)):
            left -= len(more)
