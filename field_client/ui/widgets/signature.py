"""Handwriting: strokes of (x, y, t) under one finger or pen, drawn as they come.

pad.handwriting()      # Handwriting(strokes, aspect), normalised
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from kivy.graphics import Color, Line
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from field_client.ui.handwriting import Handwriting, Stroke
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv

THIN, THICK = 2.0, 4.0  # half line widths, dp
ROOM = 0.9  # of the widget that the ink may fill
FULL_WIDTH = 700  # a pad as wide as this is drawn at full weight
FAST = 1.4  # px a ms: a quick hand draws thin


class SignaturePad(Widget):  # type: ignore[misc]
    """Where somebody writes. Event: ``on_strokes`` after each stroke."""

    __events__ = ("on_strokes",)
    name = StringProperty("")
    written = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._strokes: list[list[tuple[float, float, int]]] = []
        self._began = 0.0
        self.bind(pos=self._redraw, size=self._redraw)
        theme.bind(name=self._redraw)

    def on_touch_down(self, touch: Any) -> bool:
        """Begin a stroke and keep the touch, wherever it goes."""
        if not self.collide_point(*touch.pos):
            return bool(super().on_touch_down(touch))
        touch.grab(self)
        if not self._strokes:
            self._began = touch.time_start
        self._strokes.append([self._point(touch, touch.time_start)])
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """Lengthen the stroke; ink stays on the pad."""
        if touch.grab_current is not self:
            return bool(super().on_touch_move(touch))
        self._add(touch)
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """End the stroke."""
        if touch.grab_current is not self:
            return bool(super().on_touch_up(touch))
        touch.ungrab(self)
        self.written = self.handwriting().enough
        self.dispatch("on_strokes")
        return True

    def clear(self) -> None:
        """Nothing written."""
        self._strokes.clear()
        self.written = False
        self._redraw()

    def handwriting(self) -> Handwriting:
        """What was written, over the pad's width, y downwards."""
        strokes: tuple[Stroke, ...] = tuple(tuple(stroke) for stroke in self._strokes)
        return Handwriting(strokes, round(self.height / self.width, 4))

    def _point(self, touch: Any, when: float) -> tuple[float, float, int]:
        x = min(max((touch.x - self.x) / self.width, 0.0), 1.0)
        y = min(max((self.top - touch.y) / self.width, 0.0), self.height / self.width)
        return round(x, 4), round(y, 4), round((when - self._began) * 1000)

    def _add(self, touch: Any) -> None:
        stroke = self._strokes[-1]
        stroke.append(self._point(touch, touch.time_update))
        with self.canvas:
            Color(rgba=theme.ink)
            ink_segment(stroke[-2], stroke[-1], self)

    def _redraw(self, *_args: Any) -> None:
        self.canvas.clear()
        draw_strokes(self.canvas, tuple(tuple(s) for s in self._strokes), self, theme.ink)

    def on_strokes(self) -> None:
        """Event: a stroke ended."""


class WrittenHand(Widget):  # type: ignore[misc]
    """Finished handwriting, fitted into the widget."""

    hand = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bind(hand=self._draw, pos=self._draw, size=self._draw)
        theme.bind(name=self._draw)
        self._draw()

    def _draw(self, *_args: Any) -> None:
        self.canvas.clear()
        if self.hand is not None and self.hand.strokes:
            sheet = self._fitted(self.hand.strokes)
            weight = max(0.35, sheet.width / FULL_WIDTH)
            draw_strokes(self.canvas, self.hand.strokes, sheet, theme.ink, weight)

    def _fitted(self, strokes: tuple[Stroke, ...]) -> Sheet:
        """Where the pad would lie so that its ink fills this widget."""
        xs = [x for stroke in strokes for x, _y, _t in stroke]
        ys = [y for stroke in strokes for _x, y, _t in stroke]
        wide, high = max(xs) - min(xs) or 0.01, max(ys) - min(ys) or 0.01
        width = min(self.width * ROOM / wide, self.height * ROOM / high)
        left = self.center_x - (min(xs) + wide / 2) * width
        return Sheet(left, self.center_y + (min(ys) + high / 2) * width, width)


class Sheet:
    """Left, top and width: all that drawing strokes needs to know."""

    def __init__(self, x: float, top: float, width: float) -> None:
        self.x, self.top, self.width = x, top, width


def draw_strokes(
    canvas: Any, strokes: tuple[Stroke, ...], box: Any, ink: Any, weight: float = 1.0
) -> None:
    """Draw strokes into a box with ``x``, ``top`` and ``width``."""
    with canvas:
        Color(rgba=ink)
        for stroke in strokes:
            for a, b in pairwise(stroke if len(stroke) > 1 else (stroke[0], stroke[0])):
                ink_segment(a, b, box, weight)


def ink_segment(
    a: tuple[float, float, int], b: tuple[float, float, int], box: Any, weight: float = 1.0
) -> None:
    """One piece of a stroke, thinner where the hand was quick."""
    ax, ay, at = box.x + a[0] * box.width, box.top - a[1] * box.width, a[2]
    bx, by, bt = box.x + b[0] * box.width, box.top - b[1] * box.width, b[2]
    speed = ((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5 / max(1, bt - at)
    width = (THICK - (THICK - THIN) * min(1.0, speed / FAST)) * weight
    Line(points=[ax, ay, bx + 0.01, by], width=max(1.05, width), cap="round")


load_kv(__file__)
