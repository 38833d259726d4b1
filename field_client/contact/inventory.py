"""What a device says of itself with every push, signed by the device (``DeviceInventory``).

The server keeps it in the log, so that what a tablet held back, lost or forgot shows later.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, col, select

from field_client.device_clock import Clock
from field_client.store.stages import CHECKPOINT, HALTED, UNSENT
from field_client.store.tables import BlobRow, JournalRow, LinkRow, StateRow
from field_client.store.vault import Vault
from protocol import envelope, statements
from protocol.keys import Signer
from protocol.statements import DeviceInventory

PROGRAM = "fujie-field/0.3"

# Asked after every act: made once, as each leaves ten objects that only a collection frees.
UNSENT_LINKS = select(func.count(), func.min(LinkRow.saved_at)).where(
    col(LinkRow.stage).in_(UNSENT)
)
UNSENT_BLOBS = select(func.count(), func.coalesce(func.sum(BlobRow.size), 0)).where(
    col(BlobRow.stage).in_(UNSENT), col(BlobRow.named)
)


def open_journal(session: Session) -> JournalRow:
    """The journal that this device writes."""
    return session.exec(select(JournalRow).where(col(JournalRow.open))).one()


def unsent_links(session: Session) -> tuple[int, int | None]:
    """How many links the server has not acknowledged, and since when (ms) the oldest waits."""
    count, oldest = session.exec(UNSENT_LINKS).one()
    return count, oldest


def unsent_blobs(session: Session) -> tuple[int, int]:
    """How many blobs, and bytes, that statements name are not sent whole."""
    count, size = session.exec(UNSENT_BLOBS).one()
    return count, int(size)


def signed_inventory(
    vault: Vault,
    device: Signer,
    clock: Clock,
    data_dir: Path,
    *,
    agency: str,
    checkpoint_size: int,
    reference_version: int,
    journal: JournalRow | None = None,
) -> bytes:
    """The envelope of the inventory as of now, of the open ``journal`` or a given one."""
    with vault.session() as session:
        journal = journal or open_journal(session)
        unsent, oldest = unsent_links(session)
        blobs, size = unsent_blobs(session)
        seen, halted = session.get(StateRow, CHECKPOINT), session.get(StateRow, HALTED)
    disk = shutil.disk_usage(data_dir)
    now = clock.wall_ms()
    held = DeviceInventory(
        agency=agency,
        at=now,
        salt=_salt(journal.head_hash, now),
        journal=journal.id.hex(),
        length=journal.length,
        head=journal.head_hash.hex(),
        unsent=unsent,
        oldest_unsent_at=oldest,
        blobs_outstanding=blobs,
        bytes_outstanding=size,
        free_bytes=disk.free,
        boot=clock.boot_id.hex(),
        monotonic=clock.monotonic_ms(),
        checkpoint_size=checkpoint_size,
        reference_version=reference_version,
        program=PROGRAM,
        checkpoint=seen.value.decode() if seen else "",
        halted=halted.value.decode() if halted else "",
        disk_bytes=disk.total,
    )
    signed = envelope.sign(envelope.STATEMENT_TYPE, statements.encode(held), [device])
    return envelope.encode(signed)


def _salt(head: bytes, now: int) -> str:
    """Inventories hold nothing to guess, so their salt need only differ from one another."""
    return (int.from_bytes(head[:16], "big") ^ now).to_bytes(16, "big").hex()
