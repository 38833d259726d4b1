"""Entries are found by the hash of their link or of their record, wherever the table ends."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, select

from sync_server.log import lookup
from sync_server.store.db import Database
from sync_server.store.tables import ENTRY, LOOKUP

STEP = 4


def name(kind: str, index: int) -> bytes:
    return hashlib.sha256(f"{kind} {index}".encode()).digest()


@pytest.fixture
def connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setattr(lookup, "STEP", STEP)
    database = Database(f"sqlite:///{tmp_path}/log.db")
    database.migrate()
    with database.writer.begin() as opened:
        yield opened
    database.close()


def add(connection: Connection, before: int, after: int) -> None:
    """Entries of a commit; every third is of the record of the entry before it."""
    rows = [
        {
            "index": index,
            "entry": b"",
            "link_hash": name("link", index),
            "record_hash": name("record", index - (index % 3 == 2)),
        }
        for index in range(before, after)
    ]
    connection.execute(insert(ENTRY), rows)
    lookup.write(connection, before, after)


@pytest.mark.parametrize("sizes", [(3,), (4,), (5,), (1, 2, 3, 9), (3, 4, 8), (2, 17)])
def test_every_entry_is_found_by_either_hash(
    connection: Connection, sizes: tuple[int, ...]
) -> None:
    before = 0
    for after in sizes:
        add(connection, before, after)
        before = after
    for index in range(before):
        assert lookup.find(connection, [name("link", index)]) == [index]
    for index in range(0, before, 3):
        assert lookup.find(connection, [name("record", index)]) == [index]
    for index in range(1, before, 3):
        both = [index, index + 1][: before - index]
        assert lookup.find(connection, [name("record", index)]) == both
    assert lookup.find(connection, [name("link", before)]) == []
    assert list(lookup.differences(connection, before)) == []
    kept = connection.execute(select(LOOKUP.c.index)).scalars().all()
    assert sorted(kept) == sorted(2 * list(range(before // STEP * STEP)))


def test_several_hashes_are_looked_up_at_once(connection: Connection) -> None:
    add(connection, 0, 7)
    assert lookup.find(connection, [name("link", 6), name("link", 1)]) == [1, 6]
    assert lookup.find(connection, []) == []


def test_what_was_taken_from_the_table_or_put_into_it_is_named(connection: Connection) -> None:
    add(connection, 0, 9)
    connection.execute(delete(LOOKUP).where(LOOKUP.c.hash == name("link", 2)))
    connection.execute(insert(LOOKUP), {"hash": name("link", 2), "index": 3})
    connection.execute(insert(LOOKUP), {"hash": name("link", 8), "index": 8})
    assert sorted(lookup.differences(connection, 9)) == [
        "entry 2 cannot be found by its link hash",
        "entry 3 is found by a hash that is not its own",
        "entry 8 is found by a hash that is not its own",
    ]
