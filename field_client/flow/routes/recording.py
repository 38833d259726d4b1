"""Camera and microphone."""

from __future__ import annotations

from field_client.flow.passages import Passages


class Recording(Passages):
    """Camera and microphone."""

    def take_photo(self) -> None:
        """One still."""
        self._capturing.photo()

    def start_video(self) -> None:
        """Begin a clip."""
        self._capturing.start_video()

    def stop_video(self) -> None:
        """End it."""
        self._capturing.stop_video()

    def edit_capture(self, key: str, value: str) -> None:
        """A label."""
        self._capturing.edit(key, value)

    def finish_capture(self) -> None:
        """Enough taken."""
        self._capturing.finish()
