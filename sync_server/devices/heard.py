"""What a device said, and what its word is compared with: doubts, programs, reference data.

last_contact(registry, connection, device)   its last signed inventory, and when it came
doubted(connection, device, journal)         heads that it showed and the log does not have
newest_reference(connection, agency)         the version that it could have, and since when
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from protocol import envelope as dsse
from protocol import statements
from protocol.errors import FujieError
from protocol.statements import (
    DeviceContacted,
    DeviceInventory,
    ReferencePublished,
    Statement,
    Unknown,
)
from sync_server.devices import doubts
from sync_server.registry.registry import OFFICE, Device, Registry
from sync_server.store.tables import EVIDENCE, STATEMENT

PROGRAM = "fujie-field/0.3"
"""The tablet's program of this edition."""


def doubted(connection: Connection, device: Device, journal: bytes) -> list[tuple[int, bytes]]:
    """Contacts at which the device, by its own signature, brought a head that is not this log's."""
    rows = connection.execute(
        select(EVIDENCE.c.at, EVIDENCE.c.link)
        .where(EVIDENCE.c.journal == journal, EVIDENCE.c.reason == doubts.REASON)
        .order_by(EVIDENCE.c.at, EVIDENCE.c.hash)
    )
    return [(row.at, row.link) for row in rows if _is_signed(row.link, device)]


def newest_reference(connection: Connection, agency: str) -> tuple[int, int]:
    """The newest published version, and when the office said so (ms); zeros for none."""
    data = connection.execute(
        select(STATEMENT.c.envelope)
        .where(STATEMENT.c.kind == "reference_published", STATEMENT.c.agency == agency)
        .order_by(STATEMENT.c.index.desc())
        .limit(1)
    ).scalar()
    try:
        said = statements.decode(dsse.decode(data or b"").body)
    except FujieError:
        return 0, 0
    return (said.version, said.at) if isinstance(said, ReferencePublished) else (0, 0)


def last_contact(
    registry: Registry, connection: Connection, device: Device
) -> tuple[DeviceInventory, int] | None:
    """The device's last signed inventory of the journal that it writes, and when it came. Only the
    office says when it heard of a device, and only the device what it holds: what others state of
    it is passed over."""
    office = registry.devices.get((device.agency, OFFICE))
    if office is None:
        return None
    rows = connection.execute(
        select(STATEMENT.c.envelope, STATEMENT.c.index)
        .where(STATEMENT.c.kind == "device_contacted", STATEMENT.c.agency == device.agency)
        .order_by(STATEMENT.c.index.desc())
    )
    for data, index in rows:
        try:
            said = _signed(data, office, index)
            if isinstance(said, DeviceContacted) and said.device == device.name:
                told = _signed(said.inventory, device, index)
                if isinstance(told, DeviceInventory) and told.journal == device.journal.hex():
                    return told, said.at
        except FujieError:
            continue
    return None


def _signed(data: bytes, by: Device, index: int) -> Statement | Unknown:
    """What an envelope says, if this device signed it by a key that counts at ``index``. Raises
    Malformed, Unverified."""
    envelope = dsse.decode(data)
    dsse.verify(envelope, by.keys_at(index).get)
    return statements.decode(envelope.body)


def _is_signed(data: bytes, device: Device) -> bool:
    keys = [device.key, *(one.key for one in device.former)]
    try:
        dsse.verify(dsse.decode(data), {key.key_id: key for key in keys}.get)
    except FujieError:
        return False
    return True
