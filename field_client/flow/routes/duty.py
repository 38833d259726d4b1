"""Duty and settings: off duty, handing over, letters, printer, practice."""

from __future__ import annotations

from field_client.flow.losing import is_lost
from field_client.flow.passages import Passages


class Duty(Passages):
    """Duty and settings: off duty, handing over, letters, printer, practice."""

    def sign_off(self, officer_id: str) -> None:
        """Off duty."""
        self._setting.sign_off(officer_id)

    def tick_going_on(self, officer_id: str) -> None:
        """Who goes on."""
        self._setting.tick(officer_id)

    def edit_handover(self, reason: str) -> None:
        """Why."""
        self._setting.edit_reason(reason)

    def hand_over(self) -> None:
        """Sign it."""
        self._setting.hand_over()

    def set_text(self, name: str) -> None:
        """Letters of another size."""
        self._setting.set_text(name)

    def set_printer(self, name: str) -> None:
        """Another printer."""
        self._setting.set_printer(name)

    def forgot_pin(self, passphrase: str) -> None:
        """In words."""
        if is_lost(self.desk.settings):
            self._losing.ask_out(passphrase)
        else:
            self._unlocking.forgot(passphrase)

    def enter_training(self) -> None:
        """To practice."""
        self._practising.enter()

    def leave_training(self) -> None:
        """Back."""
        self._practising.ask_leave()

    def discard_training(self) -> None:
        """Thrown away."""
        self._practising.discard()
