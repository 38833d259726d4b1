"""Facts and private state of one database into another, whichever of the two kinds each is.

    copy(source, target)                    both migrated alike; the target holds nothing yet
    copy(source, target, replace=True)      or what it holds goes
    save(source, file)                      all of it as an SQLite file, whole or not there

The source is read as it was at one moment, while its server runs; the target takes all of it in
one transaction, or nothing. That is how a database is backed up, restored and moved: a backup is
an SQLite file wherever its rows came from. What is folded from facts is not copied: a server that
finds none of it folds it again.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, MetaData, Table, delete, func, insert, select

from protocol.errors import Refused
from sync_server.store.db import MARK, Database, version
from sync_server.store.files import make_folder, settle, sync_file
from sync_server.store.tables import FACTS, PRIVATE

BATCH, OF_LARGE = 1000, 8
"""Rows that are in memory at once; a push may have brought eight mebibytes."""
_LARGE = frozenset(("stretch", "evidence"))


def copy(source: Database, target: Database, *, replace: bool = False) -> int:
    """Copy; returns how many rows. Raises Refused if the two are of different versions, or if the
    target holds something and it is not to be replaced."""
    with source.engine.begin() as reading, target.writer.begin() as writing:
        _expect_one_version(version(reading), version(writing))
        if replace:
            _empty(writing)
        return sum(
            _copy_table(reading, writing, there, here)
            for there, here in zip(_tables(reading), _tables(writing), strict=True)
        )


def save(source: Database, file: Path) -> None:
    """Copy into a new SQLite file, which takes the place of what is there when it is whole."""
    part = prepared(file)
    fill(source, part)
    settle(part, file)


def fill(source: Database, file: Path) -> None:
    """The same into a file that is not there yet, and is to get its name from somebody else."""
    with closing(Database(f"sqlite:///{file}")) as target:
        target.migrate()
        copy(source, target)
    sync_file(file)


def prepared(file: Path) -> Path:
    """The name beside ``file`` under which it is written; nothing is there."""
    make_folder(file.parent)
    for end in ("", "-wal", "-shm"):
        file.with_name(f"{file.name}.part{end}").unlink(missing_ok=True)
    return file.with_name(f"{file.name}.part")


def _tables(connection: Connection) -> list[Table]:
    """As the database itself has them: each kind with the types of its own."""
    names = (*FACTS, *PRIVATE)
    found = MetaData()
    found.reflect(connection, only=names)
    return [found.tables[name] for name in names]


def _expect_one_version(source: str, target: str) -> None:
    if source != target:
        raise Refused(
            "expected two databases of one version, got {source} and {target}; bring both up to "
            "this program first: fujie-server migrate",
            source=source,
            target=target,
        )


def _empty(writing: Connection) -> None:
    """All rows go, those too that are folded from others."""
    found = MetaData()
    found.reflect(writing)
    for table in found.sorted_tables:
        if table.name != MARK:
            writing.execute(delete(table))


def _expect_empty(writing: Connection, table: Table) -> None:
    if writing.execute(select(func.count()).select_from(table)).scalar():
        raise Refused(
            "expected an empty database, found rows in its table {table}; name another",
            table=table.name,
        )


def _copy_table(reading: Connection, writing: Connection, there: Table, here: Table) -> int:
    _expect_empty(writing, here)
    most = OF_LARGE if there.name in _LARGE else BATCH
    rows = reading.execute(select(there), execution_options={"yield_per": most}).mappings()
    count = 0
    for part in rows.partitions(most):
        writing.execute(insert(here), [dict(row) for row in part])
        count += len(part)
    _go_on_numbering(writing, here)
    return count


def _go_on_numbering(writing: Connection, table: Table) -> None:
    """PostgreSQL keeps the next number of a table that numbers its rows beside the table."""
    number = table.autoincrement_column
    if writing.dialect.name != "postgresql" or number is None or not number.server_default:
        return
    last = writing.execute(select(func.max(number))).scalar()
    if last is not None:
        place = func.pg_get_serial_sequence(table.name, number.name)
        writing.execute(select(func.setval(place, last)))
