"""What went to the office, and what waits."""

from __future__ import annotations

from field_client.flow.passages import Passages


class Sending(Passages):
    """What went to the office, and what waits."""

    def sync_now(self) -> None:
        """Try now."""
        self._syncing.now()
