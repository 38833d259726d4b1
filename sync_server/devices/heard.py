"""What a device said, and what its word is compared with: doubts, programs, reference data.

last_contact(registry, connection, device)   its last signed inventory, and when it came
last_contacts(…, agency, devices)            the same of many at one look
doubted(connection, device, journal)         heads that it showed and the log does not have
published(connection, agency)                every version that it could have, and since when
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from protocol.auditing import heard
from protocol.auditing.source import UNBOUNDED
from protocol.registry.registry import Device, Registry
from protocol.statements import DeviceInventory
from sync_server.devices import doubts
from sync_server.log.standing import load_offices
from sync_server.store.tables import EVIDENCE, LINK, STATEMENT


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
    rows = connection.execute(
        select(STATEMENT.c.envelope)
        .join(LINK, LINK.c.index == STATEMENT.c.index)
        .where(
            LINK.c.journal.in_(load_offices(connection)),
            STATEMENT.c.kind == "reference_published",
            STATEMENT.c.agency == agency,
            STATEMENT.c.index < (UNBOUNDED if below is None else below),
        )
        .order_by(STATEMENT.c.index)
    )
    return heard.published(rows.scalars())


def contacts(
    connection: Connection, agency: str, below: int | None = None, above: int = -1
) -> Iterator[tuple[int, bytes]]:
    """(index, envelope) of each contact that the office states, in the log's entries ``below`` an
    index and ``above`` another, the newest first."""
    rows = connection.execute(
        select(STATEMENT.c.index, STATEMENT.c.envelope)
        .where(
            STATEMENT.c.kind == "device_contacted",
            STATEMENT.c.agency == agency,
            STATEMENT.c.index < (UNBOUNDED if below is None else below),
            STATEMENT.c.index > above,
        )
        .order_by(STATEMENT.c.index.desc())
    )
    yield from ((row[0], row[1]) for row in rows)


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
