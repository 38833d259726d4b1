"""Bodies on the wire, packed by zstd: ours as small as is cheap, the server's within bounds.

An answer says in its frame how large it will become; one that says too much, or nothing, is not
unpacked. It is verified as it came and unpacked afterwards.

>>> unpack(pack(b"statement " * 100), 1000) == b"statement " * 100
True
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import zstandard

from field_client.errors import ServerUnclear
from protocol.errors import FujieError

ZSTD = "zstd"
DCZ = "dcz"
"""zstd against bytes that the reader has (RFC 9842)."""
PLAIN = "identity"
PACK_FROM = 512
"""Bytes from which on packing is worth a header."""
LEVEL = 1
"""The lowest: it packs a day of records as small as the ninth does, and takes no time."""
MAX_WINDOW = 1 << 23
DCZ_MAGIC = bytes.fromhex("5e2a4d1820000000")
"""Before the hash of the bytes that a frame refers to."""


def pack(body: bytes) -> bytes:
    """The body as one zstd frame that tells its size."""
    return zstandard.compress(body, LEVEL)


def unpack(body: bytes, bound: int, known: bytes = b"") -> bytes:
    """The body of one zstd frame, which may refer to ``known`` bytes. Raises ServerUnclear."""
    try:
        size = zstandard.frame_content_size(body)
        # Frames to be skipped say how long they are, and that much memory would be asked for.
        if 0 <= size <= bound and body.startswith(zstandard.FRAME_HEADER):
            refers = zstandard.ZstdCompressionDict(known, zstandard.DICT_TYPE_RAWCONTENT)
            unpacker = zstandard.ZstdDecompressor(
                dict_data=refers if known else None, max_window_size=MAX_WINDOW
            )
            return unpacker.decompress(body, max_output_size=bound)
    except zstandard.ZstdError:
        pass
    raise unclear("an answer that cannot be unpacked")


NotThere = Callable[[int], Exception]
"""The error for a file that is not there, by the answer's status."""
Opened = Callable[[str, Iterator[bytes]], Iterator[bytes]]
"""A file's pieces, of its content coding and the pieces as they came."""


class Offer(NamedTuple):
    """How a public file may come that follows an earlier ``known`` one, of some ``version``: by
    what differs from it, or by zstd; at most ``bound`` bytes when it is unpacked."""

    known: bytes = b""
    version: int = 0
    bound: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """What asks for it."""
        if not self.bound:
            return {}
        if not self.known:
            return {"accept-encoding": ZSTD}
        sha256 = base64.b64encode(hashlib.sha256(self.known).digest()).decode()
        return {
            "accept-encoding": f"{DCZ}, {ZSTD}",
            "available-dictionary": f":{sha256}:",
            "dictionary-id": f'"{self.version}"',
        }

    def opened(self, coding: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The file, as its content coding says. Raises ServerUnclear."""
        if coding == PLAIN:
            yield from pieces
        elif coding not in self.headers.get("accept-encoding", "").split(", "):
            raise unclear("an answer in an encoding that was not asked for")
        else:
            packed = bytearray()
            for piece in pieces:
                packed += piece
                if len(packed) > self.bound:
                    raise unclear("more than {size} MiB", size=self.bound >> 20)
            yield self._unpacked(coding, bytes(packed))

    def _unpacked(self, coding: str, packed: bytes) -> bytes:
        if coding == ZSTD:
            return unpack(packed, self.bound)
        head = DCZ_MAGIC + hashlib.sha256(self.known).digest()
        if not packed.startswith(head):
            raise unclear("differences from a file that is not here")
        return unpack(packed[len(head) :], self.bound, self.known)


def unclear(fault: FujieError | str, /, **facts: object) -> ServerUnclear:
    """The error for an answer that is not the server's, or that makes no sense: because of another
    error, or in words of its own, a msgid with its facts."""
    return ServerUnclear(
        "The server's answer makes no sense ({fault}). Nothing was changed; it is tried "
        "again by itself.",
        fault=FujieError(fault, **facts) if isinstance(fault, str) else fault,
    )
