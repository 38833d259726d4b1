"""The integrity report of a device: rows read from the database as they are, then examined.

    report = integrity.report(services, device)      protocol/findings.Report

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
from protocol.checkpoint import Checkpoint
from protocol.errors import FujieError
from protocol.findings import DeviceFacts, Report, RetiredKey, StandingChange
from protocol.merkle import Frontier, leaf_hash
from protocol.reference import Parameters
from protocol.statements import (
    DeviceInventory,
    JournalClosed,
)
from sync_server.devices import heard
from sync_server.registry.registry import OFFICE, Device
from sync_server.services import Services
from sync_server.store.tables import BLOB, CHECKPOINT, ENTRY, EVIDENCE, JOURNAL, LINK, STATEMENT

BATCH = 500
ITSELF = "fujie-server"


def report(
    services: Services, device: Device, parameters: Parameters, *, deep: bool = True
) -> Report:
    """The report on one device, as of now, over every journal that it wrote. Unless it is
    ``deep``, blobs are not hashed again and the log's root is not computed."""
    registry = services.sequencer.registry
    former = [one for one in registry.journals_of(device) if one != device.journal]
    if device.name == OFFICE:
        former = []
    return findings.joined(
        [
            findings.examine(device_facts(services, device, parameters, journal, deep=deep))
            for journal in (*former, device.journal)
        ]
    )


def device_facts(
    services: Services,
    device: Device,
    parameters: Parameters,
    journal: bytes | None = None,
    *,
    deep: bool = True,
) -> DeviceFacts:
    """All rows about a device's journal, the one that it writes or a given one."""
    now = services.clock.now()
    journal = journal or device.journal
    registry = services.sequencer.registry
    closed = registry.closed[journal].record if journal in registry.closed else None
    with services.db.engine.connect() as connection:
        links = _links(connection, journal)
        admitted = _admitted(connection, journal)
        contact = _contact(services, connection, device, admitted, now, journal, closed)
        inventory, contacted_at = contact or (None, None)
        # Another journal of the device may have named a blob first.
        blobs = connection.execute(
            select(BLOB.c.sha256, BLOB.c.stored_index).where(
                BLOB.c.journal.in_({*registry.journals_of(device), journal})
            )
        ).all()
        size, whole = _log(connection, services.settings.origin) if deep else (0, True)
        held = [row.sha256 for row in blobs if services.blobs.has(row.sha256)]
        return DeviceFacts(
            device=device.name,
            journal=journal,
            now=now,
            links=links,
            entries=_entries(connection, links, admitted),
            envelopes=_envelopes(connection, links),
            blobs_held={sha256.hex() for sha256 in held},
            blobs_damaged={one.hex() for one in held if deep and not services.blobs.check(one)},
            blobs_stated={row.sha256.hex() for row in blobs if row.stored_index is not None},
            admitted=admitted,
            inventory=inventory,
            contacted_at=contacted_at,
            log_size=size,
            checkpoint_ok=whole,
            changes=_changes(services, device.agency),
            retired=_retired(services, device.agency),
            refused=_refused(connection, journal),
            closed=closed,
            adopted=[
                (one.record, one.by)
                for one in registry.adopted
                if one.record.journal == journal.hex()
            ],
            parameters=parameters,
            witnessed=services.cosigned.times(),
            doubted=heard.doubted(connection, device, journal, services.settings.origin),
            program=heard.PROGRAM,
            reference=(0, 0)
            if inventory is None or inventory.program == ITSELF
            else heard.newest_reference(connection, device.agency),
        )


def _links(connection: Connection, journal: bytes) -> dict[int, bytes]:
    rows = connection.execute(select(LINK.c.sequence, LINK.c.link).where(LINK.c.journal == journal))
    return {row.sequence: row.link for row in rows}


def _refused(connection: Connection, journal: bytes) -> list[bytes]:
    """Links that were kept as evidence; what was adopted meanwhile is no open question."""
    rows = connection.execute(
        select(EVIDENCE.c.link)
        .where(EVIDENCE.c.journal == journal, EVIDENCE.c.reason.in_(("fork", "rewrite")))
        .order_by(EVIDENCE.c.at, EVIDENCE.c.hash)
    )
    return [row.link for row in rows]


