"""What a device said, and what its word is compared with: doubts, programs, reference data.

last_contact(registry, connection, device)   its last signed inventory, and when it came
last_contacts(…, agency, devices)            the same of many at one look
doubted(connection, device, journal)         heads that it showed and the log does not have
published(connection, agency)                every version that it could have, and since when
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from sqlalchemy import Connection, select

from protocol.auditing import heard
from protocol.auditing.source import UNBOUNDED
from protocol.registry.registry import Device, Registry
from protocol.statements import DeviceInventory
from sync_server.devices import doubts
from sync_server.log import leaves, lookup
from sync_server.log.leaves import Leaf
from sync_server.log.standing import load_offices
from sync_server.store.tables import EVIDENCE

_AT_ONCE = 16
"""Contacts that are looked at together."""


def doubted(
    connection: Connection, device: Device, journal: bytes, origin: str
) -> list[tuple[int, bytes]]:
    """Contacts at which the device, by its own signature, brought a head that is not this log's.
    What it brought of a predecessor is settled: the succession says what became of that log, and
    the device follows it or raises its alarm."""
    rows = connection.execute(
        select(EVIDENCE.c.at, EVIDENCE.c.link)
        .where(EVIDENCE.c.journal == journal, EVIDENCE.c.reason == doubts.REASON)
        .order_by(EVIDENCE.c.at, EVIDENCE.c.hash)
    )
    return [(row.at, row.link) for row in rows if heard.is_signed(row.link, device, origin)]


def published(
    connection: Connection, agency: str, below: int | None = None
) -> list[tuple[int, int]]:
    """Every published version of the reference data, the earliest first, and when the office said
    so (ms), which nobody else can; of the whole log or of its entries ``below`` an index."""
    offices, end = load_offices(connection), UNBOUNDED if below is None else below
    found = leaves.of_kinds(connection, ["reference_published"], agency, end=end)
    return heard.published(
        leaf.statement for leaf in found if leaf.statement is not None and leaf.journal in offices
    )


def contacts(
    connection: Connection, agency: str, below: int | None = None, above: int = -1
) -> Iterator[tuple[int, bytes]]:
    """(index, envelope) of each contact that the office states, in the log's entries ``below`` an
    index and ``above`` another, the newest first; read as they are asked for. An old one that
    somebody sends again is none."""
    offices, end = load_offices(connection), UNBOUNDED if below is None else below
    kinds = ["device_contacted"]
    found = leaves.newest_of_kinds(connection, kinds, agency, above + 1, end)
    while some := list(islice(found, _AT_ONCE)):
        again = _again(connection, [leaf for leaf in some if leaf.journal not in offices])
        for leaf in some:
            if leaf.statement is not None and leaf.index not in again:
                yield leaf.index, leaf.statement


def _again(connection: Connection, strange: Sequence[Leaf]) -> set[int]:
    """Where contacts stand that came elsewhere first. Nobody has one before the office that states
    it, and it does so once; so only what stands in another's journal is looked up, some at once: a
    tablet can send as many as it likes."""
    firsts = lookup.records(connection, {leaf.record_hash for leaf in strange})
    own = {(one.record_hash, one.index) for one in firsts.values()}
    return {leaf.index for leaf in strange if (leaf.record_hash, leaf.index) not in own}


def last_contact(
    registry: Registry, connection: Connection, device: Device
) -> tuple[DeviceInventory, int] | None:
    """The device's last signed inventory of the journal that it writes, and when it came. Only the
    office says when it heard of a device, and only the device what it holds: what others state of
    it is passed over."""
    return last_contacts(registry, connection, device.agency, [device]).get(device.name)


def last_contacts(
    registry: Registry,
    connection: Connection,
    agency: str,
    devices: Sequence[Device],
    below: int | None = None,
    above: int = -1,
) -> dict[str, tuple[DeviceInventory, int]]:
    """The same of several devices of an agency, by name, at one look: from the newest contact (in
    the log's entries ``below`` an index and ``above`` another) back to where all are found. What
    concerns none of them is not verified."""
    rows = contacts(connection, agency, below, above)
    return heard.last_contacts(registry, agency, devices, rows)
