"""A screen whose words need more height than the window has becomes longer, and scrolls.

Large letters, English, a long message on a small tablet: nothing is cut, and no screen has code
of its own for it.

    Fitting(screen)        # FujieScreen has one; it wraps the screen's body once it must
"""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.effects.scroll import ScrollEffect
from kivy.metrics import dp
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from field_client.ui.theme import theme

SETTLED_S, FRAMES = 0.5, 24  # words wrap, then heights follow; a list unfolds
LIST = 200  # dp that a list which scrolls by itself needs at least
BAR = 14  # dp; a finger must be able to take it where the content is written on


def need(widget: Any) -> float:
    """The height in pixels below which something inside would be cut or would overlap."""
    if widget.size_hint_y is None:
        return float(widget.height)
    return max(content_height(widget), widget.size_hint_min_y or 0.0)  # the least it is laid out by


def content_height(widget: Any) -> float:
    """The same for what a widget holds, whatever its own height is."""
    shown = [child for child in widget.children if not _gone(child)]
    if isinstance(widget, ScrollView):
        return float(min(dp(LIST), sum(child.height for child in shown)))
    if isinstance(widget, BoxLayout):
        _left, top, _right, bottom = widget.padding
        heights = [need(child) for child in shown]
        if widget.orientation == "horizontal":
            return float(top + bottom + max(heights, default=0.0))
        return float(top + bottom + sum(heights) + widget.spacing * max(0, len(shown) - 1))
    if isinstance(widget, FloatLayout | AnchorLayout):
        return max((need(child) for child in shown), default=0.0)
    return 0.0


def _gone(child: Any) -> bool:
    thin = child.size_hint_x is None and not child.width
    return bool(thin or (child.size_hint_y is None and not child.height))


class LongPage(ScrollView):  # type: ignore[misc]
    """The body of a screen, longer than the window."""

    def __init__(self, body: Widget, written_on: bool) -> None:
        bars = ["bars"] if written_on else ["bars", "content"]
        super().__init__(
            do_scroll_x=False,
            effect_cls=ScrollEffect,
            always_overscroll=False,
            bar_width=dp(BAR if written_on else 6),
            bar_color=theme.outline_strong,
            scroll_type=bars,
        )
        body.size_hint_y = None
        self.add_widget(body)


class Fitting:
    """Watches one screen. The screen keeps it."""

    def __init__(self, screen: Any) -> None:
        self._screen = screen.proxy_ref  # it goes when the screen goes
        self._page: LongPage | None = None
        self._until, self._frames = 0.0, 0
        self._watch = Clock.schedule_interval(self._fit, 0)
        screen.bind(size=self.look, view=self.look)
        theme.hear("text", self.look)
        self.look()

    def look(self, *_args: Any) -> None:
        """Something changed: see whether all of it fits, until it has settled."""
        self._until, self._frames = Clock.get_boottime() + SETTLED_S, FRAMES
        self._watch()

    def _fit(self, _dt: float) -> bool:
        try:
            return self._goes_on()
        except ReferenceError:  # the screen was left, and is gone
            return False

    def _goes_on(self) -> bool:
        screen = self._screen
        self._frames -= 1
        going_on = Clock.get_boottime() < self._until or self._frames > 0
        if not screen.children or screen.height < dp(LIST):
            return going_on
        if self._page is not None and not self._page.children:
            return False  # it was left, and is being taken apart
        body = self._page.children[0] if self._page else screen.children[-1]
        wanted = content_height(body)
        if self._page is None and wanted > screen.height + 1:
            self._wrap(body)
        if self._page is not None:
            body.height = max(wanted, screen.height)
        return going_on

    def _wrap(self, body: Any) -> None:
        screen = self._screen
        written_on = any(type(one).__name__ == "SignaturePad" for one in body.walk())
        place = screen.children.index(body)
        screen.remove_widget(body)
        self._page = LongPage(body, written_on)
        screen.add_widget(self._page, place)
