"""What is typed into a form before it is on record; it survives a kill and is no record. A
form is named by the kind of its document, or by a word of its own.

    drafts = Drafts(vault, case, clock)
    drafts.keep(kind, answers)       durable when it returns
    drafts.typed(kind)               {} when there is none

The case is part of a draft's id, so that a draft never turns up in another case. ``part`` tells
several drafts of one kind apart: a second interview is ``#2``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from sqlmodel import Session, col, delete, select

from field_client.device_clock import Clock
from field_client.store.tables import DraftRow
from field_client.store.vault import Vault

Answers = dict[str, str | int]


class Drafts:
    """The drafts of one case."""

    def __init__(self, vault: Vault, case: bytes, clock: Clock, part: str = "") -> None:
        self._vault = vault
        self._case = case
        self._clock = clock
        self._part = part

    def id(self, kind: str) -> str:
        """The draft's key; whoever saves the document names it, so that it goes."""
        return f"{self._case.hex()}/{kind!s}{self._part}"

    def of_part(self, part: str) -> Drafts:
        """The drafts of another part of the same case."""
        return Drafts(self._vault, self._case, self._clock, part)

    def parts(self, kind: str) -> list[str]:
        """The parts of which there is a draft, in the order of their names."""
        start = f"{self._case.hex()}/{kind!s}"
        with self._vault.session() as session:
            found = session.exec(
                select(DraftRow.id).where(
                    DraftRow.case_id == self._case, DraftRow.kind == str(kind)
                )
            ).all()
        return sorted(one.removeprefix(start) for one in found)

    def typed(self, kind: str) -> Answers:
        """What was typed so far."""
        with self._vault.session() as session:
            row = session.get(DraftRow, self.id(kind))
        return msgspec.json.decode(row.answers, type=Answers) if row else {}

    def keep(self, kind: str, answers: Mapping[str, str | int]) -> None:
        """Keep what was typed; durable when it returns. Raises DiskFull; the older draft
        stands then."""
        with self._vault.transaction() as session:
            session.merge(
                DraftRow(
                    id=self.id(kind),
                    case_id=self._case,
                    kind=str(kind),
                    answers=msgspec.json.encode(answers).decode(),
                    updated_at=self._clock.wall_ms(),
                )
            )

    def forget(self, kind: str) -> None:
        """Throw a draft away."""
        with self._vault.transaction() as session:
            self.forgetting(kind)(session)

    def forgetting(self, kind: str) -> Callable[[Session], object]:
        """What throws a draft away within the transaction of a statement."""
        return lambda session: session.exec(
            delete(DraftRow).where(col(DraftRow.id) == self.id(kind))
        )
