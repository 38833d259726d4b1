"""What devices said last of themselves, and which reference data the office said were out.

    last_contacts(registry, agency, devices, rows)     rows: (index, envelope), the newest first
    published(envelopes)                               (version, since when)

Only the office says when it heard of a device, and only the device what it holds: what others
state of it is passed over.
"""

from collections.abc import Iterable, Sequence

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

PROGRAM = "fujie-field/0.3"
"""The tablet's program of this edition."""

Heard = tuple[DeviceInventory, int]
"""A signed inventory, and when it came (ms)."""


def last_contacts(
    registry: Registry,
    agency: str,
    devices: Sequence[Device],
    rows: Iterable[tuple[int, bytes]],
    *,
    former: bool = False,
) -> dict[str, Heard]:
    """The last signed inventory of each device, by name, of the journal that it writes, or with
    ``former`` of any that it wrote: from the newest contact back to where all are found. What
    concerns none of them is not verified."""
    office = registry.devices.get((agency, OFFICE))
    wanted = {one.name: one for one in devices}
    found: dict[str, Heard] = {}
    if office is None or not wanted:
        return found
    for index, data in rows:
        try:
            said = statements.decode(dsse.decode(data).body)
            if not isinstance(said, DeviceContacted) or said.device not in wanted:
                continue
            _signed(data, office, index)
            device = wanted[said.device]
            told = _signed(said.inventory, device, index)
        except FujieError:
            continue
        if isinstance(told, DeviceInventory) and (
            told.journal == device.journal.hex() or (former and wrote(registry, device, told))
        ):
            found[device.name] = told, said.at
            del wanted[device.name]
            if not wanted:
                break
    return found


def wrote(registry: Registry, device: Device, said: DeviceInventory) -> bool:
    """Whether an inventory is of a journal that this device writes or wrote."""
    owner = registry.journals.get(bytes.fromhex(said.journal))
    return owner == (device.agency, device.name)


def published(envelopes: Iterable[bytes]) -> list[tuple[int, int]]:
    """Every published version of the reference data, in the order given, and when the office said
    so (ms)."""
    found = []
    for data in envelopes:
        try:
            said = statements.decode(dsse.decode(data).body)
        except FujieError:
            continue
        if isinstance(said, ReferencePublished):
            found.append((said.version, said.at))
    return found


def is_signed(data: bytes, device: Device, origin: str) -> bool:
    """Whether the device signed this inventory, and it brings a head of the log ``origin``."""
    keys = [device.key, *(one.key for one in device.former)]
    try:
        envelope = dsse.decode(data)
        dsse.verify(envelope, {key.key_id: key for key in keys}.get)
        said = statements.decode(envelope.body)
    except FujieError:
        return False
    return isinstance(said, DeviceInventory) and said.checkpoint.partition("\n")[0] == origin


def _signed(data: bytes, by: Device, index: int) -> Statement | Unknown:
    """What an envelope says, if this device signed it by a key that counts at ``index``. Raises
    Malformed, Unverified."""
    envelope = dsse.decode(data)
    dsse.verify(envelope, by.keys_at(index).get)
    return statements.decode(envelope.body)
