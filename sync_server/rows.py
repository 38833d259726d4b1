"""The rows of one commit, and how they are written: one statement a table, never the ORM.

Facts are only added. Where a row may be there already (a statement that two links name, a
blob that two statements name, evidence sent again) the first one stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from sync_server.standing import JournalHead
from sync_server.tables import (
    BLOB,
    CHECKPOINT,
    ENTRY,
    EVIDENCE,
    JOURNAL,
    LATE,
    LINK,
    STATEMENT,
    TREE,
)

Row = dict[str, Any]


@dataclass
class Rows:
    """What one commit adds, by table; ``stored`` are (blob, index of the statement)."""

    entry: list[Row] = field(default_factory=list)
    link: list[Row] = field(default_factory=list)
    statement: list[Row] = field(default_factory=list)
    late: list[Row] = field(default_factory=list)
    evidence: list[Row] = field(default_factory=list)
    blob: dict[bytes, Row] = field(default_factory=dict)
    stored: list[tuple[bytes, int]] = field(default_factory=list)

    def write(self, connection: Connection) -> None:
        """Write everything but the tree, the heads and the checkpoint."""
        add(connection, ENTRY, self.entry)
        add(connection, LINK, self.link)
        add(connection, STATEMENT, self.statement, held="record_hash")
        add(connection, LATE, self.late)
        add(connection, BLOB, list(self.blob.values()), held="sha256")
        add(connection, EVIDENCE, self.evidence, held="hash")
        if self.stored:
            connection.execute(
                update(BLOB)
                .where(BLOB.c.sha256 == bindparam("blob"), BLOB.c.stored_index.is_(None))
                .values(state="stored", stored_index=bindparam("at")),
                [{"blob": blob, "at": index} for blob, index in self.stored],
            )


def write_tree(connection: Connection, added: Iterable[tuple[int, int, bytes]]) -> None:
    """Write the hashes that a commit adds to the tree."""
    rows = [{"level": level, "index": index, "hash": kept} for level, index, kept in added]
    add(connection, TREE, rows)


def write_heads(connection: Connection, heads: Iterable[JournalHead]) -> None:
    """Write the heads of the journals that a commit moved, ended or opened."""
    for one in heads:
        changed = {"length": one.head.length, "head": one.head.hash, "state": one.state}
        row = {"journal": one.journal, "device": one.device, "agency": one.agency, **changed}
        statement: Any = _dialect(connection).insert(JOURNAL).values(row)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["journal"], set_=changed)
        )


def write_checkpoint(connection: Connection, size: int, note: bytes) -> None:
    """Write the signed head of the log."""
    add(connection, CHECKPOINT, [{"size": size, "note": note}])


def add(connection: Connection, table: Table, rows: list[Row], held: str = "") -> None:
    """Insert ``rows``; with ``held``, a row whose value in that column is there stays as it is."""
    if not rows:
        return
    if held:
        statement: Any = _dialect(connection).insert(table)
        connection.execute(statement.on_conflict_do_nothing(index_elements=[held]), rows)
    else:
        connection.execute(insert(table), rows)


def _dialect(connection: Connection) -> Any:
    return sqlite if connection.dialect.name == "sqlite" else postgresql
