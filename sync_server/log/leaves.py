"""The log's entries as they lie in the database: many to a row.

What a push brings follows one another in one journal and, admitted, in the log: a *stretch*. It
is kept as it came, one row for all of its links, and looked up by its ends:

    entries 4711 … 4810   links 318 … 417 of journal 77ab…
        entries       [entry, …]                          msgpack, as the columns below
        links         [153 bytes, …]
        filed         [[kind, case, agency, at] or nil, …]   what a statement is looked up by
        statements    [envelope or nil, …]

A row costs a commit the same whether it holds one link or a hundred; rows of their own for each
entry, link and statement cost it two thirds of its time (ADR 0074). Whoever reads gets one
``Leaf`` for each entry. A column that rotted leaves its leaves without what it held: what is
missing is for ``fsck`` and the reports to say.

A statement that came with two links stands at both; the record *is* where it came first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import Connection, ScalarSelect, Select, Table, func, select

from sync_server.log.packed import LONGEST, Filed, listed, unpacked, unpacked_filed
from sync_server.store.tables import STRETCH, STRETCH_CASE, STRETCH_KIND

UNBOUNDED = (1 << 63) - 1
_ROWS, _PLACES = 4, 256
"""Rows fetched at once, 32 MiB, should each be the largest push; places looked up at once."""
_POWERS = tuple(1 << power for power in range(9))

_C = STRETCH.c
_COLUMNS = tuple(_C)
_FILED = tuple(one for one in _C if one is not _C.statements)
_LINKS = tuple(one for one in _FILED if one is not _C.filed)
_ENTRIES = (_C.first, _C.length, _C.entries)


class Leaf(msgspec.Struct, frozen=True):
    """One entry with all that was admitted under it. What rotted is empty or None; ``filed`` is
    None where no statement is here."""

    index: int
    entry: bytes
    journal: bytes
    sequence: int
    link: bytes
    filed: Filed | None
    statement: bytes | None

    @property
    def link_hash(self) -> bytes:
        """The link's, as the entry has it."""
        return self.entry[1:33]

    @property
    def record_hash(self) -> bytes:
        """The record's, as the entry has it."""
        return self.entry[33:65]


# ── by place ─────────────────────────────────────────────────────────────────────────────


def size(connection: Connection) -> int:
    """How many entries the log has."""
    newest = select(_C.first, _C.length).order_by(_C.first.desc()).limit(1)
    row = connection.execute(newest).first()
    return 0 if row is None else min(row.first + _length(row), UNBOUNDED)


def at(connection: Connection, indexes: Iterable[int]) -> Iterator[Leaf]:
    """The leaves at these places, in order; none for a place behind the end."""
    for row, inside in rows_at(connection, indexes, _COLUMNS):
        yield from _leaves(row, inside)


def between(connection: Connection, first: int, end: int = UNBOUNDED) -> Iterator[Leaf]:
    """The leaves from ``first`` up to and without ``end``."""
    for row in _rows_between(connection, first, end, _COLUMNS):
        yield from _leaves(row, _inside(row, first, end))


def entries(
    connection: Connection, first: int, end: int = UNBOUNDED
) -> Iterator[tuple[int, bytes]]:
    """(index, entry) from ``first`` up to and without ``end``; a statement is not looked at."""
    for row in _rows_between(connection, first, end, _ENTRIES):
        yield from _entries(row, _inside(row, first, end))


def entries_at(connection: Connection, indexes: Iterable[int]) -> dict[int, bytes]:
    """The entries at these places."""
    found = rows_at(connection, indexes, _ENTRIES)
    return dict(chain.from_iterable(_entries(row, inside) for row, inside in found))


def filed(connection: Connection, first: int, end: int = UNBOUNDED) -> Iterator[Leaf]:
    """The leaves from ``first`` up to and without ``end``, without their statements' bytes."""
    for row in _rows_between(connection, first, end, _FILED):
        yield from _leaves(row, _inside(row, first, end))


def filed_at(connection: Connection, indexes: Iterable[int]) -> Iterator[Leaf]:
    """The leaves at these places, in order, without their statements' bytes."""
    for row, inside in rows_at(connection, indexes, _FILED):
        yield from _leaves(row, inside)


def in_row(row: Any) -> list[Leaf]:
    """All leaves of a row as it stands in the table, for ``fsck``."""
    return _leaves(row, range(_length(row)))


# ── by journal ───────────────────────────────────────────────────────────────────────────


