"""A long list of which only what can be seen exists, so that 300 records cost what ten do.

    LazyRows(rows=rows, make=lambda row: TimelineItem(row=row), height_of=lambda row: dp(76))

Rows are values with a ``key`` of their own. A row that is the same as before keeps its widget, and
one that is another does where the widget can ``take`` it; widgets are made a few a frame, nearest
to the eye first, so that no frame takes long. A widget with a property ``wanted`` whose words need
more lines than was expected gets their height. Where keys do not reach into every row, ``reached``
tells into which: the next of them on either side is made however far it is, and so are the first
and the last.
"""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import Any

from kivy.clock import Clock
from kivy.effects.scroll import ScrollEffect
from kivy.metrics import dp
from kivy.properties import ListProperty, NumericProperty, ObjectProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.scrollview import ScrollView

from field_client.ui.leaving import hold_back
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Held, LettingGo
from field_client.ui.widgets.focus import holds_keys

A_FRAME_S = 0.006  # of a frame may go into making rows; laying them out takes as long again
AHEAD = 120  # dp above and below what is seen


class Rows(LettingGo, FloatLayout):  # type: ignore[misc]
    """Where they lie."""


class LazyRows(ScrollView):  # type: ignore[misc]
    """Rows of known heights, one under the other."""

    rows = ListProperty()
    make = ObjectProperty(None, allownone=True)
    height_of = ObjectProperty(None, allownone=True)
    reached = ObjectProperty(None, allownone=True)
    spacing = NumericProperty(0)
    side = NumericProperty(14)  # dp left free for the bar

    def __init__(self, **kwargs: Any) -> None:
        self._shown: dict[str, tuple[int, Any, Any]] = {}  # key → place, row, widget
        self._grown: dict[str, float] = {}  # key → height of a row with more lines than expected
        self._keys: list[str] = []
        self._tops: list[float] = [0.0]  # of each of them, and the end
        self._grow = Clock.create_trigger(self._grow_rows, -1)  # before the frame is painted
        self._again = Clock.create_trigger(self._fill, 0)
        super().__init__(effect_cls=ScrollEffect, **kwargs)
        self._body: Any = Rows(size_hint=(1, None), height=0)
        self.add_widget(self._body)
        self.bind(rows=self._measure, height_of=self._measure, make=self._measure)
        self.bind(scroll_y=self._again, size=self._moved)
        self._body.bind(size=self._moved)
        theme.hear("text", self._remake)
        self._measure()

    def _remake(self, *_args: Any) -> None:
        """Letters of another size: heights are other ones, and so are the rows."""
        if self._body is None:
            return  # it was left, and taken apart
        for _, _, widget in self._shown.values():
            self._drop(widget)
        self._shown.clear()
        self._grown.clear()
        self._measure()

    def _measure(self, *_args: Any) -> None:
        if self._body is None or self.make is None or self.height_of is None:
            return
        wanted = {row.key: (at, row) for at, row in enumerate(self.rows)}
        for key, (_, row, widget) in list(self._shown.items()):
            if key in wanted and (wanted[key][1] == row or hasattr(widget, "take")):
                self._shown[key] = (wanted[key][0], row, widget)
            else:
                self._drop(widget)
                del self._shown[key]
        self._stack()

    def _stack(self) -> None:
        """One under the other; what is seen stays where it is, whatever comes or grows above it."""
        above = self._above()
        at = bisect_right(self._tops, above) - 1
        first, within = (self._keys[at : at + 1] or [""])[0], above - self._tops[at]
        steps = [self._height(row) + self.spacing for row in self.rows]
        self._tops = list(accumulate(steps, initial=0.0))
        self._keys = [row.key for row in self.rows]
        if above and first in self._keys:
            above = self._tops[self._keys.index(first)] + within
        self._body.height = max(self._tops[-1], 1)
        hidden = self._body.height - self.height
        if above and hidden > 0:
            self.scroll_y = max(0.0, 1 - above / hidden)
        self._moved()

    def _height(self, row: Any) -> float:
        return max(float(self.height_of(row)), self._grown.get(row.key, 0.0))

    def _grow_rows(self, *_args: Any) -> None:
        """Rows are as high as their words, once these have been laid out."""
        if self._body is None:
            return  # it was left, and taken apart
        changed = False
        for key, (_, row, widget) in self._shown.items():
            wanted = max(float(self.height_of(row)), getattr(widget, "wanted", 0.0))
            if abs(wanted - widget.height) > 1:
                self._grown[key] = widget.height = wanted
                changed = True
        if changed:
            self._stack()

    def _above(self) -> float:
        """Pixels of the list that lie above what is seen."""
        hidden = max(0.0, self._body.height - self.height)
        return float((1 - min(1.0, max(0.0, self.scroll_y))) * hidden)

    def _drop(self, widget: Any) -> None:
        if widget.parent is not None:  # else it is being taken apart with the list
            self._body.remove_widget(widget.parent)

    def _moved(self, *_args: Any) -> None:
        if self._body is None:
            return
        for at, _, widget in self._shown.values():
            self._place(at, widget)
        self._again()

    def _place(self, at: int, widget: Any) -> None:
        holder = widget.parent
        if holder is None:
            return  # it is being taken apart with the list
        holder.width = max(1, self._body.width - dp(self.side))
        holder.pos = self._body.x, self._body.top - self._tops[at] - widget.height

    def _wanted(self) -> list[int]:
        """Places of the rows that can be seen, and a little more on either side."""
        above, rows = self._above(), self.rows
        first = bisect_right(self._tops, above - dp(AHEAD)) - 1
        last = bisect_left(self._tops, above + self.height + dp(AHEAD))
        seen = list(range(max(0, first), min(len(rows), last)))
        if self.reached is None:
            return seen
        reached = [at for at, row in enumerate(rows) if self.reached(row)]
        before = bisect_left(reached, bisect_right(self._tops, above) - 1)
        after = bisect_left(reached, bisect_left(self._tops, above + self.height))
        also = (*reached[max(0, before - 1) : before], *reached[after : after + 1])
        return [*seen, *sorted({*also, *reached[:1], *reached[-1:]} - {*seen})]

    def _fill(self, *_args: Any) -> None:
        if self._body is None or self.make is None or not self.width:
            return
        wanted = self._wanted()
        for key, (at, _, widget) in list(self._shown.items()):
            if at not in wanted and not holds_keys(widget):
                self._drop(widget)
                del self._shown[key]
        until = time.perf_counter() + A_FRAME_S
        for at in wanted:
            row = self.rows[at]
            _, shown, widget = self._shown.get(row.key, (at, None, None))
            if shown == row:
                continue
            if time.perf_counter() > until:
                self._again()
                return
            hold_back()
            if widget is None:
                self._add(at, row)
            else:
                self._shown[row.key] = (at, row, widget)
                widget.take(row)

    def _add(self, at: int, row: Any) -> None:
        widget = self.make(row)
        later = sum(place > at for place, _, _ in self._shown.values())  # for Tab, top to bottom
        holder = Held(widget, size_hint=(None, None))
        widget.height = self._height(row)
        self._body.add_widget(holder, index=later)
        self._shown[row.key] = (at, row, widget)
        self._place(at, widget)
        if "wanted" in widget.properties():
            widget.fbind("wanted", self._grow)
            self._grow()


load_kv(__file__)
