"""A log of rows for each entry, link and statement becomes one of stretches, and goes back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text

from protocol.chain import Link
from protocol.receipt import encode_accepted
from sync_server.log import leaves, lookup, nodes
from sync_server.log.leaves import Leaf
from sync_server.log.packed import UNREAD, Filed
from sync_server.log.rows import MOST
from sync_server.store.db import Database
from sync_server.upkeep import filings
from tests.sync_server.conftest import BOTH
from tests.sync_server.stretches import (
    NOW,
    One,
    cuts,
    found_under,
    hash_of,
    journal,
    lay,
    said,
    should_be_under,
)
from tests.sync_server.test_stores import migrations

STORES = BOTH
FORMER = {
    "entry": ("index", "entry", "link_hash", "record_hash"),
    "link": ("journal", "sequence", "link_hash", "record_hash", "link", "index"),
    "statement": ("record_hash", "index", "envelope", "kind", "case_id", "agency", "at"),
    "lookup": ("hash", "index"),
    "late": ("number", "record_hash"),
    "tree": ("level", "index", "hash"),
    "blob": (
        *("sha256", "record_hash", "agency", "journal", "size", "media_type", "stored_index"),
    ),
}
LONG = 2 * MOST + 10
"""A run that is longer than two rows."""
SEVERAL = 4100
"""Entries altogether: more than are moved at once, and than lookups are written down for."""


def kinds_of(number: int) -> Filed | None:
    """What a statement says; some are not here, some cannot be read."""
    if number % 7 == 3:
        return None
    return UNREAD if number % 11 == 5 else said(f"kind{number % 3}", f"case {number % 5}")


def story() -> list[One]:
    """What the log tells: a long run; two journals that take turns; then records that came twice,
    and one whole run without statements; and a long rest."""
    told = [One(1, f"r{n}", kinds_of(n)) for n in range(LONG)]
    told += [One(1 + n % 2, f"s{n}", kinds_of(n)) for n in range(21)]
    told += [One(2, "twice", said("first", "t")), One(2, "x", said("", "", "")), One(2, "twice")]
    told += [One(2, "later"), One(3, "between", said("other")), One(2, "later", said("second"))]
    told += [One(3, f"n{n}") for n in range(5)]
    told += [One(2, f"agency{n}", said("same", "", f"a{n % 2}")) for n in range(6)]
    return told + [One(3, f"t{n}", kinds_of(n)) for n in range(SEVERAL - len(told))]


LATE = ["r4", "s2", "later"]


def former(connection: Connection, count: int = SEVERAL) -> list[Leaf]:
    """Write it as the program of before did, so far; what it is in stretches."""
    made, lengths = list[Leaf](), dict[int, int]()
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in FORMER}
    for index, one in enumerate(story()[:count]):
        sequence = lengths.get(one.whose, 0)
        lengths[one.whose] = sequence + 1
        record, before = hash_of(one.record), hash_of("before") if sequence else bytes(32)
        whose = journal(one.whose)
        link = Link(whose, sequence, before, record, bytes(16), 0, NOW, bytes(16), 0, 0)
        (entry,) = encode_accepted([(link.hash(), record)], NOW)
        rows["entry"].append((index, entry, link.hash(), record))
        rows["link"].append((whose, sequence, link.hash(), record, link.encode(), index))
        statement = None
        if one.filed is not None:
            statement = b"what %s says" % one.record.encode()
            rows["statement"].append((record, index, statement, *one.filed))
            if index % 50 == 0:
                blob = (hash_of(f"blob {index}"), record, one.filed.agency, whose, index)
                rows["blob"].append((*blob, "image/jpeg", index + 1 if index % 100 else None))
        if index < count // lookup.STEP * lookup.STEP:
            rows["lookup"] += [(link.hash(), index), (record, index)]
        made.append(Leaf(index, entry, whose, sequence, link.encode(), one.filed, statement))
    rows["tree"] = [(*at, kept) for at, kept in nodes_of(count).items()]
    rows["late"] = [(number, hash_of(name)) for number, name in enumerate(LATE, 1)]
    for name, columns in FORMER.items():
        named = ", ".join(f'"{one}"' for one in columns)
        values = ", ".join(f":{one}" for one in columns)
        told = text(f"INSERT INTO {name} ({named}) VALUES ({values})")
        if rows[name]:
            connection.execute(told, [dict(zip(columns, row, strict=True)) for row in rows[name]])
    return made


def nodes_of(count: int) -> dict[tuple[int, int], bytes]:
    """Hashes of a tree, one of which was lost."""
    levels = range(count.bit_length())
    places = [(level, index) for level in levels for index in range(count >> level)]
    return {at: hash_of(f"node {at}") for at in places if at != (1, 77)}


def held(connection: Connection) -> dict[str, list[Any]]:
    """The rows of before, of every table that a migration touches."""
    found = {}
    for name, columns in FORMER.items():
        named = ", ".join(f'"{one}"' for one in columns)
        rows = connection.execute(text(f"SELECT {named} FROM {name}"))
        found[name] = sorted(map(tuple, rows), key=repr)
    return found


def should_be_cut(log: list[Leaf]) -> list[tuple[int, int]]:
    """Where rows begin, and how long they are: no row is longer than a commit's may be."""
    begins = [0]
    for before, leaf in pairwise(log):
        goes_on = (before.journal, before.sequence + 1) == (leaf.journal, leaf.sequence)
        if not goes_on or leaf.index - begins[-1] == MOST or leaf.index % 4096 == 0:
            begins.append(leaf.index)
    return [(first, end - first) for first, end in pairwise([*begins, len(log)])]


