"""The log's entries, as the tiles serve them, hashed into a tree by pymerkle (RFC 9162)."""

from __future__ import annotations

import base64

from pymerkle import InmemoryTree

from tests.interop.served import Served


def read(served: Served) -> str:
    """The tree over all entries has the root that the checkpoint signs."""
    _, size, root = served.get("/log/checkpoint").decode().splitlines()[:3]
    leaves = entries(served, int(size))
    assert len(leaves) == int(size)
    assert _root(leaves) == root
    assert _root([leaves[0] + b"\x00", *leaves[1:]]) != root
    return f"{size} entries, the signed root"


def _root(leaves: list[bytes]) -> str:
    tree = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        tree.append_entry(leaf)
    return base64.b64encode(tree.get_root()).decode()


def entries(served: Served, size: int) -> list[bytes]:
    """All entries, bundle by bundle (c2sp.org/tlog-tiles)."""
    found: list[bytes] = []
    while len(found) < size:
        number, width = len(found) // 256, min(256, size - len(found))
        partial = "" if width == 256 else f".p/{width}"
        data, at = served.get(f"/log/tile/entries/{number:03}{partial}"), 0
        while at < len(data):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            found.append(data[at + 2 : end])
            at = end
    return found
