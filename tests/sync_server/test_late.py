"""What came after its link is told by its number, to whoever has passed its place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from sync_server.log import late
from sync_server.log.rows import add_late
from sync_server.store.db import Database
from tests.sync_server.conftest import BOTH
from tests.sync_server.stretches import One, hash_of, lay, said

STORES = BOTH
LOG = [
    [One(1, "a", said("opened", "a")), One(1, "b"), One(1, "c", said("heard", "a"))],
    [One(1, "d", said("heard", "a")), One(1, "c", said("heard", "a")), One(1, "e")],
]


@pytest.fixture
def connection(tables: Database) -> Iterator[Connection]:
    with tables.writer.begin() as opened:
        lay(opened, LOG)
        yield opened


def told(connection: Connection, after: int, last: int) -> list[int]:
    return [leaf.index for leaf in late.arrived(connection, after, last)]


@pytest.mark.parametrize("at_once", [1, 2, 500])
def test_what_came_late_is_told_by_its_number(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Where it stands first; what was destroyed since is a number and no more."""
    monkeypatch.setattr(late, "_AT_ONCE", at_once)
    assert late.newest(connection) == 0
    assert told(connection, 0, 0) == []
    add_late(connection, [hash_of("d"), hash_of("b")])
    add_late(connection, [hash_of("c"), hash_of("a")])
    assert late.newest(connection) == 4
    assert sorted(told(connection, 0, 4)) == [0, 2, 3]
    assert told(connection, 0, 1) == told(connection, 0, 2) == [3]
    assert told(connection, 1, 3) == [2]
    assert told(connection, 3, 4) == [0]
    assert told(connection, 4, 4) == []


def test_what_came_late_since_is_known_by_its_hash(connection: Connection) -> None:
    add_late(connection, [hash_of("d"), hash_of("b"), hash_of("c")])
    assert late.since(connection, 1) == {hash_of("b"), hash_of("c")}
    assert late.since(connection, 3) == set()
