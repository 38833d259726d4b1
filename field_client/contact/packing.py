"""Bodies on the wire, packed by zstd: ours as small as is cheap, the server's within bounds.

An answer says in its frame how large it will become; one that says too much, or nothing, is not
unpacked. It is verified as it came and unpacked afterwards.

>>> unpack(pack(b"statement " * 100), 1000) == b"statement " * 100
True
"""

from __future__ import annotations

import zstandard

from field_client.errors import ServerUnclear

ZSTD = "zstd"
PLAIN = "identity"
PACK_FROM = 512
"""Bytes from which on packing is worth a header."""
LEVEL = 1
"""The lowest: it packs a day of records as small as the ninth does, and takes no time."""
MAX_WINDOW = 1 << 23


def pack(body: bytes) -> bytes:
    """The body as one zstd frame that tells its size."""
    return zstandard.compress(body, LEVEL)


def unpack(body: bytes, bound: int) -> bytes:
    """The body of one zstd frame. Raises ServerUnclear."""
    try:
        size = zstandard.frame_content_size(body)
        if 0 <= size <= bound:
            unpacker = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
            return unpacker.decompress(body, max_output_size=bound)
    except zstandard.ZstdError:
        pass
    raise unclear("an answer that cannot be unpacked")


def unclear(fault: str) -> ServerUnclear:
    """The error for an answer that is not the server's, or that makes no sense."""
    return ServerUnclear(
        "The server's answer makes no sense ({fault}). Nothing was changed; it is tried "
        "again by itself.",
        fault=fault[:200],
    )
