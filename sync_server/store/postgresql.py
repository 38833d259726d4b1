"""PostgreSQL made to behave as ``db.py`` says that a database does.

    reading      REPEATABLE READ: one moment, from the first look to the end
    writing      READ COMMITTED under one advisory lock from BEGIN to COMMIT: whoever writes sees
                 what the one before has committed, as SQLite's BEGIN IMMEDIATE has it
    holding      a second advisory lock, of a connection's own, for the program that writes the log

Several servers on one database would change the locks, and the sequencer.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import structlog
from psycopg.types.string import StrDumper
from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from protocol.errors import FujieError

DRIVER = "postgresql+psycopg"
NUL = "\u2400"
"""Stands for the character of code 0, which texts cannot hold here."""

_WRITING, _HOLDING = 0x66756A6965, 0x66756A6966
CONNECT_S = 10
"""How long a server may take to answer, unless the address says so (``connect_timeout``)."""
_LET_GO_S, _LOOK_S = 3.0, 0.05
"""How long the lock of a program that has ended may stay, and how often it is looked for: it goes
with its connection, of which PostgreSQL learns a moment later."""
_COLLATIONS = ("C", "POSIX", "C.UTF-8", "C.utf8")

log = structlog.get_logger(__name__)


class Unreachable(FujieError):
    """The database does not answer, or is not one that a log can be kept in."""


class _Dumper(StrDumper):
    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", NUL) if "\0" in obj else obj)


def engine(address: URL, busy_ms: int, **shape: Any) -> Engine:
    """An engine whose connections wait for locks ``busy_ms`` at most."""

    def prepare(connection: Any, _record: object) -> None:
        connection.adapters.register_dumper(str, _Dumper)
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = on")
            cursor.execute(f"SET lock_timeout = {busy_ms}")
        connection.commit()

    # A connection that died while it rested, with its server's restart say, is replaced unseen.
    patience = {} if "connect_timeout" in address.query else {"connect_timeout": CONNECT_S}
    made = create_engine(
        address.set(drivername=DRIVER),
        connect_args=patience,
        isolation_level="REPEATABLE READ",
        pool_pre_ping=True,
        **shape,
    )
    event.listen(made, "connect", prepare)
    event.listen(made, "begin", _wait_to_write)
    event.listen(made, "handle_error", _without_rows)
    return made


def writer(made: Engine) -> Engine:
    """The same engine for those who write."""
    return made.execution_options(immediate=True, isolation_level="READ COMMITTED")


def _wait_to_write(connection: Connection) -> None:
    if connection.get_execution_options().get("immediate", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITING})")


def _without_rows(context: ExceptionContext) -> BaseException | None:
    """An error without its second lines: they quote the row, and its words reach logs and
    answers."""
    fault, told = context.original_exception, context.sqlalchemy_exception
    if not isinstance(fault, psycopg.Error) or not isinstance(told, DBAPIError):
        return None
    fault.args = (str(fault).partition("\n")[0],)
    return type(told)(
        told.statement,
        None,
        fault,
        hide_parameters=True,
        connection_invalidated=told.connection_invalidated,
    )


def _take(connection: Connection) -> bool:
    return bool(connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_HOLDING})").scalar())


@contextmanager
def holding(made: Engine) -> Iterator[bool]:
    """Hold the log, unless another program does, and still does a little later: then False."""
    with made.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        until = time.monotonic() + _LET_GO_S
        while not (taken := _take(connection)) and time.monotonic() < until:
            time.sleep(_LOOK_S)
        try:
            yield taken
        finally:
            connection.invalidate()  # the lock goes with its connection, whatever became of it


def expect_fit(made: Engine) -> None:
    """Raise Unreachable unless a log can be kept here."""
    try:
        with made.connect() as connection:
            major, encoding, collation, synced = connection.exec_driver_sql(
                "SELECT current_setting('server_version_num')::int / 10000, "
                "pg_encoding_to_char(encoding), datcollate, current_setting('fsync') "
                "FROM pg_database WHERE datname = current_database()"
            ).one()
    except SQLAlchemyError as fault:
        raise Unreachable(
            "the database of FUJIE_DATABASE_URL does not answer ({fault}); check the address, and "
            "that it runs",
            fault=str(fault).splitlines()[0],
        ) from None
    # Where text sorts by a language, an update of the system's C library may sort it anew under
    # the feet of its indexes; a log outlives many of those.
    if major < 15 or encoding != "UTF8" or collation not in _COLLATIONS:
        raise Unreachable(
            "expected PostgreSQL 15 or newer with a database of UTF8 and collation C, got {major}, "
            "{encoding} and {collation}; make one: createdb -T template0 -E UTF8 -l C fujie",
            major=major,
            encoding=encoding,
            collation=collation,
        )
    if synced != "on":
        log.warning("the database does not sync to its disk: a receipt may outlive its record")
