"""Who holds the tablet: enrolment, PIN, the second officer."""

from __future__ import annotations

from typing import Protocol


class People(Protocol):
    """Who holds the tablet: enrolment, PIN, the second officer."""

    def look_for_officer(self, words: str) -> None:
        """Of a long roster, who has this name or number; at enrolment."""

    def choose_officer(self, officer_id: str) -> None:
        """Whose PIN follows."""

    def unlock(self, officer_id: str, pin: str, passphrase: str) -> None:
        """Open the vault; ``passphrase`` is empty unless the view asked for it."""

    def sign_in(self, officer_id: str, pin: str) -> None:
        """The second officer comes on duty."""

    def enrol(self, server: str, code: str, device_name: str, passphrase: str) -> None:
        """Enrol this tablet with a one-time code."""

    def set_pin(self, officer_id: str, pin: str, code: str) -> None:
        """An officer sets a PIN (typed twice, equal); ``code`` only if the view asked for it."""

    def finish_enrolment(self) -> None:
        """Every officer is ready: to the unlock screen."""
