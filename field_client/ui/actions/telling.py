"""What is shown and told to the party: the card, rights and duties."""

from __future__ import annotations

from typing import Protocol

from field_client.ui.handwriting import Handwriting


class Telling(Protocol):
    """What is shown and told to the party: the card, rights and duties."""

    def show_officer(self, officer_id: str) -> None:
        """Show the other officer's card."""

    def renew_qr(self, officer_id: str) -> None:
        """The ring ran out: a fresh code, please."""

    def edit_showing(self, key: str, value: str) -> None:
        """``step``, ``to_whom``, ``place``; ``uniform`` and ``worn`` are ``yes`` or empty."""

    def wear_badge(self) -> None:
        """The card as a badge, on patrol."""

    def record_card_shown(self) -> None:
        """The party has seen the card: put it on record."""

    def tick_read_aloud(self, on: bool) -> None:
        """The officer read the notice aloud and explained it."""

    def acknowledge_notice(self, hand: Handwriting) -> None:
        """The party acknowledges by handwriting."""

    def refuse_notice(self, reason: str, note: str) -> None:
        """The party does not sign; ``note`` holds own words."""
