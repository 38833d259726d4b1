"""The network changes, and sync tries at once; nothing else wakes it."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from field_client.contact import network
from field_client.contact.network import NetworkWatch, is_news, messages, own_addresses

NEWLINK, DELLINK, NEWADDR = 16, 17, 20
UP, RUNNING, LOOPBACK = 1, 0x40, 8


def told(kind: int, body: bytes) -> bytes:
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body


def link(flags: int) -> bytes:
    return told(NEWLINK, struct.pack("=BxHiII", 0, 1, 2, flags, 0))


def address() -> bytes:
    return told(NEWADDR, struct.pack("=BBBBI", 2, 24, 0, 0, 2))


class Woken:
    """Counts, and lets the test wait for the next one."""

    def __init__(self) -> None:
        self.count = 0
        self._news = threading.Semaphore(0)

    def __call__(self) -> None:
        self.count += 1
        self._news.release()

    def wait(self) -> None:
        assert self._news.acquire(timeout=20), "nobody woke it"


@pytest.fixture
def woken() -> Woken:
    return Woken()


@pytest.fixture
def kernel(woken: Woken) -> Iterator[socket.socket]:
    """The kernel's end of the socket that a running watch listens to."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    watch = NetworkWatch(woken, events=lambda: theirs)
    watch.start()
    yield ours
    watch.stop()
    ours.close()


def test_an_address_wakes_it_and_so_does_a_link_that_runs(
    kernel: socket.socket, woken: Woken
) -> None:
    kernel.send(address())
    woken.wait()
    kernel.send(link(UP | RUNNING))
    woken.wait()
    assert woken.count == 2


def test_a_burst_of_changes_wakes_once(
    kernel: socket.socket, woken: Woken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "SETTLES_S", 3.0)
    for _ in range(8):
        kernel.send(link(UP | RUNNING) + address())
    woken.wait()
    assert woken.count == 1


def test_a_network_that_never_settles_wakes_all_the_same(
    kernel: socket.socket, woken: Woken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loose plug: a change every moment, for as long as it takes."""
    monkeypatch.setattr(network, "LONGEST_S", 0.2)
    calm = threading.Event()

    def flap() -> None:
        while not calm.wait(0.01):
            kernel.send(address())

    flapping = threading.Thread(target=flap)
    flapping.start()
    try:
        woken.wait()
        assert flapping.is_alive()
        woken.wait()
    finally:
        calm.set()
        flapping.join()


def test_what_goes_down_and_the_machines_own_loop_are_no_news() -> None:
    assert not any(map(is_news, messages(link(UP) + link(UP | RUNNING | LOOPBACK))))
    assert not any(map(is_news, messages(told(DELLINK, bytes(16)))))
    assert not is_news((NEWLINK, b"cut"))


def test_a_message_that_is_cut_ends_what_is_read() -> None:
    whole = address() + link(UP | RUNNING)
    for end in range(len(whole)):
        assert len(list(messages(whole[:end]))) <= 1
    assert len(list(messages(whole))) == 2
    assert list(messages(bytes(64))) == []


def test_the_kernels_socket_opens_and_its_words_are_read() -> None:
    """Asked for all links (no privilege is needed), the real kernel names at least the loop."""
    with network.route_socket() as real:
        asked = struct.pack("=IHHII", 32, 18, 0x301, 1, 0) + struct.pack("=BxHiII", 0, 0, 0, 0, 0)
        real.send(asked)
        kinds = {kind for kind, _ in messages(real.recv(1 << 16))}
    assert NEWLINK in kinds


def test_where_the_kernel_tells_nothing_its_own_addresses_are_looked_at(woken: Woken) -> None:
    seen = iter([("10.0.0.2",), ("10.0.0.2",), ("",), ("10.0.0.9",)])
    last = [("10.0.0.9",)]

    def look() -> object:
        return next(seen, last[0])

    def none() -> socket.socket:
        raise OSError("no netlink here")

    watch = NetworkWatch(woken, events=none, look=look, every_s=0.01)
    watch.start()
    woken.wait()
    woken.wait()
    watch.stop()
    assert woken.count == 2


def test_its_own_addresses_are_words_and_nothing_is_sent() -> None:
    found = own_addresses()
    assert len(found) == 2
    assert all(isinstance(one, str) for one in found)


def test_it_ends_whatever_it_waits_for(woken: Woken) -> None:
    watch = NetworkWatch(woken)
    watch.start()
    watch.stop()
    assert not watch._thread.is_alive()
    NetworkWatch(woken).stop()