def _admitted(connection: Connection, journal: bytes) -> Head | None:
    row = connection.execute(
        select(JOURNAL.c.length, JOURNAL.c.head).where(JOURNAL.c.journal == journal)
    ).first()
    return Head(row.length, row.head) if row else None


def _entries(
    connection: Connection, links: dict[int, bytes], admitted: Head | None
) -> list[tuple[int, bytes]]:
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
        lambda some: connection.execute(
            select(ENTRY.c.index, ENTRY.c.entry).where(ENTRY.c.link_hash.in_(some))
        ),
    )
    return sorted((row.index, row.entry) for row in rows)


def _envelopes(connection: Connection, links: dict[int, bytes]) -> dict[bytes, bytes]:
    wanted: set[bytes] = set()
    for data in links.values():
        try:
            wanted.add(decode_link(data).record)
        except FujieError:
            continue
    rows = _in(
        wanted,
        lambda some: connection.execute(
            select(STATEMENT.c.record_hash, STATEMENT.c.envelope).where(
                STATEMENT.c.record_hash.in_(some)
            )
        ),
    )
    return {row.record_hash: row.envelope for row in rows}


def _contact(
    services: Services,
    connection: Connection,
    device: Device,
    admitted: Head | None,
    now: int,
    journal: bytes,
    closed: JournalClosed | None,
) -> tuple[DeviceInventory, int] | None:
    """The device's last signed inventory of a journal, and when it came. The office answers for
    itself and for what it closed or adopted: such a journal ends where the log says. Only the
    office says when it heard of a device, and only the device what it holds: what others state of
    it is passed over."""
    if closed is not None:
        ends = Head(closed.length, bytes.fromhex(closed.head))
        return _as_the_log_says(device, journal, ends, now)
    if device.name == OFFICE or journal != device.journal:
        return _as_the_log_says(device, journal, admitted, now) if admitted else None
    return heard.last_contact(services.sequencer.registry, connection, device)


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


def _log(connection: Connection, origin: str) -> tuple[int, bool]:
    """The size of the newest signed head, and whether all entries below it give its root."""
    head = connection.execute(
        select(CHECKPOINT.c.size, CHECKPOINT.c.note).order_by(CHECKPOINT.c.size.desc()).limit(1)
    ).first()
    if head is None:
        return 0, False
    frontier = Frontier()
    rows = connection.execute(
        select(ENTRY.c.index, ENTRY.c.entry)
        .where(ENTRY.c.index < head.size)
        .order_by(ENTRY.c.index)
    )
    for index, entry in rows:
        if index != frontier.size:
            return head.size, False
        frontier.append(leaf_hash(entry))
    text = Checkpoint(origin, frontier.size, frontier.root()).text()
    return head.size, frontier.size == head.size and head.note.startswith(text.encode())


def _changes(services: Services, agency: str) -> list[StandingChange]:
    """Later changes of the officers' standing; the first registration is none."""
    registry = services.facts.registry
    made = []
    for (of, cert_no), changes in registry.officers.items():
        keys = frozenset(
            key_id for key_id, key in registry.officer_keys.items() if key.cert_no == cert_no
        )
        if of == agency:
            made += [
                StandingChange(
                    cert_no,
                    one.record.name,
                    keys,
                    one.record.effective_at,
                    one.record.standing,
                )
                for one in changes[1:]
            ]
    return made


def _retired(services: Services, agency: str) -> list[RetiredKey]:
    """The agency's officers' keys that count no more."""
    registry = services.facts.registry
    made = []
    for key_id, key in registry.officer_keys.items():
        if key.agency == agency and key.retired_at is not None:
            changes = registry.officers.get((agency, key.cert_no), ())
            name = changes[-1].record.name if changes else key.cert_no
            made.append(RetiredKey(key.cert_no, name, key_id, key.retired_at))
    return made


def _in(values: Iterable[bytes], ask: Callable[[list[bytes]], Iterable[Any]]) -> list[Any]:
    """Rows for many keys, some at a time: databases bound the places of one query."""
    wanted = sorted(values)
    return [row for at in range(0, len(wanted), BATCH) for row in ask(wanted[at : at + BATCH])]
