"""Each question to the log is answered alike, however its entries lie in rows."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from itertools import combinations

import msgspec
import pytest
from sqlalchemy import Connection, delete, event, select, update

from sync_server.log import leaves, lookup, rows
from sync_server.log.leaves import Leaf
from sync_server.store.tables import STRETCH
from tests.sync_server.conftest import BOTH
from tests.sync_server.rotting import alter_in
from tests.sync_server.stretches import One, cuts, hash_of, journal, lay, said

STORES = BOTH
MOST = 4

LOG = [
    [One(1, "a", said("opened", "a")), One(1, "b", said("heard", "a")), One(1, "c"), One(1, "d")],
    [One(2, "e", said("opened", "e", "qs")), One(2, "b", said("heard", "a")), One(2, "f")],
    [
        One(1, "g", said("decided", "a")),
        One(3, "h", said("stored")),
        One(1, "i", said("heard", "e")),
        One(1, "b", said("heard", "a")),
        One(1, "j", said("", "", "")),
        One(1, "d", said("decided", "e")),
        One(1, "k"),
        One(1, "l", said("heard", "l", "qs")),
    ],
    [One(2, "m", said("opened", "m")), One(3, "h", said("stored"))],
]
ROWS = [(0, 4), (4, 3), (7, 1), (8, 1), (9, 4), (13, 2), (15, 1), (16, 1)]
SIZE = 17
BOUNDS = [*combinations(range(SIZE + 3), 2), (5, 5), (9, 4), (0, leaves.UNBOUNDED)]
SOME = [*random.Random(3).sample(BOUNDS, 25), (0, leaves.UNBOUNDED), (7, 9), (9, 13), (10, 12)]


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries to a row."""
    monkeypatch.setattr(rows, "MOST", MOST)


@pytest.fixture
def log(connection: Connection) -> list[Leaf]:
    """What stands in the database."""
    return lay(connection, LOG)


def bare(found: Iterable[Leaf]) -> list[Leaf]:
    """Without what statements say."""
    return [msgspec.structs.replace(leaf, statement=None) for leaf in found]


def firsts(found: Iterable[Leaf], wanted: Callable[[Leaf], bool]) -> list[Leaf]:
    """Each record once."""
    kept = dict[bytes, Leaf]()
    for leaf in found:
        if leaf.filed is not None and wanted(leaf):
            kept.setdefault(leaf.record_hash, leaf)
    return list(kept.values())


# ── by place ─────────────────────────────────────────────────────────────────────────────


def test_what_follows_one_another_lies_in_rows(connection: Connection, log: list[Leaf]) -> None:
    """A commit, another journal and a full row begin a new one; so does a gap in a journal."""
    assert cuts(connection) == ROWS
    assert leaves.size(connection) == len(log) == SIZE
    assert [leaf.index for leaf in log] == list(range(SIZE))


def test_an_empty_log_answers_nothing(connection: Connection) -> None:
    assert leaves.size(connection) == 0
    assert leaves.entries_at(connection, [0, 1]) == {}
    for found in (
        leaves.at(connection, [0]),
        leaves.between(connection, 0),
        leaves.entries(connection, 0),
        leaves.of_journal(connection, journal(1)),
        leaves.of_cases(connection, [hash_of("a")]),
        leaves.of_kinds(connection, ["opened"]),
        leaves.newest_of_kinds(connection, ["opened"]),
    ):
        assert list(found) == []


def test_leaves_between_any_two_places(connection: Connection, log: list[Leaf]) -> None:
    """Whole, filed and their entries alone."""
    for first, end in BOUNDS:
        here = log[first:end]
        assert list(leaves.between(connection, first, end)) == here
        assert list(leaves.filed(connection, first, end)) == bare(here)
        entries = [(leaf.index, leaf.entry) for leaf in here]
        assert list(leaves.entries(connection, first, end)) == entries


