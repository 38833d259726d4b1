"""Tables in forms, row by row."""

from __future__ import annotations

from field_client.flow.passages import Passages


class Forms(Passages):
    """Tables in forms, row by row."""

    def edit_cell(self, key: str, row: int, column: str, value: str) -> None:
        """A cell of the form shown."""
        self._tabled.edit_cell(key, row, column, value)

    def add_row(self, key: str) -> None:
        """A new row at the end."""
        self._tabled.add_row(key)

    def double_row(self, key: str, row: int) -> None:
        """The same row again."""
        self._tabled.double_row(key, row)

    def move_row(self, key: str, row: int, step: int) -> None:
        """A row goes up or down."""
        self._tabled.move_row(key, row, step)

    def remove_row(self, key: str, row: int) -> None:
        """A row goes."""
        self._tabled.remove_row(key, row)
