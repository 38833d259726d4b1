"""What a stretch holds changes in place, and is found under what it holds then."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest
from sqlalchemy import Connection, select, update

from sync_server.log import leaves, rows
from sync_server.log.leaves import Leaf
from sync_server.log.packed import UNREAD, Filed
from sync_server.log.rows import Given, Rows, amend
from sync_server.store.tables import STRETCH
from tests.sync_server.conftest import BOTH
from tests.sync_server.rotting import alter_in
from tests.sync_server.stretches import (
    One,
    cuts,
    found_under,
    hash_of,
    lay,
    said,
    should_be_under,
)

STORES = BOTH
MOST = 4

LOG = [
    [One(1, "a", said("opened", "a")), One(1, "b", said("heard", "a")), One(1, "c"), One(1, "d")],
    [One(1, "e", said("heard", "e")), One(1, "f", said("stored")), One(2, "g", UNREAD)],
    [One(1, "h", said("opened", "h", "qs"))],
]
ROWS = [(0, 4), (4, 2), (6, 1), (7, 1)]
NEW = said("decided", "x", "qs")


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries to a row."""
    monkeypatch.setattr(rows, "MOST", MOST)


@pytest.fixture
def log(connection: Connection) -> list[Leaf]:
    """What stands in the database."""
    made = lay(connection, LOG)
    assert cuts(connection) == ROWS
    expect(connection, made)
    return made


