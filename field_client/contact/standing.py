"""Where sync stands, read from what is saved: nothing of the engine's state is stored by itself.

    standing(vault)      at start, and when an answer of the office changed the ground
    halt(session)        why nothing is sent, if something keeps it from being sent
    lift(session)        the office resolved that; in the caller's transaction

>>> HALTED
'halted'
"""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, col, select

from field_client.contact.inventory import open_journal
from field_client.store.stages import CURSOR, HALTED, PAUSED, UNSENT
from field_client.store.tables import BlobRow, LinkRow, Stage, StateRow
from field_client.store.vault import Vault
from protocol.engine import Media, SyncState, Upload
from protocol.transfers import listed

__all__ = ["HALTED", "halt", "lift", "standing"]


def standing(vault: Vault) -> SyncState:
    """The engine's state as of what is saved."""
    with vault.session() as session:
        journal = open_journal(session)
        first = session.exec(
            select(func.min(LinkRow.sequence)).where(
                LinkRow.journal == journal.id, col(LinkRow.stage).in_(UNSENT)
            )
        ).one()
        # Also those that were sent whole: the server's signed word for them is still to come.
        blobs = session.exec(
            select(BlobRow.sha256, BlobRow.size, BlobRow.at)
            .where(col(BlobRow.stage).in_([*UNSENT, Stage.RECEIPTED.value]))
            .where(col(BlobRow.named))
        ).all()
        cursor = session.get(StateRow, CURSOR)
        paused = session.get(StateRow, PAUSED)
        halted = halt(session)
    media = Media(paused=paused is not None and bool(paused.value))
    return SyncState(
        journal=journal.id,
        length=journal.length,
        acknowledged=journal.length if first is None else first,
        cursor=int.from_bytes(cursor.value, "big") if cursor else 0,
        media=listed(media, (Upload(name, size, at) for name, size, at in blobs)),
        halted=halted,
    )


def halt(session: Session) -> str | None:
    """Why nothing is sent until the office resolves it, or None."""
    held = session.get(StateRow, HALTED)
    return held.value.decode() if held else None


def lift(session: Session) -> None:
    """Sending may go on."""
    held = session.get(StateRow, HALTED)
    if held is not None:
        session.delete(held)
        session.flush()
