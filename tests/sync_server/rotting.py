"""What stands in a server's stretches, and what somebody who can write to its database makes of it.

kept(server)                            every leaf
place_of(server, record)                where a record or a link stands
alter(server, 30, statement=None)       the statement of entry 30 is gone
alter(server, 30, link=b"…")            its link is another one
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection, select, update

from sync_server.log import leaves
from sync_server.log.leaves import Leaf
from sync_server.store.db import Database
from sync_server.store.tables import STRETCH

if TYPE_CHECKING:
    from tests.sync_server.conftest import Server

COLUMNS = {"entry": "entries", "link": "links", "filed": "filed", "statement": "statements"}
"""What a leaf has, and the column of a stretch that holds it."""


@contextmanager
def writing(server: Server) -> Iterator[Connection]:
    """A transaction on the server's database."""
    with closing(Database(server.settings.database)) as it, it.writer.begin() as connection:
        yield connection


def kept(server: Server) -> list[Leaf]:
    """Every leaf, in the order of the log."""
    with writing(server) as connection:
        return list(leaves.between(connection, 0))


def place_of(server: Server, of: bytes) -> int:
    """The first place of a record, or of a link, by its hash."""
    return next(one.index for one in kept(server) if of in (one.link_hash, one.record_hash))


def alter(server: Server, index: int, **parts: Any) -> None:
    """Put something else, or nothing, in the place of a leaf's ``entry``, ``link``, ``filed`` or
    ``statement``; what a stretch is found under stays as it is."""
    with writing(server) as connection:
        alter_in(connection, index, **parts)


def alter_in(connection: Connection, index: int, **parts: Any) -> None:
    """The same in a transaction that is open."""
    ((row, (number,)),) = leaves.rows_at(connection, [index])
    changed = {}
    for part, value in parts.items():
        column = msgspec.msgpack.decode(row._mapping[COLUMNS[part]])
        column[number] = value
        changed[COLUMNS[part]] = msgspec.msgpack.encode(column)
    connection.execute(update(STRETCH).where(STRETCH.c.first == row.first).values(changed))


def stretch_of(server: Server, index: int) -> dict[str, Any]:
    """The row that holds an entry."""
    with writing(server) as connection:
        ((row, _),) = leaves.rows_at(connection, [index])
        found = connection.execute(select(STRETCH).where(STRETCH.c.first == row.first))
        return dict(found.mappings().one())
