"""What a report that was made once depends on, in few bytes: equal as long as it would come out the
same, so that only what something came of is looked through again (``kept.py``).

A device: its journals, files, refused links and last word; those officers alone who have keys on it
or signed there; the lists that were out when it was looked through, since what was done by then
cannot be stale by later ones. When witnesses saw the log, and how long that is, stand in what is
found of missing links and entries, and count for nobody else. A case: its statements, the staff,
the lists.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass

from protocol.auditing.context import Context
from protocol.findings import Report
from protocol.registry.registry import OFFICE, Device
from protocol.statements import DeviceInventory

DAY = 24 * 3_600_000


@dataclass(frozen=True)
class People:
    """The persons of an agency: ``officers`` by certificate number, each in few bytes; who has, or
    had, a key ``on`` which device; the ``staff`` in few bytes; the ``journals`` of each device."""

    officers: Mapping[str, bytes]
    on: Mapping[str, Collection[str]]
    staff: bytes
    journals: Mapping[str, Collection[bytes]]


@dataclass(frozen=True)
class Arrived:
    """Numbers that any news of a journal (hex) changes."""

    journals: Mapping[str, Hashable]
    blobs: Mapping[str, Hashable]
    refused: Mapping[str, Hashable]


def people_of(context: Context) -> People:
    """Everybody of the context's agency."""
    registry, agency = context.registry, context.agency
    about: dict[str, list[str]] = defaultdict(list)
    for cert_no, tenures in context.roster.items():
        about[cert_no].append(repr(tenures))
    for change in context.changes:
        keys = sorted(change.key_ids)
        about[change.cert_no].append(repr((change.effective_at, change.standing, keys)))
    for retired in context.retired:
        about[retired.cert_no].append(repr(retired))
    on: dict[str, set[str]] = defaultdict(set)
    for key_id, key in sorted(registry.officer_keys.items()):
        if key.agency == agency:
            about[key.cert_no].append(repr((key_id, key.device, key.retired_at)))
            on[key.device].add(key.cert_no)
    staff = [
        (one.account, one.index, one.role, one.ended, one.key.key_id)
        for one in registry.staff.values()
        if one.agency == agency
    ]
    journals: dict[str, list[bytes]] = defaultdict(list)
    for journal, (of, name) in registry.journals.items():
        if of == agency:
            journals[name].append(journal)
    journals[OFFICE] = list(context.source.offices)
    return People(
        {cert_no: stamp(tuple(said)) for cert_no, said in about.items()},
        {name: sorted(some) for name, some in on.items()},
        stamp(tuple(sorted(staff))),
        journals,
    )


def device(
    context: Context, one: Device, people: People, arrived: Arrived, made: Report, read_at: int
) -> bytes:
    """Of a device, of which ``made`` was read at a time (ms)."""
    told, at = (context.contacts or {}).get(one.name, (None, 0))
    silent = context.moment.at - at if at else 0
    journals = [journal.hex() for journal in people.journals.get(one.name, ())]
    concerned = sorted({*people.on.get(one.name, ()), *made.signed})
    known = bisect_right(context.references, read_at, key=lambda version: version[1])
    codes = {found.code for found in made.findings}
    return stamp(
        (
            tuple(arrived.journals.get(journal) for journal in journals),
            tuple(arrived.blobs.get(journal) for journal in journals),
            tuple(arrived.refused.get(journal) for journal in journals),
            at,
            max(0, silent // DAY) if silent > context.parameters.silent_ms else -1,
            mark(one),
            (one.rests, one.revoked_at),
            tuple(context.registry.closed[x].index for x in _closed(context, people, one)),
            tuple(x.index for x in context.registry.adopted if x.record.journal in journals),
            tuple((cert_no, people.officers.get(cert_no)) for cert_no in concerned),
            context.users(one),
            (known, context.references[known - 1] if known else None),
            _overdue(context, told, at),
            repr(context.parameters),
            len(context.destroyed),
            tuple(context.witnessed) if "link_missing" in codes else None,
            context.moment.size if "entry_missing" in codes else None,
        )
    )


def case(context: Context, people: People, size: int) -> bytes:
    """Of a case whose statements stand in so many bytes."""
    return stamp((size, people.staff, context.references[-1:], repr(context.parameters)))


def mark(one: Device) -> tuple[Hashable, ...]:
    """Which journal a device writes, and under which keys."""
    return one.journal, one.key.key_id, tuple(key.until for key in one.former)


def stamp(facts: Hashable) -> bytes:
    """Facts in few bytes: the same after a start."""
    return hashlib.sha256(repr(facts).encode()).digest()


def _overdue(context: Context, told: DeviceInventory | None, at: int) -> tuple[int, int] | None:
    """The newest lists, where a device should have had them by its last word."""
    if told is None or not context.references:
        return None
    version, since = context.references[-1]
    late = told.reference_version < version and at - since > context.parameters.stale_ms
    return (version, since) if late else None


def _closed(context: Context, people: People, one: Device) -> list[bytes]:
    closed = context.registry.closed
    return [journal for journal in people.journals.get(one.name, ()) if journal in closed]