def test_leaves_at_any_places(connection: Connection, log: list[Leaf]) -> None:
    """In order and once, however they are asked for; none behind the end."""
    chance = random.Random(7)
    asked = [[], [0], [SIZE - 1], [SIZE], [3, 4], [6, 7, 8, 9], [SIZE + 40, 1, 1], range(SIZE + 2)]
    asked += [chance.choices(range(SIZE + 2), k=chance.randrange(9)) for _ in range(40)]
    for indexes in asked:
        here = [log[index] for index in sorted(set(indexes)) if index < SIZE]
        assert list(leaves.at(connection, indexes)) == here
        assert leaves.entries_at(connection, indexes) == {one.index: one.entry for one in here}


def test_many_places_are_looked_up_at_once(connection: Connection) -> None:
    """However many rows hold them: a row for each push of one link is not asked for by itself."""
    log = lay(connection, [[One(n % 2 + 1, f"r{n}", said("heard", "a"))] for n in range(600)])
    asked = list[str]()
    event.listen(connection, "before_cursor_execute", lambda *told: asked.append(told[2]))
    for indexes in (range(600), range(1, 600, 2), [0, 599], range(255, 512), [*range(40, 60), -1]):
        asked.clear()
        here = [log[index] for index in sorted(indexes) if index >= 0]
        assert list(leaves.at(connection, indexes)) == here
        assert len(asked) <= 6
    assert [len(row) for _, row in leaves.rows_at(connection, range(600))] == [1] * 600


def test_an_entry_says_the_hashes_of_its_leaf(connection: Connection, log: list[Leaf]) -> None:
    (leaf,) = leaves.at(connection, [9])
    assert leaf.record_hash == hash_of("i")
    assert lookup.find(connection, [leaf.link_hash]) == [9]
    assert leaf == log[9]


# ── by journal ───────────────────────────────────────────────────────────────────────────


def test_the_leaves_of_a_journal(connection: Connection, log: list[Leaf]) -> None:
    """From any sequence up to and with any other; the rows of others lie between its own."""
    for whose in (1, 2, 3, 4):
        expect_journal(connection, log, whose)


def expect_journal(connection: Connection, log: list[Leaf], whose: int) -> None:
    ours = [leaf for leaf in log if leaf.journal == journal(whose)]
    assert [leaf.sequence for leaf in ours] == list(range(len(ours)))
    assert list(leaves.of_journal(connection, journal(whose))) == ours
    for first, last in [(n, n) for n in range(12)] + list(combinations(range(12), 2)):
        here = ours[first : last + 1]
        assert list(leaves.of_journal(connection, journal(whose), first, last)) == here
        found = [
            (leaf.index, leaf.entry, leaf.sequence, leaf.link)
            for leaf in leaves.links(connection, journal(whose), first, last)
        ]
        assert found == [(one.index, one.entry, one.sequence, one.link) for one in here]


# ── by what is said ──────────────────────────────────────────────────────────────────────


def test_the_leaves_of_cases(connection: Connection, log: list[Leaf]) -> None:
    """Each record once, where it came first within the bounds."""
    for names in ("a", "e", "l", "ae", "elm", "x", "", "ax"):
        expect_cases(connection, log, names)


def expect_cases(connection: Connection, log: list[Leaf], names: str) -> None:
    cases = [hash_of(one) for one in names]
    for first, end in SOME:
        here = firsts(
            log[first:end], lambda leaf: leaf.filed is not None and leaf.filed.case in cases
        )
        assert list(leaves.of_cases(connection, cases, first, end)) == here
        found = leaves.of_cases(connection, cases, first, end, whole=False)
        assert list(found) == bare(here)
    assert any(True for _ in leaves.of_cases(connection, cases)) == bool(set(names) - {"x"})


KINDS: list[list[str]] = [["opened"], ["heard"], ["heard", "decided"], ["stored"], [""], ["x"], []]


