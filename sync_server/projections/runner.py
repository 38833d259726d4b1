"""Keeps the projections up with the log: reads new entries in order, does all the I/O.

    projections.catch_up()    before a page reads; returns at once when nothing is new
    projections.rebuild()     everything again from nothing

A new record makes its whole case be folded again: the folds are functions of the set of a
case's records, so that order, repetition and late arrivals cannot matter. Rows and position are
written in one transaction.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlmodel import SQLModel

from protocol import case as cases_of
from protocol.case import CaseState, Record
from protocol.errors import FujieError
from protocol.redaction import Content, decode_content
from protocol.registry import authority
from protocol.statements import Statement, Unknown, case_of
from sync_server.log import late, leaves
from sync_server.log.facts import Facts
from sync_server.log.leaves import Leaf
from sync_server.projections import (
    archive,
    cases,
    disclosure,
    due,
    fulltext,
    reported,
)
from sync_server.projections.tables import (
    ARCHIVE,
    CASE,
    DISCLOSURE,
    DOCUMENT,
    DUE,
    METADATA,
    POSITION,
    RETRIEVAL,
    VIEWS,
    DisclosureRow,
)
from sync_server.store.db import Database

NAME = "all"
BATCH = 2000
TOGETHER = 100
"""Cases that are read and written at once."""

Folded = tuple[dict[Any, list[SQLModel]], list[DisclosureRow]]


class Projections:
    """The one that folds; safe for use by several threads."""

    def __init__(self, db: Database, facts: Facts) -> None:
        self._db, self._facts = db, facts
        self._lock = threading.Lock()
        self._next = self._late = 0

    def catch_up(self) -> None:
        """Fold what is new in the log, some entries to a transaction, so that the log's writer
        never waits long."""
        if self._is_level():
            return
        with self._lock:
            size = self._facts.head.size
            while self._batch(size):
                pass

    def rebuild(self) -> None:
        """Throw every row away and fold the whole log again."""
        with self._lock, self._db.writer.begin() as connection:
            for name in VIEWS:
                connection.execute(delete(METADATA.tables[name]))
            fulltext.clear(connection)
        self.catch_up()

    def refold(self, case: bytes) -> None:
        """Fold one case again, of which something was deleted."""
        with self._lock, self._db.writer.begin() as connection:
            self._fold(connection, [case])

    def state(self, case: bytes) -> CaseState:
        """A case as it stands now, without records that nobody had the right to make."""
        return self._state(case, self._facts.case(case))

    def content(self, sha256: str) -> Content | None:
        """The text of a document, if its blob is here and is what its name says."""
        path = self._facts.blob_path(bytes.fromhex(sha256))
        try:
            return decode_content(path.read_bytes()) if path else None
        except (OSError, FujieError):
            return None

    def rows(self, case: bytes) -> Folded:
        """All that is folded from a case as it stands now: by table, and what is or was public,
        which has no place in the search's index yet."""
        return self._rows(self.state(case))

    # ── inside ───────────────────────────────────────────────────────────────────────────

    def _state(self, case: bytes, records: Sequence[Record[Statement | Unknown]]) -> CaseState:
        return cases_of.fold(authority.sound(self._facts.registry, records), case.hex())

    def _rows(self, state: CaseState) -> Folded:
        folded: dict[Any, Sequence[SQLModel | None]] = {
            CASE: [cases.line(state)],
            DOCUMENT: cases.documents(state),
            ARCHIVE: [archive.line(state)],
            RETRIEVAL: archive.retrievals(state),
            DUE: due.rows(state),
        }
        published = [
            *disclosure.rows(state, self._contents(state)),
            *reported.rows(state, self._texts(state)),
        ]
        made = {table: [row for row in rows if row is not None] for table, rows in folded.items()}
        return made, published

    def _batch(self, size: int) -> bool:
        """One transaction; whether there may be more. Where it goes on is asked of the database
        each time: another program may have thrown everything away (``fujie-server rebuild``)."""
        with self._db.writer.begin() as connection:
            self._load(connection)
            return self._step(connection, size)

    def _load(self, connection: Connection) -> None:
        found = connection.execute(select(POSITION.c.next, POSITION.c.late)).first()
        self._next, self._late = tuple(found) if found else (0, 0)

    def _is_level(self) -> bool:
        """Whether all that is here was folded; a look, without the writer."""
        with self._db.engine.connect() as connection:
            found = connection.execute(select(POSITION.c.next, POSITION.c.late)).first()
            newest = late.newest(connection)
        return found is not None and found.next >= self._facts.head.size and found.late == newest

    def _step(self, connection: Connection, size: int) -> bool:
        """Fold one batch of entries; whether there may be another."""
        last = max(self._next, min(size, self._next + BATCH))
        newest = late.newest(connection)
        arrived = touched(late.arrived(connection, self._late, newest))
        new = touched(leaves.filed(connection, self._next, last))
        cases = sorted(new | arrived)
        for at in range(0, len(cases), TOGETHER):
            self._fold(connection, cases[at : at + TOGETHER])
        more = last != self._next and last < size
        if (last, newest) != (self._next, self._late):
            connection.execute(delete(POSITION))
            connection.execute(insert(POSITION).values(name=NAME, next=last, late=newest))
            self._next, self._late = last, newest
        return more

    def _fold(self, connection: Connection, touched: Sequence[bytes]) -> None:
        """Fold some cases: a question to the database costs more than a case, so that they share
        each one."""
        before = connection.execute(
            select(DISCLOSURE.c.place).where(DISCLOSURE.c.case_id.in_(touched))
        ).scalars()
        fulltext.drop(connection, list(before))
        folded: dict[Any, list[SQLModel]] = {DISCLOSURE: []}
        shown: list[DisclosureRow] = []
        for state in self._states(touched):
            made, published = self._rows(state)
            for table, rows in made.items():
                folded.setdefault(table, []).extend(rows)
            shown += published
        for table, rows in folded.items():
            _replace(connection, table, touched, rows)
        for row in shown:
            row.place = fulltext.place(connection, row)
            connection.execute(insert(DISCLOSURE), row.model_dump())
            if row.withdrawn_at is None:
                fulltext.put(connection, row, disclosure.text_of(row))

    def _states(self, touched: Sequence[bytes]) -> Iterator[CaseState]:
        records: dict[bytes, list[Record[Statement | Unknown]]] = {case: [] for case in touched}
        for record in self._facts.of_cases(touched):
            case = case_of(record.statement, record.hash)
            if case in records:
                records[case].append(record)
        for case, found in records.items():
            yield self._state(case, found)

    def _texts(self, state: CaseState) -> dict[str, bytes]:
        found = {}
        for sha256, size in reported.wanted(state).items():
            path = self._facts.blob_path(bytes.fromhex(sha256))
            if path is not None and path.stat().st_size == size:
                found[sha256] = path.read_bytes()
        return found

    def _contents(self, state: CaseState) -> dict[str, Content]:
        wanted = {
            one.issued.statement.content.sha256 for one in state.documents if one.publications
        }
        found = {sha256: self.content(sha256) for sha256 in wanted}
        return {sha256: content for sha256, content in found.items() if content is not None}


def touched(found: Iterable[Leaf]) -> set[bytes]:
    """The cases of what stands at some leaves: a record, or the word that a blob has come."""
    filed = (one.filed for one in found)
    return {one.case for one in filed if one is not None and one.case is not None}


def _replace(
    connection: Connection, table: Any, cases: Sequence[bytes], rows: Sequence[SQLModel]
) -> None:
    connection.execute(delete(table).where(table.c.case_id.in_(cases)))
    values = [row.model_dump() for row in rows]
    if values:
        connection.execute(insert(table), values)
