"""Rows of facts as values (``facts.py`` is what others use)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import NoResultFound

from protocol.chain import Link, decode_link
from protocol.errors import Malformed, Refused
from protocol.merkle import Get
from protocol.receipt import Entry, Verdict
from sync_server.log import leaves, lookup, nodes
from sync_server.log.leaves import Leaf
from sync_server.log.sequencer import Committed
from sync_server.store.db import Database

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


def readable(found: Iterable[Leaf]) -> Iterator[Linked]:
    """The links of leaves, but for those that rotted."""
    for leaf in found:
        with suppress(Malformed):
            link = decode_link(leaf.link)
            Entry.decode(leaf.entry)
            yield Linked(link, leaf.link, leaf.link_hash, leaf.index, leaf.entry, leaf.statement)


def filled(connection: Connection, found: Iterable[Leaf]) -> Iterator[Leaf]:
    """Leaves with what their records say, where it came with another link."""
    here = list(found)
    wanted = {leaf.record_hash for leaf in here if leaf.statement is None}
    places = set(lookup.find(connection, wanted) if wanted else ())
    others = leaves.at(connection, places.difference(leaf.index for leaf in here))
    said = {leaf.record_hash: leaf.statement for leaf in (*others, *here) if leaf.statement}
    for leaf in here:
        statement = leaf.statement or said.get(leaf.record_hash)
        yield msgspec.structs.replace(leaf, statement=statement)


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
        found = nodes.node(connection, *at)
        if found is None:
            raise NoResultFound
        if len(self._kept) >= _AT_HAND:
            self._kept.clear()
        self._kept[at] = found
        return found
