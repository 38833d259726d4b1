"""What is under way, what is opened, whose code is checked."""

from __future__ import annotations

from typing import Protocol


class Today(Protocol):
    """What is under way, what is opened, whose code is checked."""

    def new_inspection(self) -> None:
        """Open the form."""

    def edit_new(self, key: str, value: str) -> None:
        """``party_name``, ``uscc``, ``party_class``, ``place`` or ``item_id`` changed."""

    def open_inspection(self) -> None:
        """Open an inspection from what was filled in."""

    def resume(self, inspection_id: str) -> None:
        """Go on with an inspection of the list."""

    def bring_second(self) -> None:
        """Ask for the second officer (shows ``signin``)."""

    def renew_officer(self) -> None:
        """A new PIN and key for an officer, by a one-time code (shows ``enrol``)."""

    def check_code(self) -> None:
        """Scan somebody else's card, or a document's code (shows ``check``)."""

    def scan_again(self) -> None:
        """The verdict was read: the next code."""

    def act(self, key: str) -> None:
        """The next step or a further act."""