@pytest.mark.parametrize("agency", [None, "yx", "qs", ""])
def test_the_leaves_of_kinds(connection: Connection, log: list[Leaf], agency: str | None) -> None:
    """Of an agency or of all; the newest first, each where it stands."""
    for kinds in KINDS:
        expect_kinds(connection, log, kinds, agency)
    assert list(leaves.of_kinds(connection, ["opened"], "zz")) == []


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_the_newest_of_kinds_are_looked_up_some_rows_at_a_time(
    connection: Connection, log: list[Leaf], monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Also where a row holds several of the kinds."""
    monkeypatch.setattr(leaves, "_ROWS", at_once)
    for kinds in [*KINDS, ["opened", "heard", "decided", "stored", ""]]:
        expect_kinds(connection, log, kinds, None)


def expect_kinds(
    connection: Connection, log: list[Leaf], kinds: list[str], agency: str | None
) -> None:
    def wanted(leaf: Leaf) -> bool:
        one = leaf.filed
        return one is not None and one.kind in kinds and agency in (None, one.agency)

    for first, end in SOME:
        some = log[first:end]
        here, newest = firsts(some, wanted), list(filter(wanted, some[::-1]))
        bounds = (agency, first, end)
        assert list(leaves.of_kinds(connection, kinds, *bounds)) == here
        assert list(leaves.of_kinds(connection, kinds, *bounds, whole=False)) == bare(here)
        assert list(leaves.newest_of_kinds(connection, kinds, *bounds)) == newest
        found = leaves.newest_of_kinds(connection, kinds, *bounds, whole=False)
        assert list(found) == bare(newest)


def test_a_record_that_came_twice_is_told_where_it_came_first(
    connection: Connection, log: list[Leaf]
) -> None:
    """A case tells it once, whatever journal brings it again; both places hold it."""
    record, c = hash_of("b"), [hash_of("a")]
    assert lookup.find(connection, [record]) == [1, 5, 10]
    assert [leaf.index for leaf in leaves.of_cases(connection, c)] == [0, 1, 7]
    assert [leaf.index for leaf in leaves.of_cases(connection, c, 2)] == [5, 7]
    found = lookup.record(connection, record)
    assert found == log[1]
    # Its statement came with the second link only.
    assert lookup.record(connection, hash_of("d")) == log[12]
    newest = leaves.newest_of_kinds(connection, ["heard"], "yx")
    assert [leaf.index for leaf in newest] == [10, 9, 5, 1]


# ── rows that are many, or long ──────────────────────────────────────────────────────────


def test_a_row_has_so_many_and_no_more(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit of one journal that is longer than some rows."""
    monkeypatch.undo()
    most = rows.MOST
    log = lay(connection, [[One(1, f"r{n}", said("heard", "a")) for n in range(2 * most + 5)]])
    assert cuts(connection) == [(0, most), (most, most), (2 * most, 5)]
    for at in (0, most - 1, most, 2 * most - 1, 2 * most, 2 * most + 4):
        assert list(leaves.at(connection, [at])) == [log[at]]
        assert list(leaves.of_journal(connection, journal(1), at, at)) == [log[at]]
        assert list(leaves.between(connection, at, at + 2)) == log[at : at + 2]
    assert list(leaves.of_cases(connection, [hash_of("a")])) == log


def test_questions_are_asked_while_an_answer_is_read(connection: Connection) -> None:
    """An answer of many rows is fetched in parts."""
    log = lay(connection, [[One(n % 2 + 1, f"r{n}", said("heard", "a"))] for n in range(70)])
    seen = []
    for leaf in leaves.between(connection, 0):
        assert list(leaves.at(connection, [leaf.index])) == [leaf]
        assert lookup.record(connection, leaf.record_hash) == leaf
        seen.append(leaf)
    assert seen == log
    newest = leaves.newest_of_kinds(connection, ["heard"])
    assert [next(newest) for _ in range(20)] == log[:-21:-1]


# ── what rotted ──────────────────────────────────────────────────────────────────────────

ROTTEN = [b"", b"rotten", b"\xc0", b"\x93\xc0\xc0\xc0"]


@pytest.mark.parametrize("column", ["entries", "links", "filed", "statements"])
def test_a_column_that_rotted_leaves_the_others(
    connection: Connection, log: list[Leaf], column: str
) -> None:
    """Of its row, whose leaves lack what it held; other rows are read as ever."""
    for rotten in ROTTEN:
        expect_without(connection, log, column, rotten)


def expect_without(connection: Connection, log: list[Leaf], column: str, rotten: bytes) -> None:
    changed = update(STRETCH).where(STRETCH.c.first == 9).values({column: rotten})
    connection.execute(changed)
    lacks = {
        "entries": {"entry": b""},
        "links": {"link": b""},
        "filed": {"filed": None},
        "statements": {"statement": None},
    }[column]
    should = [msgspec.structs.replace(one, **lacks) if 9 <= one.index < 13 else one for one in log]
    assert list(leaves.between(connection, 0)) == should
    assert list(leaves.at(connection, [8, 10, 13])) == [should[8], should[10], should[13]]
    assert list(leaves.filed(connection, 0)) == bare(should)
    entries = [(one.index, one.entry) for one in should]
    assert list(leaves.entries(connection, 0)) == entries
    ours = [one for one in should if one.journal == journal(1)]
    assert list(leaves.of_journal(connection, journal(1))) == ours
    of_case = [leaf.index for leaf in leaves.of_cases(connection, [hash_of("e")])]
    assert of_case == ([4] if column == "filed" else [4, 9, 12])
    again = lookup.record(connection, hash_of("i"))
    assert again == (should[9] if column in ("links", "filed") else None)


def test_one_leaf_that_rotted_leaves_the_others(connection: Connection, log: list[Leaf]) -> None:
    alter_in(connection, 10, entry=None, link=None, filed=None, statement=None)
    nothing = Leaf(10, b"", log[10].journal, log[10].sequence, b"", None, None)
    assert list(leaves.between(connection, 0)) == [*log[:10], nothing, *log[11:]]
    assert (nothing.link_hash, nothing.record_hash) == (b"", b"")


def test_a_row_that_was_taken_away_leaves_its_places_empty(
    connection: Connection, log: list[Leaf]
) -> None:
    """What stands around it is told as ever."""
    connection.execute(delete(STRETCH).where(STRETCH.c.first == 9))
    left = [*log[:9], *log[13:]]
    assert list(leaves.between(connection, 0)) == left
    assert list(leaves.between(connection, 10, 14)) == log[13:14]
    assert list(leaves.at(connection, range(8, 15))) == [log[8], *log[13:15]]
    assert [*leaves.entries_at(connection, [9, 12, 13])] == [13]
    ours = [one for one in left if one.journal == journal(1)]
    assert list(leaves.of_journal(connection, journal(1))) == ours
    assert list(leaves.of_journal(connection, journal(1), 5, 8)) == []
    assert leaves.size(connection) == SIZE
    assert lookup.records(connection, [hash_of("i"), hash_of("l")]) == {hash_of("l"): log[14]}
    assert [leaf.index for leaf in leaves.of_cases(connection, [hash_of("e")])] == [4]


def test_a_stretch_is_looked_up_by_what_it_is_found_under_alone(
    connection: Connection, log: list[Leaf]
) -> None:
    """Rows that hold nothing of a case are not read for it: a statement that somebody puts into
    one is not found by its case, and ``fsck`` says so."""
    assert log[2].filed is None
    alter_in(connection, 2, filed=list(said("closed", "m")))
    assert [leaf.index for leaf in leaves.of_cases(connection, [hash_of("m")])] == [15]
    assert list(leaves.of_kinds(connection, ["closed"])) == []
    held = connection.execute(select(STRETCH.c.first).where(STRETCH.c.first == 0)).scalars().all()
    assert held == [0]
