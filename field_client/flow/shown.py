"""The shell as flows need it; ``ui/shell.py`` is one, and tests bring another."""

from __future__ import annotations

from typing import Any, Protocol

from field_client.ui.presenters.common import Ask, Problem


class Shown(Protocol):
    """Screens are shown and updated, sheets told and asked."""

    @property
    def current(self) -> str:
        """The screen's name."""

    def show(self, name: str, view: Any) -> None:
        """Switch to a screen."""

    def update(self, view: Any) -> None:
        """Newer facts for the same screen."""

    def show_frame(self, rgb: bytes, width: int, height: int) -> None:
        """A frame for the viewfinder."""

    def show_level(self, level: float) -> None:
        """How loud it is, 0 to 1, for the meter."""

    def show_time(self, at_ms: int, length_ms: int) -> None:
        """Where the player is."""

    def mark(self, words: str) -> None:
        """The running time of a recording, wherever a screen shows it; empty: none runs."""

    def tell(self, problem: Problem | None) -> None:
        """A sheet over the screen; None takes it away."""

    def ask(self, ask: Ask) -> None:
        """A sheet that asks for a few words."""

    def wait(self, words: str) -> None:
        """A wait with a sentence."""

    def use_theme(self, name: str) -> None:
        """Day or night."""

    def use_text(self, name: str) -> None:
        """Letters of another size."""

    def use_training(self, on: bool) -> None:
        """The frame that says that nothing here is real."""

    def use_language(self, language: str) -> None:
        """Forget the screen shown, whose words are another language's."""
