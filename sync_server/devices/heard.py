"""What a device said, and what its word is compared with: doubts, programs, reference data.

last_contact(registry, connection, device)   its last signed inventory, and when it came
last_contacts(…, agency, devices)            the same of many at one look
doubted(connection, device, journal)         heads that it showed and the log does not have
published(connection, agency)                every version that it could have, and since when
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from protocol import envelope as dsse
from protocol import statements
from protocol.errors import FujieError
from protocol.registry.registry import OFFICE, Device, Registry
from protocol.statements import (
    DeviceContacted,
    DeviceInventory,
    ReferencePublished,
    Statement,
    Unknown,
)
from sync_server.devices import doubts
from sync_server.log.standing import load_offices
from sync_server.store.tables import EVIDENCE, LINK, STATEMENT

PROGRAM = "fujie-field/0.3"
"""The tablet's program of this edition."""
UNBOUNDED = 1 << 62
"""An index that no log reaches."""


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
    return [(row.at, row.link) for row in rows if _is_signed(row.link, device, origin)]


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
    found = []
    for data in rows.scalars():
        try:
            said = statements.decode(dsse.decode(data).body)
        except FujieError:
            continue
        if isinstance(said, ReferencePublished):
            found.append((said.version, said.at))
    return found


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
    office = registry.devices.get((agency, OFFICE))
    wanted = {one.name: one for one in devices}
    found: dict[str, tuple[DeviceInventory, int]] = {}
    if office is None or not wanted:
        return found
    rows = connection.execute(
        select(STATEMENT.c.envelope, STATEMENT.c.index)
        .where(
            STATEMENT.c.kind == "device_contacted",
            STATEMENT.c.agency == agency,
            STATEMENT.c.index < (UNBOUNDED if below is None else below),
            STATEMENT.c.index > above,
        )
        .order_by(STATEMENT.c.index.desc())
    )
    for data, index in rows:
        try:
            said = statements.decode(dsse.decode(data).body)
            if not isinstance(said, DeviceContacted) or said.device not in wanted:
                continue
            _signed(data, office, index)
            device = wanted[said.device]
            told = _signed(said.inventory, device, index)
        except FujieError:
            continue
        if isinstance(told, DeviceInventory) and told.journal == device.journal.hex():
            found[device.name] = told, said.at
            del wanted[device.name]
            if not wanted:
                break
    return found


def _signed(data: bytes, by: Device, index: int) -> Statement | Unknown:
    """What an envelope says, if this device signed it by a key that counts at ``index``. Raises
    Malformed, Unverified."""
    envelope = dsse.decode(data)
    dsse.verify(envelope, by.keys_at(index).get)
    return statements.decode(envelope.body)


def _is_signed(data: bytes, device: Device, origin: str) -> bool:
    """Whether the device signed this inventory, and it brings a head of the log ``origin``."""
    keys = [device.key, *(one.key for one in device.former)]
    try:
        envelope = dsse.decode(data)
        dsse.verify(envelope, {key.key_id: key for key in keys}.get)
        said = statements.decode(envelope.body)
    except FujieError:
        return False
    return isinstance(said, DeviceInventory) and said.checkpoint.partition("\n")[0] == origin
