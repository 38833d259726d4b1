"""A log that is written for a test: leaves of any journals, in rows of any length.

lay(connection, [[one, one], [one]])    two commits; each breaks into rows as commits do
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, select

from protocol.chain import Link
from protocol.receipt import encode_accepted
from sync_server.log import leaves, lookup
from sync_server.log.leaves import Leaf
from sync_server.log.packed import Filed
from sync_server.log.rows import Rows
from sync_server.store.tables import STRETCH, STRETCH_CASE, STRETCH_KIND

NOW = 1_790_000_000_000


class One(NamedTuple):
    """A leaf: of the journal ``whose``, of a ``record``, and how its statement is filed."""

    whose: int
    record: str
    filed: Filed | None = None


def hash_of(name: str) -> bytes:
    """A hash."""
    return hashlib.sha256(name.encode()).digest()


def journal(number: int) -> bytes:
    """A journal."""
    return bytes([0x10 * number]) * 16


def said(kind: str, case: str = "", agency: str = "yx") -> Filed:
    """How a statement is filed."""
    return Filed(kind, hash_of(case) if case else None, agency, NOW)


def lay(connection: Connection, commits: Iterable[Iterable[One]]) -> list[Leaf]:
    """Write commits behind what is there; what they should come to."""
    made, lengths = list[Leaf](), dict[int, int]()
    for leaf in leaves.filed(connection, 0):
        lengths[leaf.journal[0] // 0x10] = leaf.sequence + 1
    for commit in commits:
        rows, before = Rows(), leaves.size(connection)
        for place, one in enumerate(commit, before):
            sequence = lengths.get(one.whose, 0)
            lengths[one.whose] = sequence + 1
            made.append(_add(rows, place, sequence, one))
        rows.write(connection)
        lookup.write(connection, before, before + len(rows.entries))
    return made


def _add(rows: Rows, place: int, sequence: int, one: One) -> Leaf:
    record, before = hash_of(one.record), hash_of("before") if sequence else bytes(32)
    link = Link(journal(one.whose), sequence, before, record, bytes(16), 0, NOW, bytes(16), 0, 0)
    (entry,) = encode_accepted([(link.hash(), record)], NOW)
    rows.add(place, entry, link, link.encode())
    statement = None if one.filed is None else b"what %s says" % one.record.encode()
    if one.filed is not None and statement is not None:
        rows.say(place, one.filed, statement)
    return Leaf(place, entry, link.journal, sequence, link.encode(), one.filed, statement)


def cuts(connection: Connection) -> list[tuple[int, int]]:
    """Where each row begins, and how long it is."""
    rows = select(STRETCH.c.first, STRETCH.c.length).order_by(STRETCH.c.first)
    return [(first, length) for first, length in connection.execute(rows)]


def found_under(connection: Connection) -> tuple[set[tuple[str, str, int]], set[tuple[bytes, int]]]:
    """The kinds and the cases that rows are found under, with where the rows begin."""
    kinds = {(row.kind, row.agency, row.first) for row in connection.execute(select(STRETCH_KIND))}
    return kinds, {(row.case_id, row.first) for row in connection.execute(select(STRETCH_CASE))}


def should_be_under(
    connection: Connection, held: Mapping[int, Leaf]
) -> tuple[set[tuple[str, str, int]], set[tuple[bytes, int]]]:
    """The same by what stands in the rows."""
    kinds, cases = set[tuple[str, str, int]](), set[tuple[bytes, int]]()
    for first, length in cuts(connection):
        for place in range(first, first + length):
            filed = held[place].filed
            if filed is not None:
                kinds.add((filed.kind, filed.agency, first))
                cases |= {(filed.case, first)} if filed.case is not None else set()
    return kinds, cases
