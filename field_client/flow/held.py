"""A form about property that a measure of the inspection holds: its end, or a longer term.

A subclass says which fields there are and what comes of them; the party checks and signs both.
"""

from __future__ import annotations

from collections.abc import Callable

from field_client.flow.answering import Answering
from field_client.flow.desk import Desk
from field_client.flow.filling import Filling
from protocol.document import Record
from protocol.statements import MeasureTaken, SignRefused
from protocol.vocabulary import Role

NOBODY = SignRefused(role=Role.PARTY, reason="待签名", over="00" * 32, at=0)
"""In the place of the party's hand, while rules are asked about what is still being written."""


class Held(Filling):
    """The form of one measure, named by its record."""

    def __init__(self, desk: Desk, done: Callable[[], None], answering: Answering) -> None:
        super().__init__(desk, done)
        self._answering = answering
        self._record = ""

    def begin(self, record: str) -> None:
        """Open it for a measure of the inspection under way."""
        self._record = record
        self.show()

    @property
    def _taken(self) -> Record[MeasureTaken]:
        state = self._desk.case.state
        return next(one for one in state.of_kind(MeasureTaken) if one.id == self._record)

    def go_on(self) -> str:
        return self._desk._("The party checks and signs")
