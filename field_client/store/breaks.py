"""Breaks of a continuous recording, kept until their reason is stated (AV-1).

    one = broken(case, step, from_at)     a break of the case; keeping(one) puts it on the disk
    follows(vault, one.id, record)        which record the part before it has
    resumed(vault, case, step, until_at)  it goes on: what was open is over
    pending(vault, case)                  breaks that want a reason
    journal.save(statement, …, keeps=[explained(one)])

They are on the disk at once, with the record of what came before: a tablet that dies in the middle
of a break still asks for its reason. The break of a part that has no record yet is told once:
``keeping(one, run)`` says with it that the parts of that recording end there (``parts.py``).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from field_client.store import parts
from field_client.store.tables import BreakRow
from field_client.store.vault import Vault
from protocol.vocabulary import Step


@dataclass(frozen=True)
class Break:
    """From when until when (ms) nothing was recorded; ``until_at`` 0 while it has not gone on.
    ``media`` is the record of the part before."""

    id: str
    case: bytes
    step: Step
    from_at: int
    until_at: int = 0
    media: bytes | None = None

    def seconds(self, now: int) -> int:
        """How long it lasted, or has lasted by now."""
        return max(0, (self.until_at or now) - self.from_at) // 1000


def broken(case: bytes, step: Step, from_at: int, until_at: int = 0) -> Break:
    """A break that is nowhere yet."""
    return Break(secrets.token_hex(8), case, step, from_at, until_at)


def keeping(one: Break, run: str = "") -> Callable[[Session], object]:
    """What puts the break on the list, in the transaction of the caller; ``run`` names the
    recording whose last part has no record yet."""

    def keep(session: Session) -> object:
        row = BreakRow(
            id=one.id,
            case_id=one.case,
            step=one.step.value,
            from_at=one.from_at,
            until_at=one.until_at,
            media=one.media,
        )
        session.add(row)
        if run:
            parts.told(session, run, one.id)
        return row

    return keep


def follows(vault: Vault, broke: str, media: bytes) -> None:
    """The part before the break is on record; nothing where its reason is stated already."""
    with vault.transaction() as session:
        row = session.get(BreakRow, broke)
        if row is not None:
            row.media = media
            session.add(row)


def resumed(vault: Vault, case: bytes, step: Step, until_at: int) -> list[Break]:
    """It went on, or was ended by hand: the breaks that were open, over now."""
    with vault.transaction() as session:
        rows = session.exec(
            select(BreakRow).where(
                BreakRow.case_id == case, BreakRow.step == step.value, BreakRow.until_at == 0
            )
        ).all()
        for row in rows:
            row.until_at = max(until_at, row.from_at)
            session.add(row)
    return [_break(row) for row in rows]


def pending(vault: Vault, case: bytes) -> list[Break]:
    """The breaks of a case that want a reason, the oldest first."""
    with vault.session() as session:
        rows = session.exec(
            select(BreakRow).where(BreakRow.case_id == case).order_by(col(BreakRow.from_at))
        ).all()
    return [_break(row) for row in rows]


def explained(one: Break) -> Callable[[Session], object]:
    """What takes the break off the list, in the transaction of the statement of its reason."""

    def keep(session: Session) -> object:
        row = session.get(BreakRow, one.id)
        if row is not None:
            session.delete(row)
        return row

    return keep


def _break(row: BreakRow) -> Break:
    return Break(row.id, row.case_id, Step(row.step), row.from_at, row.until_at, row.media)
