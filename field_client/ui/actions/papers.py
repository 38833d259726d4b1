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

    def party_signs(self, hand: Handwriting) -> None:
        """The party's handwriting under the document."""

    def party_objects(self, text: str) -> None:
        """The party's own words, written into the document before signing."""

    def party_refuses(self, reason: str, note: str) -> None:
        """The party does not sign."""

    def officer_signs(self, officer_id: str, pin: str, hand: Handwriting) -> None:
        """An officer's handwriting, confirmed by PIN, so that the officer's key signs."""

    def edit_serve(self, key: str, value: str) -> None:
        """``method``, ``addressee``, ``receiver``, ``relation`` or ``place`` changed."""

    def serve(self, hand: Handwriting | None) -> None:
        """The document was handed over."""
