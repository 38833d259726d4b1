"""Contacts: what a device said of itself, stated by the office so that it is never unsaid.

Each push brings the device's signed inventory. It becomes a ``device_contacted`` record of the
office when it says something new, or when the last one is ``QUIET_MS`` old; the integrity
report compares it with the log's own ledger.
"""

from __future__ import annotations

import secrets
import threading

from protocol import envelope as dsse
from protocol import statements
from protocol.envelope import STATEMENT_TYPE, Envelope
from protocol.keys import Signer
from protocol.registry.registry import Device
from protocol.statements import DeviceContacted, DeviceInventory

QUIET_MS = 5 * 60_000


class Latest:
    """Which of a device's inventories it said last, in whatever order they arrive: a push that
    was on its way for long must not replace what the device said since. Between two boots of a
    device no clock tells; its next contact does. Forgets at a restart."""

    def __init__(self) -> None:
        self._last: dict[tuple[bytes, bytes], int] = {}

    def takes(self, device: bytes, boot: bytes, monotonic: int) -> bool:
        """Whether this one is not older than the last one of the same boot."""
        if monotonic < self._last.get((device, boot), 0):
            return False
        self._last[device, boot] = monotonic
        return True


class Contacts:
    """Which inventories are news. Forgets at a restart, when one more is stated."""

    def __init__(self) -> None:
        self._latest = Latest()
        self._last: dict[bytes, tuple[int, tuple[object, ...]]] = {}
        self._known: set[bytes] = set()
        self._lock = threading.Lock()

    def news(
        self, device: Device, said: DeviceInventory, data: bytes, office: Signer, now: int
    ) -> Envelope | None:
        """The signed statement to append, or None if the last contact said the same."""
        gist = (
            said.journal,
            said.length,
            said.head,
            said.unsent,
            said.oldest_unsent_at,
            said.blobs_outstanding,
            said.boot,
            said.reference_version,
            said.program,
            said.halted,
        )
        with self._lock:
            boot = bytes.fromhex(said.boot)
            if not self._latest.takes(device.key.key_id, boot, said.monotonic):
                return None
            at, last = self._last.get(device.key.key_id, (0, ()))
            if last == gist and now - at < QUIET_MS:
                return None
            self._last[device.key.key_id] = (now, gist)
        statement = DeviceContacted(
            agency=device.agency,
            at=now,
            salt=secrets.token_hex(16),
            device=device.name,
            inventory=data,
        )
        return dsse.sign(STATEMENT_TYPE, statements.encode(statement), [office])

    def forget(self, device: Device) -> None:
        """What was to be stated last was not: the same again is news."""
        with self._lock:
            self._last.pop(device.key.key_id, None)

    def is_first(self, device: Device) -> bool:
        """Whether this is the device's first contact since the start; only then can the database
        be another one than at its last."""
        with self._lock:
            first = device.key.key_id not in self._known
            self._known.add(device.key.key_id)
        return first
