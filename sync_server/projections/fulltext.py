"""The public search's index beside ``view_disclosure``, in either database. ``search.py`` says
which tokens; this is where they lie, and how a page of what was asked for is found.

    place(connection, row)                  a number by which newer publications come later
    put(connection, row, text)              index a decision that is on display
    drop(connection, places)                forget these
    page(connection, asked, today, 20, 0)   the newest decisions that show these words
    count(connection, asked, today)         how many there are, ``MOST`` at most

    SQLite        FTS5 with a column of characters, one of pairs and one of marks; several
                  characters are a phrase. Rows come by their number, newest first
    PostgreSQL    a ``tsvector`` of characters, pairs and marks under a GIN index narrows down;
                  what is found must then hold each word as it was asked for

A mark is what a filter asks for (``y2026``, ``tpenalty``): it stands in the index too, so that a
page costs what it shows, and not what there is. A ``tsvector`` counts places up to 16383 only, so
that a phrase late in a long decision would not be found by them. Whose time is over is passed over
by its day, and leaves the index when somebody drops what has ``ended``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from sync_server.projections import search
from sync_server.projections.tables import DisclosureRow

TABLE = "disclosure_search"
MOST = 1000
ALL = "all"

_NOT_A_TOKEN = re.compile("[^a-z0-9]")
_TIME_BITS, _HASH_BITS = 42, 21
_TAKEN = text("SELECT 1 FROM view_disclosure WHERE place = :made AND issued <> :issued")
_PUT_FTS5 = text(
    f"INSERT INTO {TABLE} (rowid, singles, pairs, marks) VALUES (:row, :singles, :pairs, :marks)"
)
_PUT_TSVECTOR = text(
    f"INSERT INTO {TABLE} (id, issued, words, tokens) "
    "VALUES (:row, :issued, :words, array_to_tsvector(CAST(:tokens AS text[])))"
)


@dataclass(frozen=True)
class Asked:
    """What somebody looks for: words, and marks that all have to be there."""

    words: str = ""
    marks: tuple[str, ...] = ()


def mark(kind: str, value: str) -> str:
    """The token of one fact, such as ``tpenalty`` for the kind of act; never one of a text, which
    has two characters at most."""
    return f"{kind}{_NOT_A_TOKEN.sub('', value.casefold())}xx"


def marks_of(row: DisclosureRow) -> list[str]:
    """All that filters can ask of a decision."""
    return [
        ALL,
        mark("y", row.decided_on[:4]),
        mark("t", row.act),
        mark("a", row.agency),
        *(mark("p", one) for one in row.penalties.split(",") if one),
    ]


def number_of(row: DisclosureRow) -> int:
    """The number that a decision has where no other has it."""
    at = min(row.published_at, (1 << _TIME_BITS) - 1)
    return at << _HASH_BITS | int.from_bytes(row.issued[:4], "big") >> (32 - _HASH_BITS)


def place(connection: Connection, row: DisclosureRow) -> int:
    """A number of 63 bits: the time of publication, then bits of the record; the next one that is
    free where two fall together."""
    made = number_of(row)
    while connection.execute(_TAKEN, {"made": made, "issued": row.issued}).first():
        made += 1
    return made


def put(connection: Connection, row: DisclosureRow, words: str) -> None:
    """Index a decision that is not indexed, under its ``place``."""
    names = "rowid, singles, pairs, marks", ":rowid, :singles, :pairs, :marks"
    if not _is_sqlite(connection):
        tokens = "array_to_tsvector(CAST(:tokens AS text[]))"
        names = "id, issued, words, tokens", f":id, :issued, :words, {tokens}"
    connection.execute(
        text(f"INSERT INTO {TABLE} ({names[0]}) VALUES ({names[1]})"),
        _values(connection, row, words),
    )


def holds(connection: Connection, row: DisclosureRow, words: str) -> bool:
    """Whether a decision is indexed by these words, under its ``place``."""
    made = _values(connection, row, words)
    kept = "rowid, singles, pairs, marks"
    if not _is_sqlite(connection):
        made["tokens"] = sorted(made["tokens"])
        kept = "id, issued, words, tsvector_to_array(tokens) AS tokens"
    number = next(iter(made))
    found = connection.execute(
        text(f"SELECT {kept} FROM {TABLE} WHERE {number} = :{number}"), {number: row.place}
    ).mappings()
    return [dict(one) for one in found] == [made]


def _values(connection: Connection, row: DisclosureRow, words: str) -> dict[str, Any]:
    """The columns of one decision, its number first."""
    made, marks = search.index(words), marks_of(row)
    if _is_sqlite(connection):
        tokens = {"singles": made.singles, "pairs": made.pairs, "marks": " ".join(marks)}
        return {"rowid": row.place} | tokens
    said = {"issued": row.issued.hex(), "words": " ".join(search.words(words))}
    some = {*made.singles.split(), *made.pairs.split(), *marks}
    return {"id": row.place} | said | {"tokens": sorted(some)}


def drop(connection: Connection, places: Iterable[int]) -> None:
    """Forget decisions, indexed or not."""
    number = "rowid" if _is_sqlite(connection) else "id"
    for one in places:
        connection.execute(text(f"DELETE FROM {TABLE} WHERE {number} = :row"), {"row": one})


def clear(connection: Connection) -> None:
    """Forget all."""
    connection.execute(text(f"DELETE FROM {TABLE}"))


def ended(connection: Connection, today: str) -> list[int]:
    """The places that are over, and still in the index. Days are ISO dates."""
    number = f"{TABLE}.rowid" if _is_sqlite(connection) else f"{TABLE}.id"
    over = text(
        f"SELECT d.place FROM view_disclosure AS d JOIN {TABLE} ON {number} = d.place "
        "WHERE d.withdrawn_at IS NULL AND d.display_until <> '' AND d.display_until < :today"
    )
    return list(connection.execute(over, {"today": today}).scalars())


def page(
    connection: Connection, asked: Asked, today: str, limit: int, offset: int
) -> Sequence[bytes]:
    """The records (issued) of what is on display and fits, newest first."""
    found, values = _found(connection, asked)
    number = f"{TABLE}.rowid" if _is_sqlite(connection) else f"{TABLE}.id"
    query = f"SELECT d.issued {found} ORDER BY {number} DESC LIMIT :limit OFFSET :offset"
    values |= {"today": today, "limit": limit, "offset": offset}
    return [bytes(one) for one in connection.execute(text(query), values).scalars()]


def count(connection: Connection, asked: Asked, today: str) -> int:
    """How many are on display and fit; one more than ``MOST`` stands for all beyond."""
    found, values = _found(connection, asked)
    query = f"SELECT count(*) FROM (SELECT 1 {found} LIMIT :limit) AS counted"
    return int(
        connection.execute(text(query), values | {"today": today, "limit": MOST + 1}).scalar_one()
    )


def _found(connection: Connection, asked: Asked) -> tuple[str, dict[str, Any]]:
    """FROM and WHERE, and the values of their places."""
    shown = "(d.display_until = '' OR d.display_until >= :today)"
    marks = asked.marks or (ALL,)
    if _is_sqlite(connection):
        terms = [query for query in (search.query(asked.words),) if query]
        terms += [f'marks : "{one}"' for one in marks]
        # CROSS JOIN: the index is walked, and what it finds is looked up; never the other way.
        found = (
            f"FROM {TABLE} CROSS JOIN view_disclosure AS d ON d.place = {TABLE}.rowid "
            f"WHERE {TABLE} MATCH :asked AND {shown}"
        )
        return found, {"asked": " AND ".join(terms)}
    wanted = search.asked(asked.words)
    # Words and marks are letters and digits: nothing in them needs a quote's escape.
    tokens = [*(token for word in wanted for token in search.pairs(word)), *marks]
    holds = "".join(f" AND strpos(words, :word{at}) > 0" for at in range(len(wanted)))
    found = (
        f"FROM {TABLE} JOIN view_disclosure AS d ON d.place = {TABLE}.id "
        f"WHERE tokens @@ CAST(:tokens AS tsquery){holds} AND {shown}"
    )
    values = {f"word{at}": word for at, word in enumerate(wanted)}
    return found, values | {"tokens": " & ".join(f"'{token}'" for token in tokens)}


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
