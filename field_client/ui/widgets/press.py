"""Everything that is pressed. 56 dp at least; the main action is 72 and the only filled one.

    MainButton(name="open", word=_("Open inspection"), icon="plus")

Enter or Space presses; the focus shows as a second ring. The other keys: ``focus.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kivy.clock import Clock
from kivy.factory import Factory
from kivy.graphics import Canvas, Color, SmoothRoundedRectangle
from kivy.metrics import dp, sp
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.behaviors import ButtonBehavior, FocusBehavior
from kivy.uix.floatlayout import FloatLayout

from field_client.ui.leaving import empty
from field_client.ui.presenters.common import Choice, Fix
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.text import text_width

ICON, BESIDE = 28, 12  # dp: an icon, and the gap between it and the word
PADDING = 40  # dp at both sides of an answer together
EDGES = 28  # dp at both sides of a button together, between its word and its edges
LEAST_FIT = 0.5
LEAST_SHARE = 0.66  # the largest letters then are as the usual ones
LEAST_SP = 16  # and the usual ones no smaller than a label's


def rounded(widget: Any, out: int = 0) -> None:
    """The shape of something that is pressed, so many dp wider on each side."""
    SmoothRoundedRectangle(
        pos=(widget.x - dp(out), widget.y - dp(out)),
        size=(widget.width + 2 * dp(out), widget.height + 2 * dp(out)),
        radius=[dp(widget.radius + out)],
    )


class Pressable(ButtonBehavior, FocusBehavior, FloatLayout):  # type: ignore[misc]
    """A named target of fingers and keys."""

    name = StringProperty("")
    fill = ColorProperty([0, 0, 0, 0])
    edge = ColorProperty([0, 0, 0, 0])
    edge_width = NumericProperty(2)
    radius = NumericProperty(12)
    ring = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self._by_key = True
        self._around: Any = None  # what is drawn only while it is so
        self._over: Any = None
        super().__init__(**kwargs)
        self.bind(focus=self._circle)

    def on_ring(self, *_args: Any) -> None:
        """The second ring, below all else. Few ever have one: no other keeps shapes for it."""
        if self._around is None:
            self._around = Canvas()
            self.canvas.before.insert(0, self._around)
            self._follow(self._draw_ring)
        self._draw_ring()

    def on_state(self, *_args: Any) -> None:
        """Darker while it is held."""
        if self._over is None:
            self._over = Canvas()
            self.canvas.before.add(self._over)
            self._follow(self._draw_held)
        self._draw_held()

    def _follow(self, draw: Callable[..., None]) -> None:
        self.bind(pos=draw, size=draw)
        theme.hear("name", draw)

    def _draw_ring(self, *_args: Any) -> None:
        if self._around is None:
            return  # it was left, and taken apart
        empty(self._around)
        with self._around:
            for colour, out in ((theme.accent, 5), (theme.canvas, 2)) if self.ring else ():
                Color(rgba=colour)
                rounded(self, out)

    def _draw_held(self, *_args: Any) -> None:
        if self._over is None:
            return
        empty(self._over)
        if self.state == "down":
            with self._over:
                Color(rgba=[*theme.ink[:3], 0.12])
                rounded(self)

    def _circle(self, _widget: Any, focus: bool) -> None:
        """A finger needs no focus ring; the keyboard does."""
        self.ring = focus and self._by_key

    def on_touch_down(self, touch: Any) -> bool:
        """Remember that a finger came, for the ring."""
        self._by_key = False
        try:
            return bool(super().on_touch_down(touch))
        finally:
            self._by_key = True

    def keyboard_on_key_down(
        self, window: Any, keycode: tuple[int, str], text: str, modifiers: list[str]
    ) -> bool:
        """Enter and Space press."""
        if keycode[1] in ("enter", "numpadenter", "spacebar"):
            self.trigger_action(0.1)
            return True
        return bool(super().keyboard_on_key_down(window, keycode, text, modifiers))


class WordButton(Pressable):
    """A button with a word and, beside it, an icon. In large letters a word that is too long for
    its button is written smaller rather than cut."""

    word = StringProperty("")
    icon = StringProperty("")
    after = StringProperty("")
    ink = ColorProperty("#000000")
    font_size = NumericProperty(20)
    bold = BooleanProperty(True)
    margin = NumericProperty(EDGES)
    natural = NumericProperty(0)  # width of icon and word, for buttons as wide as they need
    fit = NumericProperty(1.0)  # how much smaller the word is written

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        measure = Clock.create_trigger(self._measure, -1)
        for name in ("word", "icon", "after", "font_size", "bold", "width"):
            self.fbind(name, measure)
        self._measure()

    def _measure(self, *_args: Any) -> None:
        signs = sum(dp(ICON + BESIDE) for icon in (self.icon, self.after) if icon)
        written = text_width(self.word, self.font_size, self.bold)
        self.natural = written + signs
        room = self.width - signs - dp(self.margin)
        self.fit = min(1.0, max(LEAST_FIT, room / written)) if written else 1.0


class MainButton(WordButton):
    """The one filled button of a screen, named by its result."""


class OutlineButton(WordButton):
    """A further choice."""


class QuietButton(WordButton):
    """A choice as words only; without an edge its word takes all the width."""

    margin = NumericProperty(BESIDE)


class IconButton(Pressable):
    """Back, erase, arrows: the only icons without a word. ``plain``: in the colour of words. (A
    rule of its own for ``ink`` would stand beside this one's, and when night falls the later of
    the two wins.)"""

    icon = StringProperty("")
    plain = BooleanProperty(False)
    ink = ColorProperty("#000000")


class OptionTile(Pressable):
    """One answer of several; a closed one says why instead of going dead."""

    key = StringProperty("")
    word = StringProperty("")
    closed = StringProperty("")
    chosen = BooleanProperty(False)
    wanted = NumericProperty(0)
    beside = NumericProperty(0)  # as high as the highest that stands beside it
    fit = NumericProperty(1.0)  # how much smaller the word is written


def level(tiles: Sequence[OptionTile], *, beside: bool) -> None:
    """All as high as the highest where they stand ``beside`` one another; else each as it needs."""
    highest = max((tile.wanted for tile in tiles), default=0) if beside else 0
    for tile in tiles:
        tile.beside = highest


class TickRow(Pressable):
    """A statement to confirm; the caller flips it."""

    word = StringProperty("")
    on = BooleanProperty(False)


class Segmented(Box):
    """A few answers side by side. Where a word of theirs would be broken all are written smaller,
    down to two thirds; where that is not enough they stand one under the other.
    ``on_choose(key)`` fires on a press."""

    __events__ = ("on_choose",)
    name = StringProperty("")
    choices = ListProperty()
    chosen = StringProperty("")
    column = BooleanProperty(False)  # always one under the other
    upright = BooleanProperty(False)
    fit = NumericProperty(1.0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._turn = Clock.create_trigger(self._turned, -1)
        self._even = Clock.create_trigger(self._evened, -1)
        self.bind(choices=self._lay, chosen=self._mark, width=self._turn, fit=self._mark)
        self.bind(orientation=self._even)
        self._lay()

    def _turned(self, *_args: Any) -> None:
        """Every word of every answer has room on a line."""
        words = [word for one in self.choices for word in one.word.split()]
        longest = max((_written(word) for word in words), default=0.0)
        beside = 1 if self.column else max(1, len(self.choices))
        room = self.width / beside - self.spacing - dp(ICON + BESIDE + PADDING)
        share = room / longest if longest and self.width > 1 else 1.0
        self.upright = share < max(LEAST_SHARE, sp(LEAST_SP) / theme.body)
        self.fit = 1.0 if self.upright else min(1.0, share)

    def _lay(self, *_args: Any) -> None:
        self.clear_widgets()
        for choice in self.choices:
            self.add_widget(self._tile(choice))
        self._turn()

    def _mark(self, *_args: Any) -> None:
        for tile in self.children:
            tile.chosen, tile.fit = tile.key == self.chosen, self.fit

    def _tile(self, choice: Choice) -> OptionTile:
        tile = OptionTile(
            name=f"{self.name}.{choice.key}",
            key=choice.key,
            word=choice.word,
            closed=choice.closed,
            chosen=choice.key == self.chosen,
            fit=self.fit,
        )
        tile.bind(on_release=self._pressed, wanted=self._even)
        return tile

    def _evened(self, *_args: Any) -> None:
        """Answers side by side are of one height."""
        level(self.children, beside=self.orientation != "vertical")

    def _pressed(self, tile: OptionTile) -> None:
        if not tile.closed:
            self.dispatch("on_choose", tile.key)

    def on_choose(self, key: str) -> None:
        """Event: an answer was pressed."""


def _written(word: str) -> float:
    """The room that a word takes which is not broken; Chinese breaks anywhere."""
    return text_width(word, theme.body, True) if word.isascii() else 0.0


class FixRow(Box):
    """The ways out, as buttons inside a message; presses go to ``actions.fix``."""

    fixes = ListProperty()
    actions = ObjectProperty(None, allownone=True)
    tint = ColorProperty("#000000")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bind(actions=self._lay, fixes=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        self.clear_widgets()
        for fix in self.fixes:
            self.add_widget(self._button(fix))

    def _button(self, fix: Fix) -> Any:
        button = Factory.FixButton(name=f"fix.{fix.key}", word=fix.word)
        button.bind(on_release=lambda _b: self.actions.fix(fix.key))
        return button


load_kv(__file__)
