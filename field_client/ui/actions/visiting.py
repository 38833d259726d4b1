"""On an inspection: records looked at, acts that are no documents, and the end."""

from __future__ import annotations

from typing import Protocol

from field_client.ui.handwriting import Handwriting


class Visiting(Protocol):
    """On an inspection: records looked at, acts that are no documents, and the end."""

    def look_at(self, record: str) -> None:
        """A record of the timeline, in full (shows ``record``)."""

    def correct_record(self) -> None:
        """Correct the record that is looked at."""

    def edit_closing(self, key: str, value: str) -> None:
        """``outcome`` or ``note`` changed."""

    def close_inspection(self) -> None:
        """End it with the outcome that was chosen."""

    def edit_answer(self, key: str, value: str) -> None:
        """``attestor``: the name of who attests in place of an absent party."""

    def answer_signs(self, hand: Handwriting) -> None:
        """The party's hand under an act, or the attestor's."""

    def answer_refuses(self, reason: str, note: str) -> None:
        """The party does not sign, or is not there."""

    def answer_unattested(self) -> None:
        """Nobody is there to attest."""
