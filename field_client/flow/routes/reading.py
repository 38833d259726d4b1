"""The documents of a case as a list, and one of them to read, print and hand over."""

from __future__ import annotations

from field_client.flow.passages import Passages


class Reading(Passages):
    """The documents of a case as a list, and one of them to read, print and hand over."""

    def paper(self, key: str) -> None:
        """A door of a document."""
        self.reading.door(key)

    def read_closer(self, page: int) -> None:
        """A page, sharper."""
        self.reading.paging.closer(page)

    def choose_printer(self, name: str) -> None:
        """One of the printers shown."""
        self.reading.paging.choose_printer(name)

    def set_copies(self, copies: int) -> None:
        """How many to print."""
        self.reading.paging.set_copies(copies)

    def print_paper(self) -> None:
        """Print what is shown."""
        self.reading.paging.print()