def of_journal(
    connection: Connection, journal: bytes, first: int = 0, last: int = UNBOUNDED
) -> Iterator[Leaf]:
    """The leaves of a journal by sequence, from ``first`` up to and with ``last``."""
    yield from _of_journal(connection, journal, first, last, _COLUMNS)


def links(
    connection: Connection, journal: bytes, first: int = 0, last: int = UNBOUNDED
) -> Iterator[Leaf]:
    """The same without what their statements say."""
    yield from _of_journal(connection, journal, first, last, _LINKS)


def _of_journal(
    connection: Connection, journal: bytes, first: int, last: int, columns: Sequence[Any]
) -> Iterator[Leaf]:
    ours = _C.journal == journal
    begins = select(func.coalesce(func.max(_C.sequence), first)).where(ours, _C.sequence <= first)
    bounds = _C.sequence >= begins.scalar_subquery(), _C.sequence <= last
    query = select(*columns).where(ours, *bounds).order_by(_C.sequence, _C.first)
    for row in _fetched(connection, query):
        inside = range(max(0, first - row.sequence), min(_length(row), last + 1 - row.sequence))
        yield from _leaves(row, inside)


# ── by what is said ──────────────────────────────────────────────────────────────────────


def of_cases(
    connection: Connection,
    cases: Collection[bytes],
    first: int = 0,
    end: int = UNBOUNDED,
    *,
    whole: bool = True,
) -> Iterator[Leaf]:
    """The leaves of some cases' statements, each record where it came first; in order. Unless they
    are asked for ``whole``, without the statements' bytes."""
    wanted = set(cases)
    listed = _reaching(STRETCH_CASE, first, end).where(STRETCH_CASE.c.case_id.in_(wanted))
    found = _all(connection, _holding(listed, whole), first, end)
    yield from _firsts(found, lambda one: one.case in wanted)


def of_kinds(
    connection: Connection,
    kinds: Collection[str],
    agency: str | None = None,
    first: int = 0,
    end: int = UNBOUNDED,
    *,
    whole: bool = True,
    journals: Collection[bytes] | None = None,
) -> Iterator[Leaf]:
    """The same of statements of these kinds, of one ``agency`` or of all; of these ``journals``
    alone as often as they stand there, whoever else brought one, and when."""
    found = _all(connection, _holding(_of_kind(kinds, agency, first, end), whole), first, end)
    is_of = _is_of(kinds, agency)
    if journals is None:
        return _firsts(found, is_of)
    return (one for one in found if one.journal in journals and one.filed and is_of(one.filed))


def newest_of_kinds(
    connection: Connection,
    kinds: Collection[str],
    agency: str | None = None,
    first: int = 0,
    end: int = UNBOUNDED,
    *,
    whole: bool = True,
) -> Iterator[Leaf]:
    """The same with the newest first, read as they are asked for. A record that came twice is told
    at both places: what came before was not looked at yet."""
    is_wanted, behind = _is_of(kinds, agency), end
    while True:
        listed = _of_kind(kinds, agency, first, behind).order_by(STRETCH_KIND.c.first.desc())
        some = list(connection.execute(listed.limit(_ROWS)).scalars())
        if not some:
            return
        behind = some[-1]
        for row in connection.execute(_holding(some, whole).order_by(_C.first.desc())).all():
            for leaf in reversed(_leaves(row, _inside(row, first, end))):
                if leaf.filed is not None and is_wanted(leaf.filed):
                    yield leaf


# ── inside ───────────────────────────────────────────────────────────────────────────────


def _reaching(table: Table, first: int, end: int) -> Select[Any]:
    """Which of the stretches that a table lists may reach into the bounds."""
    c = table.c
    return select(c.first).where(c.first >= _begin(first), c.first < end)


def _of_kind(kinds: Collection[str], agency: str | None, first: int, end: int) -> Select[Any]:
    c = STRETCH_KIND.c
    names = sorted({listed(kind, "")[0] for kind in kinds})
    found = _reaching(STRETCH_KIND, first, end).where(c.kind.in_(names))
    return found if agency is None else found.where(c.agency == listed("", agency)[1])


def _is_of(kinds: Collection[str], agency: str | None) -> Callable[[Filed], bool]:
    wanted = set(kinds)
    return lambda one: one.kind in wanted and agency in (None, one.agency)


def _holding(firsts: Select[Any] | list[int], whole: bool) -> Select[Any]:
    """These stretches."""
    return select(*(_COLUMNS if whole else _FILED)).where(_C.first.in_(firsts))


def _all(connection: Connection, query: Select[Any], first: int, end: int) -> Iterator[Leaf]:
    for row in _fetched(connection, query.order_by(_C.first)):
        yield from _leaves(row, _inside(row, first, end))


