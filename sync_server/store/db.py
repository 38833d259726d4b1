"""The database: one engine that every thread reads through, and another one for those who write.

Of two kinds, which behave alike to those who use them:

    SQLite       <data>/fujie.db              WAL mode with ``synchronous=FULL``
    PostgreSQL   ``FUJIE_DATABASE_URL``       ``synchronous_commit=on`` (``postgresql.py``)

A commit that has returned is on the disk. A reader sees one moment, from its first look to its
end, and never waits for the writer. Facts are written by the sequencer's one thread alone. Private
state (sessions, uploads, codes) is written in short transactions of its own by whoever needs it;
those who write wait for one another, ``BUSY_MS`` at most.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from sync_server.settings import BadSetting

BUSY_MS = 10_000
MIGRATIONS = Path(__file__).parent.parent / "migrations"

MARK = "alembic_version"
"""alembic's own table: the newest migration that a database has seen."""

# The driver asks bytes each time whether they know how to be adapted, by names that they lack; this
# is the answer.
sqlite3.register_adapter(bytes, bytes)

_PRAGMAS = (
    # For a new file: what a push brings takes fewer pages, and a commit writes fewer of them.
    "PRAGMA page_size=8192",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_MS}",
    "PRAGMA cache_size=-65536",
    # What is destroyed, or written anew, is overwritten, however the library was built.
    "PRAGMA secure_delete=ON",
    # Pages that follow one another into the log are written to the file once, not each time.
    "PRAGMA wal_autocheckpoint=4096",
)


class Database:
    """The one door to the tables. Raises BadSetting for an address of another kind."""

    def __init__(self, url: str) -> None:
        self.url = url
        address = _address(url)
        self.is_sqlite = address.get_backend_name() == "sqlite"
        # A transaction that reads first and then writes would fail, not wait, when another one
        # has written in between; so whoever means to write says so at BEGIN.
        self.engine, self.writer = _sqlite(address) if self.is_sqlite else _postgresql(address)

    def reading(self) -> Session:
        """A session for reading; close it, or use it in a ``with``."""
        return Session(self.engine, autoflush=False)

    @contextmanager
    def private(self) -> Iterator[Session]:
        """A short transaction on private state."""
        with Session(self.writer) as session, session.begin():
            yield session

    @contextmanager
    def holding(self) -> Iterator[bool]:
        """Be the one program that writes to the log, as far as the database can tell: False if
        another one is. SQLite's file is held by who holds its folder (``services.py``)."""
        if self.is_sqlite:
            yield True
            return
        from sync_server.store import postgresql

        with postgresql.holding(self.engine) as held:
            yield held

    def migrate(self) -> None:
        """Bring the tables up to this program's version, making them if there are none. Raises
        Unreachable."""
        if not self.is_sqlite:
            from sync_server.store import postgresql

            postgresql.expect_fit(self.engine)
        # What a migration sorts may be large: not by those who keep it in memory.
        mover = self.engine.execution_options(immediate=True) if self.is_sqlite else self.writer
        with mover.begin() as connection:
            if version(connection) != newest():
                _upgrade(connection)

    def close(self) -> None:
        """Close every connection."""
        self.writer.dispose()
        self.engine.dispose()


def as_kept(connection: Connection, *values: Any) -> tuple[Any, ...]:
    """Values as they are read from this database when they were written there: of a text not every
    character can be kept everywhere (``postgresql.py``)."""
    if connection.dialect.name == "sqlite":
        return values
    from sync_server.store.postgresql import NUL

    return tuple(one.replace("\0", NUL) if isinstance(one, str) else one for one in values)


def version(connection: Connection) -> str:
    """The newest migration that a database has seen; empty for none."""
    if not inspect(connection).has_table(MARK):
        return ""
    return str(connection.execute(text(f"SELECT version_num FROM {MARK}")).scalar() or "")


def newest() -> str:
    """The newest migration that there is: they are numbered as they follow one another."""
    return max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))[:4]


def _upgrade(connection: Connection) -> None:
    # Nearly every start finds all done, and goes on without what takes a tenth of a second to load.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _address(url: str) -> URL:
    try:
        made = make_url(url)
        if made.get_backend_name() in ("sqlite", "postgresql"):
            return made
    except (SQLAlchemyError, ValueError):
        pass
    # It may hold a password: nothing of it is repeated.
    raise BadSetting(
        "expected an address like postgresql://fujie@localhost/fujie in {name}, got another; "
        "check it",
        name="FUJIE_DATABASE_URL",
    )


def _shape() -> dict[str, Any]:
    # Without ``hide_parameters`` an error would quote rows, and its words reach logs and answers.
    # The connection that was used last comes first: it has pages and statements at hand.
    return {"pool_size": 16, "max_overflow": 32, "pool_use_lifo": True, "hide_parameters": True}


def _sqlite(address: URL) -> tuple[Engine, Engine]:
    # Those who write have connections of their own: what another one commits makes a connection
    # forget its pages, so that the writer would read them again for each commit (ADR 0060).
    reading, writing = _sqlite_engine(address), _sqlite_engine(address)
    event.listen(writing, "connect", _undo_in_memory)
    return reading, writing.execution_options(immediate=True)


def _sqlite_engine(address: URL) -> Engine:
    engine = create_engine(address, connect_args={"check_same_thread": False}, **_shape())
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _undo_in_memory(connection: Any, _record: object) -> None:
    # A statement of many rows keeps what pages were before it, to undo it alone: as many bytes in a
    # temporary file as the commit itself writes. Here they are few enough for memory.
    connection.execute("PRAGMA temp_store=MEMORY")


def _postgresql(address: URL) -> tuple[Engine, Engine]:
    from sync_server.store import postgresql  # its driver is loaded where it is asked for

    engine = postgresql.engine(address, BUSY_MS, **_shape())
    return engine, postgresql.writer(engine)


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