def test_long_statements_share_no_row(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads one of them would read them all."""
    long = len(b"what a says") + 1
    monkeypatch.setattr(rows, "MOST_BYTES", long)
    lay(connection, [[One(1, name, said("heard")) for name in "abc"]])
    assert cuts(connection) == [(0, 2), (2, 1)]


def expect(connection: Connection, held: list[Leaf]) -> None:
    """These leaves, found under what they hold and under nothing else."""
    assert list(leaves.between(connection, 0)) == held
    assert found_under(connection) == should_be_under(connection, dict(enumerate(held)))


def changed(log: list[Leaf], changes: Mapping[int, Given]) -> list[Leaf]:
    """The leaves after changes."""
    made = list(log)
    for index, given in changes.items():
        if given.link:
            made[index] = msgspec.structs.replace(made[index], link=given.link)
        if given.said is not None:
            filed, statement = given.said
            made[index] = msgspec.structs.replace(made[index], filed=filed, statement=statement)
    return made


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {2: Given(said=(NEW, b"late"))},
        {0: Given(said=(NEW, b"what a says"))},
        {6: Given(said=(said("heard", "a"), b"what g says"))},
        {6: Given(said=(said("", "a", ""), b"what g says"))},
        {1: Given(said=(None, None))},
        {0: Given(said=(None, None)), 1: Given(said=(None, None))},
        {0: Given(said=(None, None)), 3: Given(said=(said("opened", "a"), b"late"))},
        {1: Given(link=b"healed")},
        {2: Given(link=b"healed", said=(said("heard", "a"), b"late"))},
        {index: Given(link=b"l%d" % index) for index in range(8)},
        {7: Given(said=(None, None)), 5: Given(said=(NEW, b"5")), 2: Given(said=(NEW, b"2"))},
    ],
    ids=[
        "nothing",
        "a statement that came late",
        "another kind, case and agency",
        "what can be read now",
        "a case alone",
        "destroyed, and its case stands in the row",
        "destroyed, and nothing of its case is left",
        "one goes, one of the same comes",
        "a link's bytes",
        "a link and a statement",
        "all links",
        "several rows in no order",
    ],
)
def test_what_stands_in_rows_is_changed(
    connection: Connection, log: list[Leaf], changes: dict[int, Given]
) -> None:
    """The places given, and no other; where rows begin and end stays."""
    amend(connection, changes)
    expect(connection, changed(log, changes))
    assert cuts(connection) == ROWS
    amend(connection, changes)
    expect(connection, changed(log, changes))


def test_what_has_no_place_is_not_written(connection: Connection, log: list[Leaf]) -> None:
    amend(connection, {8: Given(link=b"x"), 4000: Given(said=(NEW, b"x")), 1: Given(link=b"y")})
    expect(connection, changed(log, {1: Given(link=b"y")}))


def test_questions_find_what_was_refiled(connection: Connection, log: list[Leaf]) -> None:
    """And find no more under what it was filed before."""
    amend(connection, {0: Given(said=(NEW, b"new")), 2: Given(said=(NEW, b"new"))})
    found = leaves.of_cases(connection, [hash_of("x")])
    assert [leaf.index for leaf in found] == [0, 2]
    assert [leaf.index for leaf in leaves.of_cases(connection, [hash_of("a")])] == [1]
    assert [leaf.index for leaf in leaves.of_kinds(connection, ["decided"], "qs")] == [0, 2]
    assert [leaf.index for leaf in leaves.of_kinds(connection, ["opened"])] == [7]
    assert ("opened", "yx", 0) not in found_under(connection)[0]


@pytest.mark.parametrize("column", ["entries", "links", "filed", "statements"])
def test_a_change_leaves_a_column_that_rotted(
    connection: Connection, log: list[Leaf], column: str
) -> None:
    """As it is, for those who may read it yet, unless it is the one that changes."""
    rotten = update(STRETCH).where(STRETCH.c.first == 0).values({column: b"rotten"})
    kept = select(STRETCH.c[column]).where(STRETCH.c.first == 0)
    connection.execute(rotten)
    given = {1: Given(said=(NEW, b"new"))} if column == "links" else {1: Given(link=b"healed")}
    amend(connection, given)
    assert connection.execute(kept).scalar_one() == b"rotten"
    (leaf,) = leaves.at(connection, [1])
    assert (leaf.link == b"healed") == (column != "links")
    assert (leaf.statement == b"new") == (column == "links")


@pytest.mark.parametrize("column", ["links", "filed", "statements"])
def test_what_is_given_stands_in_a_column_that_rotted(
    connection: Connection, log: list[Leaf], column: str
) -> None:
    """Alone at first: each of the others as it comes again."""
    rotten = update(STRETCH).where(STRETCH.c.first == 0).values({column: b"rotten"})
    connection.execute(rotten)
    given = {1: Given(link=log[1].link, said=(log[1].filed, log[1].statement))}
    amend(connection, given)
    assert next(leaves.at(connection, [1])) == log[1]
    for one in (log[0], log[2], log[3]):
        amend(connection, {one.index: Given(one.link, (one.filed, one.statement))})
    expect(connection, log)


def test_one_commit_adds_and_changes(connection: Connection, log: list[Leaf]) -> None:
    """A statement of an earlier commit, a link of one, and leaves of its own whose statements
    come in the same commit."""
    made = Rows()
    made.heal(1, b"healed")
    made.say(2, NEW, b"late")
    made.heal(2, b"healed too")
    made.say(3, said("heard", "x"), b"late too")
    made.late += [log[2].record_hash, log[3].record_hash]
    made.write(connection)
    changes = {
        1: Given(link=b"healed"),
        2: Given(link=b"healed too", said=(NEW, b"late")),
        3: Given(said=(said("heard", "x"), b"late too")),
    }
    held = changed(log, changes)
    expect(connection, held)
    expect(connection, held + lay(connection, [[One(1, "i"), One(1, "j", NEW)]]))


def test_what_was_found_under_another_name_is_found_again(
    connection: Connection, log: list[Leaf]
) -> None:
    """A filing that somebody altered by hand is put right by the next change of it."""
    alter_in(connection, 1, filed=list(said("closed", "y")))
    right: tuple[Filed | None, bytes | None] = (log[1].filed, log[1].statement)
    amend(connection, {1: Given(said=right)})
    expect(connection, log)
