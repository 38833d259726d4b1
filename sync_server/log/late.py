"""What came after its link: numbered in the order of arrival, so that whoever has read the places
of the log looks here for what came to them since.

    newest(connection)             the number of the last one, 0 before the first
    arrived(connection, 7, 9)      the records numbered 8 and 9
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from sync_server.log import lookup
from sync_server.log.leaves import Leaf
from sync_server.store.tables import LATE

_AT_ONCE = 64
"""In memory at once, with what they say."""

_C = LATE.c


def newest(connection: Connection) -> int:
    """The number of the last statement that came late."""
    return int(connection.execute(select(func.max(_C.number))).scalar() or 0)


def arrived(connection: Connection, after: int, last: int) -> Iterator[Leaf]:
    """The records numbered behind ``after`` up to and with ``last`` whose statements are here,
    some at a time: a program that reads more than the last one numbers many at once."""
    wanted = select(_C.record_hash).order_by(_C.number)
    for at in range(after, last, _AT_ONCE):
        some = wanted.where(_C.number > at, _C.number <= min(last, at + _AT_ONCE))
        found = list(connection.execute(some).scalars())
        yield from lookup.records(connection, found).values()


def since(connection: Connection, number: int) -> set[bytes]:
    """The hashes of those numbered behind ``number``."""
    found = select(_C.record_hash).where(_C.number > number)
    return set(connection.execute(found).scalars())
