"""What went to the office, and what waits."""

from __future__ import annotations

from typing import Protocol


class Sending(Protocol):
    """What went to the office, and what waits."""

    def sync_now(self) -> None:
        """Try now."""

    def list_stage(self, stage: str) -> None:
        """A tile of the pipeline: list what stands there, or the newest answers again."""

    def open_item(self, key: str) -> None:
        """Look at one record."""
