"""Rows of facts as values, and the queries behind them (``facts.py`` is what others use)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from protocol.chain import Link, decode_link
from protocol.errors import Malformed, Refused
from protocol.merkle import Get
from protocol.receipt import Entry, Verdict
from sync_server.log.sequencer import Committed
from sync_server.store.db import Database
from sync_server.store.tables import ENTRY, LINK, STATEMENT, TREE

_AT_HAND = 1 << 14
"""Hashes that stay in memory, some three megabytes."""


@dataclass(frozen=True)
class Linked:
    """One link of a journal as it was admitted, with its statement's envelope if it is here."""

    link: Link
    link_bytes: bytes
    link_hash: bytes
    index: int
    entry: bytes
    envelope: bytes | None

    @property
    def verdict(self) -> Verdict:
        """What the log says of it."""
        return Entry.decode(self.entry).verdict


@dataclass(frozen=True)
class Evidence:
    """Refused bytes that were kept: a fork, a rewrite, a stray statement."""

    device: str
    journal: bytes
    reason: str
    at: int
    link: bytes
    statement: bytes | None


class NotHeld(Refused):
    """Nothing of this id is in the log."""


def linked(order: Any = None) -> Select[Any]:
    """Links with their entries and, where they are here, their statements; by index."""
    return (
        select(LINK.c.link, LINK.c.link_hash, LINK.c.index, ENTRY.c.entry, STATEMENT.c.envelope)
        .join(ENTRY, ENTRY.c.index == LINK.c.index)
        .outerjoin(STATEMENT, STATEMENT.c.record_hash == LINK.c.record_hash)
        .order_by(LINK.c.index if order is None else order)
    )


def stated() -> Select[Any]:
    """Statements with the link and the entry of where they were first admitted; by index."""
    return (
        select(LINK.c.link, LINK.c.link_hash, LINK.c.index, ENTRY.c.entry, STATEMENT.c.envelope)
        .select_from(STATEMENT)
        .join(LINK, LINK.c.index == STATEMENT.c.index)
        .join(ENTRY, ENTRY.c.index == STATEMENT.c.index)
        .order_by(STATEMENT.c.index)
    )


def readable(rows: Sequence[Any]) -> list[Linked]:
    """The links in rows of ``linked`` or ``stated``, but for those that rotted."""
    found = []
    for link, link_hash, index, entry, signed in rows:
        try:
            found.append(Linked(decode_link(link), link, link_hash, index, entry, signed))
        except Malformed:
            continue
    return found


class TreeHashes:
    """The log's stored hashes as they are asked for. None ever changes once it is committed, so
    those that were read last stay at hand: proofs for many tablets go by the same few, and most
    ask the database nothing."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: dict[tuple[int, int], bytes] = {}

    @contextmanager
    def under(self, head: Committed) -> Iterator[Get]:
        """Those of the log as of ``head``, of which its own commit's are in memory."""
        with ExitStack() as opened:
            reading: list[Connection] = []

            def get(level: int, index: int) -> bytes:
                at = (level, index)
                known = head.nodes.get(at) or self._kept.get(at)
                if known is not None:
                    return known
                if not reading:
                    reading.append(opened.enter_context(self._db.engine.connect()))
                return self._read(reading[0], at)

            yield get

    def _read(self, connection: Connection, at: tuple[int, int]) -> bytes:
        where = (TREE.c.level == at[0], TREE.c.index == at[1])
        found = bytes(connection.execute(select(TREE.c.hash).where(*where)).scalar_one())
        if len(self._kept) >= _AT_HAND:
            self._kept.clear()
        self._kept[at] = found
        return found
