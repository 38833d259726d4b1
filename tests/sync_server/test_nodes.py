"""The tree's hashes are found wherever a commit's row begins and ends."""

from __future__ import annotations

from itertools import combinations_with_replacement

import pytest
from sqlalchemy import Connection, delete, select, update

from protocol.merkle import leaf_hash
from sync_server.log import nodes
from sync_server.log.tree import Tree
from sync_server.store.tables import TREE
from tests.sync_server.conftest import BOTH

STORES = BOTH
SIZES = [1, 2, 3, 9, 10, 20]


@pytest.fixture
def kept(connection: Connection) -> dict[tuple[int, int], bytes]:
    """A log that grew by commits; the hashes that it keeps."""
    tree, found = Tree(), dict[tuple[int, int], bytes]()
    for before, after in zip([0, *SIZES], SIZES, strict=False):
        tree.extend(leaf_hash(b"leaf %d" % index) for index in range(before, after))
        nodes.write(connection, tree.new())
        found |= tree.added()
        tree = tree.copy()
    return found


def test_a_commit_writes_one_row_of_each_level(
    connection: Connection, kept: dict[tuple[int, int], bytes]
) -> None:
    rows = connection.execute(select(TREE.c.level, TREE.c.first).order_by(*TREE.primary_key)).all()
    assert [first for level, first in rows if level == 0] == [0, *SIZES[:-1]]
    assert [first for level, first in rows if level == 2] == [0, 2]
    assert len(kept) == sum(SIZES[-1] >> level for level in range(5))


def test_each_hash_is_found_alone_and_with_any_others(
    connection: Connection, kept: dict[tuple[int, int], bytes]
) -> None:
    for level in range(6):
        ours = {index: one for (here, index), one in kept.items() if here == level}
        for index in range(SIZES[-1] + 3):
            assert nodes.node(connection, level, index) == ours.get(index)
        for first, end in combinations_with_replacement(range(SIZES[-1] + 3), 2):
            here = [(index, ours[index]) for index in range(first, end) if index in ours]
            assert list(nodes.between(connection, level, first, end)) == here


def test_a_row_that_was_lost_or_cut_leaves_the_others(
    connection: Connection, kept: dict[tuple[int, int], bytes]
) -> None:
    """What is left of it is at its place; half a hash is none."""
    ours = {index: one for (level, index), one in kept.items() if level == 0}
    at = (TREE.c.level == 0, TREE.c.first == 3)
    connection.execute(update(TREE).where(*at).values(hashes=ours[3] + ours[4] + ours[5][:31]))
    left = [(index, one) for index, one in ours.items() if index not in range(5, 9)]
    assert list(nodes.between(connection, 0, 0, 20)) == left
    for index in range(20):
        assert nodes.node(connection, 0, index) == dict(left).get(index)
    connection.execute(delete(TREE).where(*at))
    left = [(index, one) for index, one in left if index not in range(3, 5)]
    assert list(nodes.between(connection, 0, 0, 20)) == left
    assert list(nodes.between(connection, 0, 4, 12)) == left[3:6]
    for index in range(20):
        assert nodes.node(connection, 0, index) == dict(left).get(index)
