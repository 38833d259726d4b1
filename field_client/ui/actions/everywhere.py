"""Around every screen: the rail, the way back, sheets, language, theme."""

from __future__ import annotations

from typing import Protocol


class Everywhere(Protocol):
    """Around every screen: the rail, the way back, sheets, language, theme."""

    def go(self, tab: str) -> None:
        """A tab of the rail: today, inspection, card, sync."""

    def back(self) -> None:
        """The arrow in the top bar: to where the screen was opened from."""

    def lock(self) -> None:
        """Lock the tablet now."""

    def fix(self, key: str) -> None:
        """A button inside a rule note or a problem sheet."""

    def answer(self, key: str, words: str) -> None:
        """The words that a sheet asked for (``Shell.ask``)."""

    def dismiss(self) -> None:
        """A problem sheet was read and closed."""

    def leave_party(self, officer_id: str, pin: str) -> None:
        """An officer on duty takes the tablet back; ``PartyLock`` tells how the PIN went."""

    def set_language(self, language: str) -> None:
        """``zh_CN`` or ``en``."""

    def set_theme(self, theme: str) -> None:
        """``day`` or ``night``."""
