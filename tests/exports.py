"""Exports as a tablet writes them, made from links, statements and blobs at hand; no tablet in it.

data = export_of(office_key, certificate=…, inventories=[…], links=[…], statements=[…])
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from protocol.export import CHANCE, PIECE, Kind, Manifest, Part, manifest
from protocol.sealing import seal
from tests.cast import AGENCY, DEVICE, START


def parts_of(
    certificate: bytes,
    inventories: Iterable[bytes] = (),
    links: Iterable[bytes] = (),
    statements: Iterable[bytes] = (),
    blobs: Iterable[bytes] = (),
    device: str = DEVICE,
    asked: bytes = b"",
) -> Iterator[Part]:
    """The parts in their order."""
    yield manifest(Manifest(agency=AGENCY, device=device, made_at=START, scope="all"))
    yield Part(Kind.CERTIFICATE, certificate)
    if asked:
        yield Part(Kind.ASKED, asked)
    yield from (Part(Kind.INVENTORY, one) for one in inventories)
    yield from (Part(Kind.LINK, one) for one in links)
    yield from (Part(Kind.STATEMENT, one) for one in statements)
    for blob in blobs:
        yield from (
            Part(Kind.PIECE, blob[at : at + PIECE]) for at in range(0, len(blob) or 1, PIECE)
        )
        yield Part(Kind.BLOB, hashlib.sha256(blob).digest())


def sealed(parts: Iterable[Part], recipient: bytes, seed: str = "export") -> bytes:
    """The file."""
    chance = b"".join(hashlib.sha256(f"fujie/tests/{seed} {n}".encode()).digest() for n in range(3))
    return b"".join(seal(parts, recipient, chance[:CHANCE]))
