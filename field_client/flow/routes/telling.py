"""What is shown and told to the party: the card, rights and duties."""

from __future__ import annotations

from field_client.flow.passages import Passages
from field_client.ui.handwriting import Handwriting


class Telling(Passages):
    """What is shown and told to the party: the card, rights and duties."""

    def show_officer(self, officer_id: str) -> None:
        """The other card."""
        self._showing.choose(officer_id)

    def renew_qr(self, officer_id: str) -> None:
        """A fresh code."""
        self._showing.renew(officer_id)

    def edit_showing(self, key: str, value: str) -> None:
        """What is put on record of it."""
        self._showing.edit(key, value)

    def wear_badge(self) -> None:
        """As a badge."""
        self._showing.wear()

    def record_card_shown(self) -> None:
        """Put it on record."""
        self._showing.record()

    def tick_read_aloud(self, on: bool) -> None:
        """Read aloud and explained."""
        self._notifying.tick(on)

    def acknowledge_notice(self, hand: Handwriting) -> None:
        """Signed for."""
        self._notifying.acknowledge(hand)

    def refuse_notice(self, reason: str, note: str) -> None:
        """Not signed, and why."""
        self._notifying.refuse(reason, note)
