"""Published reference data as they are kept: the newest whole, earlier ones by what differs.

    keep(session, agency, 70, bundle)     70 whole; 66 from now on by what differs from 64
    read(connection, agency, 66)          the bundle as it was signed; None if there is none

A county of a thousand tablets publishes thousands of versions, megabytes each, of which one differs
from the next by some hundred bytes. ``fsck`` and reports of earlier days read every one of them, so
none goes. Of ``EVERY`` versions the first stays whole; any other, once ``WHOLE`` newer ones are
there, is kept as RFC 9842 writes it, against that first one. A row is made small only when it was
read back as it was; one that cannot be read back is an empty bundle, which nobody published.
"""

from __future__ import annotations

import hashlib

import zstandard
from sqlalchemy import Connection, select
from sqlmodel import Session

from sync_server.store.tables import METADATA, ReferenceRow

EVERY = 64
"""What is in the database was written by this number."""
WHOLE = 4
"""The newest, which are read all the time."""
MAGIC = bytes.fromhex("5e2a4d1820000000")
"""Before the hash of the bytes that a frame refers to (RFC 9842 §5). No bundle begins so."""
LEVEL = 6
"""The first that finds a whole bundle again in another."""
WINDOW_LOG = 23
"""8 MiB, which every reader of this coding has to bear; a bundle is smaller."""

_TABLE = METADATA.tables["reference"]


def keep(session: Session, agency: str, version: int, bundle: bytes) -> None:
    """Keep a version whole, and make one of those before it small."""
    session.merge(ReferenceRow(agency=agency, version=version, bundle=bundle))
    former = session.get(ReferenceRow, (agency, version - WHOLE))
    if former is None or former.bundle.startswith(MAGIC):
        return
    first = session.get(ReferenceRow, (agency, _first(former.version)))
    if first is None or first is former:
        return
    small = pack(former.bundle, first.bundle)
    if len(small) < len(former.bundle) and _unpacked(small, first.bundle) == former.bundle:
        former.bundle = small


def read(connection: Connection | Session, agency: str, version: int) -> bytes | None:
    """A version as it was signed."""
    kept = _kept(connection, agency, version)
    if kept is None or not kept.startswith(MAGIC):
        return kept
    return _unpacked(kept, _kept(connection, agency, _first(version)) or b"")


def pack(body: bytes, known: bytes) -> bytes:
    """The body by its differences from what is ``known``; by itself where that is nothing."""
    made = zstandard.ZstdCompressionParameters.from_level(
        LEVEL, source_size=len(body), dict_size=len(known), window_log=WINDOW_LOG
    )
    if not known:
        return zstandard.ZstdCompressor(compression_params=made).compress(body)
    refers = zstandard.ZstdCompressionDict(known, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    frame = zstandard.ZstdCompressor(dict_data=refers, compression_params=made).compress(body)
    return MAGIC + hashlib.sha256(known).digest() + frame


def _unpacked(small: bytes, known: bytes) -> bytes:
    head = MAGIC + hashlib.sha256(known).digest()
    if not small.startswith(head):
        return b""
    refers = zstandard.ZstdCompressionDict(known, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    reader = zstandard.ZstdDecompressor(dict_data=refers, max_window_size=1 << WINDOW_LOG)
    try:
        return reader.decompress(small[len(head) :], max_output_size=1 << WINDOW_LOG)
    except zstandard.ZstdError:
        return b""


def _kept(connection: Connection | Session, agency: str, version: int) -> bytes | None:
    c = _TABLE.c
    one = select(c.bundle).where(c.agency == agency, c.version == version)
    return connection.execute(one).scalar()


def _first(version: int) -> int:
    return max(1, version - version % EVERY)
