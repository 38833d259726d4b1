"""A bundle for whoever holds an earlier one: only what differs goes over the line (RFC 9842).

    Available-Dictionary: :<SHA-256 of the bundle at hand>:    which the reader has
    Dictionary-ID: "7"                                         and of which version it is
    Accept-Encoding: dcz, zstd                                 so it can be told by its differences

    deltas = Deltas(db)
    deltas.packed(agency, name, body, asked)     Packed("dcz", …), Packed("zstd", …) or None

One officer among thousands changed: some hundred bytes in place of megabytes. The reader compares
the result with the hash that the repository signed, so that nothing depends on how it came. What
was made for one tablet is kept for the others, which mostly come from the same version.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

from sync_server.store import bundles
from sync_server.store.db import Database

DCZ, ZSTD = "dcz", "zstd"
KEPT = 64


class Packed(NamedTuple):
    """A body and its content coding."""

    coding: str
    body: bytes


class Deltas:
    """What was packed lately. Safe for use by several threads."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[bytes, str], Packed] = OrderedDict()

    def packed(
        self, agency: str, name: str, body: bytes, asked: Mapping[str, str]
    ) -> Packed | None:
        """The body as the reader asks for it by these headers; None where it goes as it is."""
        codings = {
            part.partition(";")[0].strip() for part in asked.get("accept-encoding", "").split(",")
        }
        known = dictionary(asked.get("available-dictionary", "")) if DCZ in codings else b""
        found = self._get((known, name)) if known else None
        if found is None:
            held = self._held(agency, known, asked.get("dictionary-id", ""))
            if not held and ZSTD not in codings:
                return None
            found = self._made((known if held else b"", name), body, held)
        return found if len(found.body) < len(body) else None

    def _held(self, agency: str, sha256: bytes, version: str) -> bytes:
        """The bundle that a reader says to hold, if it was one of ours."""
        number = version.strip('"')
        if not sha256 or not (number.isascii() and number.isdigit() and len(number) < 16):
            return b""
        with self._db.engine.connect() as connection:
            held = bundles.read(connection, agency, int(number)) or b""
        return held if hashlib.sha256(held).digest() == sha256 else b""

    def _made(self, key: tuple[bytes, str], body: bytes, held: bytes) -> Packed:
        found = self._get(key)
        if found is None:
            found = pack(body, held)
            self._put(key, found)
        return found

    def _get(self, key: tuple[bytes, str]) -> Packed | None:
        with self._lock:
            return self._kept.get(key)

    def _put(self, key: tuple[bytes, str], made: Packed) -> None:
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


def pack(body: bytes, held: bytes) -> Packed:
    """The body by its differences from what is ``held``, or for itself where that is nothing."""
    return Packed(DCZ if held else ZSTD, bundles.pack(body, held))


def dictionary(header: str) -> bytes:
    """The hash in an ``Available-Dictionary`` (a byte sequence of RFC 9651); nothing for what is
    none."""
    if not (len(header) == 46 and header[0] == header[-1] == ":"):
        return b""
    try:
        return base64.b64decode(header[1:-1], validate=True)
    except (binascii.Error, ValueError):
        return b""
