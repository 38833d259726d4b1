"""What is under way, what is opened, whose code is checked."""

from __future__ import annotations

from field_client.flow.passages import Passages


class Today(Passages):
    """What is under way, what is opened, whose code is checked."""

    def new_inspection(self) -> None:
        """The form."""
        self._today.new()

    def begin_task(self, task: str) -> None:
        """The form, from a task."""
        self._today.begin_task(task)

    def show_part(self, part: str) -> None:
        """Another list."""
        self._today.show_part(part)

    def search(self, text: str) -> None:
        """By name or code."""
        self._today.search(text)

    def take_party(self, key: str) -> None:
        """A known party fills in the form."""
        self._today.take_party(key)

    def edit_new(self, key: str, value: str) -> None:
        """A field of it."""
        self._today.edit(key, value)

    def open_inspection(self) -> None:
        """Open it."""
        self._today.open()

    def resume(self, inspection_id: str) -> None:
        """Go on with one."""
        self._today.resume(inspection_id)

    def bring_second(self) -> None:
        """Ask for the second officer."""
        self._bring_second()

    def renew_officer(self) -> None:
        """An officer whose PIN or key file is lost gets a new key, by a code of the office."""
        self._enrolling.more(self.desk.officers[0])

    def check_code(self) -> None:
        """Scan a code."""
        self._checking.show()

    def scan_again(self) -> None:
        """The next code."""
        self._checking.show()

    def act(self, key: str) -> None:
        """The next step or a further act."""
        self._inspecting.act(key)
