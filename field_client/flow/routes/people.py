"""Who holds the tablet: enrolment, PIN, the second officer."""

from __future__ import annotations

from field_client.flow.passages import Passages


class People(Passages):
    """Who holds the tablet: enrolment, PIN, the second officer."""

    def look_for_officer(self, words: str) -> None:
        """List who has this name or number."""
        self._enrolling.look_for(words)

    def choose_officer(self, officer_id: str) -> None:
        """Whose PIN follows."""
        if self.desk.shell.current == "enrol":
            self._enrolling.choose(officer_id)
        else:
            self._unlocking.choose(officer_id)

    def unlock(self, officer_id: str, pin: str, passphrase: str) -> None:
        """Open the tablet."""
        self._unlocking.unlock(officer_id, pin, passphrase)

    def sign_in(self, officer_id: str, pin: str) -> None:
        """The second officer."""
        self._unlocking.sign_in(officer_id, pin)

    def enrol(self, server: str, code: str, device_name: str, passphrase: str) -> None:
        """Enrol the tablet."""
        self._enrolling.enrol(server, code, device_name, passphrase)

    def set_pin(self, officer_id: str, pin: str, code: str) -> None:
        """An officer's PIN and key."""
        self._enrolling.set_pin(officer_id, pin, code)

    def finish_enrolment(self) -> None:
        """Every officer is ready."""
        self._enrolling.finish()
