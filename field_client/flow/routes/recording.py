"""Camera and microphone, the recordings kept, and those of other recorders."""

from __future__ import annotations

from field_client.flow.passages import Passages


class Recording(Passages):
    """Camera and microphone, the recordings kept, and those of other recorders."""

    # ── camera and microphone ────────────────────────────────────────────────────────────

    def take_photo(self) -> None:
        """One still."""
        self._capturing.photo()

    def start_video(self) -> None:
        """Begin a clip."""
        self._capturing.start_video()

    def start_sound(self) -> None:
        """Begin a recording of sound alone."""
        self._capturing.start_sound()

    def start_continuous(self) -> None:
        """Begin a recording that outlasts a broken camera."""
        self._capturing.start_continuous()

    def stop_video(self) -> None:
        """End it."""
        self._capturing.stop_video()

    def edit_capture(self, key: str, value: str) -> None:
        """A label."""
        self._capturing.edit(key, value)

    def finish_capture(self) -> None:
        """Enough taken."""
        self._capturing.finish()

    # ── the gallery ──────────────────────────────────────────────────────────────────────

    def open_gallery(self) -> None:
        """All recordings."""
        self._capturing.leave()
        self._viewing.show()

    def filter_gallery(self, key: str, value: str) -> None:
        """Some of them."""
        self._viewing.choose(key, value)

    def turn_gallery(self, pages: int) -> None:
        """More of them."""
        self._viewing.turn_page(pages)

    def open_recording(self, key: str) -> None:
        """One, large."""
        self._capturing.leave()
        self._viewing.open(key)

    def play(self) -> None:
        """Play or pause."""
        self._viewing.play()

    def seek(self, at_ms: int) -> None:
        """To a time."""
        self._viewing.seek(at_ms)

    def jump(self, seconds: int) -> None:
        """A little forth or back."""
        self._viewing.jump(seconds)

    def begin_marks(self) -> None:
        """Draw frames."""
        self._viewing.begin_marks()

    def mark_box(self, x: float, y: float, width: float, height: float) -> None:
        """One frame."""
        self._viewing.mark(x, y, width, height)

    def drop_marks(self) -> None:
        """None."""
        self._viewing.drop_marks()

    def keep_marks(self) -> None:
        """A marked copy."""
        self._viewing.keep_marks()

    def keep_still(self) -> None:
        """A still."""
        self._viewing.keep_still()

    def keep_turned(self) -> None:
        """A turned copy."""
        self._viewing.keep_turned()

    # ── other recorders ──────────────────────────────────────────────────────────────────

    def open_importing(self) -> None:
        """From a stick."""
        self._capturing.leave()
        self._inspecting.act("importing")

    def choose_stick(self, key: str) -> None:
        """Which one."""
        self._importing.choose_stick(key)

    def tick_file(self, key: str) -> None:
        """Which files."""
        self._importing.tick_file(key)

    def turn_files(self, pages: int) -> None:
        """More files."""
        self._importing.turn_page(pages)

    def take_in(self) -> None:
        """Copy them in."""
        self._importing.take_in()

    def cancel_import(self) -> None:
        """Call it off."""
        self._importing.cancel()

    def edit_import(self, key: str, value: str) -> None:
        """A label."""
        self._importing.edit(key, value)

    def keep_import(self) -> None:
        """On record."""
        self._importing.keep()

    def put_back_import(self) -> None:
        """Not kept."""
        self._importing.put_back()
