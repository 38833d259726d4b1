"""Camera and microphone."""

from __future__ import annotations

from typing import Protocol


class Recording(Protocol):
    """Camera and microphone."""

    def take_photo(self) -> None:
        """One still from the running picture."""

    def start_video(self) -> None:
        """Begin a clip."""

    def stop_video(self) -> None:
        """End the clip."""

    def edit_capture(self, key: str, value: str) -> None:
        """``place``, ``purpose`` or ``step`` changed."""

    def finish_capture(self) -> None:
        """Enough taken: back to the inspection."""
