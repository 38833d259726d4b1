"""How much room there is for recordings, told in minutes, before one is begun.

    room = room_of(vault, blobs_dir)
    room.minutes_left(VIDEO)                 # at the rate of this tablet's last clips
    expect(vault, blobs_dir, VIDEO, 5)       # DiskFull, with the minutes in it

The rate is measured: the bytes a minute of the last clips, which depend on the camera and on what
it sees. Until there are any, a cautious one is taken. What is kept free for records is never
counted as room.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sqlmodel import col, func, select

from field_client import durable
from field_client.durable import MIB
from field_client.errors import DiskFull
from field_client.store.blobs import RESERVE
from field_client.store.tables import BlobRow, ReleasedRow, Stage
from field_client.store.vault import Vault

VIDEO, SOUND = "video", "audio"
USUAL = {VIDEO: 20 * MIB, SOUND: MIB}
CLIP_MINUTES, SOUND_MINUTES, CONTINUOUS_MINUTES = 5, 10, 30
"""What must fit before a recording is begun: a clip, a sound recording, a continuous one."""

CLIPS_MEASURED = 8
SHORTEST_MEASURED_MS = 10_000
SLOWEST = MIB // 2  # a black picture says nothing of the next one
RECORDINGS = ("image/", "video/", "audio/")


@dataclass(frozen=True)
class Room:
    """Bytes of the disk, free ones, those of our recordings, those of them that may go now; and
    bytes a minute by kind."""

    total: int
    free: int
    ours: int
    releasable: int = 0
    rates: dict[str, int] = field(default_factory=dict)

    def minutes_left(self, kind: str = VIDEO) -> int:
        """Whole minutes of a kind of recording that still fit."""
        return max(0, self.free - RESERVE) // self.rates.get(kind, USUAL[kind])

    @property
    def used(self) -> float:
        """The share of the disk that is taken, 0 to 1."""
        return 1 - self.free / self.total if self.total else 1.0


def room_of(vault: Vault, folder: Path, goes_after: Stage = Stage.ARCHIVED) -> Room:
    """What there is now. ``goes_after`` is the stage from which a local copy may go."""
    with vault.session() as session:
        ours = session.exec(_held()).one()
        releasable = session.exec(_held(goes_after)).one()
        rates = {kind: _rate(session.exec(_clips(kind)).all(), kind) for kind in (VIDEO, SOUND)}
    near = folder if folder.is_dir() else folder.parent
    free = durable.free_bytes(near)
    return Room(durable.total_bytes(near), free, ours, releasable, rates)


def expect(vault: Vault, folder: Path, kind: str, minutes: int) -> None:
    """DiskFull unless that many minutes fit; nothing has been begun then."""
    room = room_of(vault, folder)
    left = room.minutes_left(kind)
    if left < minutes:
        raise DiskFull(
            "There is room for {left} min only. Synchronise, so that copies which the office keeps "
            "can go, or delete other files.",
            left=left,
        )


@cache
def _held(goes_after: Stage | None = None):  # type: ignore[no-untyped-def]
    """The size of all recordings here, or of those whose copies may go. Asked after every photo."""
    gone = select(ReleasedRow.sha256)
    kinds = [col(BlobRow.media_type).startswith(kind) for kind in RECORDINGS]
    held = select(func.coalesce(func.sum(BlobRow.size), 0)).where(
        kinds[0] | kinds[1] | kinds[2], col(BlobRow.sha256).not_in(gone)
    )
    if goes_after is None:
        return held
    may_go = [stage.value for stage in Stage if stage.rank >= goes_after.rank]
    return held.where(col(BlobRow.stage).in_(may_go))


@cache
def _clips(kind: str):  # type: ignore[no-untyped-def]
    """Size, beginning and end of the newest clips made here: files of recorders, which say of
    themselves what they will, have no purpose before their labels."""
    return (
        select(BlobRow.size, BlobRow.began_at, BlobRow.at)
        .where(col(BlobRow.media_type) == f"{kind}/mp4", BlobRow.at > BlobRow.began_at)
        .where(BlobRow.at - BlobRow.began_at >= SHORTEST_MEASURED_MS, BlobRow.purpose != "")
        .order_by(col(BlobRow.at).desc())
        .limit(CLIPS_MEASURED)
    )


def _rate(clips: list[tuple[int, int, int]], kind: str) -> int:
    """Bytes a minute: the largest of the last ones, as the next may be like it."""
    measured = [size * 60_000 // (until - since) for size, since, until in clips]
    return max([*measured, SLOWEST if kind == VIDEO else SLOWEST // 4]) if measured else USUAL[kind]
