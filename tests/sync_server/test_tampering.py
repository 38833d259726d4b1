"""Row by row: whatever is changed in a table of facts is found, by fsck or by the next contact.

The tables and their columns are read from the database, so that a new one is tried as soon as it
is there; each is in one of three lists. For each table a row is taken away, a forged one is put in,
and each column of a row is changed. ``make fuzz`` does so with every row (TAMPER=all).
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Executable,
    LargeBinary,
    MetaData,
    Table,
    and_,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from protocol.chain import decode_link
from protocol.checkpoint import Checkpoint, VerifierKey
from protocol.messages import PushItem
from protocol.statements import blobs_of
from protocol.witness import WitnessKey, cosign
from sync_server.clock import system_clock
from sync_server.keys.keyring import load_keyring
from sync_server.log import leaves, lookup
from sync_server.log.leaves import Leaf
from sync_server.projections import fulltext
from sync_server.projections.tables import VIEWS
from sync_server.store import copying
from sync_server.store.blobs import BlobStore
from sync_server.store.db import Database
from sync_server.store.tables import CHECKPOINT, COSIGNATURE, FACTS, PRIVATE, STRETCH
from sync_server.upkeep import fsck
from sync_server.upkeep.fsck import Fsck
from tests.cast import seeded
from tests.sync_server import rotting
from tests.sync_server.conftest import Server, tablet_of
from tests.sync_server.rotting import alter_in
from tests.sync_server.tablet import Tablet
from tests.sync_server.test_journals import head_of, relinked

Change = Callable[[Connection], None]
EVERY_ROW = os.environ.get("TAMPER") == "all"

UNSIGNED = {
    ("evidence", "at"): "when it came: no device signs that",
    ("cosignature", None): "the witness has its line, and writes it again when it is asked",
    ("late", ""): "a case that is folded once more is folded the same",
    ("evidence", "statement"): "what was never the linked statement has no hash that names it",
    ("evidence", None): "the end of a refused branch: its device brings it again",
}
"""What can be changed unseen, and why nobody is deceived by it; None is a whole row, "" a new one.
Of evidence only the rows that ``is_signed`` denies."""


class World:
    """A server with one of everything, and a look at it that changes nothing."""

    def __init__(self, server: Server) -> None:
        self.database = Database(server.settings.database)
        self.blobs = BlobStore(server.settings)
        ring = load_keyring(server.settings)
        self.keys = [
            VerifierKey(server.settings.origin, one.verifier.public_key) for one in ring.logs
        ]
        self.tables = MetaData()
        with self.database.engine.connect() as connection:
            self.tables.reflect(connection)

    def differences(self, change: Change) -> list[str]:
        """What fsck says while a change stands; then it is undone."""
        with self.database.writer.connect() as connection, connection.begin() as transaction:
            change(connection)
            found = [f"{one.check}: {one.detail}" for one in self._run(connection)]
            transaction.rollback()
        return found

    def _run(self, connection: Connection) -> Iterator[Any]:
        return Fsck(connection, self.blobs, self.keys).run()


@pytest.fixture(scope="module")
def world(enrolled_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An inspection with its blobs, statements that came late and that were none, a fork that was
    refused, and a witness's line."""
    folder = tmp_path_factory.mktemp("tampered") / "data"
    shutil.copytree(enrolled_county, folder)
    server = Server(folder)
    server.start()
    try:
        _record(tablet_of(server))
    finally:
        server.stop()
    made = World(server)
    with made.database.writer.begin() as connection:
        _cosign(connection)
    with pytest.MonkeyPatch.context() as changed:
        # A log of thousands has the look-up by hash; this one is as if it had.
        changed.setattr(lookup, "STEP", 8)
        changed.setattr(fsck, "WINDOW", 16)  # and is gone through in several parts
        with made.database.writer.begin() as connection:
            lookup.write(connection, 0, leaves.size(connection))
        assert made.differences(lambda _: None) == []
        yield made
    made.database.close()


def _record(tablet: Tablet) -> None:
    tablet.world.now = max(tablet.world.now, system_clock().now())
    case = tablet.world.inspection()
    items = tablet.links(case)
    bare = [PushItem(link=items[2].link), PushItem(link=items[3].link, statement=b"none")]
    tablet.push([*items[:2], *bare, *items[4:6]])
    tablet.push(items[:6])
    for record in case.records[:6]:
        for ref in blobs_of(record.statement):
            tablet.upload(case.blobs[ref.sha256])
    branch = relinked(items[5:8], tablet.world.device.journal, head_of(items[:3]))
    assert tablet.refusal(tablet.push(branch)).reason == "rewrite"


def _cosign(connection: Connection) -> None:
    size, note = connection.execute(
        select(CHECKPOINT).order_by(CHECKPOINT.c.size.desc()).limit(1)
    ).one()
    signer, name = seeded("witness"), "w1.example"
    head = Checkpoint.parse(note.decode().rpartition("\n\n")[0] + "\n")
    values = {
        "size": size,
        "witness": WitnessKey(name, signer.verifier.public_key).text(),
        "origin": head.origin,
        "line": cosign(head.text(), name, signer, 1_790_000_000_000),
    }
    connection.execute(insert(COSIGNATURE), values)


