"""One document to read, large or from close by; beside it its facts, printing, or its code."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import NumericProperty

from field_client.ui.i18n import _
from field_client.ui.presenters.common import Fix, stage_word
from field_client.ui.presenters.paper import CLOSE, SCALES, PaperView, zoomed
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.frame import FujieScreen, made

SETTLE_S = 0.05
RATIO = 0.707  # width over height of A4, while no page is there


class PaperScreen(FujieScreen):
    """Pages turn here; what is asked of the tablet goes to ``actions``."""

    at = NumericProperty(0)
    zoom = NumericProperty(0)
    shape = NumericProperty(RATIO)

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self._doors: tuple[Fix, ...] = ()
        self._panel: Any = None
        self.bind(view=self._lay, at=self._show_page, zoom=self._show_page)
        self.ids.page.bind(texture=self._shape)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: PaperView = self.view
        self.at = max(0, min(self.at, len(view.pages) - 1))
        self._show_page()
        if view.doors != self._doors:
            self._doors = view.doors
            buttons = [self._door(door, door is view.doors[0]) for door in view.doors]
            self.fill(self.ids.doors, buttons)
        self.ids.state.take(view.state)
        panel = (view.panel, view.printing.printers, view.printing.chosen, view.code)
        if panel != self._panel:
            self._panel = panel
            self.fill(self.ids.printers, [self._printer(name) for name in view.printing.printers])
            self.fill(
                self.ids.uses, [self._use(one) for one in (view.code.words if view.code else ())]
            )

    def _door(self, door: Fix, first: bool) -> Any:
        button = made("MainButton" if first else "OutlineButton", name=f"door.{door.key}")
        button.word = door.word
        button.bind(on_release=lambda _b: self.actions.paper(door.key))
        return button

    def _printer(self, name: str) -> Any:
        chosen = name == self.view.printing.chosen
        tile = made("OptionTile", name=f"printer.{name}", key=name, word=name, chosen=chosen)
        tile.bind(on_release=lambda _t: self.actions.choose_printer(name))
        return tile

    def _use(self, words: str) -> Any:
        line = made("UseLine")
        line.words = words
        return line

    # ── pages ────────────────────────────────────────────────────────────────────────────

    def turn(self, pages: int) -> None:
        """Forwards or back, to the top of the page."""
        self.at = max(0, min(int(self.at) + pages, len(self.view.pages) - 1))
        self.ids.reader.scroll_y = 1

    def zoom_by(self, step: int) -> None:
        """Nearer or farther."""
        self.zoom = zoomed(int(self.zoom), step)

    def _show_page(self, *_args: Any) -> None:
        view: PaperView = self.view
        if not view.pages:
            self.ids.page.data = None
            return
        at = int(self.at)
        near = self.zoom >= CLOSE
        closer = view.closer if near and view.closer and view.closer[0] == at else None
        self.ids.page.data = closer[1] if closer else view.pages[at]
        if near and closer is None:
            self.actions.read_closer(at)
        Clock.schedule_once(self._stay_in_view, SETTLE_S)

    def _shape(self, page: Any, texture: Any) -> None:
        if texture is not None:
            self.shape = page.image_ratio

    def _stay_in_view(self, _dt: float) -> None:
        if not SCALES[int(self.zoom)]:
            self.ids.reader.scroll_x, self.ids.reader.scroll_y = 0.5, 1

    def page_size(self, room: list[float], zoom: float, shape: float) -> tuple[float, float]:
        """Width and height of the page on the screen."""
        scale = SCALES[int(zoom)]
        if scale:
            return room[0] * scale, room[0] * scale / shape
        height = min(room[1], room[0] / shape)
        return height * shape, height

    def stage_words(self, view: PaperView) -> str:
        """How far the record has come."""
        return stage_word(_, view.stage) if view.stage else ""


load_kv(__file__)
