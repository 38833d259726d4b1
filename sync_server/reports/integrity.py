"""The integrity report of a device: rows read from the database as they are, then examined.

    report = integrity.report(services, device)                     as of now
    report = integrity.report_at(services, context, device)         as of a moment (``moments.py``)

Every row is read by its own key and no row by way of another, so that one which is missing does
not take others out of sight. Nothing of what the writer has in memory is used, but for the
registry's names. ``protocol/findings`` starts from the bytes and believes no column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, select

from protocol import findings
from protocol.chain import Head, decode_link
from protocol.errors import FujieError
from protocol.findings import DeviceFacts, Report
from protocol.reference import Parameters
from protocol.registry.registry import OFFICE, Device
from protocol.statements import DeviceInventory, JournalClosed
from sync_server.devices import heard
from sync_server.log import lookup
from sync_server.reports import moments
from sync_server.reports.context import Context, context_of
from sync_server.services import Services
from sync_server.store.tables import BLOB, ENTRY, EVIDENCE, JOURNAL, LINK, STATEMENT

BATCH = 500
ITSELF = "fujie-server"


def report(
    services: Services,
    device: Device,
    parameters: Parameters | None = None,
    *,
    deep: bool = True,
) -> Report:
    """The report on one device, as of now, over every journal that it wrote. Unless it is
    ``deep``, blobs are not hashed again and the log's root is not computed."""
    moment = moments.now(services, deep=deep)
    context = context_of(services, device.agency, moment, parameters)
    return report_at(services, context, device, deep=deep)


def report_at(services: Services, context: Context, device: Device, *, deep: bool = True) -> Report:
    """The same as of the context's moment."""
    with services.db.engine.connect() as connection:
        rows = Rows(services, connection, context, deep)
        former = [one for one in context.registry.journals_of(device) if one != device.journal]
        if device.name == OFFICE:
            former = []
        return findings.joined(
            [findings.examine(rows.facts(device, journal)) for journal in (*former, device.journal)]
        )


