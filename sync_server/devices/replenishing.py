"""The next blocks of numbers, before a tablet runs out of them, of the year, or of the lent seal.

    each hour, for each kind of each tablet
      a block of this year        while fewer than ``LOW`` numbers are left, known by what came in
      the same of the next year   from December on, so that New Year's Day needs no network
      a block that lends the seal while that of the others ends soon, or none of them ever lent it,
                                  and the tablet used any number in the last ninety days

The tablet gets it with its next contact and takes numbers from a block that lends the seal first.
A tablet that was given numbers today is left alone. A statement that came after its link stands
under an old index: it is found by its number among the late ones. Not promised: what a tablet used
and has not sent is not counted; at most ``LOW`` numbers of a kind are used without the office
between.
"""

from __future__ import annotations

import secrets
import threading
import weakref
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from protocol import envelope as dsse
from protocol import statements
from protocol.calendar import local_day
from protocol.errors import Malformed
from protocol.numbering import serial
from protocol.registry.registry import OFFICE, Grant, Registry
from protocol.statements import (
    DocumentIssued,
    InspectionOpened,
    NumbersGranted,
    NumberVoided,
    Statement,
    Unknown,
)
from protocol.vocabulary import DocumentKind
from sync_server.devices import grants
from sync_server.log import late, leaves, lookup
from sync_server.log.leaves import Leaf
from sync_server.services import Services

DAY_MS = 24 * 3_600_000
LOW = 20
KINDS = ("document_issued", "number_voided", "inspection_opened")
"""What uses a number."""
BATCH = 500
SEAL_ENDS_MS = 30 * DAY_MS
DECEMBER = 12

one_at_a_time = threading.Lock()
"""Whoever grants numbers holds it until they are stated: no two blocks begin at one number."""


class Replenishing:
    """Remembers what it has read, so that an hour's records are read once."""

    def __init__(self) -> None:
        self._of: Callable[[], Services | None] = lambda: None
        self._forget()

    def _forget(self) -> None:
        self._next = self._late = 0
        self._used: Counter[bytes] = Counter()
        self._last: dict[str, int] = {}

    def __call__(self, services: Services) -> None:
        """State every block that is due."""
        if self._of() is not services:
            self._forget()
        self._of = lambda: None  # what was read in part is read anew
        self._read_on(services)
        self._of = weakref.ref(services)
        now = services.clock.now()
        for agency, device in _working(services.sequencer.registry, now):
            for year in _years(now):
                for document in grants.WORDS:
                    with one_at_a_time:
                        registry = services.sequencer.registry
                        if not self._due(registry, agency, device, document, year, now):
                            continue
                        block = grants.next_block(
                            registry, agency, device, document, now, secrets.token_hex(16), year
                        )
                        services.office.state(block, [services.keyring.issuer(agency)])

    def _due(
        self,
        registry: Registry,
        agency: str,
        device: str,
        document: DocumentKind,
        year: int,
        now: int,
    ) -> bool:
        mine = (agency, device, document, year)
        blocks = [one for one in registry.grants if _place(one.record) == mine]
        left = {one.record_hash: self._left(one) for one in blocks}
        if sum(left.values()) < LOW:
            return True
        lent = (one.record.sealed_until or 0 for one in blocks if left[one.record_hash])
        works = self._last.get(device, 0) > now - grants.SEAL_MS
        return document in grants.SEALED and works and max(lent, default=0) < now + SEAL_ENDS_MS

    def _left(self, one: Grant) -> int:
        return max(0, one.record.last - one.record.first + 1 - self._used[one.record_hash])

    def _read_on(self, services: Services) -> None:
        given = services.sequencer.registry.grants
        by_hash = {one.record_hash.hex(): one for one in given}
        inspections = _Spans(given)
        for said in self._unread(services):
            if isinstance(said, DocumentIssued | NumberVoided):
                found = by_hash.get(said.grant or "")
            elif isinstance(said, InspectionOpened):
                found = inspections.of(said.number)
            else:
                continue
            if found is not None:
                self._used[found.record_hash] += 1
                device = found.record.device
                self._last[device] = max(said.at, self._last.get(device, 0))

    def _unread(self, services: Services) -> Iterator[Statement | Unknown]:
        """What may have used a number, since the last time: few at a time, however many a county
        has after a start; and what came late under an index that was read before. What comes while
        this reads is left to the next time, each once."""
        with services.db.engine.connect() as connection:
            newest, end = late.newest(connection), leaves.size(connection)
        yield from _read(services, self._next, end, newest)
        if newest > self._late:
            yield from _came(services, self._next, self._late, newest)
        self._next, self._late = end, newest


