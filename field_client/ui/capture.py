"""Photo and video on the spot, with the five facts that make them evidence beside them."""

from __future__ import annotations

from typing import Any

from field_client.ui.i18n import _
from field_client.ui.presenters.capture import CaptureView
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.capture import ShotTile
from field_client.ui.widgets.field import PhraseButton
from field_client.ui.widgets.frame import FujieScreen


class CaptureScreen(FujieScreen):
    """Viewfinder at the left, labels at the right, shots below."""

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: CaptureView = self.view
        self.fill(self.ids.shots, [ShotTile(shot=shot) for shot in view.shots])
        self.fill(self.ids.purposes, [self._purpose(words) for words in view.purposes])

    def _purpose(self, words: str) -> Any:
        at = self.view.purposes.index(words)
        button = PhraseButton(name=f"purpose.{at}", words=words)
        button.bind(on_release=lambda _b: self.actions.edit_capture("purpose", words))
        return button

    def show_frame(self, rgb: bytes, width: int, height: int) -> None:
        """One frame of the camera."""
        self.ids.finder.show_frame(rgb, width, height)
        self.ids.waiting.words = ""

    def missing_words(self, view: CaptureView) -> str:
        """Which of the five facts are still empty."""
        if not view.missing:
            return ""
        return _("Still to fill in: {words}").format(words=_(", ").join(view.missing))

    def photo(self) -> None:
        """Take a still, once the facts are complete."""
        if not self.view.missing:
            self.actions.take_photo()

    def video(self) -> None:
        """Begin or end a clip."""
        if self.view.recording:
            self.actions.stop_video()
        elif not self.view.missing:
            self.actions.start_video()


load_kv(__file__)
