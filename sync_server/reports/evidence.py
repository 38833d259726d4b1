"""The evidence of a report, written to a file: what ``fujie-verify`` makes the same report from.

    context = context_of(services, agency, moment)
    write(services, context, document, file)

It holds the agency's whole records (``protocol/auditing/bundle.py``), so it is written by whoever
runs the server, for those who may read all of them. A report as of an earlier size takes links and
records below that size; the log's entries are all there, so that its signed head proves them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO

from sqlalchemy import select

from protocol.auditing import bundle, devices
from protocol.auditing.bundle import EvidenceFacts, Journal
from protocol.auditing.context import Context
from protocol.chain import decode_link
from protocol.errors import FujieError
from protocol.findings import document
from protocol.findings.document import Json
from protocol.registry.registry import Device
from protocol.statements import FileArchived
from sync_server.log import leaves
from sync_server.reports.rows import Rows
from sync_server.services import Services
from sync_server.store.tables import JOURNAL, STRETCH

Part = tuple[str, Callable[[], bytes]]


def write(services: Services, context: Context, made: Json, out: BinaryIO) -> None:
    """Write the evidence of the document ``made``, which may be a part of the whole one."""
    rows = Rows(services, context.moment)
    bundle.write(out, _parts(services, rows, context, made))


def _parts(services: Services, rows: Rows, context: Context, made: Json) -> Iterator[Part]:
    head = services.facts.head
    yield bundle.REPORT, partial(document.encode, made)
    yield bundle.CHECKPOINT, lambda: head.note
    seen = services.cosigned.newest()
    if services.cosigned.policy.keys and 0 < seen.size <= head.size:
        yield bundle.WITNESSED, lambda: seen.note
    facts = bundle.packed(_facts(rows, context))
    yield bundle.FACTS, lambda: facts
    for first in range(0, head.size, bundle.AT_ONCE):
        last = min(first + bundle.AT_ONCE, head.size)
        yield f"{bundle.ENTRIES}{first:012}", partial(_entries, services, first, last)
    own = {
        journal: device
        for device in (*context.devices, *([context.office] if context.office else []))
        for journal in devices.journals_of(context, device)
    }
    for journal in _journals(services):
        name, device = journal.hex(), own.get(journal)
        yield bundle.JOURNALS + name, partial(_journal, rows, context, journal, device)
        if device is not None:
            yield bundle.STATEMENTS + name, partial(_statements, rows, context, journal, device)


def _facts(rows: Rows, context: Context) -> EvidenceFacts:
    moment, office = context.moment, context.office
    mine = (*context.devices, *([office] if office else []))
    found = [rows.blobs(devices.journals_of(context, one)) for one in mine]
    held = {one for blobs in found for one in blobs.held}
    held |= {
        said.package.sha256
        for one in rows.of_kind("file_archived")
        if isinstance(said := one.statement, FileArchived)
        and said.agency == context.agency
        and rows.holds(said.package.sha256)
    }
    newest = context.references[-1][0] if context.references else None
    return EvidenceFacts(
        format=bundle.FORMAT,
        agency=context.agency,
        size=moment.size,
        at=moment.at,
        live=moment.live,
        offices=list(rows.offices),
        witnesses=rows.witnesses,
        witnessed=list(rows.witnessed()),
        held=sorted(held),
        damaged=sorted({one for blobs in found for one in blobs.damaged}),
        reference=None if newest is None else rows.reference(context.agency, newest),
    )


def _journals(services: Services) -> list[bytes]:
    """Every journal of which anything is known."""
    with services.db.engine.connect() as connection:
        known = {*connection.execute(select(JOURNAL.c.journal)).scalars()}
        known |= {*connection.execute(select(STRETCH.c.journal).distinct()).scalars()}
    return sorted(known - {b""})  # what is of no journal lacks its link


def _entries(services: Services, first: int, last: int) -> bytes:
    with services.db.engine.connect() as connection:
        return bundle.packed([one for one in leaves.entries(connection, first, last) if one[1]])


def _journal(rows: Rows, context: Context, journal: bytes, device: Device | None) -> bytes:
    links = sorted(rows.links(journal).items())
    if device is None:
        return bundle.packed(Journal(journal=journal, links=links))
    ends, signed = rows.admitted(journal), rows.envelopes(device, _records(rows, journal))
    return bundle.packed(
        Journal(
            journal=journal,
            links=links,
            own=True,
            length=ends.length if ends else 0,
            head=ends.hash if ends else b"",
            refused=rows.refused(journal),
            doubted=rows.doubted(device, journal),
            others=sorted(signed.others),
        )
    )


def _statements(rows: Rows, context: Context, journal: bytes, device: Device) -> bytes:
    """The statements of a journal, but for those that came late."""
    signed = rows.envelopes(device, _records(rows, journal) - context.late)
    return bundle.packed(sorted(signed.held.items()))


def _records(rows: Rows, journal: bytes) -> set[bytes]:
    found = set()
    for data in rows.links(journal).values():
        try:
            found.add(decode_link(data).record)
        except FujieError:
            continue
    return found
