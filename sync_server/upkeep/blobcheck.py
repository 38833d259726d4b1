"""Whether the blobs are those that the statements name; a part of ``fsck``.

    sha256, record      what the statements name, in order (``seen.py``)
    sha256, record      what the table lists, in order: side by side, each must be the other's

A blob that the office said to have come has its bytes; one that was destroyed has none, also if
that was said after this look at the log began: the next one sees whether it was said rightly.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, select

from protocol import envelope as dsse
from protocol import statements
from protocol.statements import RecordDestroyed
from sync_server.log import leaves
from sync_server.store.blobs import BlobStore
from sync_server.store.tables import BLOB
from sync_server.upkeep import saidcheck
from sync_server.upkeep.seen import Naming, Seen

_COLUMNS = "sha256 record_hash agency journal size media_type index stored_index".split()
Pair = tuple[bytes, "tuple[Naming, int | None] | None", "tuple[Any, ...] | None"]
"""A blob's SHA-256; a naming, and what stored it; the row that lists it."""


def differences(
    connection: Connection, blobs: BlobStore, seen: Seen, size: int, offices: Collection[bytes]
) -> Iterator[str]:
    """What is named and not listed, listed otherwise, or not here, of a log of ``size`` entries.
    Destroyed is what a journal of the ``offices`` says so of."""
    for sha256 in seen.gone():
        if blobs.has(sha256):
            yield f"blob {sha256.hex()} was destroyed and is still here"
    for sha256, pairs in groupby(_beside(connection, seen), itemgetter(0)):
        name, stored = sha256.hex(), False
        for _, named, row in pairs:
            if named is None or row is None:
                yield f"blob {name} is named and not listed, or listed and not named"
                continue
            if row[:-1] != named[0]:
                yield f"blob {name} is listed as another than its record names"
            if row[-1] != named[1]:
                yield f"blob {name} is listed as stored by another entry than says so"
            stored = stored or named[1] is not None
        if not stored or seen.is_gone(sha256) or blobs.check(sha256):
            continue
        size = _look_again(connection, seen, size, offices)
        if not seen.is_gone(sha256):
            yield f"the bytes of blob {name} are missing or altered"


def _look_again(connection: Connection, seen: Seen, size: int, offices: Collection[bytes]) -> int:
    """Take in what was destroyed behind the first ``size`` entries, in the log as it is now; how
    far that is."""
    with connection.engine.connect() as now:
        found = [
            (leaf.index, leaf.statement)
            for leaf in leaves.of_kinds(now, ["record_destroyed"], first=size, journals=offices)
            if leaf.statement is not None
        ]
    for index, envelope in found:
        size = index + 1
        said = statements.decode(dsse.decode(envelope).body)
        if isinstance(said, RecordDestroyed):
            seen.destroyed(*saidcheck.what_goes(said))
    return size


def _beside(connection: Connection, seen: Seen) -> Iterator[Pair]:
    """Both, in the order of blob and record, each with its like."""
    c = BLOB.c
    rows = connection.execute(
        select(*(c[name] for name in _COLUMNS)).order_by(c.sha256, c.record_hash),
        execution_options={"yield_per": 1000},
    )
    listed, named = iter(map(tuple, rows)), seen.namings_in_order()
    row, one = next(listed, None), next(named, None)
    while row is not None or one is not None:
        mine = one[0][:2] if one is not None else None
        its = row[:2] if row is not None else None
        if its is None or (mine is not None and mine < its):
            assert mine is not None
            yield mine[0], one, None
            one = next(named, None)
        elif mine is None or its < mine:
            yield its[0], None, row
            row = next(listed, None)
        else:
            yield its[0], one, row
            row, one = next(listed, None), next(named, None)
