"""What a crash left in the middle: recordings are rescued, unfinished papers thrown away.

    tidy(vault, folder)          once at start, before anything is captured
    again(vault, folder, names)  what failed since: as soon as there is room for it
    rescued(vault, case)         recordings that no record names yet, for the officer to judge

A recording that was cut is evidence even so: what can be read of it becomes a blob that waits
for a record. A document or handwriting that was being saved belongs to a statement that was
never made, so it goes. What cannot be rescued now (no room, or altered) stays as it is, and the
tablet opens all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from field_client.durable import require_room
from field_client.errors import DiskFull, FieldError
from field_client.store import captures
from field_client.store.blobs import RESERVE
from field_client.store.parts import Part, forget, part_of
from field_client.store.tables import BlobRow, CaptureRow, ImportRow
from field_client.store.vault import Vault
from protocol.statements import BlobRef
from protocol.vocabulary import MediaKind

RECORDINGS = {"image": MediaKind.PHOTO, "video": MediaKind.VIDEO, "audio": MediaKind.SOUND}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rescued:
    """A recording without a record. ``keep`` makes it the blob of the statement that is saved,
    which says that it is ``part`` of a continuous recording."""

    media: MediaKind
    ref: BlobRef
    purpose: str
    began_at: int
    ended_at: int
    part: Part | None
    keep: Callable[[Session], object]


def tidy(vault: Vault, folder: Path) -> None:
    """Rescue or remove every capture that never became a blob."""
    for capture in captures.interrupted(vault):
        try:
            _tidy_one(vault, folder, capture)
        except FieldError as error:
            log.warning("capture of %s stays as it is: %s", capture.media_type, error)


def again(vault: Vault, folder: Path, names: Collection[str]) -> set[str]:
    """Rescue those of these recordings that there is room for now; for which there is none yet.
    One that cannot be read waits for the next start: it is not read again with every tick."""
    left = set()
    for capture in captures.interrupted(vault):
        path = folder / capture.path
        if capture.path in names:
            try:
                require_room(folder, RESERVE + path.stat().st_size)
                captures.rescue(vault, folder, capture, _last_written(path, capture))
            except DiskFull:
                left.add(capture.path)
            except (FieldError, FileNotFoundError) as error:
                log.warning("capture of %s stays as it is: %s", capture.media_type, error)
    return left


def rescued(vault: Vault, case: bytes) -> list[Rescued]:
    """The rescued recordings of a case, oldest first."""
    with vault.session() as session:
        rows = session.exec(
            select(BlobRow)
            .where(BlobRow.case_id == case, col(BlobRow.named).is_(False))
            .where(col(BlobRow.sha256).not_in(select(ImportRow.sha256)))
            .order_by(col(BlobRow.began_at))
        ).all()
        return [_told(row, part_of(session, row.path)) for row in rows]


def _tidy_one(vault: Vault, folder: Path, capture: CaptureRow) -> None:
    if _kind(capture.media_type) is None:
        captures.discard(vault, folder, capture.path)
        return
    captures.rescue(vault, folder, capture, _last_written(folder / capture.path, capture))


def _last_written(path: Path, capture: CaptureRow) -> int:
    """When the recording broke off, in ms: it is made durable each second."""
    try:
        return max(capture.started_at, path.stat().st_mtime_ns // 1_000_000)
    except FileNotFoundError:
        return capture.started_at


def _told(row: BlobRow, part: Part | None) -> Rescued:
    name = row.sha256

    def keep(session: Session) -> object:
        blob = session.get_one(BlobRow, name)
        blob.named = True
        session.add(blob)
        forget(session, blob.path)
        return blob

    return Rescued(
        media=_kind(row.media_type) or MediaKind.VIDEO,
        ref=BlobRef(sha256=name.hex(), size=row.size, media_type=row.media_type),
        purpose=row.purpose,
        began_at=row.began_at,
        ended_at=row.at,
        part=part,
        keep=keep,
    )


def _kind(media_type: str) -> MediaKind | None:
    return RECORDINGS.get(media_type.partition("/")[0])
