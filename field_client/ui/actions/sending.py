"""What went to the office, and what waits."""

from __future__ import annotations

from typing import Protocol


class Sending(Protocol):
    """What went to the office, and what waits."""

    def sync_now(self) -> None:
        """Try now."""
