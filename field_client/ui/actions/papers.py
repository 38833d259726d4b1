"""A document from its form to its service."""

from __future__ import annotations

from typing import Protocol

from field_client.ui.handwriting import Handwriting


class Papers(Protocol):
    """A document from its form to its service."""

    def edit_field(self, key: str, value: str) -> None:
        """A field changed; called on every change, so that a draft survives anything."""

    def save_draft(self) -> None:
        """Leave the form; what was typed stays."""

    def finish_form(self) -> None:
        """The main button: to signing, or to the first thing that is missing."""

    def sign_as(self, role: str) -> None:
        """Who signs for the party's side: party, site_manager, agent."""

    def edit_signer(self, key: str, value: str) -> None:
        """``signer`` or ``authority`` of the party's side; ``name`` or ``unit`` of who attests."""

    def tick_explained(self, on: bool) -> None:
        """The officer read the document aloud and explained it."""

    def party_signs(self, hand: Handwriting) -> None:
        """The handwriting of whose turn it is, but for the officers."""

    def party_objects(self, text: str) -> None:
        """The party's own words, written into the document before signing."""

    def party_refuses(self, reason: str, note: str) -> None:
        """No hand where one was asked for; at an attestor's turn nobody attests."""

    def officer_signs(self, officer_id: str, pin: str, hand: Handwriting) -> None:
        """An officer's handwriting, confirmed by PIN, so that the officer's key signs."""

    def edit_serve(self, key: str, value: str) -> None:
        """A fact of the service changed by its key; ``media.<record>`` chooses a recording."""

    def refuse_service(self, reason: str, note: str) -> None:
        """The receiver does not take the document."""

    def record_service(self) -> None:
        """Take a photo or video of how the document is left."""

    def serve(self, hand: Handwriting | None) -> None:
        """The document was handed over, left or sent."""
