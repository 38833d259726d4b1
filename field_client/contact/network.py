"""Sync is woken when the network changes, so that nobody waits for a timer in front of a server.

    watch = NetworkWatch(sync.wake)
    watch.start(); …; watch.stop()

On Linux the kernel tells it: a route socket (``rtnetlink(7)``) hears of every link that comes up
and every address that is given. Where there is no such socket, the tablet looks every quarter of a
minute which of its own addresses it would send from. Both say only that something changed; whether
the server is reached, the next contact finds out. Several changes at once wake once; a network that
never settles wakes every few seconds.
"""

from __future__ import annotations

import logging
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

SETTLES_S = 0.5
"""How long changes that follow one another are taken for one."""
LONGEST_S = 5.0
"""How long at most, however many follow."""
LOOK_S = 15.0

_RTMGRP_LINK, _RTMGRP_IPV4, _RTMGRP_IPV6 = 1, 0x10, 0x100
_NEWLINK, _NEWADDR = 16, 20
_RUNNING, _LOOPBACK = 0x40, 0x8
_HEADER = struct.Struct("=IHHII")
_LINK = struct.Struct("=BxHiII")
_NOWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses that nobody has (RFC 5737, RFC 3849); nothing is sent to them."""

log = logging.getLogger(__name__)


class NetworkWatch:
    """One thread that hears of changes. ``events`` gives the kernel's socket or raises OSError,
    ``look`` says from where this machine would send."""

    def __init__(
        self,
        woken: Callable[[], None],
        events: Callable[[], socket.socket] | None = None,
        look: Callable[[], object] | None = None,
        every_s: float = LOOK_S,
    ) -> None:
        self._woken = woken
        self._events = events or route_socket
        self._look = look or own_addresses
        self._every_s = every_s
        self._end, self._told = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="network", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        if not self._thread.is_alive():
            self._thread.start()

    def stop(self) -> None:
        """End; at once, whatever it waits for."""
        self._told.close()
        if self._thread.is_alive():
            self._thread.join()
        self._end.close()

    def _run(self) -> None:
        try:
            with self._events() as told:
                self._listen(told)
        except OSError as fault:
            log.info("the kernel tells nothing of the network (%s); it is looked at", fault)
            self._look_around()

    def _listen(self, told: socket.socket) -> None:
        while told in self._ready([told], None):
            news = any(map(is_news, messages(told.recv(1 << 16))))
            until = time.monotonic() + LONGEST_S
            while news and told in (ready := self._ready([told], SETTLES_S)):
                told.recv(1 << 16)
                if time.monotonic() > until:
                    break
            if news and self._end in ready:
                return
            if news:
                self._woken()

    def _look_around(self) -> None:
        before = self._look()
        while not self._ready([], self._every_s):
            now = self._look()
            if now != before:
                self._woken()
            before = now

    def _ready(self, sockets: list[socket.socket], wait_s: float | None) -> list[socket.socket]:
        """Which of them, or the end, has something to say; the end alone once it came."""
        found = select.select([self._end, *sockets], [], [], wait_s)[0]
        return [self._end] if self._end in found else found


def route_socket() -> socket.socket:
    """The kernel's word on links and addresses. Raises OSError where there is none."""
    if not hasattr(socket, "AF_NETLINK"):
        raise OSError("no netlink on this system")
    made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    try:
        made.bind((0, _RTMGRP_LINK | _RTMGRP_IPV4 | _RTMGRP_IPV6))
    except OSError:
        made.close()
        raise
    return made


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(kind, body) of each message in what a route socket gave; what is cut ends it."""
    at = 0
    while at + _HEADER.size <= len(data):
        size, kind, *_ = _HEADER.unpack_from(data, at)
        if size < _HEADER.size or at + size > len(data):
            return
        yield kind, data[at + _HEADER.size : at + size]
        at += (size + 3) & ~3


def is_news(message: tuple[int, bytes]) -> bool:
    """Whether an address was given, or a link other than the machine's own runs."""
    kind, body = message
    if kind == _NEWADDR:
        return True
    if kind != _NEWLINK or len(body) < _LINK.size:
        return False
    flags = _LINK.unpack_from(body)[3]
    return bool(flags & _RUNNING) and not flags & _LOOPBACK


def own_addresses() -> tuple[str, ...]:
    """From which addresses this machine would send to the world; empty words for none."""
    return tuple(_own(family, host) for family, host in _NOWHERE)


def _own(family: socket.AddressFamily, host: str) -> str:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as one:
            one.connect((host, 9))  # chooses a route, and sends nothing
            return str(one.getsockname()[0])
    except OSError:
        return ""
