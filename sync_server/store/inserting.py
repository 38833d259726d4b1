"""Many rows by one statement, never the ORM:

    INSERT INTO lookup (key, "index") VALUES (?, ?), (?, ?), … ON CONFLICT (…) DO NOTHING

A driver gives way to other threads at each statement: a hundred rows in one of them are written
beside what the others do, a hundred statements wait for them a hundred times.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Dialect, Table

Row = dict[str, Any]
Values = tuple[Any, ...]

_AT_ONCE = (512, 256, 128, 64, 32, *range(16, 0, -1))
"""Rows of one statement, the most first: few statements for any number of rows, one for as many as
a commit has of nearly every table, and few texts."""


def add(
    connection: Connection,
    table: Table,
    rows: list[Row],
    held: str = "",
    moved: tuple[str, ...] = (),
) -> None:
    """Insert ``rows``, all with the same columns in one order; with ``held``, a row whose values in
    those columns are there stays as it is, but for the columns that ``moved``."""
    if rows:
        insert(connection, table, tuple(rows[0]), [*map(_values, rows)], held, moved)


def insert(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[Values],
    held: str = "",
    moved: tuple[str, ...] = (),
) -> None:
    """The same with the values alone, in the order of ``columns``."""
    done = 0
    while rest := len(rows) - done:
        count = next(size for size in _AT_ONCE if size <= rest)
        values = tuple(chain.from_iterable(rows[done : done + count]))
        statement = _insertion(connection.dialect, table.name, columns, count, held, moved)
        connection.exec_driver_sql(statement, values)
        done += count


def _values(row: Row) -> Values:
    return tuple(row.values())


@lru_cache(maxsize=256)
def _insertion(
    dialect: Dialect,
    table: str,
    columns: tuple[str, ...],
    count: int,
    held: str,
    moved: tuple[str, ...],
) -> str:
    """The text for ``count`` rows: the same for the same count, so that drivers prepare it once."""
    quote = dialect.identifier_preparer.quote
    names = ", ".join(map(quote, columns))
    row = ", ".join(["?" if dialect.paramstyle == "qmark" else "%s"] * len(columns))
    text = f"INSERT INTO {quote(table)} ({names}) VALUES {', '.join([f'({row})'] * count)}"
    if not held:
        return text
    renewed = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in moved)
    key = ", ".join(map(quote, held.split()))
    return f"{text} ON CONFLICT ({key}) DO " + (f"UPDATE SET {renewed}" if moved else "NOTHING")
