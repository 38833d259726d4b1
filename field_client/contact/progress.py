"""What people see of sync: counts and trouble from the vault, and how far what is unsent has come.

    9 of 12 records and files · 31 of 40 MB · about 2 minutes

What was sent counts from the moment at which something was left to send for the first time since
all was there; what is saved meanwhile adds to the whole.

>>> meter = Meter().at(items=3, size=30).at(items=1, size=12)
>>> (meter.items_done, meter.items_total, meter.bytes_done, meter.bytes_total)
(2, 3, 18, 30)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select

from field_client.contact.inventory import unsent_blobs, unsent_links
from field_client.contact.unsent import Count, Unsent
from field_client.store.stages import ALARM, CONTACT, UNSENT
from field_client.store.tables import BlobRow, LinkRow, Stage, StatementRow
from field_client.store.vault import Vault
from protocol.engine import SyncState
from protocol.errors import FujieError

LAST_PLACES = select(LinkRow.journal, func.max(LinkRow.sequence)).group_by(col(LinkRow.journal))


@dataclass(frozen=True)
class Progress:
    """How far records and files have come: items and bytes, and how long the rest will take (ms),
    as far as that can be told."""

    items_done: int
    items_total: int
    bytes_done: int
    bytes_total: int
    remaining_ms: int | None


@dataclass(frozen=True)
class Meter:
    """What is left, and the whole that it is left of."""

    items_left: int = 0
    items_total: int = 0
    bytes_left: int = 0
    bytes_total: int = 0

    def at(self, items: int, size: int) -> Meter:
        """The meter when so much is left. What was added since is more to do, not less done."""
        if not self.items_left:
            return Meter(items, items, size, size)
        return Meter(
            items,
            self.items_total + max(0, items - self.items_left),
            size,
            self.bytes_total + max(0, size - self.bytes_left),
        )

    @property
    def items_done(self) -> int:
        """How many are there."""
        return self.items_total - self.items_left

    @property
    def bytes_done(self) -> int:
        """How many bytes are there."""
        return self.bytes_total - self.bytes_left


@dataclass(frozen=True)
class SyncStatus:
    """What people see of sync. Times in ms UTC; ``counts`` by stage; ``trouble`` is the last
    error while there is one, ``halted`` the reason why nothing is sent until a person acts,
    ``paused`` that photos and films wait because somebody said so."""

    counts: dict[Stage, int]
    oldest_unsent_at: int | None
    blobs_outstanding: int
    bytes_outstanding: int
    contact_at: int | None
    online: bool
    busy: bool
    trouble: FujieError | None
    halted: str | None
    alarm: bytes | None
    paused: bool = False
    progress: Progress = Progress(0, 0, 0, 0, None)

    @property
    def unsent(self) -> int:
        """Records that the server has not acknowledged."""
        return self.counts.get(Stage.SAVED, 0) + self.counts.get(Stage.SENT, 0)


class Waiting(NamedTuple):
    """What the corner of every screen says: records that the server has not acknowledged, since
    when (ms) the oldest of them waits, and whether the server was there last."""

    unsent: int
    oldest_unsent_at: int | None
    online: bool


def waiting(kept: Unsent, meter: Meter, *, online: bool) -> tuple[Waiting, Meter]:
    """Asked for with every view: nothing is read. The meter begins anew once all is there."""
    unsent, oldest = kept.told
    all_there = not unsent and not kept.files
    return Waiting(unsent, oldest, online), Meter() if all_there else meter


def counted(vault: Vault) -> Count:
    """What waits, counted now."""
    with vault.session() as session:
        unsent, oldest = unsent_links(session)
        places = dict(session.exec(LAST_PLACES).all())
        return Count(unsent, oldest, places, unsent_blobs(session)[0])


def status(
    vault: Vault, state: SyncState, meter: Meter, *, online: bool, trouble: FujieError | None
) -> tuple[SyncStatus, Meter]:
    """The status as of what is saved, and the meter moved on."""
    with vault.session() as session:
        counted = session.exec(select(LinkRow.stage, func.count()).group_by(LinkRow.stage)).all()
        unsent, oldest = unsent_links(session)
        blobs, size = unsent_blobs(session)
        left = _bytes_left(session)
    contact = vault.state(CONTACT)
    meter = meter.at(unsent + blobs, left)
    told = SyncStatus(
        counts={Stage(stage): count for stage, count in counted},
        oldest_unsent_at=oldest,
        blobs_outstanding=blobs,
        bytes_outstanding=size,
        contact_at=int.from_bytes(contact, "big") if contact else None,
        online=online,
        busy=state.working,
        trouble=trouble,
        halted=state.halted,
        alarm=vault.state(ALARM),
        paused=state.media.paused,
        progress=_progress(state, meter, online=online),
    )
    return told, meter


def _progress(state: SyncState, meter: Meter, *, online: bool) -> Progress:
    moving = online and state.halted is None and not state.media.paused
    remaining = state.pace.estimate_ms(meter.bytes_left) if moving else 0
    return Progress(
        items_done=meter.items_done,
        items_total=meter.items_total,
        bytes_done=meter.bytes_done,
        bytes_total=meter.bytes_total,
        remaining_ms=remaining or None,
    )


def _bytes_left(session: Session) -> int:
    """Bytes of records and of blobs that the server does not have."""
    statements = session.exec(
        select(func.coalesce(func.sum(func.length(StatementRow.envelope)), 0))
        .join(LinkRow, col(LinkRow.record_hash) == col(StatementRow.record_hash))
        .where(col(LinkRow.stage).in_(UNSENT))
    ).one()
    blobs = session.exec(
        select(func.coalesce(func.sum(BlobRow.size - BlobRow.uploaded_offset), 0)).where(
            col(BlobRow.stage).in_(UNSENT), col(BlobRow.named)
        )
    ).one()
    return int(statements) + int(blobs)