def test_every_table_is_a_fact_or_private_or_folded(world: World) -> None:
    """Whoever makes a table says which: facts are checked, private state is not, the rest can be
    thrown away."""
    lists = (FACTS, PRIVATE, VIEWS)
    named = [name for some in lists for name in some]
    assert len(named) == len(set(named))
    made = {name for name in world.tables.tables if not name.startswith(fulltext.TABLE)}
    assert made - {copying.MARK} == set(named)


def test_each_table_of_facts_holds_something_to_be_tampered_with(world: World) -> None:
    with world.database.engine.connect() as connection:
        for name in FACTS:
            assert connection.execute(select(world.tables.tables[name])).first() is not None, name


def rows_of(world: World, name: str) -> list[dict[str, Any]]:
    """All rows of a table, or a few of them: the first, the last, and one between."""
    table = world.tables.tables[name]
    with world.database.engine.connect() as connection:
        order = list(table.primary_key.columns)
        rows = [dict(row) for row in connection.execute(select(table).order_by(*order)).mappings()]
    if EVERY_ROW or len(rows) < 6:
        return rows
    return [rows[at] for at in sorted({0, random.Random(name).randrange(len(rows)), len(rows) - 1})]


def place(table: Table, row: dict[str, Any]) -> ColumnElement[bool]:
    return and_(*(column == row[column.name] for column in table.primary_key.columns))


def other(column: Column[Any], value: Any) -> Any:
    """Another value that the column takes."""
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1]) if value else b"x"
    if isinstance(value, str):
        return value[:-1] + ("x" if value[-1:] != "x" else "y")
    if isinstance(value, int):
        return value + 1
    return b"x" if isinstance(column.type, LargeBinary) else 1


def changes(world: World, name: str) -> Iterator[tuple[dict[str, Any], str, str | None, Change]]:
    """(the row, what is done, the column or None, how) for some or all rows of a table."""
    table = world.tables.tables[name]
    for row in rows_of(world, name):
        where = place(table, row)
        yield row, "taken away", None, partial(_execute, delete(table).where(where))
        forged = row | {one.name: other(one, row[one.name]) for one in table.primary_key.columns}
        yield row, "put in", "", partial(_execute, insert(table).values(forged))
        for column in table.columns:
            made = {column.name: other(column, row[column.name])}
            how = partial(_execute, update(table).where(where).values(made))
            yield row, "changed", column.name, how


def _execute(what: Executable, connection: Connection) -> None:
    connection.execute(what)


@pytest.mark.parametrize("name", FACTS)
def test_what_is_tampered_with_is_found(world: World, name: str) -> None:
    """Each way of tampering with each row; a change that the database itself refuses is none."""
    missed, done = [], 0
    for row, said, column, change in changes(world, name):
        try:
            found = world.differences(change)
        except IntegrityError:
            continue
        done += 1
        if not found and ((name, column) not in UNSIGNED or is_signed(world, name, column, row)):
            missed.append(f"{said}: {column} {name}")
    assert not missed, "; ".join(missed)
    assert done > 2


@pytest.mark.parametrize("part", [*rotting.COLUMNS, "both"])
def test_what_is_tampered_with_inside_a_row_is_found(world: World, part: str) -> None:
    """Each part of an entry that is kept in a row of many, and a statement with what it is filed
    as: another one or none."""
    with world.database.engine.connect() as connection:
        every = list(leaves.between(connection, 0))
    missed = []
    for leaf in every if EVERY_ROW else random.Random(part).sample(every, 8):
        missed += [
            f"{altered} of entry {leaf.index}"
            for altered in altered_parts(leaf, part)
            if not world.differences(partial(alter_in, index=leaf.index, **altered))
        ]
    assert not missed, "; ".join(missed)


def altered_parts(leaf: Leaf, part: str) -> Iterator[dict[str, Any]]:
    """What a part of a leaf may be altered to."""
    filed, unlike = leaf.filed, partial(other, STRETCH.c.filed)
    assert filed is not None
    assert leaf.statement is not None
    if part == "both":
        yield {"filed": None, "statement": None}
        return
    yield {part: None}
    if part == "filed":
        for name, value in filed._asdict().items():
            yield {"filed": filed._replace(**{name: unlike(value)})}
    else:
        yield {part: unlike(getattr(leaf, part))}


@pytest.mark.parametrize(("name", "column"), UNSIGNED)
def test_what_nobody_signed_is_still_of_use_to_nobody(
    world: World, name: str, column: str | None
) -> None:
    """The list of what cannot be seen is no longer than it must be."""
    table = world.tables.tables[name]
    assert not column or column in table.columns
    some = [change for _, _, what, change in changes(world, name) if what == column]
    assert any(unseen(world, change) for change in some)


def unseen(world: World, change: Change) -> bool:
    try:
        return world.differences(change) == []
    except IntegrityError:
        return False


def is_signed(world: World, name: str, column: str | None, row: dict[str, Any]) -> bool:
    """Of evidence: whether other rows, or its own link, say what it must be."""
    if name != "evidence" or column == "at":
        return False
    if column == "statement":
        return bool(row["reason"] != "not_the_linked_record")
    others = select(world.tables.tables[name].c.link)
    with world.database.engine.connect() as connection:
        links = [decode_link(link) for link in connection.execute(others).scalars()]
    return any(link.previous == row["hash"] for link in links)
