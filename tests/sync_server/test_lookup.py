"""Entries are found by the hash of their link or of their record, wherever the table ends."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from protocol.receipt import encode_accepted
from protocol.registry.registry import Registry
from sync_server.log import leaves, lookup
from sync_server.log.append import Append
from sync_server.log.packed import Filed
from sync_server.log.rows import Run
from sync_server.log.standing import Standing
from sync_server.log.tree import Tree
from sync_server.store import inserting
from sync_server.store.db import Database
from sync_server.store.tables import LOOKUP, STRETCH
from tests.sync_server.rotting import alter_in

STEP = 4
JOURNAL = b"j" * 16
SAID = Filed("record_made", None, "agency", 1)


def name(kind: str, index: int) -> bytes:
    return hashlib.sha256(f"{kind} {index}".encode()).digest()


@pytest.fixture
def connection(tables: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setattr(lookup, "STEP", STEP)
    with tables.writer.begin() as opened:
        yield opened


def add(connection: Connection, before: int, after: int) -> None:
    """Entries of a commit; every third is of the record of the entry before it."""
    indexes = range(before, after)
    write(
        connection, before, [(name("link", n), name("record", n - (n % 3 == 2))) for n in indexes]
    )


def write(
    connection: Connection,
    before: int,
    hashes: Sequence[tuple[bytes, bytes]],
    said: Sequence[int] = (),
) -> None:
    """A commit of these links and records, of which those that were ``said`` are here."""
    run = Run(before, JOURNAL, before)
    for number, entry in enumerate(encode_accepted(hashes, 1)):
        here = number in said
        run.add(entry, b"link", SAID if here else None, b"said %d" % number if here else None)
    names = tuple(one.name for one in STRETCH.c)
    inserting.insert(connection, STRETCH, names, [run.values()])
    lookup.write(connection, before, before + len(hashes))


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


@pytest.mark.parametrize("count", [2 * STEP, 2 * STEP - 1], ids=["written down", "looked through"])
@pytest.mark.parametrize("first", [b"\x00", b"\x7f", b"\x80", b"\xff"])
def test_hashes_that_begin_alike_are_told_apart(
    connection: Connection, count: int, first: bytes
) -> None:
    """By the whole of them: two links of one beginning, a record of the same, and a hash that
    nobody has. Whatever the first bit says, which is a sign to the database."""
    alike = [first * 8 + bytes([end]) * 24 for end in range(5)]
    hashes = [(name("link", n), name("record", n)) for n in range(count)]
    hashes[1], hashes[3] = (alike[0], hashes[1][1]), (alike[1], hashes[3][1])
    hashes[count - 1] = (hashes[-1][0], alike[2])
    hashes[2] = (alike[3], alike[3])
    write(connection, 0, hashes)
    found = {end: lookup.find(connection, [one]) for end, one in enumerate(alike)}
    assert found == {0: [1], 1: [3], 2: [count - 1], 3: [2], 4: []}
    assert lookup.find(connection, alike) == [1, 2, 3, count - 1]
    assert list(lookup.differences(connection, count)) == []


@pytest.mark.parametrize("begin", [8, 32], ids=["begin alike", "are the same"])
def test_links_that_a_tablet_made_to_be_found_cost_who_looks_for_a_record_nothing(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, begin: int
) -> None:
    """A link may name any bytes as its record. However many begin like a record that was there
    before, or name it, as many places are asked for as if there were a few; all are told apart."""
    record = name("record", 1)
    first = [(name("link", n), name("record", n)) for n in range(STEP)]
    write(connection, 0, first, said=[1])
    many = [record[:begin] + name("made", n)[begin:] for n in range(40 * STEP)]
    made = [(name("made link", n), one) for n, one in enumerate(many)]
    write(connection, STEP, made)
    asked, entries_at = list[int](), leaves.entries_at

    def asking(connection: Connection, places: Sequence[int]) -> dict[int, bytes]:
        asked.append(len(places))
        return entries_at(connection, places)

    monkeypatch.setattr(leaves, "entries_at", asking)
    found = lookup.record(connection, record)
    assert found is not None
    assert (found.index, found.statement) == (1, b"said 1")
    assert asked == [lookup._FEW]
    assert lookup.here(connection, [record]) == {record}
    asked.clear()
    append = Append(Standing(Tree(), {}, Registry(), ()), connection, 1)
    assert append.admitted(record)
    assert asked == [lookup._FEW]
    assert not append.admitted(name("link", 1))
    assert not append.admitted(name("record", STEP))
    same = range(STEP, 41 * STEP) if begin == 32 else ()
    assert lookup.find(connection, [record]) == [1, *same]
    assert max(asked) == lookup._FEW
    for number in (0, 7, 40 * STEP - 1):
        assert lookup.find(connection, [name("made link", number)]) == [STEP + number]
        if begin == 8:
            assert lookup.find(connection, [many[number]]) == [STEP + number]


def test_who_looks_twice_reads_what_is_not_written_down_once(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is written down between the two looks."""
    add(connection, 0, STEP + 3)
    newest = lookup.behind(connection)
    assert [index for index, _ in newest] == [STEP, STEP + 1, STEP + 2]
    every = [name("link", index) for index in range(STEP + 3)]
    add(connection, STEP + 3, 3 * STEP)
    scanned = list[int]()
    through = leaves.entries
    monkeypatch.setattr(leaves, "entries", lambda *given: scanned.append(1) or through(*given))
    assert [*lookup.entries(connection, every, newest)] == [*range(STEP + 3)]
    assert not scanned
    assert [*lookup.entries(connection, every)] == [*range(STEP + 3)]
    assert scanned


