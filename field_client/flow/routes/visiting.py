"""On an inspection: records looked at, acts that are no documents, and the end."""

from __future__ import annotations

from field_client.flow.passages import Passages
from field_client.ui.handwriting import Handwriting


class Visiting(Passages):
    """On an inspection: records looked at, acts that are no documents, and the end."""

    def look_at(self, record: str) -> None:
        """A record in full."""
        self._visits.recounting.show(record)

    def correct_record(self) -> None:
        """Correct it."""
        self._visits.recounting.correct()

    def edit_closing(self, key: str, value: str) -> None:
        """The outcome or the note."""
        self._visits.closing.edit(key, value)

    def close_inspection(self) -> None:
        """End it."""
        self._visits.closing.close()

    def edit_answer(self, key: str, value: str) -> None:
        """The attestor's name."""
        self._visits.answering.edit(key, value)

    def answer_signs(self, hand: Handwriting) -> None:
        """A hand under an act."""
        self._visits.answering.signs(hand)

    def answer_refuses(self, reason: str, note: str) -> None:
        """Not signed, and why."""
        self._visits.answering.refuses(reason, note)

    def answer_unattested(self) -> None:
        """Nobody attests."""
        self._visits.answering.unattested()
