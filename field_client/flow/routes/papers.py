"""A document from its form to its service."""

from __future__ import annotations

from field_client.flow.passages import Passages
from field_client.ui.handwriting import Handwriting


class Papers(Passages):
    """A document from its form to its service."""

    def edit_field(self, key: str, value: str) -> None:
        """A field of the form shown."""
        self._form.edit(key, value)

    def save_draft(self) -> None:
        """Leave the form; what was typed stays."""
        self._form.leave()

    def finish_form(self) -> None:
        """To signing, or on record."""
        self._form.finish()

    def sign_as(self, role: str) -> None:
        """Somebody else of the party's side."""
        chosen = {
            "notice": self._notifying.sign_as,
            "answer": self._visits.answering.sign_as,
        }
        chosen.get(self.desk.shell.current, self._signing.sign_as)(role)

    def edit_signer(self, key: str, value: str) -> None:
        """Who signs or attests."""
        edited = {"notice": self._notifying.edit, "answer": self._visits.answering.edit}
        edited.get(self.desk.shell.current, self._signing.edit)(key, value)

    def tick_explained(self, on: bool) -> None:
        """Read aloud and explained."""
        self._signing.tick_explained(on)

    def party_signs(self, hand: Handwriting) -> None:
        """The party's hand."""
        self._signing.party_signs(hand)

    def party_objects(self, text: str) -> None:
        """The party's own words go into the record before anybody signs it."""
        self._signing.party_objects(text)

    def party_refuses(self, reason: str, note: str) -> None:
        """The party does not sign."""
        self._signing.party_refuses(reason, note)

    def officer_signs(self, officer_id: str, pin: str, hand: Handwriting) -> None:
        """An officer's hand and key."""
        self._signing.officer_signs(officer_id, pin, hand)

    def edit_serve(self, key: str, value: str) -> None:
        """A field of the service."""
        self._serving.edit(key, value)

    def refuse_service(self, reason: str, note: str) -> None:
        """Not taken."""
        self._serving.refuse(reason, note)

    def record_service(self) -> None:
        """How it is left, by camera."""
        self._serving.record()

    def serve(self, hand: Handwriting | None) -> None:
        """Handed over."""
        self._serving.serve(hand)