def test_a_link_and_its_record_that_begin_alike_are_written_once(connection: Connection) -> None:
    link, record = b"a" * 8 + b"l" * 24, b"a" * 8 + b"r" * 24
    others = [(name("link", n), name("record", n)) for n in range(1, STEP)]
    write(connection, 0, [(link, record), *others])
    assert lookup.find(connection, [link]) == lookup.find(connection, [record]) == [0]
    same = select(LOOKUP.c.index).where(LOOKUP.c.key == lookup.key(link))
    assert connection.execute(same).scalars().all() == [0]
    assert list(lookup.differences(connection, STEP)) == []


@pytest.mark.parametrize("first", [0, STEP], ids=["written down", "looked through"])
def test_a_record_is_where_its_statement_came_first(connection: Connection, first: int) -> None:
    """Of three links that name it, the second and third with what it says; the first has it not.
    A record of which nothing is here is none, and a link's hash is none of a record."""
    if first:
        write(connection, 0, [(name("other", n), name("other record", n)) for n in range(first)])
    record, absent = name("record", 1), name("record", 2)
    links = [name("link", n) for n in range(4)]
    named = zip(links, [record, absent, record, record], strict=True)
    write(connection, first, list(named), said=[2, 3])
    assert lookup.find(connection, [record]) == [first, first + 2, first + 3]
    found = lookup.record(connection, record)
    assert found is not None
    assert (found.index, found.statement, found.filed) == (first + 2, b"said 2", SAID)
    assert (found.link_hash, found.record_hash) == (links[2], record)
    assert lookup.record(connection, absent) is None
    assert lookup.record(connection, links[2]) is None
    assert lookup.records(connection, [record, absent, *links]) == {record: found}


@pytest.mark.parametrize("asked", [b"", b"short", b"7 bytes"])
def test_what_is_no_hash_is_not_found(connection: Connection, asked: bytes) -> None:
    """Nor are entries that rotted found by nothing."""
    add(connection, 0, STEP + 2)
    connection.execute(update(STRETCH).values(entries=b"rotten"))
    assert lookup.find(connection, [asked]) == []
    assert lookup.record(connection, asked) is None


def test_an_entry_that_rotted_takes_no_other_one_with_it(connection: Connection) -> None:
    """Of one row, or of a row whose whole column cannot be read."""
    add(connection, 0, 3)
    add(connection, 3, STEP)
    add(connection, STEP, STEP + 2)
    alter_in(connection, 1, entry=None)
    every = [name("link", index) for index in range(STEP + 2)]
    assert lookup.find(connection, every) == [0, 2, 3, 4, 5]
    connection.execute(update(STRETCH).where(STRETCH.c.first == 0).values(entries=b"\xff"))
    assert lookup.find(connection, every) == [3, 4, 5]
    assert [one.link for one in leaves.between(connection, 0, 3)] == [b"link"] * 3


@pytest.mark.parametrize("rotten", [None, b"", b"short", bytes(64)])
def test_an_entry_that_rotted_before_it_was_written_down_holds_up_no_commit(
    connection: Connection, rotten: bytes | None
) -> None:
    """The others of its step are found."""
    add(connection, 0, 3)
    alter_in(connection, 1, entry=rotten)
    add(connection, 3, STEP + 1)
    every = [name("link", index) for index in range(STEP + 1)]
    assert lookup.find(connection, every) == [0, 2, 3, 4]
    assert list(lookup.differences(connection, STEP + 1)) == []


def test_what_was_taken_from_the_table_or_put_into_it_is_named(connection: Connection) -> None:
    add(connection, 0, 9)
    key = lookup.key(name("link", 2))
    connection.execute(delete(LOOKUP).where(LOOKUP.c.key == key))
    connection.execute(insert(LOOKUP), {"key": key, "index": 3})
    connection.execute(insert(LOOKUP), {"key": lookup.key(name("link", 8)), "index": 8})
    assert sorted(lookup.differences(connection, 9)) == [
        "entry 2 cannot be found by a hash of its own",
        "entry 3 is found by a hash that is not its own",
        "entry 8 is found by a hash that is not its own",
    ]
