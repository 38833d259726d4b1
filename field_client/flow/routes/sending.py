"""What went to the office, and what waits."""

from __future__ import annotations

from field_client.flow.passages import Passages


class Sending(Passages):
    """What went to the office, and what waits."""

    def sync_now(self) -> None:
        """Try now."""
        self._syncing.now()

    def list_stage(self, stage: str) -> None:
        """List what stands at a stage."""
        self._syncing.list_stage(stage)

    def open_item(self, key: str) -> None:
        """Look at one record."""
        self._looking.show(key)
