"""An interview while it is held."""

from __future__ import annotations

from typing import Protocol


class Interviews(Protocol):
    """An interview while it is held."""

    def turn_interview(self, tab: str) -> None:
        """``talk``, ``who`` or ``check``."""

    def choose_interview(self, part: str) -> None:
        """Another interview of the case; ``new`` begins one."""

    def type_words(self, words: str) -> None:
        """What stands on the line; called on every change."""

    def write_words(self, words: str) -> None:
        """Enter: the question is put, or the answer noted."""

    def propose_words(self, words: str) -> None:
        """A ready question or answer."""

    def open_words(self, place: int, part: str) -> None:
        """Write the question (``q``) or answer (``a``) of a row anew."""

    def drop_words(self, place: int) -> None:
        """A row goes."""

    def edit_interview(self, key: str, value: str) -> None:
        """A fact about the interview changed."""

    def correct_page(self, page: str, was: str, now: str) -> None:
        """The interviewee wants something corrected."""

    def uncorrect(self, place: int) -> None:
        """A correction goes."""

    def finish_interview(self) -> None:
        """To signing, or to what is missing."""
