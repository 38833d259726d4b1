"""Exports as a tablet writes them, made from links, statements and blobs at hand; no tablet in it.

data = sealed(parts_of(certificate=…, inventories=[…], links=[…], statements=[…]), office_key)
data = export_of(tablet, office_key, items, blobs)        the same of items that it would push
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from protocol import envelope
from protocol.chain import decode_link
from protocol.export import CHANCE, PIECE, Kind, Manifest, Part, manifest
from protocol.messages import PushItem
from protocol.sealing import seal
from protocol.statements import DeviceInventory
from tests.cast import AGENCY, DEVICE, START

if TYPE_CHECKING:
    from tests.sync_server.tablet import Tablet


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


def export_of(
    tablet: Tablet,
    recipient: bytes,
    items: Iterable[PushItem],
    blobs: Iterable[bytes] = (),
    **other: object,
) -> bytes:
    """The file that a tablet writes of these items; ``other`` takes the place of parts of it."""
    items = list(items)
    assert tablet.admitted is not None
    journals = dict.fromkeys(decode_link(item.link).journal for item in items)
    given = {
        "certificate": tablet.admitted.certificate,
        "inventories": [inventory(tablet, items, journal) for journal in journals],
        "links": [item.link for item in items],
        "statements": [item.statement for item in items if item.statement],
        "blobs": blobs,
    } | other
    return sealed(parts_of(**given), recipient)  # type: ignore[arg-type]


def inventory(
    tablet: Tablet, items: list[PushItem], journal: bytes, signer: object = None
) -> bytes:
    """What the tablet signs of a journal of which it exports these items."""
    links = [decode_link(item.link) for item in items]
    mine = [link for link in links if link.journal == journal]
    said = DeviceInventory(
        agency=AGENCY,
        at=tablet.world.now,
        salt=tablet.world.salt(),
        journal=journal.hex(),
        length=mine[-1].sequence + 1,
        head=mine[-1].hash().hex(),
        unsent=0,
        oldest_unsent_at=None,
        blobs_outstanding=0,
        bytes_outstanding=0,
        free_bytes=1,
        boot=bytes(16).hex(),
        monotonic=1,
        checkpoint_size=0,
        reference_version=1,
        program="test",
    )
    by = signer or tablet.world.device
    return envelope.encode(tablet.world.sign(said, by))  # type: ignore[arg-type]
