"""Statements whose bytes are gone or altered in the vault: their place in the chain still holds.

A link commits to its record, so a record that cannot be read any more is sent as its link alone;
the log flags it, and what is behind it goes on. It is noted once, for the screens to say so.

    whole(session, link, row, now)    the envelope's bytes, or None for a damaged record
    is_whole(link, row)               whether they are there; nothing is noted
    readable(row)                     the statement, or None; read(envelope, record), by its parts
"""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, select

from field_client.store.tables import LinkRow, NoticeRow, StatementRow
from protocol import envelope, statements
from protocol.errors import FujieError
from protocol.statements import Statement, Unknown

KIND = "damaged"


def whole(session: Session, link: LinkRow, row: StatementRow | None, now: int) -> bytes | None:
    """The envelope's bytes if they are the linked record; else None, and it is noted."""
    if row is not None and is_whole(link, row):
        return row.envelope
    session.merge(
        NoticeRow(
            id=link.record_hash,
            kind=KIND,
            case_id=row.case_id if row is not None else None,
            record_hash=link.record_hash,
            body="{}",
            at=now,
        )
    )
    return None


def is_whole(link: LinkRow, row: StatementRow | None) -> bool:
    """Whether the envelope's bytes are there and are the linked record."""
    try:
        return row is not None and (
            envelope.record_hash(envelope.decode(row.envelope)) == link.record_hash
        )
    except FujieError:
        return False


def readable(row: StatementRow) -> Statement | Unknown | None:
    """What a stored statement says, if it is still the record that it was saved as."""
    return read(row.envelope, row.record_hash)


def read(data: bytes, record: bytes) -> Statement | Unknown | None:
    """What an envelope says, if it is that record."""
    try:
        signed = envelope.decode(data)
        if envelope.record_hash(signed) != record:
            return None
        return statements.decode(signed.body)
    except FujieError:
        return None


def count(session: Session) -> int:
    """How many damaged records were met."""
    found = select(func.count()).select_from(NoticeRow).where(NoticeRow.kind == KIND)
    return int(session.exec(found).one())
