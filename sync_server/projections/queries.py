"""What pages ask the projections for. Everything here only reads.

decisions(db, Wanted(words="价格", year="2026"), today)     public decisions, newest first
search(db, words)                                          the same by words alone
cases(db, agency, words)                                   the office's list
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from sync_server.projections.fulltext import found
from sync_server.projections.tables import CaseRow, DisclosureRow, DocumentRow
from sync_server.store.db import Database

PAGE = 20


@dataclass(frozen=True)
class Wanted:
    """A reader's question. Empty parts ask for nothing; ``page`` counts from 1."""

    words: str = ""
    agency: str = ""
    act: str = ""
    year: str = ""
    page: int = 1


@dataclass(frozen=True)
class Listed:
    """One page of decisions, and how many there are in all."""

    rows: Sequence[DisclosureRow]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def decisions(db: Database, wanted: Wanted, today: date) -> Listed:
    """The decisions on display that fit."""
    with db.reading() as session:
        where = _displayed(today)
        ranked = found(session.connection(), wanted.words)
        if ranked is not None:
            where.append(col(DisclosureRow.issued).in_(ranked))
        for column, value in (
            (DisclosureRow.agency, wanted.agency),
            (DisclosureRow.act, wanted.act),
        ):
            if value:
                where.append(col(column) == value)
        if wanted.year:
            where.append(col(DisclosureRow.decided_on).startswith(wanted.year, autoescape=True))
        total = session.exec(select(func.count()).select_from(DisclosureRow).where(*where)).one()
        rows = session.exec(
            select(DisclosureRow)
            .where(*where)
            .order_by(col(DisclosureRow.published_at).desc())
            .offset((wanted.page - 1) * PAGE)
            .limit(PAGE)
        ).all()
        return Listed(_free(session, rows), total, wanted.page)


def displayed(db: Database, agency: str) -> Sequence[DisclosureRow]:
    """Every publication of an agency that was not withdrawn."""
    with db.reading() as session:
        query = select(DisclosureRow).where(
            DisclosureRow.agency == agency, col(DisclosureRow.withdrawn_at).is_(None)
        )
        return _free(session, session.exec(query).all())


def decision(db: Database, issued: bytes) -> DisclosureRow | None:
    """What is known of one publication, on display or not."""
    with db.reading() as session:
        row = session.get(DisclosureRow, issued)
        return _free(session, [row])[0] if row else None


def years(db: Database, today: date) -> list[str]:
    """The years of the decisions on display, newest first."""
    with db.reading() as session:
        year = func.substr(DisclosureRow.decided_on, 1, 4)
        return sorted(session.exec(select(year).where(*_displayed(today)).distinct()), reverse=True)


def document(db: Database, document_id: str) -> list[bytes]:
    """The records that issued a document of this id."""
    with db.reading() as session:
        query = select(DocumentRow.record).where(DocumentRow.document_id == document_id)
        return list(session.exec(query))


def cases(db: Database, agency: str, words: str = "") -> Sequence[CaseRow]:
    """The cases of an agency, the newest first; by party, cause or number."""
    with db.reading() as session:
        query = select(CaseRow).where(CaseRow.agency == agency)
        if words:
            columns = (CaseRow.party, CaseRow.cause, CaseRow.number, CaseRow.decision)
            query = query.where(
                or_(*(col(one).icontains(words, autoescape=True) for one in columns))
            )
        rows = session.exec(query.order_by(col(CaseRow.opened_at).desc()).limit(200)).all()
        return _free(session, rows)


def awaiting(db: Database, agency: str) -> Sequence[CaseRow]:
    """The cases of an agency in which something waits for its head."""
    with db.reading() as session:
        query = select(CaseRow).where(CaseRow.agency == agency, CaseRow.waiting > 0)
        return _free(session, session.exec(query.order_by(col(CaseRow.opened_at))).all())


def begun_by(db: Database, tasks: Sequence[str]) -> dict[str, CaseRow]:
    """The inspections that were opened with these tasks (records, hex)."""
    with db.reading() as session:
        rows = session.exec(select(CaseRow).where(col(CaseRow.task).in_(list(tasks)))).all()
        return {one.task: one for one in _free(session, rows)}


def _displayed(today: date) -> list[Any]:
    return [
        col(DisclosureRow.withdrawn_at).is_(None),
        or_(
            col(DisclosureRow.display_until) == "",
            col(DisclosureRow.display_until) >= today.isoformat(),
        ),
    ]


def _free(session: Session, rows: Sequence[Any]) -> list[Any]:
    """Rows that outlive their session."""
    for row in rows:
        session.expunge(row)
    return list(rows)
