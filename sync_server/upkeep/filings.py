"""Whether what statements are found by is what they are filed as; a part of ``fsck``.

    stretch         4711 … 4810, filed: photo_taken of 云市监 in case 3f9c…, …
    stretch_kind    photo_taken, 云市监, 4711
    stretch_case    3f9c…, 4711

A row of them for each that stands in a stretch, and no other. That a statement is filed as what it
is, ``saidcheck.py`` sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Table, select

from sync_server.log.packed import Filed, listed, unpacked_filed
from sync_server.store.db import as_kept
from sync_server.store.tables import STRETCH, STRETCH_CASE, STRETCH_KIND

_ROWS = 100
_Under = tuple[int, set[Any]]


def differences(connection: Connection) -> Iterator[str]:
    """Stretches that cannot be found by what is filed in them, or by something else too."""
    kinds = (
        (first, {as_kept(connection, *listed(one.kind, one.agency)) for one in filed})
        for first, filed in _filed(connection)
    )
    for first, lacks in _unlike(kinds, _listed(connection, STRETCH_KIND, "kind", "agency")):
        yield _said(first, "kind", lacks=lacks)
    cases = (
        (first, {(one.case,) for one in filed if one.case is not None})
        for first, filed in _filed(connection)
    )
    for first, lacks in _unlike(cases, _listed(connection, STRETCH_CASE, "case_id")):
        yield _said(first, "case", lacks=lacks)


def _said(first: int, what: str, *, lacks: bool) -> str:
    if lacks:
        return f"the row that begins at entry {first} cannot be found by each {what} of its own"
    return f"the row that begins at entry {first} is found by the {what} of another"


def _filed(connection: Connection) -> Iterator[tuple[int, list[Filed]]]:
    """What is filed in each stretch, in order."""
    c = STRETCH.c
    query = select(c.first, c.length, c.filed).order_by(c.first)
    for row in connection.execute(query, execution_options={"yield_per": _ROWS}):
        said = unpacked_filed(row.filed, row.length)
        yield row.first, [one for one in said if one is not None]


def _listed(connection: Connection, table: Table, *names: str) -> Iterator[_Under]:
    """By what each stretch is found, in order. Texts follow one another otherwise in each database,
    so those of one stretch are a set."""
    query = select(table.c.first, *(table.c[name] for name in names)).order_by(table.c.first)
    rows = connection.execute(query, execution_options={"yield_per": 1000})
    for first, some in groupby(map(tuple, rows), lambda row: row[0]):
        yield first, {row[1:] for row in some}


def _unlike(should: Iterator[_Under], listed: Iterator[_Under]) -> Iterator[tuple[int, bool]]:
    """Where the two are not alike, and whether something is lacking or too much."""
    one, other = next(should, None), next(listed, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one[0] < other[0]):
            assert one is not None
            first, own, found = *one, set[Any]()
            one = next(should, None)
        elif one is None or other[0] < one[0]:
            first, own, found = other[0], set[Any](), other[1]
            other = next(listed, None)
        else:
            first, own, found = *one, other[1]
            one, other = next(should, None), next(listed, None)
        if own - found:
            yield first, True
        if found - own:
            yield first, False
