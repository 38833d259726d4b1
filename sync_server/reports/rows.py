"""The server's rows as what reports are made from (``protocol/auditing/source.py``): read from the
database as they are.

    context = context_of(services, agency, moment)
    protocol.auditing.devices.report_at(context, device)

Every row is read by its own key and no row by way of another, so that one which is missing does
not take others out of sight. A row of the log is a stretch: one that is lost takes all of its
leaves, and a column that rotted what it held of them. Nothing of what the writer has in memory is
used, but for the registry's names. What is read of the store besides the log (rows, files) is read
as it is: where nothing was taken away or altered, a report as of an earlier size stays the same for
ever; where something was, it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import func, select

from protocol import envelope as dsse
from protocol import statements
from protocol.auditing import context as contexts
from protocol.auditing.context import Context
from protocol.auditing.source import Blobs, Envelopes, Moment
from protocol.case import AnyRecord
from protocol.chain import Head, decode_link
from protocol.errors import FujieError, Malformed
from protocol.reference import Parameters
from protocol.registry.registry import OFFICE, Device, Registry
from sync_server.devices import heard
from sync_server.log import facts, leaves, lookup, standing
from sync_server.log.leaves import Leaf
from sync_server.services import Services
from sync_server.store import bundles
from sync_server.store.tables import BLOB, EVIDENCE, JOURNAL, LATE, STRETCH

BATCH = 500


def context_of(
    services: Services, agency: str, moment: Moment, parameters: Parameters | None = None
) -> Context:
    """What reports on an agency share; ``parameters`` in place of the published ones."""
    return contexts.context_of(Rows(services, moment), agency, parameters)


class Rows:
    """The rows of one server as of a moment, for one thread. Unless it is ``deep``, files are not
    hashed again."""

    def __init__(self, services: Services, moment: Moment, *, deep: bool = True) -> None:
        self._services, self._moment, self._deep = services, moment, deep
        self._unnamed: dict[bytes, int] = {}
        self._newest: list[lookup.Found] | None = None

    @property
    def moment(self) -> Moment:
        """As of when."""
        return self._moment

    @property
    def offices(self) -> Sequence[bytes]:
        """The office's journals."""
        return self._services.sequencer.offices

    @property
    def witnesses(self) -> int:
        """How many witnesses are asked."""
        return len(self._services.cosigned.policy.keys)

    # ── the log as a whole ───────────────────────────────────────────────────────────────

    def registry(self) -> Registry:
        """Who is who, folded again for an earlier moment."""
        if self._moment.live:
            return self._services.facts.registry
        with self._services.db.engine.connect() as connection:
            offices = standing.load_offices(connection)
            return standing.load_registry(connection, offices, self._moment.size)

    def references(self, agency: str) -> list[tuple[int, int]]:
        """Every published version, and since when."""
        with self._services.db.engine.connect() as connection:
            return heard.published(connection, agency, self._moment.below)

    def reference(self, agency: str, version: int) -> bytes | None:
        """A version as it was signed."""
        with self._services.db.engine.connect() as connection:
            return bundles.read(connection, agency, version) or None

    def late(self) -> frozenset[bytes]:
        """Records that came after their links."""
        return frozenset(row[0] for row in self._all(select(LATE.c.record_hash)))

    def witnessed(self) -> list[tuple[int, int]]:
        """When witnesses had seen which size."""
        return self._services.cosigned.times()

    def received_at(self, index: int) -> int | None:
        """When an entry was received."""
        with self._services.db.engine.connect() as connection:
            entry = leaves.entries_at(connection, [index]).get(index)
        return int.from_bytes(entry[65:73], "big") if entry else None

    def of_kind(self, *kinds: str) -> list[AnyRecord]:
        """The records of these kinds."""
        return list(self._services.facts.of_kind(*kinds))

    def contacts(self, agency: str, above: int = -1) -> Iterator[tuple[int, bytes]]:
        """What the office says that it heard, the newest first."""
        with self._services.db.engine.connect() as connection:
            yield from heard.contacts(connection, agency, self._moment.below, above)

    def cases(self, agency: str) -> list[bytes]:
        """The agency's cases."""
        with self._services.db.engine.connect() as connection:
            found = facts.opened(connection, agency, self._moment.below)
            return [leaf.record_hash for leaf in found]

    def case(self, case: bytes) -> list[AnyRecord]:
        """The records of a case."""
        return list(self._services.facts.case(case))

    def holds(self, sha256: str) -> bool:
        """Whether a file is here."""
        return self._services.blobs.has(bytes.fromhex(sha256))

    # ── one journal ──────────────────────────────────────────────────────────────────────

    def links(self, journal: bytes, first: int = 0) -> dict[int, bytes]:
        """The links of a journal by the place they are kept at."""
        held, below = dict[int, bytes](), self._moment.below
        self._newest = None  # what is behind these links is read after them
        with self._services.db.engine.connect() as connection:
            for leaf in leaves.links(connection, journal, first):
                if leaf.link and leaf.index < below:
                    held[leaf.sequence] = leaf.link
                    self._look_for(leaf)
        return held

    def entries(self, hashes: Collection[bytes]) -> list[tuple[int, bytes]]:
        """The entries that admit these links. Those that are not written down yet were read for
        their ``envelopes`` just now, behind the links: they are not read twice."""
        newest, self._newest = self._newest, None
        with self._services.db.engine.connect() as connection:
            found = lookup.entries(connection, hashes, newest)
        return sorted(one for one in found.items() if one[0] < self._moment.below)

    def envelopes(self, device: Device, records: Collection[bytes]) -> Envelopes:
        """The statements; the office's journal holds those of all agencies of this server."""
        with self._services.db.engine.connect() as connection:
            self._newest = lookup.behind(connection)
            found = lookup.records(connection, records, self._newest)
            lost = {self._unnamed[one]: one for one in self._unnamed.keys() & set(records)}
            for leaf in leaves.at(connection, lost):
                if leaf.statement is not None:
                    found.setdefault(lost[leaf.index], leaf)
        several = device.name == OFFICE
        others = frozenset(
            one for one, leaf in found.items() if several and _agency(leaf) != device.agency
        )
        held = {one: leaf.statement or b"" for one, leaf in found.items() if one not in others}
        return Envelopes(held, others)

    def blobs(self, journals: Collection[bytes], records: Collection[bytes] | None = None) -> Blobs:
        """The blobs of journals, or of some records. Another journal of the device may have named
        one first. As of an earlier moment only what was stated counts as here."""
        query = select(BLOB.c.sha256, BLOB.c.stored_index).distinct()
        if records is None:
            rows = self._all(query.where(BLOB.c.journal.in_(list(journals))))
        else:
            rows = _in(records, lambda some: self._all(query.where(BLOB.c.record_hash.in_(some))))
        store, below = self._services.blobs, self._moment.below
        stated = {row[0] for row in rows if row[1] is not None and row[1] < below}
        held = [
            one
            for one in ({row[0] for row in rows} if self._moment.live else stated)
            if store.has(one)
        ]
        damaged = {one.hex() for one in held if self._deep and not store.check(one)}
        return Blobs({one.hex() for one in held}, damaged, {one.hex() for one in stated})

    def admitted(self, journal: bytes) -> Head | None:
        """Where the journal ended: by the server's copy of its head, or, as of an earlier moment,
        by the first link that came later."""
        if not self._moment.live:
            first = self._first_later(journal)
            try:
                if first is not None:
                    link = decode_link(first)
                    return Head(link.sequence, link.previous)
            except FujieError:
                return None
        rows = self._all(
            select(JOURNAL.c.length, JOURNAL.c.head).where(JOURNAL.c.journal == journal)
        )
        return Head(*rows[0]) if rows else None

    def refused(self, journal: bytes) -> list[bytes]:
        """Links that were kept as evidence; what was adopted meanwhile is no open question."""
        query = select(EVIDENCE.c.link).where(
            EVIDENCE.c.journal == journal, EVIDENCE.c.reason.in_(("fork", "rewrite"))
        )
        if not self._moment.live:
            query = query.where(EVIDENCE.c.at < self._moment.at)
        return [row.link for row in self._all(query.order_by(EVIDENCE.c.at, EVIDENCE.c.hash))]

    def doubted(self, device: Device, journal: bytes) -> list[tuple[int, bytes]]:
        """Heads that the device showed and this log does not have."""
        origin = self._services.settings.origin
        with self._services.db.engine.connect() as connection:
            return heard.doubted(connection, device, journal, origin)

    # ── inside ───────────────────────────────────────────────────────────────────────────

    def _all(self, query: Any) -> Sequence[Any]:
        with self._services.db.engine.connect() as connection:
            return connection.execute(query).all()

    def _look_for(self, leaf: Leaf) -> None:
        """Keep in mind where the statement of a link is whose entry does not name it any more."""
        if not leaf.record_hash or leaf.record_hash not in leaf.link:
            with suppress(FujieError):
                self._unnamed[decode_link(leaf.link).record] = leaf.index

    def _first_later(self, journal: bytes) -> bytes | None:
        """The first link of a journal that came later."""
        c, below = STRETCH.c, self._moment.below
        later = select(func.min(c.sequence)).where(c.journal == journal, c.first + c.length > below)
        with self._services.db.engine.connect() as connection:
            begins = connection.execute(later).scalar()
            found = () if begins is None else leaves.links(connection, journal, begins)
            return next((leaf.link for leaf in found if leaf.index >= below and leaf.link), None)


def _agency(leaf: Leaf) -> str:
    """Whose statement it is; where what it was filed under rotted, by its own word."""
    if leaf.filed is not None:
        return leaf.filed.agency
    try:
        return statements.decode(dsse.decode(leaf.statement or b"").body).agency
    except Malformed:
        return ""


def _in(values: Iterable[bytes], ask: Callable[[list[bytes]], Iterable[Any]]) -> list[Any]:
    """Rows for many keys, some at a time: databases bound the places of one query."""
    wanted = sorted(values)
    return [row for at in range(0, len(wanted), BATCH) for row in ask(wanted[at : at + BATCH])]
