"""Letting go of local copies of recordings that the office keeps; never before its word is there.

    let_go(vault, folder, at, goes_after(parameters))    how many, and how many bytes
    tidy(vault, folder)                                  once at start

A copy goes after *archived*, or after *stored* where the agency says so (design: stages); both are
the office's signed word. First the vault says that the copy is gone, on the disk for good, then
the file goes: a crash in between leaves a file that ``tidy`` removes, never a recording that is
silently missing. Links, receipts and the blob's row stay. Only recordings go, as they take the
room; documents stay to be shown and printed again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sqlmodel import Session, col, select

from field_client.store.room import RECORDINGS
from field_client.store.tables import BlobRow, ReleasedRow, Stage
from field_client.store.vault import Vault
from protocol.reference import Parameters

AT_ONCE = 50  # the write lock is held for moments only

log = logging.getLogger(__name__)


class LetGo(NamedTuple):
    """How many copies went, and how many bytes they took."""

    copies: int
    size: int


def goes_after(parameters: Parameters) -> Stage:
    """The stage after which a local copy may go."""
    return Stage.STORED if parameters.release_after_stored else Stage.ARCHIVED


def let_go(vault: Vault, folder: Path, at: int, after: Stage) -> LetGo:
    """Remove the copies that may go. Raises ValueError for a stage that is no word of the
    office's, VaultError."""
    if after.rank < Stage.STORED.rank:
        raise ValueError(f"expected stored or archived, got {after}")
    copies = size = 0
    while True:
        with vault.transaction() as session:
            rows = _ripe(session, after)
            for row in rows:
                session.add(ReleasedRow(sha256=row.sha256, at=at))
        if not rows:
            return LetGo(copies, size)
        for row in rows:
            _remove(folder / row.path)
            copies, size = copies + 1, size + row.size


def tidy(vault: Vault, folder: Path) -> None:
    """Remove the files of copies that were let go when the program was killed. Where a log was
    succeeded and asks for such a recording again, its file is not here, and sync says so."""
    with vault.session() as session:
        rows = session.exec(select(BlobRow.path).where(BlobRow.sha256 == ReleasedRow.sha256)).all()
    for path in rows:
        _remove(folder / path)


def released(vault: Vault, names: Iterable[bytes]) -> dict[bytes, int]:
    """Those of these recordings whose copy was let go, by hash, with when (ms)."""
    with vault.session() as session:
        wanted = select(ReleasedRow).where(col(ReleasedRow.sha256).in_(list(names)))
        return {row.sha256: row.at for row in session.exec(wanted).all()}


def _ripe(session: Session, after: Stage) -> list[BlobRow]:
    kinds = [col(BlobRow.media_type).startswith(kind) for kind in RECORDINGS]
    stages = [stage.value for stage in Stage if stage.rank >= after.rank]
    return list(
        session.exec(
            select(BlobRow)
            .where(kinds[0] | kinds[1] | kinds[2], col(BlobRow.named))
            .where(col(BlobRow.stage).in_(stages))
            .where(col(BlobRow.sha256).not_in(select(ReleasedRow.sha256)))
            .limit(AT_ONCE)
        ).all()
    )


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:  # open in a player elsewhere; the next start tries again
        log.warning("%s could not be removed yet: %s", path.name, error)