def _firsts(leaves: Iterable[Leaf], wanted: Callable[[Filed], bool]) -> Iterator[Leaf]:
    """Those that are filed as is wanted, each record once; of those whose entries rotted nobody
    knows which they are."""
    seen = set[bytes]()
    for leaf in leaves:
        if leaf.filed is not None and wanted(leaf.filed) and leaf.record_hash not in seen:
            if leaf.record_hash:
                seen.add(leaf.record_hash)
            yield leaf


def rows_at(
    connection: Connection, indexes: Iterable[int], columns: Sequence[Any] = _COLUMNS
) -> Iterator[tuple[Any, Sequence[int]]]:
    """The rows that hold these places, in order, each with where in it they are."""
    wanted = sorted(set(indexes))
    if len(wanted) == 1:
        query = select(*columns).where(_C.first <= wanted[0]).order_by(_C.first.desc()).limit(1)
        for row in connection.execute(query).all():
            yield row, [wanted[0] - row.first] if wanted[0] - row.first < _length(row) else []
        return
    places = _by_row(connection, wanted)
    firsts = sorted(places)
    for at in range(0, len(firsts), _PLACES):
        some = firsts[at : at + _PLACES]
        query = select(*columns).where(_C.first.in_(some)).order_by(_C.first)
        few = len(some) <= _ROWS
        for row in connection.execute(query).all() if few else _fetched(connection, query):
            inside = (place - row.first for place in places[row.first])
            yield row, [one for one in inside if one < _length(row)]


def _by_row(connection: Connection, places: Sequence[int]) -> dict[int, list[int]]:
    """Where the rows begin that hold these places, in order, each with the places."""
    found = dict[int, list[int]]()
    for at in range(0, len(places), _PLACES):
        some = places[at : at + _PLACES]
        count = next(power for power in _POWERS if power >= len(some))
        asked = *some, *[some[-1]] * (count - len(some))
        rows = connection.exec_driver_sql(_holders(connection.dialect.paramstyle, count), asked)
        for place, first in sorted({(row[0], row[1]) for row in rows if row[1] is not None}):
            found.setdefault(first, []).append(place)
    return found


@lru_cache
def _holders(paramstyle: str, count: int) -> str:
    """The text that asks for so many places: one statement, however many rows hold them."""
    place = "(?)" if paramstyle == "qmark" else "(%s)"
    begins = 'SELECT max("first") FROM stretch WHERE "first" <= place'
    return (
        f"WITH asked (place) AS (VALUES {', '.join([place] * count)}) "
        f"SELECT place, ({begins}) FROM asked"
    )


def _begin(first: int) -> ScalarSelect[int]:
    """Where the row begins that holds a place."""
    newest = select(func.coalesce(func.max(_C.first), first)).where(_C.first <= first)
    return newest.scalar_subquery()


def _rows_between(
    connection: Connection, first: int, end: int, columns: Sequence[Any]
) -> Iterator[Any]:
    query = select(*columns).where(_C.first >= _begin(first), _C.first < end)
    return _fetched(connection, query.order_by(_C.first))


def _fetched(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    yield from connection.execute(query, execution_options={"yield_per": _ROWS})


def _inside(row: Any, first: int, end: int) -> range:
    """Which of a row's leaves stand in the bounds."""
    return range(max(0, first - row.first), min(_length(row), end - row.first))


def _length(row: Any) -> int:
    """How many leaves a row has, whatever somebody wrote there."""
    return min(max(0, row.length), LONGEST) if isinstance(row.length, int) else 0


def _entries(row: Any, inside: Iterable[int]) -> list[tuple[int, bytes]]:
    first, found = row.first, unpacked(row.entries, _length(row))
    return [(first + one, found[one] or b"") for one in inside]


def _leaves(row: Any, inside: Iterable[int]) -> list[Leaf]:
    """Some leaves of a row, which may lack the later columns."""
    held, count = row._mapping, _length(row)
    entries, links = (unpacked(held[name], count) for name in ("entries", "links"))
    said = unpacked_filed(held.get("filed"), count)
    envelopes = unpacked(held.get("statements"), count)
    sequence = row.sequence if isinstance(row.sequence, int) else 0
    first, journal = row.first, row.journal  # a row looks its columns up by their names
    return [
        Leaf(
            first + one,
            entries[one] or b"",
            journal,
            sequence + one,
            links[one] or b"",
            said[one],
            envelopes[one],
        )
        for one in inside
    ]
