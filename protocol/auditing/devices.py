"""What is found of one device, over every journal that it wrote, as of a moment.

report_at(context, device)      every link, entry and record by its own key, none by another's
"""

from collections.abc import Mapping

from protocol import findings
from protocol.auditing import heard
from protocol.auditing.context import Context
from protocol.auditing.heard import Heard
from protocol.chain import Head, Link, decode_link
from protocol.errors import FujieError
from protocol.findings import Before, DeviceFacts, Report
from protocol.registry.registry import OFFICE, Device
from protocol.statements import DeviceInventory, JournalClosed

ITSELF = "fujie-server"


def report_at(context: Context, device: Device) -> Report:
    """The report on one device."""
    made = [findings.examine(facts(context, device, one)) for one in journals_of(context, device)]
    return findings.joined(made)


def going_on(
    context: Context, device: Device, before: Mapping[bytes, Before]
) -> tuple[Report, dict[bytes, Before]]:
    """The report on a device, behind what was looked through of its journals before; and what a
    next look begins behind."""
    reports, whole = [], {}
    for journal in journals_of(context, device):
        known = before.get(journal)
        if known is not None and context.source.refused(journal):
            known = None  # what was refused may contradict any link
        made, on = findings.examined(facts(context, device, journal, known))
        reports.append(made)
        if on is not None:
            whole[journal] = on
    return findings.joined(reports), whole


def journals_of(context: Context, device: Device) -> list[bytes]:
    """Every journal that a device wrote, the one that it writes last. The office's are those of all
    agencies of its server, one for each succession and one before."""
    every = (
        context.source.offices if device.name == OFFICE else context.registry.journals_of(device)
    )
    return [*(one for one in every if one != device.journal), device.journal]


def facts(
    context: Context, device: Device, journal: bytes, before: Before | None = None
) -> DeviceFacts:
    """All that is known of one journal of a device, but for what was looked through before."""
    source, registry = context.source, context.registry
    closed = registry.closed[journal].record if journal in registry.closed else None
    admitted = source.admitted(journal)
    links = source.links(journal, before.length if before else 0)
    inventory, contacted_at = _contact(context, device, admitted, journal, closed) or (None, None)
    read = _read(links)
    hashes = {one for link in read for one in (link.hash(), link.previous)}
    records = {link.record for link in read}
    signed = source.envelopes(device, records - context.late)
    blobs = source.blobs(journals_of(context, device), records if before else None)
    return DeviceFacts(
        device=device.name,
        journal=journal,
        now=context.moment.at,
        links=links,
        entries=source.entries(hashes | ({admitted.hash} if admitted else set())),
        envelopes=signed.held,
        others=signed.others,
        blobs_held=blobs.held,
        blobs_damaged=blobs.damaged,
        blobs_stated=blobs.stated,
        admitted=admitted,
        inventory=inventory,
        contacted_at=contacted_at,
        log_size=context.moment.size,
        checkpoint_ok=context.moment.whole,
        changes=context.changes,
        retired=context.retired,
        refused=source.refused(journal),
        closed=closed,
        adopted=[
            (one.record, one.by) for one in registry.adopted if one.record.journal == journal.hex()
        ],
        parameters=context.parameters,
        witnessed=context.witnessed,
        doubted=[
            one
            for one in source.doubted(device, journal)
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
        before=before,
    )


def _read(links: dict[int, bytes]) -> list[Link]:
    """The links that can be read."""
    found = []
    for data in links.values():
        try:
            found.append(decode_link(data))
        except FujieError:
            continue
    return found


def _contact(
    context: Context,
    device: Device,
    admitted: Head | None,
    journal: bytes,
    closed: JournalClosed | None,
) -> Heard | None:
    """The device's last signed inventory of a journal, and when it came. The office answers for
    itself and for what it closed or adopted: such a journal ends where the log says."""
    at = context.moment.at
    if closed is not None:
        ends = Head(closed.length, bytes.fromhex(closed.head))
        return _as_the_log_says(device, journal, ends, at)
    if device.name == OFFICE or journal != device.journal:
        return _as_the_log_says(device, journal, admitted, at) if admitted else None
    if context.contacts is not None:
        return context.contacts.get(device.name)
    rows = context.source.contacts(context.agency)
    return heard.last_contacts(context.registry, context.agency, [device], rows).get(device.name)


def _as_the_log_says(device: Device, journal: bytes, admitted: Head, now: int) -> Heard:
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
