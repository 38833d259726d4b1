"""The log's tree as it grows by commits, and where a commit keeps what it may have to undo."""

from __future__ import annotations

import hashlib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from protocol.merkle import Frontier, stored_hashes
from sync_server.log.tree import Tree
from sync_server.store.db import Database


def _leaves(first: int, count: int) -> list[bytes]:
    return [hashlib.sha256(b"%d" % number).digest() for number in range(first, first + count)]


@given(st.lists(st.integers(0, 70), max_size=6))
def test_a_tree_that_grew_by_commits_has_the_hashes_of_one_that_grew_leaf_by_leaf(
    commits: list[int],
) -> None:
    tree, frontier, expected = Tree(), Frontier(), dict[tuple[int, int], bytes]()
    for count in commits:
        leaves, before = _leaves(tree.size, count), dict(expected)
        for index, leaf in enumerate(leaves, tree.size):
            frontier.append(leaf)
            for level, place, kept in stored_hashes(index, leaf, lambda *at: expected[at]):
                expected[level, place] = kept
        tree.extend(leaves)
        new = {at: kept for at, kept in expected.items() if at not in before}
        assert tree.added() == new
        assert new == {
            (level, place): one
            for level, first, hashes in tree.new()
            for place, one in enumerate(hashes, first)
        }
        assert new.items() <= tree.at_hand().items() <= expected.items()
        assert len(tree.at_hand()) == len([*tree.at_hand()])
        assert tree.at_hand().get((0, tree.size)) is None
        assert (tree.size, tree.root()) == (frontier.size, frontier.root())
        tree = tree.copy()
    again = Tree.load(tree.size, lambda *at: expected[at])
    assert again.root() == frontier.root()


def test_what_a_writer_may_have_to_undo_is_in_memory_and_what_a_reader_sorts_is_not(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'fujie.db'}")
    with database.writer.begin() as writing:
        assert writing.exec_driver_sql("PRAGMA temp_store").scalar() == 2
    with database.engine.begin() as reading:
        assert reading.exec_driver_sql("PRAGMA temp_store").scalar() == 0
    database.close()


def test_who_reads_takes_no_page_from_who_writes(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'fujie.db'}")
    with database.writer.begin() as writing:
        writer = writing.connection.dbapi_connection
    for _ in range(3):
        with database.reading() as session:
            session.connection()
        with database.writer.begin() as writing:
            assert writing.connection.dbapi_connection is writer
    database.close()
