"""The database: one engine that every thread reads through, and the writer writes through.

SQLite runs in WAL mode with ``synchronous=FULL``: a commit that has returned is on the disk,
and readers never wait for the writer. Facts are written by the sequencer's one thread alone.
Private state (sessions, uploads, codes) is written in short transactions of its own by
whoever needs it; SQLite makes the two wait for one another, ``BUSY_MS`` at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlmodel import Session

BUSY_MS = 10_000

_PRAGMAS = (
    # For a new file: four records lie on a page, not two, and a commit writes fewer of them.
    "PRAGMA page_size=8192",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_MS}",
    "PRAGMA cache_size=-65536",
    # Pages that follow one another into the log are written to the file once, not each time.
    "PRAGMA wal_autocheckpoint=4096",
)


class Database:
    """The one door to the tables."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        # A transaction that reads first and then writes would fail, not wait, when another one
        # has written in between; so whoever means to write says so at BEGIN.
        self.writer = self.engine.execution_options(immediate=True)

    def reading(self) -> Session:
        """A session for reading; close it, or use it in a ``with``."""
        return Session(self.engine, autoflush=False)

    @contextmanager
    def private(self) -> Iterator[Session]:
        """A short transaction on private state."""
        with Session(self.writer) as session, session.begin():
            yield session

    def migrate(self) -> None:
        """Bring the tables up to this program's version, making them if there are none."""
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
        with self.writer.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    sqlite = make_url(url).get_backend_name() == "sqlite"
    arguments = {"check_same_thread": False} if sqlite else {}
    # Without ``hide_parameters`` an error would quote rows, and its words reach logs and answers.
    engine = create_engine(
        url, connect_args=arguments, pool_size=16, max_overflow=32, hide_parameters=True
    )
    if sqlite:
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    # sqlite3 would begin transactions by itself, late and not around reads; we say BEGIN.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
