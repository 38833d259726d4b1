"""A head of this log that this log does not have: the database was put back, or replaced.

Every push brings the device's signed inventory, and in it the head of the log that the device
verified last, as the log signed it. A log that holds other entries than that, or fewer, has taken
back what it signed. The device finds that out by itself and raises its alarm; what it brought is
kept here too, as evidence, so that the supervisor sees it, however the log goes on.

    here 55 entries      the device's checkpoint: 112 entries, signed by this log      → kept

A head of another name is none of this: that log has a successor, and the device follows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from protocol.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from protocol.errors import FujieError
from protocol.registry.registry import Device
from protocol.statements import DeviceInventory
from sync_server.log.append import Append
from sync_server.store.db import Database
from sync_server.store.tables import CHECKPOINT

REASON = "log_set_back"


@dataclass(frozen=True)
class Doubt:
    """Keep a device's inventory as evidence. A job of the writer."""

    device: Device
    said: DeviceInventory
    data: bytes

    def run(self, append: Append) -> None:
        """Keep it; the same again changes nothing."""
        append.rows.evidence.append(
            {
                "hash": hashlib.sha256(self.data).digest(),
                "device": self.device.name,
                "journal": bytes.fromhex(self.said.journal),
                "reason": REASON,
                "at": append.now,
                "link": self.data,
                "statement": None,
            }
        )


def is_lost(db: Database, said: DeviceInventory, size: int, keys: Sequence[VerifierKey]) -> bool:
    """Whether the inventory brings a head, signed by the log that has ``keys``, that a log of
    ``size`` entries in this database does not have."""
    origin = keys[0].name
    if said.checkpoint.partition("\n")[0] != origin:
        return False
    try:
        seen = open_checkpoint(said.checkpoint.encode(), keys, origin)
    except FujieError:
        return False  # not the log's own word: it accuses nobody
    if seen.size > size:
        return True
    with db.engine.connect() as connection:
        note = connection.execute(
            select(CHECKPOINT.c.note).where(CHECKPOINT.c.size == seen.size)
        ).scalar()
    here = Checkpoint(origin, seen.size, seen.root).text().encode()
    return seen.size > 0 and (note is None or not note.startswith(here))
