"""Keeps the projections up with the log: reads new entries in order, does all the I/O.

    projections.catch_up()    before a page reads; returns at once when nothing is new
    projections.rebuild()     everything again from nothing

A new record makes its whole case be folded again: the folds are functions of the set of a
case's records, so that order, repetition and late arrivals cannot matter. Rows and position are
written in one transaction.

    search(text, …)           decisions that show these words (``search.py``)
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text
from sqlmodel import SQLModel

from protocol import case as cases_of
from protocol.case import CaseState
from protocol.errors import FujieError
from protocol.redaction import Content, decode_content
from sync_server.db import Database
from sync_server.facts import Facts
from sync_server.projections import archive, authority, cases, disclosure, search
from sync_server.projections.tables import (
    ARCHIVE,
    CASE,
    DISCLOSURE,
    DOCUMENT,
    METADATA,
    POSITION,
    SEARCH,
    VIEWS,
    WAITING,
)
from sync_server.tables import LINK, STATEMENT

NAME = "all"
BATCH = 2000
WAITING_AT_ONCE = 500


class Projections:
    """The one that folds; safe for use by several threads."""

    def __init__(self, db: Database, facts: Facts) -> None:
        self._db, self._facts = db, facts
        self._lock = threading.Lock()
        self._next = -1
        self._waiting: set[bytes] = set()

    def catch_up(self) -> None:
        """Fold what is new in the log, some entries to a transaction, so that the log's writer
        never waits long."""
        if self._next == self._facts.head.size and not self._any_arrived():
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
            connection.execute(text(f"DELETE FROM {SEARCH}"))
            self._next = -1
        self.catch_up()

    def state(self, case: bytes) -> CaseState:
        """A case as it stands now, without records that nobody had the right to make."""
        records = authority.sound(self._facts.registry, self._facts.case(case))
        return cases_of.fold(records, case.hex())

    def content(self, sha256: str) -> Content | None:
        """The text of a document, if its blob is here and is what its name says."""
        path = self._facts.blob_path(bytes.fromhex(sha256))
        try:
            return decode_content(path.read_bytes()) if path else None
        except (OSError, FujieError):
            return None

    # ── inside ───────────────────────────────────────────────────────────────────────────

    def _batch(self, size: int) -> bool:
        """One transaction; whether there may be more. A failed one is forgotten whole."""
        try:
            with self._db.writer.begin() as connection:
                if self._next < 0:
                    self._load(connection)
                return self._step(connection, size)
        except BaseException:
            self._next = -1
            raise

    def _load(self, connection: Connection) -> None:
        found = connection.execute(select(POSITION.c.next)).scalar()
        self._next = found or 0
        self._waiting = set(connection.execute(select(WAITING.c.record)).scalars())

    def _any_arrived(self) -> bool:
        """Whether a statement that was missing is here now; a look, without the writer."""
        waiting = list(self._waiting)[:WAITING_AT_ONCE]
        if not waiting:
            return False
        with self._db.engine.connect() as connection:
            held = select(STATEMENT.c.record_hash).where(STATEMENT.c.record_hash.in_(waiting))
            return connection.execute(held.limit(1)).first() is not None

    def _step(self, connection: Connection, size: int) -> bool:
        """Fold one batch of entries; whether there may be another."""
        last = min(size, self._next + BATCH)
        touched = self._touched(connection, last) | self._arrived(connection)
        for case in touched:
            self._fold(connection, case)
        moved = last != self._next
        if moved:
            connection.execute(delete(POSITION))
            connection.execute(insert(POSITION).values(name=NAME, next=last))
            self._next = last
        return moved and last < size

    def _touched(self, connection: Connection, last: int) -> set[bytes]:
        """Cases with a record, or with a blob that has arrived, below entry ``last``."""
        rows = connection.execute(
            select(LINK.c.record_hash, STATEMENT.c.record_hash, STATEMENT.c.case_id)
            .outerjoin(STATEMENT, STATEMENT.c.record_hash == LINK.c.record_hash)
            .where(LINK.c.index >= self._next, LINK.c.index < last)
        )
        touched: set[bytes] = set()
        for record, held, case in rows:
            if held is None and record not in self._waiting:
                self._waiting.add(record)
                connection.execute(insert(WAITING).values(record=record))
            elif case is not None:
                touched.add(case)
        return touched

    def _arrived(self, connection: Connection) -> set[bytes]:
        """Cases of statements that came after their links."""
        if not self._waiting:
            return set()
        rows = connection.execute(
            select(STATEMENT.c.record_hash, STATEMENT.c.case_id).where(
                STATEMENT.c.record_hash.in_(list(self._waiting)[:WAITING_AT_ONCE])
            )
        ).all()
        for record, _ in rows:
            self._waiting.discard(record)
            connection.execute(delete(WAITING).where(WAITING.c.record == record))
        return {case for _, case in rows if case is not None}

    def _fold(self, connection: Connection, case: bytes) -> None:
        state = self.state(case)
        _replace(connection, CASE, case, [cases.line(state)])
        _replace(connection, DOCUMENT, case, cases.documents(state))
        _replace(connection, ARCHIVE, case, [archive.line(state)])
        before = connection.execute(
            select(DISCLOSURE.c.issued).where(DISCLOSURE.c.case_id == case)
        ).scalars()
        _unindex(connection, list(before))
        published = disclosure.rows(state, self._contents(state))
        _replace(connection, DISCLOSURE, case, published)
        for row in published:
            if row.withdrawn_at is None:
                _index(connection, row.issued, disclosure.text_of(row))

    def _contents(self, state: CaseState) -> dict[str, Content]:
        wanted = {
            one.issued.statement.content.sha256 for one in state.documents if one.publications
        }
        found = {sha256: self.content(sha256) for sha256 in wanted}
        return {sha256: content for sha256, content in found.items() if content is not None}


def _replace(
    connection: Connection, table: Any, case: bytes, rows: Sequence[SQLModel | None]
) -> None:
    connection.execute(delete(table).where(table.c.case_id == case))
    values = [row.model_dump() for row in rows if row is not None]
    if values:
        connection.execute(insert(table), values)


# ── the public search ────────────────────────────────────────────────────────────────────


def found(connection: Connection, words: str) -> list[bytes] | None:
    """The decisions that show all of these words, best first; None if no word was given."""
    asked = search.query(words)
    if not asked:
        return None
    query = text(
        f"SELECT issued FROM {SEARCH} WHERE {SEARCH} MATCH :asked ORDER BY rank LIMIT 2000"
    )
    return [bytes.fromhex(row[0]) for row in connection.execute(query, {"asked": asked})]


def _index(connection: Connection, issued: bytes, words: str) -> None:
    made = search.index(words)
    connection.execute(
        text(
            f"INSERT INTO {SEARCH} (rowid, issued, singles, pairs) "
            "VALUES (:row, :issued, :singles, :pairs)"
        ),
        {
            "row": _row(issued),
            "issued": issued.hex(),
            "singles": made.singles,
            "pairs": made.pairs,
        },
    )


def _unindex(connection: Connection, issued: Iterable[bytes]) -> None:
    for one in issued:
        connection.execute(text(f"DELETE FROM {SEARCH} WHERE rowid = :row"), {"row": _row(one)})


def _row(issued: bytes) -> int:
    """A decision's place in the index, which finds rows by number alone."""
    return int.from_bytes(issued[:8], "big") >> 1
