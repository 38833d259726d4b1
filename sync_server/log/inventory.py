"""What a device says it holds, as it comes with each push: an envelope that this device signed."""

from __future__ import annotations

from protocol import envelope as dsse
from protocol import statements
from protocol.envelope import STATEMENT_TYPE
from protocol.errors import Malformed
from protocol.keys import Verifier
from protocol.statements import DeviceInventory


def read_inventory(data: bytes, key: Verifier) -> DeviceInventory:
    """The inventory in a push, if the device with this ``key`` signed it. Raises Malformed,
    Unverified."""
    envelope = dsse.decode(data)
    dsse.verify(envelope, {key.key_id: key}.get)
    read = statements.decode(envelope.body)
    if envelope.payload_type != STATEMENT_TYPE or not isinstance(read, DeviceInventory):
        raise Malformed("expected the device's inventory with its push; update this program")
    return read
