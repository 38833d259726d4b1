"""Files that are parts of a continuous recording, until a record says so itself (AV-1).

    captures.begin(…, part=Part(run, Step.MEASURE))    committed with the key of the file
    part_of(session, path)  → Part | None              of a recording that was cut, too
    told(session, run, broke)                          that it broke off is among the breaks
    forget(session, path)                              its record says it, or it is thrown away

It stands beside the file's key, not beside the case: whatever else is recorded of the case until
somebody puts the part on record, it stays a part, and its break is told once.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, select

from field_client.store.tables import PartRow
from protocol.vocabulary import Step

ENDED = "ended"
"""In place of a break: somebody ended the recording, and its last part found no room."""


@dataclass(frozen=True)
class Part:
    """Which recording it is a part of, of which step; ``broke`` names the break after it, empty
    while nobody told that."""

    run: str
    step: Step
    broke: str = ""


def mark(session: Session, path: str, part: Part) -> None:
    """The file ``path`` is this part."""
    session.merge(PartRow(path=path, run=part.run, step=part.step.value, broke=part.broke))


def part_of(session: Session, path: str) -> Part | None:
    """What the file is a part of; None for a recording that stands alone."""
    row = session.get(PartRow, path)
    return Part(row.run, Step(row.step), row.broke) if row is not None else None


def told(session: Session, run: str, broke: str) -> None:
    """What there is of the recording ``run`` without a record ends with this break."""
    for row in session.exec(select(PartRow).where(PartRow.run == run)).all():
        row.broke = broke
        session.add(row)


def forget(session: Session, path: str) -> None:
    """Nothing is to be said of the file any more."""
    row = session.get(PartRow, path)
    if row is not None:
        session.delete(row)
