"""Duty and settings: off duty, handing over, letters, printer, practice."""

from __future__ import annotations

from typing import Protocol


class Duty(Protocol):
    """Duty and settings: off duty, handing over, letters, printer, practice."""

    def sign_off(self, officer_id: str) -> None:
        """An officer goes off duty; the last one locks the tablet."""

    def tick_going_on(self, officer_id: str) -> None:
        """Whether this officer goes on with the inspection that is handed over."""

    def edit_handover(self, reason: str) -> None:
        """Why it is handed over."""

    def hand_over(self) -> None:
        """Sign and record it; those who leave go off duty."""

    def set_text(self, name: str) -> None:
        """``normal``, ``large`` or ``largest`` letters."""

    def set_printer(self, name: str) -> None:
        """Where documents are printed."""

    def forgot_pin(self, passphrase: str) -> None:
        """The ways in for who has forgotten the PIN, in words; the last by a recovery code.
        On a tablet that is lost: its records taken out by that code."""

    def enter_training(self) -> None:
        """To practice, with keys and records of its own."""

    def leave_training(self) -> None:
        """Back to the real tablet, locked."""

    def discard_training(self) -> None:
        """Throw all practice records away."""