class Rows:
    """The rows about devices, read as of one moment over one connection."""

    def __init__(
        self, services: Services, connection: Connection, context: Context, deep: bool
    ) -> None:
        self._services, self._connection = services, connection
        self._context, self._deep = context, deep

    def facts(self, device: Device, journal: bytes) -> DeviceFacts:
        """All rows about one journal of a device."""
        context, registry = self._context, self._context.registry
        closed = registry.closed[journal].record if journal in registry.closed else None
        links = self._links(journal)
        admitted = self._admitted(journal)
        inventory, contacted_at = self._contact(device, admitted, journal, closed) or (None, None)
        held, stated = self._blobs({*registry.journals_of(device), journal})
        blobs = self._services.blobs
        return DeviceFacts(
            device=device.name,
            journal=journal,
            now=context.moment.at,
            links=links,
            entries=self._entries(links, admitted),
            envelopes=self._envelopes(links),
            blobs_held={one.hex() for one in held},
            blobs_damaged={one.hex() for one in held if self._deep and not blobs.check(one)},
            blobs_stated={one.hex() for one in stated},
            admitted=admitted,
            inventory=inventory,
            contacted_at=contacted_at,
            log_size=context.moment.size,
            checkpoint_ok=context.moment.whole,
            changes=context.changes,
            retired=context.retired,
            refused=self._refused(journal),
            closed=closed,
            adopted=[
                (one.record, one.by)
                for one in registry.adopted
                if one.record.journal == journal.hex()
            ],
            parameters=context.parameters,
            witnessed=context.witnessed,
            doubted=[
                one
                for one in heard.doubted(
                    self._connection, device, journal, self._services.settings.origin
                )
                if context.moment.live or one[0] < context.moment.at
            ],
            program=heard.PROGRAM,
            reference=(0, 0)
            if inventory is None or inventory.program == ITSELF or not context.references
            else context.references[-1],
            agency=context.agency,
            references=context.references,
            holders=context.holders,
            roster=context.roster,
            users=context.users(device),
            destroyed=context.destroyed,
            rests=device.rests,
        )

    def _links(self, journal: bytes) -> dict[int, bytes]:
        query = select(LINK.c.sequence, LINK.c.link).where(LINK.c.journal == journal)
        if not self._context.moment.live:
            query = query.where(LINK.c.index < self._context.below)
        return {row.sequence: row.link for row in self._connection.execute(query)}

    def _refused(self, journal: bytes) -> list[bytes]:
        """Links that were kept as evidence; what was adopted meanwhile is no open question."""
        query = select(EVIDENCE.c.link).where(
            EVIDENCE.c.journal == journal, EVIDENCE.c.reason.in_(("fork", "rewrite"))
        )
        if not self._context.moment.live:
            query = query.where(EVIDENCE.c.at < self._context.moment.at)
        rows = self._connection.execute(query.order_by(EVIDENCE.c.at, EVIDENCE.c.hash))
        return [row.link for row in rows]

    def _admitted(self, journal: bytes) -> Head | None:
        """Where the journal ended: by the server's copy of its head, or, as of an earlier moment,
        by the first link that came later."""
        if not self._context.moment.live:
            first = self._connection.execute(
                select(LINK.c.link)
                .where(LINK.c.journal == journal, LINK.c.index >= self._context.below)
                .order_by(LINK.c.sequence)
                .limit(1)
            ).scalar()
            try:
                if first is not None:
                    link = decode_link(first)
                    return Head(link.sequence, link.previous)
            except FujieError:
                return None
        row = self._connection.execute(
            select(JOURNAL.c.length, JOURNAL.c.head).where(JOURNAL.c.journal == journal)
        ).first()
        return Head(row.length, row.head) if row else None

    def _entries(self, links: dict[int, bytes], admitted: Head | None) -> list[tuple[int, bytes]]:
        """Entries of the links that are here, and of those that their neighbours name."""
        wanted: set[bytes] = {admitted.hash} if admitted else set()
        for data in links.values():
            try:
                link = decode_link(data)
            except FujieError:
                continue
            wanted |= {link.hash(), link.previous}
        rows = _in(
            wanted,
            lambda some: self._connection.execute(
                select(ENTRY.c.index, ENTRY.c.entry).where(
                    ENTRY.c.index.in_(lookup.find(self._connection, some)),
                    ENTRY.c.index < self._context.below,
                )
            ),
        )
        return sorted((row.index, row.entry) for row in rows)

    def _envelopes(self, links: dict[int, bytes]) -> dict[bytes, bytes]:
        wanted: set[bytes] = set()
        for data in links.values():
            try:
                wanted.add(decode_link(data).record)
            except FujieError:
                continue
        rows = _in(
            wanted - self._context.late,
            lambda some: self._connection.execute(
                select(STATEMENT.c.record_hash, STATEMENT.c.envelope).where(
                    STATEMENT.c.record_hash.in_(some)
                )
            ),
        )
        return {row.record_hash: row.envelope for row in rows}

    def _blobs(self, journals: set[bytes]) -> tuple[list[bytes], list[bytes]]:
        """The blobs of journals that are here, and those that were stated to be. Another journal of
        the device may have named one first. As of an earlier moment only what was stated counts
        as here."""
        rows = self._connection.execute(
            select(BLOB.c.sha256, BLOB.c.stored_index)
            .where(BLOB.c.journal.in_(journals))
            .distinct()
        ).all()
        live, below = self._context.moment.live, self._context.below
        stated = [
            row.sha256 for row in rows if row.stored_index is not None and row.stored_index < below
        ]
        counted = [row.sha256 for row in rows] if live else stated
        return [one for one in counted if self._services.blobs.has(one)], stated

    def _contact(
        self,
        device: Device,
        admitted: Head | None,
        journal: bytes,
        closed: JournalClosed | None,
    ) -> tuple[DeviceInventory, int] | None:
        """The device's last signed inventory of a journal, and when it came. The office answers
        for itself and for what it closed or adopted: such a journal ends where the log says. Only
        the office says when it heard of a device, and only the device what it holds: what others
        state of it is passed over."""
        at = self._context.moment.at
        if closed is not None:
            ends = Head(closed.length, bytes.fromhex(closed.head))
            return _as_the_log_says(device, journal, ends, at)
        if device.name == OFFICE or journal != device.journal:
            return _as_the_log_says(device, journal, admitted, at) if admitted else None
        context = self._context
        if context.contacts is not None:
            return context.contacts.get(device.name)
        return heard.last_contacts(
            context.registry, self._connection, context.agency, [device], context.below
        ).get(device.name)


def _as_the_log_says(
    device: Device, journal: bytes, admitted: Head, now: int
) -> tuple[DeviceInventory, int]:
    inventory = DeviceInventory(
        agency=device.agency,
        at=now,
        salt="0" * 32,
        journal=journal.hex(),
        length=admitted.length,
        head=admitted.hash.hex(),
        unsent=0,
        oldest_unsent_at=None,
        blobs_outstanding=0,
        bytes_outstanding=0,
        free_bytes=0,
        boot="0" * 32,
        monotonic=0,
        checkpoint_size=0,
        reference_version=0,
        program=ITSELF,
    )
    return inventory, now


def _in(values: Iterable[bytes], ask: Callable[[list[bytes]], Iterable[Any]]) -> list[Any]:
    """Rows for many keys, some at a time: databases bound the places of one query."""
    wanted = sorted(values)
    return [row for at in range(0, len(wanted), BATCH) for row in ask(wanted[at : at + BATCH])]
