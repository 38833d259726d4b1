"""Tables in forms, row by row. ``key`` is the field's, ``row`` counts from 0."""

from __future__ import annotations

from typing import Protocol


class Forms(Protocol):
    """Tables in forms, row by row."""

    def edit_cell(self, key: str, row: int, column: str, value: str) -> None:
        """A cell changed; called on every change, as ``edit_field`` is."""

    def add_row(self, key: str) -> None:
        """A new row at the end."""

    def double_row(self, key: str, row: int) -> None:
        """The same row again, behind itself."""

    def move_row(self, key: str, row: int, step: int) -> None:
        """A row goes up (-1) or down (1)."""

    def remove_row(self, key: str, row: int) -> None:
        """A row goes."""