def test_a_log_of_single_rows_becomes_one_of_stretches_and_goes_back(database: Database) -> None:
    """With all that was in it: statements that are not here, that came late, that cannot be read;
    the blobs that records name; each entry is found by either hash."""
    migrations(database, "0024")
    with database.writer.begin() as connection:
        log = former(connection)
        before = held(connection)
    assert all(before.values())
    migrations(database, "0025")
    with database.engine.connect() as connection:
        assert not {"entry", "link", "statement"} & set(inspect(connection).get_table_names())
        assert list(leaves.between(connection, 0)) == log
        assert cuts(connection) == should_be_cut(log)
        assert (LONG // MOST * MOST, LONG % MOST + 1) in cuts(connection)
        assert found_under(connection) == should_be_under(connection, dict(enumerate(log)))
        assert list(lookup.differences(connection, SEVERAL)) == []
        assert connection.execute(text("SELECT count(*) FROM lookup")).scalar() == 2 * 4096
        for whose in (1, 2, 3):
            ours = [leaf for leaf in log if leaf.journal == journal(whose)]
            assert list(leaves.of_journal(connection, journal(whose))) == ours
        expect_found(connection, log)
        expect_tree(connection)
        named = text('SELECT record_hash, "index" FROM blob ORDER BY "index"')
        for record, index in connection.execute(named):
            assert log[index].record_hash == bytes(record)
            assert log[index].statement is not None
    migrations(database, "0024", back=True)
    with database.engine.connect() as connection:
        assert held(connection) == before
        names = set(inspect(connection).get_table_names())
        assert not {"stretch", "stretch_kind", "stretch_case"} & names
    migrations(database, "0025")
    with database.engine.connect() as connection:
        assert list(leaves.between(connection, 0)) == log


def expect_tree(connection: Connection) -> None:
    """Each hash that was kept, at its place."""
    kept = nodes_of(SEVERAL)
    for level in range(SEVERAL.bit_length() + 1):
        ours = [(index, one) for (here, index), one in kept.items() if here == level]
        assert list(nodes.between(connection, level, 0, SEVERAL)) == ours
    rows = connection.execute(text("SELECT length(hashes) FROM tree")).scalars().all()
    assert max(rows) == 32 * MOST


def expect_found(connection: Connection, log: list[Leaf]) -> None:
    """Places by hashes: of records that came twice both, and the statement at one of them."""
    twice, later = (
        [leaf.index for leaf in log if leaf.record_hash == hash_of(name)]
        for name in ("twice", "later")
    )
    assert lookup.find(connection, [hash_of("twice")]) == twice
    assert lookup.find(connection, [hash_of("later")]) == later
    first, second = (lookup.record(connection, hash_of(one)) for one in ("twice", "later"))
    assert (first, second) == (log[twice[0]], log[later[1]])
    for index in (0, LONG, 4095, 4096, SEVERAL - 1):
        assert lookup.find(connection, [log[index].link_hash]) == [index]


def test_what_came_since_goes_back_too(database: Database) -> None:
    """A statement that stands at both of its links is one row again, where it came first."""
    migrations(database, "0025")
    told = [One(1, "a", said("x", "a")), One(2, "b", said("y")), One(1, "a", said("x", "a"))]
    with database.writer.begin() as connection:
        log = lay(connection, [told, [One(2, "c"), One(2, "c", UNREAD)]])
    migrations(database, "0024", back=True)
    with database.engine.connect() as connection:
        rows = held(connection)
    statements = {(row[0], row[1], row[2], Filed(*row[3:])) for row in rows["statement"]}
    assert len(rows["statement"]) == 3
    assert statements == {
        (one.record_hash, one.index, one.statement, one.filed) for one in (log[0], log[1], log[4])
    }
    assert [(row[0], row[1]) for row in sorted(rows["entry"])] == [
        (one.index, one.entry) for one in log
    ]
    assert {(row[0], row[1], row[4], row[5]) for row in rows["link"]} == {
        (one.journal, one.sequence, one.link, one.index) for one in log
    }
    migrations(database, "0025")
    with database.engine.connect() as connection:
        found = list(leaves.between(connection, 0))
    assert [one.statement for one in found] == [
        None if one.index == 2 else one.statement for one in log
    ]
    assert [one.link for one in found] == [one.link for one in log]


@pytest.mark.parametrize("lost", ["entry", "link", "statement"])
def test_a_row_that_was_lost_before_takes_no_other_one_with_it(
    database: Database, lost: str
) -> None:
    """Its place lacks what it held, for ``fsck`` to say; all that stands around it is there."""
    migrations(database, "0024")
    at = 20
    with database.writer.begin() as connection:
        log = former(connection, LONG)
        connection.execute(text(f'DELETE FROM {lost} WHERE "index" = {at}'))
        before = held(connection)
    migrations(database, "0025")
    with database.engine.connect() as connection:
        found = {leaf.index: leaf for leaf in leaves.between(connection, 0)}
        assert {index: leaf for index, leaf in found.items() if index != at} == {
            leaf.index: leaf for leaf in log if leaf.index != at
        }
        ours = [one.index for one in leaves.of_journal(connection, journal(1), at - 1, at + 1)]
        assert ours == ([at - 1, at, at + 1] if lost == "statement" else [at - 1, at + 1])
    if lost == "entry":
        assert at not in found
    else:
        assert found[at].entry == log[at].entry
        assert found[at].link == (b"" if lost == "link" else log[at].link)
        assert found[at].statement == (None if lost == "statement" else log[at].statement)
    migrations(database, "0024", back=True)
    with database.engine.connect() as connection:
        after = held(connection)
    if lost == "entry":
        for name in ("entry", "late"):
            assert after[name] == before[name]
    else:
        assert after == before


def test_long_statements_and_names_are_moved_into_rows_of_their_own(database: Database) -> None:
    """Not a hundred mebibytes to a row, nor names that no index takes."""
    migrations(database, "0024")
    with database.writer.begin() as connection:
        former(connection, 8)
        long = {"data": bytes(600_000), "kind": "".join(map(chr, range(0x20000, 0x201F4)))}
        connection.execute(text("UPDATE statement SET envelope = :data, kind = :kind"), long)
        connection.execute(text("UPDATE statement SET agency = kind"))
    migrations(database, "0025")
    with database.engine.connect() as connection:
        # The fourth has no statement.
        assert cuts(connection) == [(0, 2), (2, 3), (5, 2), (7, 1)]
        assert len(list(leaves.of_kinds(connection, [long["kind"]], long["kind"]))) == 7
        assert list(filings.differences(connection)) == []
