"""Camera and microphone, the recordings kept, and those of other recorders."""

from __future__ import annotations

from typing import Protocol


class Recording(Protocol):
    """Camera and microphone, the recordings kept, and those of other recorders."""

    def take_photo(self) -> None:
        """One still from the running picture."""

    def start_video(self) -> None:
        """Begin a clip."""

    def start_sound(self) -> None:
        """Begin a recording of sound alone."""

    def start_continuous(self) -> None:
        """Begin a recording that goes on until somebody ends it."""

    def stop_video(self) -> None:
        """End what is being recorded."""

    def edit_capture(self, key: str, value: str) -> None:
        """``place``, ``purpose`` or ``step`` changed."""

    def finish_capture(self) -> None:
        """Enough taken: back to the inspection."""

    def open_gallery(self) -> None:
        """All recordings of the inspection (shows ``recordings``)."""

    def filter_gallery(self, key: str, value: str) -> None:
        """Only this ``kind`` or ``step``; ``all`` for every one."""

    def turn_gallery(self, pages: int) -> None:
        """Older (1) or newer (-1) ones."""

    def open_recording(self, key: str) -> None:
        """One of them, large (shows ``viewer``)."""

    def play(self) -> None:
        """Play, pause, or play again."""

    def seek(self, at_ms: int) -> None:
        """To a time of the recording."""

    def jump(self, seconds: int) -> None:
        """That much forth, or back where negative."""

    def begin_marks(self) -> None:
        """Draw frames on the picture."""

    def mark_box(self, x: float, y: float, width: float, height: float) -> None:
        """A frame, in shares of the picture from its top left."""

    def drop_marks(self) -> None:
        """No frames after all."""

    def keep_marks(self) -> None:
        """Put a marked copy on record."""

    def keep_still(self) -> None:
        """Put the picture that is seen on record as a photo."""

    def keep_turned(self) -> None:
        """Put a copy turned by a quarter on record."""

    def open_importing(self) -> None:
        """Take in what a body-worn recorder recorded (shows ``importing``)."""

    def choose_stick(self, key: str) -> None:
        """Look through a stick."""

    def tick_file(self, key: str) -> None:
        """Choose a file, or not; ``all`` for every one."""

    def turn_files(self, pages: int) -> None:
        """Further (1) or earlier (-1) files."""

    def take_in(self) -> None:
        """Copy the chosen files in."""

    def cancel_import(self) -> None:
        """Call it off."""

    def edit_import(self, key: str, value: str) -> None:
        """``recorder``, ``place``, ``purpose`` or ``step`` of the file shown."""

    def keep_import(self) -> None:
        """Put the file shown on record."""

    def put_back_import(self) -> None:
        """The file shown is not to be kept."""
