"""One recording large: a picture to look into, a clip or sound to play, and copies made of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from field_client.ui.i18n import _
from field_client.ui.presenters.recordings import ViewerView, length_words
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.frame import FujieScreen, made


class ViewerScreen(FujieScreen):
    """The picture at the left, its facts and what may be made of it at the right."""

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self._ways: tuple[object, ...] = ()
        self.bring("body", "ViewerPicture", "ViewerSide", beside=400, below=0.54)
        self.later(self._lay_first)

    def _lay_first(self) -> None:
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: ViewerView = self.view
        ways = (view.mode, view.kind, view.changeable, bool(view.boxes))
        if ways != self._ways:
            self._ways = ways
            self.fill(self.ids.ways, self._buttons(view))

    def _buttons(self, view: ViewerView) -> list[Any]:
        if not view.changeable:
            return []
        if view.mode == "mark":
            word = _("Keep the marked copy") if view.boxes else _("Draw a frame with a finger")
            return [
                self._button("MainButton", "keep.marks", "check", word, self._keep_marks),
                self._button(
                    "OutlineButton", "drop.marks", "x", _("No marks"), self.actions.drop_marks
                ),
            ]
        still = _("Keep this picture as a photo")
        first = (
            [self._button("OutlineButton", "still", "photo", still, self.actions.keep_still)]
            if view.kind == "video"
            else []
        )
        return [
            *first,
            self._button(
                "OutlineButton", "mark", "pencil", _("Mark what matters"), self.actions.begin_marks
            ),
            self._button(
                "OutlineButton",
                "turn",
                "rotate-clockwise",
                _("Keep a copy turned right"),
                self.actions.keep_turned,
            ),
        ]

    def _button(self, part: str, name: str, icon: str, word: str, act: Any) -> Any:
        button = made(part, name=name, icon=icon, word=word)
        button.font_size = theme.body
        button.bind(on_release=lambda _b: act())
        return button

    def _keep_marks(self) -> None:
        if self.view.boxes:
            self.actions.keep_marks()

    def show_frame(self, rgb: bytes, width: int, height: int) -> None:
        """One picture of it; the only one of a photo waits for its place."""
        if "picture" in self.ids:
            self.ids.picture.show_frame(rgb, width, height)
        else:
            self.later(partial(self.show_frame, rgb, width, height))

    def show_time(self, at_ms: int, length_ms: int) -> None:
        """Where the player is; nothing else is laid out anew."""
        if "bar" in self.ids:
            self.ids.bar.share = self.share(at_ms, length_ms)
            self.ids.at.words = self.time_words(at_ms)

    def seek(self, share: float) -> None:
        """To where the bar was touched."""
        self.actions.seek(round(share * self.view.length))

    def share(self, at_ms: int, length_ms: int) -> float:
        """How much of it lies behind."""
        return min(1.0, at_ms / length_ms) if length_ms else 0.0

    def time_words(self, at_ms: int) -> str:
        """A time of it."""
        return length_words(at_ms)


load_kv(__file__)
