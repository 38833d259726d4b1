"""Handwriting: strokes of (x, y, t) under one finger or pen, drawn as they come.

pad.handwriting()      # Handwriting(strokes, aspect), normalised

One hand writes at a time: while a stroke is under way, a palm or a second finger on the pad
leaves no ink, and neither does a touch as broad as a palm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Line
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from field_client.ui.handwriting import Handwriting, Ink, Pen, Point, Stroke, inked
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv

THIN, THICK = 2.0, 4.0  # half line widths, dp
ROOM = 0.9  # of the widget that the ink may fill
FULL_WIDTH = 700  # a pad as wide as this is drawn at full weight
EDGE, FAINT = 0.5, 0.45  # pixels around ink that are half inked: the window smooths no edge itself
PALM = 0.06  # of the window: a touch as broad as this is no finger


class SignaturePad(Widget):  # type: ignore[misc]
    """Where somebody writes. Event: ``on_strokes`` after each stroke. ``begun``: there is ink;
    ``written``: enough of it for a signature."""

    __events__ = ("on_strokes",)
    name = StringProperty("")
    begun = BooleanProperty(False)
    written = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._strokes: list[list[Point]] = []
        self._pen = Pen()
        self._began = 0.0
        self._writing: Any = None  # the touch that writes now
        self.bind(pos=self._redraw, size=self._redraw)
        theme.hear("name", self._redraw)

    def on_touch_down(self, touch: Any) -> bool:
        """Begin a stroke and keep the touch, wherever it goes."""
        if not self.collide_point(*touch.pos):
            return bool(super().on_touch_down(touch))
        if self._writing is not None or _broad(touch):
            return True  # it is on the pad and writes nothing
        touch.grab(self)
        self._writing, self._pen = touch, Pen()
        if not self._strokes:
            self._began = touch.time_start
        self._strokes.append([])
        self._add(self._point(touch, touch.time_start))
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """Lengthen the stroke; ink stays on the pad."""
        if touch.grab_current is not self:
            return bool(super().on_touch_move(touch))
        point, last = self._point(touch, touch.time_update), self._strokes[-1][-1]
        if point[:2] != last[:2]:  # a finger that rests writes nothing new
            self._add(point)
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """End the stroke."""
        if touch.grab_current is not self:
            return bool(super().on_touch_up(touch))
        touch.ungrab(self)
        self._writing = None
        self._ink(self._pen.lift())
        hand = self.handwriting()
        self.begun, self.written = hand.begun, hand.enough
        self.dispatch("on_strokes")
        return True

    def clear(self) -> None:
        """Nothing written."""
        self._strokes.clear()
        if self._writing is not None:
            self._writing.ungrab(self)
            self._writing = None
        self.begun = self.written = False
        self._redraw()

    def handwriting(self) -> Handwriting:
        """What was written, over the pad's width, y downwards."""
        strokes: tuple[Stroke, ...] = tuple(tuple(stroke) for stroke in self._strokes)
        return Handwriting(strokes, round(self.height / self.width, 4))

    def _point(self, touch: Any, when: float) -> Point:
        x = min(max((touch.x - self.x) / self.width, 0.0), 1.0)
        y = min(max((self.top - touch.y) / self.width, 0.0), self.height / self.width)
        return round(x, 4), round(y, 4), round((when - self._began) * 1000)

    def _add(self, point: Point) -> None:
        self._strokes[-1].append(point)
        self._ink(self._pen.to(point))

    def _ink(self, piece: Ink | None) -> None:
        if piece is not None:
            with self.canvas:
                draw_ink((piece,), self, theme.ink)

    def _redraw(self, *_args: Any) -> None:
        self.canvas.clear()
        draw_strokes(self.canvas, tuple(tuple(s) for s in self._strokes), self, theme.ink)

    def on_strokes(self) -> None:
        """Event: a stroke ended."""


def _broad(touch: Any) -> bool:
    """Whether a digitiser that tells sizes says that a palm lies here."""
    shape = getattr(touch, "shape", None)
    return max(getattr(shape, "width", 0) or 0, getattr(shape, "height", 0) or 0) > PALM


class WrittenHand(Widget):  # type: ignore[misc]
    """Finished handwriting, fitted into the widget. It is drawn in the frame in which it moved, and
    once: a layout moves it several times until it stands, and each drawing takes 2 ms."""

    hand = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._moved = False
        self._soon = Clock.create_trigger(self._settle, -1)
        for name in ("hand", "pos", "size"):
            self.fbind(name, self._move)
        theme.hear("name", self._move)
        self._move()

    def _move(self, *_args: Any) -> None:
        self._moved = True
        self._soon()

    def _settle(self, *_args: Any) -> None:
        """Wait for a round of the layout in which nothing moved."""
        if self._moved:
            self._moved = False
            self._soon()
        else:
            self._draw()

    def _draw(self) -> None:
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
        draw_ink([piece for stroke in strokes for piece in inked(stroke)], box, ink, weight)


def draw_ink(pieces: Sequence[Ink], box: Any, ink: Any, weight: float = 1.0) -> None:
    """Pieces of strokes, into the canvas that is open: a faint edge, and the ink on it."""
    for wider, share in ((EDGE, FAINT), (0.0, 1.0)):
        Color(rgba=[*ink[:3], share])
        for points, thick in pieces:
            placed = [
                box.top - value * box.width if n % 2 else box.x + value * box.width
                for n, value in enumerate(points)
            ]
            placed[-2] += 0.01  # a dot must leave a mark
            width = max(1.05, dp(THIN + (THICK - THIN) * thick) * weight)
            Line(points=placed, width=width + wider, cap="round", joint="round")


load_kv(__file__)
