"""Breaks of a continuous recording, kept until their reason is stated (AV-1).

    begun(vault, case, step, at)          a continuous recording runs now
    broke(vault, case, step, from_at, media)  → Break      resumed(vault, one, until_at)
    ended(vault, case)                    it was ended in order
    pending(vault, case)                  breaks that want a reason
    journal.save(statement, …, keeps=[explained(one)])

They are on the disk at once: a tablet that dies in the middle of a break still asks for its
reason. A recording that was begun and never ended in order was cut by a crash; ``cut`` tells.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from field_client.store.tables import BreakRow, OngoingRow
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
    until_at: int
    media: bytes | None

    def seconds(self, now: int) -> int:
        """How long it lasted, or has lasted by now."""
        return max(0, (self.until_at or now) - self.from_at) // 1000


def begun(vault: Vault, case: bytes, step: Step, at: int) -> None:
    """A continuous recording of the case runs."""
    with vault.transaction() as session:
        session.merge(OngoingRow(case_id=case, step=step.value, began_at=at))


def ended(vault: Vault, case: bytes) -> None:
    """It was ended in order."""
    with vault.transaction() as session:
        row = session.get(OngoingRow, case)
        if row is not None:
            session.delete(row)


def cut(vault: Vault, case: bytes) -> OngoingRow | None:
    """The continuous recording that nobody ended: it runs, or a crash cut it."""
    with vault.session() as session:
        return session.get(OngoingRow, case)


def broke(vault: Vault, case: bytes, step: Step, from_at: int, media: bytes | None) -> Break:
    """It broke off."""
    row = BreakRow(
        id=secrets.token_hex(8), case_id=case, step=step.value, from_at=from_at, media=media
    )
    with vault.transaction() as session:
        session.add(row)
    return _break(row)


def resumed(vault: Vault, one: Break, until_at: int) -> None:
    """It went on, or was ended by hand."""
    with vault.transaction() as session:
        row = session.get(BreakRow, one.id)
        if row is not None:
            row.until_at = max(until_at, row.from_at)
            session.add(row)


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
