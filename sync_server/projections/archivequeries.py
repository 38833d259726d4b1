"""What the archive's pages ask: sealed files by number, party and period; who looked into them.

archived(db, agency, Sought(words="禾穗", since="2026-01-01"))
retrievals(db, agency, case=None)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_
from sqlmodel import col, select

from protocol.calendar import CHINA
from sync_server.projections.tables import ArchiveRow, RetrievalRow
from sync_server.store.db import Database

MOST = 200
DAY_MS = 24 * 3_600_000
"""A legal day; China sets no clock forward."""


@dataclass(frozen=True)
class Sought:
    """What somebody looks for. Empty parts ask for nothing; ``since`` and ``until`` are the days
    between which the case was closed; ``ended``: only files whose retention has run out by the end
    of that year."""

    words: str = ""
    since: date | None = None
    until: date | None = None
    ended: int | None = None


def archived(db: Database, agency: str, sought: Sought = Sought()) -> Sequence[ArchiveRow]:
    """The sealed files of an agency that fit, the newest first."""
    query = select(ArchiveRow).where(ArchiveRow.agency == agency)
    if sought.words:
        columns = (
            ArchiveRow.party,
            ArchiveRow.number,
            ArchiveRow.decision,
            ArchiveRow.archive_no,
            ArchiveRow.title,
        )
        query = query.where(
            or_(*(col(one).icontains(sought.words, autoescape=True) for one in columns))
        )
    if sought.since is not None:
        query = query.where(ArchiveRow.closed_at >= _begins(sought.since))
    if sought.until is not None:
        query = query.where(ArchiveRow.closed_at < _begins(sought.until) + DAY_MS)
    if sought.ended is not None:
        query = query.where(
            col(ArchiveRow.kept_until) <= sought.ended, col(ArchiveRow.destroyed_at).is_(None)
        )
    with db.reading() as session:
        rows = session.exec(query.order_by(col(ArchiveRow.archive_no).desc()).limit(MOST)).all()
        session.expunge_all()
        return rows


def sealed(db: Database, agency: str, case: bytes) -> ArchiveRow | None:
    """The line of one sealed file."""
    with db.reading() as session:
        row = session.get(ArchiveRow, case)
        session.expunge_all()
        return row if row is not None and row.agency == agency else None


def archive_numbers(db: Database, agency: str) -> list[str]:
    """Every archive number that an agency has given."""
    with db.reading() as session:
        return list(session.exec(select(ArchiveRow.archive_no).where(ArchiveRow.agency == agency)))


def retrievals(db: Database, agency: str, case: bytes | None = None) -> Sequence[RetrievalRow]:
    """Who looked into an agency's files, or into one, the newest first."""
    query = select(RetrievalRow).where(RetrievalRow.agency == agency)
    if case is not None:
        query = query.where(RetrievalRow.case_id == case)
    with db.reading() as session:
        rows = session.exec(query.order_by(col(RetrievalRow.at).desc()).limit(MOST)).all()
        session.expunge_all()
        return rows


def _begins(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp() * 1000)
