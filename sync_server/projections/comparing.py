"""Whether what people see is what the log says: every case folded from nothing, and compared.

    for detail in differences(db, projections, "2026-11-20", lambda done, all: …):
        …                   the line of case 9f2c… is another than its records give

The server may run meanwhile. A case with a record that is not folded yet is passed over, and one
that changed while it was looked at is looked at again. What is private to a projection (a place in
the search's index) is not compared, but that what is on display is found there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, exists, func, select

from sync_server.log import late, leaves
from sync_server.projections import disclosure, fulltext
from sync_server.projections.runner import Projections
from sync_server.projections.tables import DISCLOSURE, POSITION, DisclosureRow
from sync_server.store.db import Database
from sync_server.store.tables import METADATA, STRETCH_CASE

Progress = Callable[[int, int], None]

AT_ONCE = 1000
_CASE = STRETCH_CASE.c.case_id

_NAMES = {
    "view_case": "the line",
    "view_document": "the documents",
    "view_disclosure": "what is public",
    "view_due": "what is due for the public",
    "view_archive": "the archive's line",
    "view_retrieval": "who looked into the file",
}


def differences(
    db: Database,
    projections: Projections,
    today: str,
    progress: Progress = lambda _done, _all: None,
) -> Iterator[str]:
    """Yield what differs on the day ``today``; ``progress`` hears how many of how many cases are
    done."""
    with db.engine.connect() as connection:
        whole = connection.execute(select(func.count(_CASE.distinct()))).scalar_one()
    for done, case in enumerate(_cases(db)):
        progress(min(done, whole), whole)
        found = _of_case(db, projections, case, today)
        if found and found == _of_case(db, projections, case, today):
            yield from found
    progress(whole, whole)
    with db.engine.connect() as connection:
        for name, said in sorted(_NAMES.items()):
            shown = METADATA.tables[name].c.case_id
            query = select(shown).where(~exists().where(shown == _CASE)).distinct()
            for case in connection.execute(query).scalars():
                yield f"{said} of case {case.hex()}: there is no such case"


def _cases(db: Database) -> Iterator[bytes]:
    """Every case, some at a time: of a large log they are many."""
    last = b""
    while True:
        query = select(_CASE).where(last < _CASE).distinct().order_by(_CASE).limit(AT_ONCE)
        with db.engine.connect() as connection:
            some = list(connection.execute(query).scalars())
        yield from some
        if len(some) < AT_ONCE:
            return
        last = some[-1]


def _of_case(db: Database, projections: Projections, case: bytes, today: str) -> list[str]:
    """What differs of one case, as far as it is folded."""
    folded, published = projections.rows(case)
    wrong = []
    with db.engine.connect() as connection:
        if not _is_folded(connection, case):
            return []
        for table, rows in folded.items():
            if _kept(connection, table, case) != _plain(row.model_dump() for row in rows):
                wrong.append(_NAMES[table.name])
        if not _is_shown(connection, case, published, today):
            wrong.append(_NAMES[DISCLOSURE.name])
    return [f"{name} of case {case.hex()} is not what its records give" for name in wrong]


def _is_shown(
    connection: Connection, case: bytes, published: list[DisclosureRow], today: str
) -> bool:
    kept = _kept(connection, DISCLOSURE, case)
    places = {row["issued"]: row["place"] for row in kept}
    for row in published:
        row.place = places.get(row.issued, -1)
        # What is over, the index forgets some time after that day.
        on_display = row.withdrawn_at is None and not "" < row.display_until < today
        if on_display and not fulltext.holds(connection, row, disclosure.text_of(row)):
            return False
    return kept == _plain(row.model_dump() for row in published)


def _is_folded(connection: Connection, case: bytes) -> bool:
    """Whether all that is here of a case was folded."""
    position = connection.execute(select(POSITION.c.next, POSITION.c.late)).first()
    if position is None or late.newest(connection) > position.late:
        return False
    new = leaves.of_cases(connection, [case], position.next, whole=False)
    return next(new, None) is None


def _kept(connection: Connection, table: Any, case: bytes) -> list[dict[str, Any]]:
    rows = connection.execute(select(table).where(table.c.case_id == case)).mappings()
    return _plain(dict(row) for row in rows)


def _plain(rows: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in an order of their own, whatever the order in which they came."""
    return sorted(rows, key=lambda row: repr(sorted(row.items())))
