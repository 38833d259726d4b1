"""A process that reads pushes for the server: asked on stdin, answered on stdout, until stdin ends.

                           ◄──   u32 0, once: ready
    u32 length │ Asked     ──►
                           ◄──   u32 length │ Told; empty where the push cannot be read here

It verifies with the keys that it was told so far, and by the same lines as the server would
(``reading.py``). Why a push cannot be read is not told, be it that its device's key was not either:
the server reads it itself and finds out.
Numbers are big-endian, messages msgpack.
"""

from __future__ import annotations

import gc
import os
import signal
import struct
import sys
from typing import IO

import msgspec

from protocol.errors import FujieError
from protocol.keys import Verifier
from protocol.registry.registry import Registry
from protocol.statements import DeviceInventory
from sync_server.log.inventory import read_inventory
from sync_server.log.reading import Opened, decoded, opened

LENGTH = struct.Struct(">I")

GARBAGE = 100_000
"""New objects after which Python looks for rings among them. A push makes a few thousand and no
ring; what was there before the first request stays, and is not looked through again."""

BEHIND = 10
"""Steps of niceness. The writer and the answers need little, and each tablet that waits for them
sends nothing more to be read: let them wait for a core, and soon all wait for one commit."""


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """A push to be read. ``version`` is that of the registry, ``new`` and ``gone`` the keys by
    which it differs from the one before: algorithm and public key, and key ids. ``key_id`` names
    the device's key, by which its inventory is signed."""

    version: int
    new: list[tuple[str, bytes]]
    gone: list[bytes]
    key_id: bytes
    encoding: str
    body: bytes


class Told(msgspec.Struct, frozen=True, array_like=True):
    """A push, and what the device ``said`` that it holds."""

    push: Opened
    said: DeviceInventory


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Asked).decode


def read(body: bytes, encoding: str, registry: Registry, key: Verifier) -> Told:
    """Read a push of the device with this ``key``. Raises TooLarge, Malformed; and Unverified for
    its inventory."""
    push = decoded(body, encoding)
    # First: a push that is refused for it is read again by the server, without its items then.
    said = read_inventory(push.inventory, key)
    return Told(opened(push, registry), said)


def serve(asked: IO[bytes], told: IO[bytes]) -> None:
    """Answer until nobody asks any more."""
    keys: dict[bytes, Verifier] = {}
    send(told, b"")
    while (data := receive(asked)) is not None:
        send(told, _answer(_decode(data), keys))


def _answer(asked: Asked, keys: dict[bytes, Verifier]) -> bytes:
    for key in (Verifier(*one) for one in asked.new):
        keys[key.key_id] = key
    for key_id in asked.gone:
        del keys[key_id]
    known = keys.get(asked.key_id)
    if known is None:
        return b""
    registry = Registry(version=asked.version, keys=keys)
    try:
        return _encode(read(asked.body, asked.encoding, registry, known))
    except (FujieError, ValueError, OverflowError):
        return b""


def send(stream: IO[bytes], data: bytes) -> None:
    """Write one message."""
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """Read one message; None at the end, also in the middle of one."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    data = stream.read(length)
    return data if len(data) == length else None


if __name__ == "__main__":
    # Who ends a service ends all of its processes: this one stays until the server needs no more.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(BEHIND)
    gc.freeze()
    gc.set_threshold(GARBAGE)
    serve(sys.stdin.buffer, sys.stdout.buffer)
