"""What commits append to SQLite's write-ahead log, moved to the database's file beside the writer.

    commit ──▶ fujie.db-wal │ 1 2 3 …               the writer, which goes on at once
                                └──────┬─────
                       fujie.db  ◀─────┘            a thread, once in ``COMMITS``

By itself SQLite has that commit do it which finds the log long enough: tens of megabytes and the
disk's word for them, tens of milliseconds in which nobody is answered and no core has anything to
do. The log begins anew once it was moved to its end, so what came meanwhile is followed.

How long the log is, nobody but SQLite may look: whoever opens its files beside it and closes them
again takes its locks away. Where this thread is not, or cannot follow, a commit moves the log
itself when it has become four times as long (``db.py``).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import structlog
from sqlalchemy.exc import SQLAlchemyError

from sync_server.store.db import Database

COMMITS = 16
"""Of a crowd these are some 30 megabytes. A page that is written again meanwhile is moved once."""
TURNS = 4
"""How often what came meanwhile is followed at once."""

log = structlog.get_logger(__name__)


class Drain:
    """A thread of its own beside the writer. Does nothing where the database is no SQLite."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._commits = 0
        self._due = threading.Event()
        self._ended = False

    def committed(self) -> None:
        """There is one more commit; the writer calls this itself."""
        self._commits += 1
        if self._commits >= COMMITS:
            self._commits = 0
            self._due.set()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Move what commits append, until the block ends; what is left then goes with the last
        connection."""
        if not self._db.is_sqlite:
            yield
            return
        thread = threading.Thread(target=self._run, name="drain", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended = True
            self._due.set()
            thread.join()

    def _run(self) -> None:
        while True:
            self._due.wait()
            self._due.clear()  # before the end is looked for, whose word would be lost otherwise
            if self._ended:
                return
            try:
                self._follow()
            except (SQLAlchemyError, sqlite3.Error) as fault:
                # Nothing is lost: it stands in the log, and whoever can moves it.
                log.error("the write-ahead log was not moved", reason=type(fault).__name__)

    def _follow(self) -> None:
        # Not in a transaction, as SQLAlchemy would begin one.
        with closing(self._db.engine.raw_connection()) as connection:
            for _ in range(TURNS):
                cursor = connection.cursor()
                _, pages, moved = cursor.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                cursor.close()
                if moved >= pages or self._ended:
                    return
