"""One document to read, large or from close by; beside it its facts, printing, or its code."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import NumericProperty, ObjectProperty

from field_client.ui.presenters.common import Chip, Fix, Frame
from field_client.ui.presenters.paper import CLOSE, SCALES, PaperView, zoomed
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.frame import FujieScreen, made

SETTLE_S = 0.05
RATIO = 0.707  # width over height of A4, while no page is there


NOTHING = PaperView(Frame("", "", Chip("", "")), Chip("", ""), ())


class PaperPanel(Box):
    """What stands beside the pages; made when it is asked for."""

    view = ObjectProperty(NOTHING, rebind=True)
    actions = ObjectProperty(None, allownone=True)

    def take(self, view: PaperView) -> None:
        """Newer facts."""
        before: PaperView = self.view
        self.view = view
        self.lay(before, view)

    def lay(self, before: PaperView, view: PaperView) -> None:
        """Make what .kv cannot: lists of buttons and lines."""

    def put(self, name: str, widgets: list[Any]) -> None:
        """Widgets in place of what was there."""
        self.ids[name].clear_widgets()
        for widget in widgets:
            self.ids[name].add_widget(widget)


class FactsPanel(PaperPanel):
    """Where the document stands, and what can be done with it."""

    def lay(self, before: PaperView, view: PaperView) -> None:
        """The state, and a door each."""
        self.ids.state.take(view.state)
        if view.doors != before.doors:
            self.put("doors", [self._door(door, door is view.doors[0]) for door in view.doors])

    def _door(self, door: Fix, first: bool) -> Any:
        button = made("MainButton" if first else "OutlineButton", name=f"door.{door.key}")
        button.word = door.word
        button.bind(on_release=lambda _b: self.actions.paper(door.key))
        return button


class PrintPanel(PaperPanel):
    """Which printer, how many, and how it went."""

    def lay(self, before: PaperView, view: PaperView) -> None:
        """A tile a printer."""
        now, was = view.printing, before.printing
        if (now.printers, now.chosen) != (was.printers, was.chosen):
            self.put("printers", [self._printer(name) for name in now.printers])

    def _printer(self, name: str) -> Any:
        chosen = name == self.view.printing.chosen
        tile = made("OptionTile", name=f"printer.{name}", key=name, word=name, chosen=chosen)
        tile.bind(on_release=lambda _t: self.actions.choose_printer(name))
        return tile


class CodePanel(PaperPanel):
    """The code, what it shows by now, and what the party can do with it."""

    def lay(self, before: PaperView, view: PaperView) -> None:
        """A line a use."""
        uses = view.code.words if view.code else ()
        if uses != (before.code.words if before.code else ()):
            self.put("uses", [self._use(one) for one in uses])

    def _use(self, words: str) -> Any:
        line = made("UseLine")
        line.words = words
        return line


PANELS = {"facts": FactsPanel, "print": PrintPanel, "code": CodePanel}


class PaperScreen(FujieScreen):
    """Pages turn here; what is asked of the tablet goes to ``actions``."""

    at = NumericProperty(0)
    zoom = NumericProperty(0)
    shape = NumericProperty(RATIO)

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view; what stands beside the pages comes with the next frame."""
        self._panel: PaperPanel | None = None
        panel = Clock.create_trigger(self._show_panel, 0)
        self._beside = Clock.create_trigger(lambda _dt: panel(), 0)  # after the page's own frame
        self.bind(view=self._lay, at=self._show_page, zoom=self._show_page)
        self.ids.page.bind(texture=self._shape)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: PaperView = self.view
        self.at = max(0, min(self.at, len(view.pages) - 1))
        self._show_page()
        self._beside()

    def _show_panel(self, *_args: Any) -> None:
        view: PaperView = self.view
        wanted = PANELS[view.panel]
        if not isinstance(self._panel, wanted):
            self._panel = wanted(actions=self.actions)
            self.fill(self.ids.panel, [self._panel])
        self._panel.take(view)

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


load_kv(__file__)
