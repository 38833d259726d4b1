"""Whether the tree's stored hashes are those that the entries give; a part of ``fsck``."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from sync_server.log import nodes
from sync_server.log.tree import Tree
from sync_server.store.tables import TREE


def differences(connection: Connection, tree: Tree, first: int, end: int) -> Iterator[str]:
    """Of the hashes that became whole as the log went from ``first`` entries to ``end``: ``tree``
    has what they should be."""
    stored = dict[tuple[int, int], bytes]()
    for level in range(end.bit_length()):
        for index, kept in nodes.between(connection, level, first >> level, end >> level):
            stored[level, index] = kept
    made = tree.added()
    for at in sorted(made.keys() | stored.keys()):
        if made.get(at) != stored.get(at):
            yield _strange(*at)


def rows(connection: Connection, size: int) -> Iterator[str]:
    """Whether the rows follow one another on each level, up to where a log of ``size`` entries
    ends."""
    c, next_on = TREE.c, dict[int, int]()
    query = select(c.level, c.first, func.length(c.hashes)).order_by(c.level, c.first)
    for level, first, length in connection.execute(query, execution_options={"yield_per": 1000}):
        count, rest = divmod(length, nodes.SIZE)
        ends = size >> level if 0 <= level < size.bit_length() else 0
        if first != next_on.get(level, 0) or rest or not 0 < count <= ends - first:
            yield _strange(level, first)
        next_on[level] = first + count


def _strange(level: int, index: int) -> str:
    return f"tree hash {level}/{index} is not the one that the entries give"
