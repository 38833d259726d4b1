"""What a tablet, or somebody at the database, can make of rows costs nobody else his memory."""

from __future__ import annotations

import random
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text, update

from protocol.chain import decode_link
from sync_server.devices import heard
from sync_server.log import append, leaves, lookup, rereading, rows
from sync_server.log.append import Append
from sync_server.log.intake import Checked
from sync_server.log.leaves import Leaf
from sync_server.log.packed import LONGEST
from sync_server.log.rows import MOST_BYTES, Run
from sync_server.log.standing import Standing
from sync_server.store import copying
from sync_server.store.db import Database
from sync_server.store.tables import READER, STRETCH
from sync_server.upkeep import filings
from tests.sync_server.conftest import BOTH
from tests.sync_server.stretches import NOW, One, cuts, hash_of, journal, lay, said
from tests.sync_server.test_stores import migrations

STORES = BOTH
COMMITS = 40
TOGETHER = 5


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The first entries of rows whose leaves are read."""
    found, made = list[int](), leaves._leaves

    def watched(row: Any, inside: Any) -> list[Leaf]:
        found.append(row.first)
        return made(row, inside)

    monkeypatch.setattr(leaves, "_leaves", watched)
    return found


def test_a_row_that_says_it_is_long_is_not_believed(connection: Connection) -> None:
    """As many values as it says would take all memory."""
    lay(connection, [[One(1, name, said("heard", "a")) for name in "abc"]])
    connection.execute(update(STRETCH).values(length=1_000_000))
    assert leaves.size(connection) == LONGEST
    assert len(list(leaves.between(connection, 0))) == LONGEST
    assert len(list(leaves.entries(connection, 0))) == LONGEST
    assert len(list(leaves.links(connection, journal(1)))) == LONGEST
    assert len(list(leaves.at(connection, [2, LONGEST - 1, LONGEST]))) == 2
    assert list(leaves.of_kinds(connection, ["heard"])) == []
    assert "cannot" not in "".join(filings.differences(connection))


@pytest.mark.parametrize("column", ["length", "sequence"])
@pytest.mark.parametrize("value", ["abc", b"x", 1.5, -(1 << 63), (1 << 63) - 1])
def test_a_row_of_which_numbers_are_none_is_read_all_the_same(
    tmp_path: Path, column: str, value: object
) -> None:
    """SQLite keeps whatever somebody writes there; fsck names it, and does not end of it."""
    with closing(Database(f"sqlite:///{tmp_path / 'fujie.db'}")) as database:
        database.migrate()
        with database.writer.begin() as connection:
            lay(connection, [[One(1, name, said("heard", "a")) for name in "ab"], [One(2, "c")]])
            changed = text(f'UPDATE stretch SET {column} = :value WHERE "first" = 0')
            connection.execute(changed, {"value": value})
            assert [one.index for one in leaves.between(connection, 2)] == [2]
            list(leaves.between(connection, 0))
            list(leaves.links(connection, journal(1)))
            list(leaves.of_kinds(connection, ["heard"]))
            assert leaves.size(connection) == 3


def test_many_large_rows_are_copied_some_at_a_time(
    tables: Database, connection: Connection, tmp_path: Path
) -> None:
    lay(connection, [[One(1 + n % 2, str(n))] for n in range(20)])
    connection.commit()
    most = list[int]()
    with closing(Database(f"sqlite:///{tmp_path / 'copy.db'}")) as target:
        target.migrate()

        @event.listens_for(target.writer, "before_cursor_execute")
        def count(_c, _cursor, statement, given, _context, many):  # type: ignore[no-untyped-def]
            if "INTO stretch " in statement:
                most.append(len(given) if many else 1)

        copying.copy(tables, target)
    assert most == [8, 8, 4]


def test_a_push_that_is_large_is_a_row_of_its_own() -> None:
    assert Run(0, journal(1), 0, (b"", b"", bytes(MOST_BYTES))).is_full
    assert not Run(0, journal(1), 0, (b"", b"", b"")).is_full


def test_the_two_ends_of_a_journal_are_not_all_of_it(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, read: list[int]
) -> None:
    """Two links that are here would have the writer read a journal whole, and keep it."""
    monkeypatch.setattr(append, "MOST", TOGETHER)
    log = lay(
        connection,
        [[One(1, f"{n} {m}", said("heard")) for m in range(TOGETHER)] for n in range(COMMITS)],
    )
    ends = [log[at] for at in (0, 1, 3, len(log) - 1)]
    items = [
        Checked(decode_link(one.link), one.link, sha256(one.link).digest(), one.statement)
        for one in ends
    ]
    job = Append(Standing(), connection, NOW)
    read.clear()
    job.preload(journal(1), len(log), items)
    assert read == [0, log[-1].index - TOGETHER + 1]
    assert job._here == {one.record_hash for one in ends}
    assert [at for _, at in job._held] == [one.sequence for one in ends]
    assert {one.statement for one in job._held.values()} == {None}
    read.clear()
    for one in ends:
        assert job.held(journal(1), one.sequence) == (one.link_hash, one.index)
        assert job.link_at(journal(1), one.sequence) == one.link
    assert read == []


def test_a_record_that_many_links_name_is_read_once(
    connection: Connection, read: list[int]
) -> None:
    """Anybody may name it as often as he likes."""
    commits = [[One(1, "known", said("heard"))]]
    commits += [[One(2, "known"), One(3, "known", said("heard"))] for _ in range(COMMITS)]
    log = lay(connection, commits)
    read.clear()
    assert lookup.record(connection, hash_of("known")) == log[0]
    assert lookup.here(connection, [hash_of("known")]) == {hash_of("known")}
    assert set(read) <= {first for first, _ in cuts(connection)[: leaves._ROWS]}


def test_names_of_any_length_are_kept_and_found(connection: Connection) -> None:
    """An index that refuses one would refuse the commit of everybody beside it."""
    chance = random.Random(4)
    kind, agency, other = ("".join(chr(chance.randint(0x20000, 0x2A000)) for _ in range(500)),) * 3
    kind, agency = kind[::-1], agency[::2] * 2
    like = kind[:-1] + "x"
    log = lay(
        connection,
        [[One(1, "a", said(kind, "", agency)), One(1, "b", said(like, "", other))]],
    )
    assert list(leaves.of_kinds(connection, [kind])) == log[:1]
    assert list(leaves.of_kinds(connection, [like], other)) == log[1:]
    assert list(leaves.of_kinds(connection, [kind], other)) == []
    assert list(filings.differences(connection)) == []
    rows.amend(connection, {0: rows.Given(said=(None, None))})
    assert list(leaves.of_kinds(connection, [like])) == log[1:]
    assert list(filings.differences(connection)) == []


def test_contacts_that_no_office_stated_are_looked_up_together(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look-up goes through the newest entries: a page would wait for thousands of them."""
    lay(connection, [[One(2, f"{n}", said("device_contacted")) for n in range(64)]])
    asked, records = list[int](), lookup.records

    def watched(connection: Connection, hashes: Any) -> dict[bytes, Leaf]:
        asked.append(len(hashes))
        return records(connection, hashes)

    monkeypatch.setattr(lookup, "records", watched)
    assert [index for index, _ in heard.contacts(connection, "yx")] == [*range(64)][::-1]
    assert len(asked) <= 8


def test_a_database_of_an_older_program_is_not_current(database: Database) -> None:
    """Also if that one could read as much: its tables are others."""
    migrations(database, "0024")
    known = {rereading.STATEMENTS: rereading.fingerprint(), rereading.NAMINGS: rereading.BY_RECORD}
    with database.writer.begin() as opened:
        found = [{"name": name, "known": one} for name, one in known.items()]
        opened.execute(insert(READER), found)
        assert not rereading.is_current(opened)
    database.migrate()
    with database.engine.connect() as opened:
        assert rereading.is_current(opened)
