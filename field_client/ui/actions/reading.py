"""The documents of a case as a list, and one of them to read, print and hand over."""

from __future__ import annotations

from typing import Protocol


class Reading(Protocol):
    """The documents of a case as a list, and one of them to read, print and hand over."""

    def paper(self, key: str) -> None:
        """A door of a document: ``form.<kind>``, ``view.<record>``, ``serve.<record>`` …, as the
        view carried it."""

    def read_closer(self, page: int) -> None:
        """A page (from 0) is looked at from close by: draw it sharper."""

    def choose_printer(self, name: str) -> None:
        """One of the printers shown."""

    def set_copies(self, copies: int) -> None:
        """How many to print."""

    def print_paper(self) -> None:
        """Print what is shown."""
