"""Who names which blobs, and which of them came: for each agency by itself.

    record a of 云市监   names 3f9c…, 812 bytes   ──┐
    record b of 云市监   names 3f9c…, 812 bytes   ──┴─  the office: 3f9c…, 812 bytes, came from
    record c of 云市监   names 3f9c…, 999 bytes         云市监. So the first two are stored, and
    record d of 云文旅   names 3f9c…, 812 bytes         the last two are wanted still

A hash can be named by whoever has read it somewhere. So a naming takes nobody else's place, and
what came from one agency is nothing that another has shown to hold: that one sends it too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, update

from protocol.blobnames import blobs_wanted
from protocol.statements import BlobRef, Statement, Unknown
from sync_server.store.tables import BLOB

Key = tuple[bytes, str, int]
"""SHA-256, agency, size: what the office states to be stored."""

HELD = "sha256 record_hash"
"""The columns that tell one naming from another."""

_AT_ONCE = 500


@dataclass(frozen=True)
class Blob:
    """A blob as a record names it; ``stored_index`` is the entry that says it came."""

    sha256: bytes
    agency: str
    size: int
    media_type: str
    record_hash: bytes
    journal: bytes
    stored_index: int | None


def namings(
    read: Statement | Unknown, body: bytes, record: bytes, journal: bytes, index: int
) -> Iterator[dict[str, Any]]:
    """The rows of what a statement names; of one that is not understood, by its bytes. It came at
    the place ``index`` of the log, by a link of ``journal``."""
    return rows_of(blobs_wanted(read, body), read.agency, record, journal, index)


def rows_of(
    named: Iterable[BlobRef], agency: str, record: bytes, journal: bytes, index: int
) -> Iterator[dict[str, Any]]:
    """The same by what is known to be named."""
    for ref in named:
        yield {
            "sha256": bytes.fromhex(ref.sha256),
            "record_hash": record,
            "agency": agency,
            "journal": journal,
            "size": ref.size,
            "media_type": ref.media_type,
            "index": index,
            "stored_index": None,
        }


def key_of(row: Mapping[str, Any]) -> Key:
    """What the office would state of a row to have come."""
    return row["sha256"], row["agency"], row["size"]


def of(key: Key) -> tuple[ColumnElement[bool], ...]:
    """The condition for all namings of what one statement of the office is about."""
    sha256, agency, size = key
    return BLOB.c.sha256 == sha256, BLOB.c.agency == agency, BLOB.c.size == size


def find(connection: Connection, *where: ColumnElement[bool]) -> list[Blob]:
    """Namings: those that came and those of the first records first."""
    c = BLOB.c
    rows = connection.execute(
        select(c.sha256, c.agency, c.size, c.media_type, c.record_hash, c.journal, c.stored_index)
        .where(*where)
        .order_by(c.stored_index.is_(None), c.index)
    )
    return [Blob(*row) for row in rows]


def is_shared(connection: Connection, blob: Blob) -> bool:
    """Whether another agency names the same bytes."""
    c = BLOB.c
    others = select(c.agency).where(c.sha256 == blob.sha256, c.agency != blob.agency)
    return connection.execute(others).first() is not None


def stored_at(connection: Connection, keys: Collection[Key]) -> dict[Key, int]:
    """Which of these came already, and the entry that says so."""
    found: dict[Key, int] = {}
    c = BLOB.c
    for some in _parts(sorted({key[0] for key in keys})):
        rows = connection.execute(
            select(c.sha256, c.agency, c.size, func.min(c.stored_index))
            .where(c.sha256.in_(some), c.stored_index.is_not(None))
            .group_by(c.sha256, c.agency, c.size)
        )
        found |= {(row[0], row[1], row[2]): row[3] for row in rows}
    return {key: found[key] for key in keys if key in found}


def named_after(connection: Connection, cursor: int, last: int) -> list[tuple[int, bytes, int]]:
    """(index, journal, stored_index) of what was named behind ``cursor``, up to and with ``last``,
    though it had come by then; in order."""
    c = BLOB.c
    rows = connection.execute(
        select(c.index, c.journal, c.stored_index)
        .where(c.index > cursor, c.index <= last, c.stored_index <= cursor)
        .order_by(c.index)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def mark(connection: Connection, stored: Iterable[tuple[Key, int]]) -> None:
    """Write down what came; the first statement of it counts."""
    for key, index in stored:
        connection.execute(
            update(BLOB).where(*of(key), BLOB.c.stored_index.is_(None)).values(stored_index=index)
        )


def _parts(values: Sequence[bytes]) -> Iterator[list[bytes]]:
    rest = iter(values)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
