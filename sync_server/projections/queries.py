"""What pages ask the projections for. Everything here only reads.

decisions(db, Wanted(words="价格", year="2026"), today)     public decisions, newest first
counted(db, today)                                         how many there are, and their years
cases(db, agency, words)                                   the office's list
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from sync_server.projections import fulltext
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
    penalty: str = ""
    page: int = 1

    @property
    def asked(self) -> fulltext.Asked:
        """The same as the index is asked."""
        kinds = {"a": self.agency, "t": self.act, "y": self.year, "p": self.penalty}
        marks = tuple(fulltext.mark(kind, value) for kind, value in kinds.items() if value)
        return fulltext.Asked(self.words, marks)


@dataclass(frozen=True)
class Listed:
    """One page of decisions, and how many there are in all; ``total`` beyond ``fulltext.MOST``
    says that there are more."""

    rows: Sequence[DisclosureRow]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages can be turned, at least one."""
        return max(1, -(-min(self.total, fulltext.MOST) // PAGE))

    @property
    def more(self) -> bool:
        """Whether there are more than are counted."""
        return self.total > fulltext.MOST


@dataclass(frozen=True)
class Counted:
    """How many decisions are on display, and the years in which they were made, newest first."""

    total: int
    years: tuple[str, ...]


def decisions(db: Database, wanted: Wanted, today: date, size: int = PAGE) -> Listed:
    """A page of the decisions on display that fit."""
    day, start = today.isoformat(), (wanted.page - 1) * size
    with db.reading() as session:
        connection = session.connection()
        found: Sequence[bytes] = ()
        if start < fulltext.MOST:
            found = fulltext.page(connection, wanted.asked, day, size, start)
        total = fulltext.count(connection, wanted.asked, day)
        query = select(DisclosureRow).where(col(DisclosureRow.issued).in_(list(found)))
        rows = session.exec(query.order_by(col(DisclosureRow.place).desc())).all()
        return Listed(_free(session, rows), total, wanted.page)


def counted(db: Database, today: date) -> Counted:
    """All that is on display, by an index alone."""
    with db.reading() as session:
        year = func.substr(DisclosureRow.decided_on, 1, 4)
        query = select(year, func.count()).where(*_displayed(today)).group_by(year)
        found = {str(one): int(many) for one, many in session.exec(query)}
        return Counted(sum(found.values()), tuple(sorted(found, reverse=True)))


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