def _read(services: Services, first: int, end: int, newest: int) -> Iterator[Statement | Unknown]:
    """What stands from ``first`` up to and without ``end``, but for what came late behind the
    number ``newest``."""
    at = first
    while rows := _rows(services, at, end):
        at = rows[-1].index + 1
        yield from _said(_counted(services, rows, newest))


def _rows(services: Services, first: int, end: int) -> list[Leaf]:
    with services.db.engine.connect() as connection:
        return list(islice(leaves.of_kinds(connection, KINDS, None, first, end), BATCH))


def _counted(services: Services, rows: Sequence[Leaf], newest: int) -> list[Leaf]:
    """Those of ``rows`` that are no copies of what stands before them, and were not just added."""
    with services.db.engine.connect() as connection:
        places = lookup.find(connection, [leaf.record_hash for leaf in rows])
        firsts = dict[bytes, int]()
        for leaf in leaves.filed_at(connection, places):
            if leaf.filed is not None:
                firsts.setdefault(leaf.record_hash, leaf.index)
        added = late.since(connection, newest)
    return [
        leaf
        for leaf in rows
        if firsts.get(leaf.record_hash) == leaf.index and leaf.record_hash not in added
    ]


def _came(services: Services, end: int, after: int, last: int) -> Iterator[Statement | Unknown]:
    """What stands below ``end`` and came late with these numbers, each once: who reads again what
    he could not read before numbers a record that came twice twice."""
    seen = set[bytes]()
    with services.db.engine.connect() as connection:
        for leaf in late.arrived(connection, after, last):
            of_kind = leaf.filed is not None and leaf.filed.kind in KINDS
            if of_kind and leaf.index < end and leaf.record_hash not in seen:
                seen.add(leaf.record_hash)
                yield from _said([leaf])


def _said(found: Iterable[Leaf]) -> Iterator[Statement | Unknown]:
    for leaf in found:
        with suppress(Malformed):
            yield statements.decode(dsse.decode(leaf.statement or b"").body)


def _working(registry: Registry, now: int) -> Iterator[tuple[str, str]]:
    """Tablets that may number: trusted, of this office, and not given any numbers today."""
    newest: dict[tuple[str, str], int] = {}
    for one in registry.grants:
        key = (one.record.agency, one.record.device)
        newest[key] = max(one.record.at, newest.get(key, 0))
    for (agency, name), device in registry.devices.items():
        fit = name != OFFICE and not device.is_lower and device.is_trusted(now)
        if fit and newest.get((agency, name), now) < now - DAY_MS:
            yield agency, name


def _years(now: int) -> Iterable[int]:
    today = local_day(now)
    return (today.year, today.year + 1) if today.month == DECEMBER else (today.year,)


def _place(record: NumbersGranted) -> tuple[str, str, DocumentKind, int]:
    return record.agency, record.device, record.document, record.year


class _Spans:
    """The blocks that inspections are numbered from, by the numbers that they hold."""

    def __init__(self, given: Iterable[Grant]) -> None:
        self._by_pattern: dict[str, list[Grant]] = {}
        for one in sorted(given, key=_first):
            if one.record.document is DocumentKind.INSPECTION_NOTICE:
                self._by_pattern.setdefault(one.record.pattern, []).append(one)

    def of(self, number: str) -> Grant | None:
        """The block that a number comes from."""
        for pattern, found in self._by_pattern.items():
            which = serial(pattern, number)
            if which is None:
                continue
            at = bisect_right(found, which, key=_first) - 1
            if at >= 0 and which <= found[at].record.last:
                return found[at]
        return None


def _first(one: Grant) -> int:
    return one.record.first
