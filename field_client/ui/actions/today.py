"""What is under way, what is opened, whose code is checked."""

from __future__ import annotations

from typing import Protocol


class Today(Protocol):
    """What is under way, what is opened, whose code is checked."""

    def new_inspection(self) -> None:
        """Open the form."""

    def begin_task(self, task: str) -> None:
        """Open the form with what a task of the office says."""

    def show_part(self, part: str) -> None:
        """``tasks``, ``open`` or ``finished``."""

    def search(self, text: str) -> None:
        """By a part of a name or of a code, over tasks, inspections and parties."""

    def take_party(self, key: str) -> None:
        """A party that was inspected before fills in the form."""

    def edit_new(self, key: str, value: str) -> None:
        """A field changed, such as ``party_name``, ``ground`` (``task``, ``item``, ``urgent``)."""

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
