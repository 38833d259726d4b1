"""What is typed into a form before it is a document; it survives a kill and is no record.

    drafts = Drafts(vault, case, clock)
    drafts.keep(kind, answers)       durable when it returns
    drafts.typed(kind)               {} when there is none

The case is part of a draft's id, so that a draft never turns up in another case.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlmodel import col, delete

from field_client.device_clock import Clock
from field_client.store.tables import DraftRow
from field_client.store.vault import Vault
from protocol.vocabulary import DocumentKind

Answers = dict[str, str | int]


class Drafts:
    """The drafts of one case."""

    def __init__(self, vault: Vault, case: bytes, clock: Clock) -> None:
        self._vault = vault
        self._case = case
        self._clock = clock

    def id(self, kind: DocumentKind) -> str:
        """The draft's key; whoever saves the document names it, so that it goes."""
        return f"{self._case.hex()}/{kind.value}"

    def typed(self, kind: DocumentKind) -> Answers:
        """What was typed so far."""
        with self._vault.session() as session:
            row = session.get(DraftRow, self.id(kind))
        return msgspec.json.decode(row.answers, type=Answers) if row else {}

    def keep(self, kind: DocumentKind, answers: Mapping[str, str | int]) -> None:
        """Keep what was typed; durable when it returns. Raises DiskFull; the older draft
        stands then."""
        with self._vault.transaction() as session:
            session.merge(
                DraftRow(
                    id=self.id(kind),
                    case_id=self._case,
                    kind=kind.value,
                    answers=msgspec.json.encode(answers).decode(),
                    updated_at=self._clock.wall_ms(),
                )
            )

    def forget(self, kind: DocumentKind) -> None:
        """Throw a draft away."""
        with self._vault.transaction() as session:
            session.exec(delete(DraftRow).where(col(DraftRow.id) == self.id(kind)))
